"""What the verbs share that change a site's sign-on: it is shown, agreed to, and done."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, List

import click

from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.change.prepare import Prepared
    from jitsictl.sso.setup.here import Outcome


def agreed(paths: Paths, said: List[str], prepared: Prepared, dry_run: bool, yes: bool) -> bool:
    """Whether it is to be done: it is shown, `said` before the plan of the services, and asked for. False: a dry run.

    Failure: nobody says yes, or nobody is there to.
    """
    from jitsictl.change.prepare import look_ahead
    from jitsictl.cli.show import lines
    from jitsictl.plan import show as plan

    lines(said, "")
    lines(plan.warnings(prepared.warnings), "")
    if prepared.change:
        lines(plan.lines(look_ahead(paths, prepared)), "")
    if dry_run:
        return False
    if not yes and not sys.stdin.isatty():
        raise Failure("expected --yes, found no terminal to ask on; nothing was changed", Exit.USAGE)
    if not yes and not click.confirm("Do this?", default=True):
        raise Failure("nothing was changed")
    return True


def done(outcome: Outcome, started: float) -> None:
    """`started` as time.monotonic() gave it."""
    for line in outcome.said:
        click.echo(line)
    restarted = ", ".join(outcome.restarted) or "no service"
    click.echo(f"done in {time.monotonic() - started:.1f} s; restarted: {restarted}")


def warn(text: str) -> None:
    click.echo(f"warning: {text}", err=True)
