"""jitsictl secrets"""

from __future__ import annotations

import time
from typing import Tuple

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.group()
def secrets() -> None:
    """Give services new passwords.

    Those that jitsictl made: they are in /etc/jitsi-meet/secrets.conf. People's passwords are changed
    with jitsi-passwd.
    """


@secrets.command("rotate")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("-n", "--dry-run", is_flag=True, help="Show what would change and restart; change nothing.")
@click.option("-v", "--verbose", is_flag=True, help="Show every step.")
def rotate(names: Tuple[str, ...], dry_run: bool, verbose: bool) -> int:
    """Make new passwords for the services' own accounts, and a new secret for tokens.

    Without a NAME all that jitsictl made. Each is written to secrets.conf, set in Prosody, given to the
    services that have it, and proved by a login; when anything fails, the old ones work as before.
    People stay in their accounts; running calls are interrupted for some seconds. An edited jitsi.conf
    is applied along with it.

    To choose a password yourself, edit secrets.conf and run jitsictl reseed: Prosody is told then, too.

    \b
    Examples:
      jitsictl secrets rotate --dry-run
      jitsictl secrets rotate
      jitsictl secrets rotate JVB_AUTH_PASSWORD

    \b
    Exit status: 0 changed; 1 failed, the old passwords work; 2 no such secret;
    3 --dry-run: what would change was shown; 5 settings are wrong; 75 a change is running.
    """
    from jitsictl.change import rotate as rotation
    from jitsictl.cli.show import listener

    paths = Paths()
    renewed = rotation.chosen(paths, names)
    if dry_run:
        _show(paths, renewed)
        return int(Exit.CHANGES)
    started = time.monotonic()
    prepared = rotation.rotate(paths, renewed, listener(verbose))
    click.echo(f"new: {', '.join(renewed)}, after {time.monotonic() - started:.1f} s")
    if rotation.TOKENS in renewed:
        click.echo(rotation.REFUSED)
    click.echo(f"restarted: {', '.join(prepared.change.restarts)}")
    return int(Exit.DONE)


def _show(paths: Paths, renewed: Tuple[str, ...]) -> None:
    from jitsictl.change.prepare import look_ahead, prepare
    from jitsictl.change.tools import DOCKER_SECONDS
    from jitsictl.cli.show import lines
    from jitsictl.doors import docker
    from jitsictl.plan import show

    daemon = docker.connect(paths.docker_socket, deadline=DOCKER_SECONDS)
    prepared = prepare(paths, daemon, "rotate", renew=renewed)
    lines(show.warnings(prepared.warnings), "")
    lines(show.lines(look_ahead(paths, prepared)), "")
