"""jitsictl reseed"""

from __future__ import annotations

import time

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command()
@click.option("--fresh", is_flag=True, help="Also drop the files that images render, and have them made anew.")
@click.option("-v", "--verbose", is_flag=True, help="Show every step.")
def reseed(fresh: bool, verbose: bool) -> int:
    """Apply jitsi.conf: make what is missing, restart only the services it changes.

    Accounts, pads and recordings are never touched. When anything fails, or a signal comes, what ran
    before is put back. A stopped site is started, since what is applied is also proved. The Jitsi
    release stays the one that is applied; see jitsictl upgrade.

    With --fresh the services that keep rendered files below CONFIG (up to stable-11031) restart with new
    ones: config.js, nginx's and Prosody's configuration, jicofo.conf, jvb.conf. The old ones are set aside
    in CONFIG/.snapshots. Your own files stay: custom-config.js, custom-*.conf, own modules, keys. Later
    releases render in memory; then only what an older one left behind is set aside.

    \b
    Examples:
      jitsictl reseed --fresh
      vi /etc/jitsi-meet/jitsi.conf; jitsictl plan; jitsictl reseed
    """
    from jitsictl.change import apply
    from jitsictl.cli.show import listener

    started = time.monotonic()
    prepared = apply.reseed(Paths(), listener(verbose), fresh=fresh)
    if not prepared.change:
        click.echo("nothing to do: what jitsi.conf asks for is applied")
        return int(Exit.DONE)
    restarted = ", ".join(prepared.change.restarts) or "no service"
    click.echo(f"applied in {time.monotonic() - started:.1f} s; restarted: {restarted}")
    return int(Exit.DONE)
