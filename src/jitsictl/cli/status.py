"""jitsictl status"""

from __future__ import annotations

import json

import click

from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths


@click.command()
@click.option(
    "--wait",
    "seconds",
    type=click.FloatRange(0, 3600),
    default=0.0,
    metavar="SECONDS",
    help="Wait until every service is ready, at most SECONDS.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the state as JSON.")
def status(seconds: float, as_json: bool) -> int:
    """Show what runs and whether it is ready, by asking each service itself.

    Exit status 0: all is ready; 1: something is not; 3: the site is stopped; 4: Docker does not answer.

    \b
    Example:
      jitsictl status --wait 60
    """
    from jitsictl.change import status as room
    from jitsictl.change.tools import looking
    from jitsictl.front import watch

    try:
        tools = looking(Paths())
    except Failure as failure:
        raise Failure(failure.what, Exit.UNKNOWN) from None
    found = room.status(tools, seconds)
    if found is None:
        click.echo("nothing is applied yet: /etc/rc.d/rc.jitsi start")
        return int(Exit.STOPPED)
    front = watch.watch(tools.paths)
    notes = [*found.notes, *front.notes]
    if as_json:
        click.echo(
            json.dumps(
                {
                    "release": found.release,
                    "url": found.url,
                    "exit": int(found.exit),
                    "services": {
                        name: {"ready": reason is None, "found": reason} for name, reason in found.services.items()
                    },
                    "certificates": [
                        {"host": one.host, "file": one.file, "until": one.until, "days": one.days}
                        for one in front.certificates
                        if one.ends is not None
                    ],
                    "workers": {"used": front.workers.used, "limit": front.workers.limit.workers}
                    if front.workers
                    else None,
                    "notes": notes,
                },
                indent=1,
            )
        )
        return int(found.exit)
    click.echo(f"{found.url}  release {found.release}")
    for name, reason in found.services.items():
        click.echo(f"  {name:10} {reason or 'ready'}")
    for one in front.certificates:
        if one.ends is not None:
            click.echo(f"  {'tls':10} {one.host} until {one.until}, {one.days} days")
    if front.workers:
        click.echo(f"  {'httpd':10} {front.workers.used} of {front.workers.limit.workers} workers")
    for note in notes:
        click.echo(note)
    return int(found.exit)
