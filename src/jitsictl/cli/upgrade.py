"""jitsictl upgrade"""

from __future__ import annotations

import sys
import time
from typing import Optional

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths
from jitsictl.types.preview import Calls


@click.command()
@click.argument("release", required=False)
@click.option("-y", "--yes", is_flag=True, help="Do not ask when meetings run: cut them off.")
@click.option("--when-idle", is_flag=True, help="Let the bridge take no new meeting, and wait until there is none.")
@click.option("--for", "minutes", type=click.FloatRange(0), metavar="MIN", help="Wait at most MIN minutes.")
@click.option("--until", "hour", metavar="HH:MM", help="Wait at most until this time of the day.")
@click.option("--force", is_flag=True, help="Allow a release that is newer than this package knows.")
@click.option("-v", "--verbose", is_flag=True, help="Show every step.")
def upgrade(
    release: Optional[str],
    yes: bool,
    when_idle: bool,
    minutes: Optional[float],
    hour: Optional[str],
    force: bool,
    verbose: bool,
) -> int:
    """Move the site to RELEASE, or to the one jitsi.conf pins, or to the newest this package knows.

    Images are fetched while the site still runs. Accounts and pads are copied, moved to where the
    release looks for them, and compared afterwards; when anything fails, the old release runs on.

    Meetings would be cut off, so with one running it asks, and without a terminal it ends with
    exit status 1 and changes nothing. --when-idle waits instead, and gives up when the time of --for
    or --until is over; meanwhile nobody can begin a new meeting.

    \b
    Examples:
      jitsictl plan --release stable-11146-2
      jitsictl upgrade stable-11146-2
      jitsictl upgrade --when-idle --until 06:00
    """
    from jitsictl.change.upgrade import Manners
    from jitsictl.change.upgrade import upgrade as change
    from jitsictl.cli.show import listener
    from jitsictl.doors import clock

    if (minutes is not None or hour is not None) and not when_idle:
        raise click.UsageError("--for and --until belong to --when-idle")
    if minutes is not None and hour is not None:
        raise click.UsageError("--for and --until exclude each other")
    wait = None if minutes is None else minutes * 60
    if hour is not None:
        try:
            wait = clock.seconds_until(hour)
        except ValueError:
            raise click.UsageError(f"--until {hour}: expected a time such as 06:30") from None

    def cut_off(calls: Calls) -> bool:
        if yes:
            return True
        return sys.stdin.isatty() and click.confirm(f"{calls} would be cut off. Go on?", err=True)

    started = time.monotonic()
    prepared = change(Paths(), release, Manners(cut_off, when_idle, wait), force, listener(verbose))
    tag = prepared.desired.release.tag
    if not prepared.change:
        click.echo(f"nothing to do: {tag} is applied")
        return int(Exit.DONE)
    click.echo(f"{tag} runs, after {time.monotonic() - started:.1f} s; to go back: /etc/rc.d/rc.jitsi rollback")
    return int(Exit.DONE)
