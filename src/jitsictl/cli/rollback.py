"""jitsictl rollback"""

from __future__ import annotations

import time

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command()
@click.option("-v", "--verbose", is_flag=True, help="Show every step.")
def rollback(verbose: bool) -> int:
    """Go back to the settings and the release that ran before the last change.

    Accounts and pads made since then are kept: they are moved back to where the earlier release looks
    for them. Only when the last change was a restore, the accounts, pads and files that it set aside come back.

    \b
    Example:
      jitsictl rollback
    """
    from jitsictl.change import apply
    from jitsictl.cli.show import listener

    started = time.monotonic()
    prepared = apply.rollback(Paths(), listener(verbose))
    click.echo(f"back at {prepared.desired.release.tag} after {time.monotonic() - started:.1f} s")
    return int(Exit.DONE)
