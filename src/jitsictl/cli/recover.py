"""jitsictl recover: what rc.jitsi start calls when a change was cut off"""

from __future__ import annotations

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command(hidden=True)
def recover() -> int:
    """Finish or undo a change that a crash or a power cut left half done."""
    from jitsictl.change import apply
    from jitsictl.cli.show import listener

    with apply.locked(Paths(), "recover", listener()):
        pass  # taking the lock for a change is what recovers
    return int(Exit.DONE)
