"""jitsictl plan"""

from __future__ import annotations

from typing import Optional

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


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
    from jitsictl.change import apply
    from jitsictl.change.steps import title
    from jitsictl.change.tools import DOCKER_SECONDS
    from jitsictl.cli.show import as_json as printed
    from jitsictl.cli.show import lines
    from jitsictl.doors import docker
    from jitsictl.plan import show

    paths = Paths()
    daemon = docker.connect(paths.docker_socket, deadline=DOCKER_SECONDS)
    prepared = apply.prepare(paths, daemon, "upgrade" if release else "reseed", release, force=force)
    change = prepared.change
    preview = apply.preview(paths, prepared)
    code = Exit.CHANGES if change else Exit.DONE
    steps = [title(step) for step in change.steps]
    if as_json:
        more = {"changes": bool(change), "warnings": prepared.warnings, "steps": steps}
        click.echo(printed({**more, **vars(preview)}))
        return int(code)
    lines(show.warnings(prepared.warnings), "")
    lines(show.lines(preview) if change else [show.NOTHING], "")
    if verbose and change:
        click.echo(f"{len(steps)} steps")
        lines(steps)
    return int(code)
