"""jitsictl plan"""

from __future__ import annotations

import json
from typing import Optional

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command()
@click.option("--release", metavar="RELEASE", help="Show what an upgrade to RELEASE would change.")
@click.option("--force", is_flag=True, help="Allow a release that is newer than this package knows.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(release: Optional[str], force: bool, as_json: bool) -> int:
    """Show what reseed or upgrade would change; change nothing.

    Exit status 0: nothing would change; 3: there are changes.

    \b
    Examples:
      jitsictl plan
      jitsictl plan --release stable-11146-2
    """
    from jitsictl.change import apply
    from jitsictl.change.steps import title
    from jitsictl.change.tools import DOCKER_SECONDS
    from jitsictl.cli.show import lines
    from jitsictl.doors import docker
    from jitsictl.plan.show import costs

    paths = Paths()
    verb = "upgrade" if release else "reseed"
    daemon = docker.connect(paths.docker_socket, deadline=DOCKER_SECONDS)
    prepared = apply.prepare(paths, daemon, verb, release, force=force)
    change = prepared.change
    code = Exit.CHANGES if change else Exit.DONE
    steps = [title(step) for step in change.steps]
    if as_json:
        click.echo(
            json.dumps(
                {
                    "changes": bool(change),
                    "release": prepared.desired.release.tag,
                    "differences": change.why,
                    "restarts": change.restarts,
                    "steps": steps,
                },
                indent=1,
            )
        )
        return int(code)
    lines([f"warning: {warning}" for warning in prepared.warnings], "")
    if not change:
        click.echo("nothing to do: what jitsi.conf asks for is applied")
        return int(code)
    lines(change.why, "")
    lines(costs(list(change.restarts)), "")
    click.echo(f"{len(steps)} steps:")
    lines(steps)
    return int(code)
