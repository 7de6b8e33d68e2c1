"""jitsictl restore"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths


@click.command()
@click.argument("file")
@click.option("--dry-run", is_flag=True, help="Check FILE, say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("-v", "--verbose", is_flag=True, help="Show every step.")
def restore(file: str, dry_run: bool, yes: bool, verbose: bool) -> int:
    """Bring back the site that jitsictl backup wrote into FILE, at the release that it ran.

    Onto a host where nothing is applied yet, or over a running site: what is there is set aside first, all of
    it comes back when anything fails, and rc.jitsi rollback goes back to it later. Accounts, pads, settings
    and your own files are then those of FILE; transcripts and recordings only when it holds some, else those
    of this host stay. A FILE that is damaged, cut short, or holds what no backup does is refused before
    anything is touched.

    On another host, look at JVB_ADVERTISE_IPS and the like in jitsi.conf afterwards, and reload.

    \b
    Examples:
      jitsictl restore --dry-run /root/jitsi-2026-11-24.tar.xz
      jitsictl restore /root/jitsi-2026-11-24.tar.xz
    """
    from jitsictl.backup import restore as room
    from jitsictl.cli.show import lines, listener

    started = time.monotonic()
    archive = room.check(Path(file))
    lines(archive.held.lines())
    if dry_run:
        lines(room.would_do(Paths(), archive))
        click.echo("nothing was done")
        return int(Exit.DONE)
    if not yes:
        lines(room.would_do(Paths(), archive))
        _ask()
    prepared = room.restore(Paths(), archive, listener(verbose))
    back = "" if prepared.observed.applied is None else "; to go back: /etc/rc.d/rc.jitsi rollback"
    click.echo(f"{prepared.desired.release.tag} runs, after {time.monotonic() - started:.1f} s{back}")
    return int(Exit.DONE)


def _ask() -> None:
    if not sys.stdin.isatty():
        raise Failure("expected a terminal to ask on, found none; give --yes to restore without asking", Exit.USAGE)
    if not click.confirm("Restore it?", err=True):
        raise Failure("nothing was changed")
