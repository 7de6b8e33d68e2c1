"""jitsictl plan"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.change.prepare import Prepared

NOTHING = "nothing to do: what jitsi.conf asks for is applied"


@click.command()
@click.option("--release", metavar="RELEASE", help="Show what an upgrade to RELEASE would change.")
@click.option("--force", is_flag=True, help="Allow a release that is newer than this package knows.")
@click.option("-v", "--verbose", "--steps", is_flag=True, help="List every step, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(release: Optional[str], force: bool, verbose: bool, as_json: bool) -> int:
    """Show what reseed or upgrade would change; change nothing.

    Settings with their old and new value and where the new one comes from, files and directories, which
    services restart, why and in which order, whether running calls are interrupted, how long it usually
    takes. Files that were changed by hand are shown as a diff. Secrets are masked. With --release also
    what that release adds, renames and drops.

    Exit status 0: nothing would change; 3: there are changes; 5: settings are wrong.

    \b
    Examples:
      jitsictl plan
      jitsictl plan --release stable-11146-2
      jitsictl plan --json | jq '.services[].service'
    """
    from jitsictl.change import prepare
    from jitsictl.change.tools import DOCKER_SECONDS
    from jitsictl.doors import docker

    paths = Paths()
    daemon = docker.connect(paths.docker_socket, deadline=DOCKER_SECONDS)
    prepared = prepare.prepare(paths, daemon, "upgrade" if release else "reseed", release, force=force)
    if as_json:
        click.echo(_data(paths, prepared))
    else:
        _print(paths, prepared, verbose)
    return int(Exit.CHANGES if prepared.change else Exit.DONE)


def _data(paths: Paths, prepared: Prepared) -> str:
    from jitsictl.change.prepare import look_ahead
    from jitsictl.change.steps import title
    from jitsictl.cli.show import as_json

    change = prepared.change
    more = {"changes": bool(change), "warnings": prepared.warnings, "steps": [title(step) for step in change.steps]}
    return as_json({**more, **vars(look_ahead(paths, prepared))})


def _print(paths: Paths, prepared: Prepared, verbose: bool) -> None:
    from jitsictl.change.prepare import look_ahead
    from jitsictl.change.steps import title
    from jitsictl.cli.show import lines
    from jitsictl.plan import show

    lines(show.warnings(prepared.warnings), "")
    if not prepared.change:
        click.echo(NOTHING)
        return
    lines(show.lines(look_ahead(paths, prepared)), "")
    if verbose:
        click.echo(f"{len(prepared.change.steps)} steps")
        lines(title(step) for step in prepared.change.steps)
