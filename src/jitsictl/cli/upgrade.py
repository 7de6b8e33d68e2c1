"""jitsictl upgrade"""

from __future__ import annotations

import time
from typing import Optional

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command()
@click.argument("release", required=False)
@click.option("--force", is_flag=True, help="Allow a release that is newer than this package knows.")
@click.option("-v", "--verbose", is_flag=True, help="Show every step.")
def upgrade(release: Optional[str], force: bool, verbose: bool) -> int:
    """Move the site to RELEASE, or to the one jitsi.conf pins, or to the newest this package knows.

    Images are fetched while the site still runs. Accounts and pads are copied, moved to where the
    release looks for them, and compared afterwards; when anything fails, the old release runs on.

    \b
    Examples:
      jitsictl plan --release stable-11146-2
      jitsictl upgrade stable-11146-2
    """
    from jitsictl.change import apply
    from jitsictl.cli.show import listener

    started = time.monotonic()
    prepared = apply.upgrade(Paths(), release, force, listener(verbose))
    tag = prepared.desired.release.tag
    if not prepared.change:
        click.echo(f"nothing to do: {tag} is applied")
        return int(Exit.DONE)
    click.echo(f"{tag} runs, after {time.monotonic() - started:.1f} s; to go back: /etc/rc.d/rc.jitsi rollback")
    return int(Exit.DONE)
