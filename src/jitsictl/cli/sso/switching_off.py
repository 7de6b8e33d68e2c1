"""jitsictl sso off"""

from __future__ import annotations

import time

import click

from jitsictl.cli.sso.common import agreed, done, warn
from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command("off")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("-v", "--verbose", is_flag=True, help="Show every step.")
def command(dry_run: bool, yes: bool, verbose: bool) -> int:
    """Go back from a single sign-on to the site's own accounts, those of jitsi-useradd.

    SSO goes out of jitsi.conf, with lines that contradict: AUTH_TYPE=jwt, TOKEN_AUTH_URL. The adapter is stopped and
    removed, Apache's file follows. Nothing is lost: accounts are as they were, where Keycloak is and the
    secret of tokens stay written, and so does the client in Keycloak; jitsictl sso setup brings it all back.

    \b
    Examples:
      jitsictl sso off --dry-run
      jitsictl sso off --yes

    \b
    Exit status: 0 done, or nothing to do; 1 failed, the site runs on as before; 2 wrong usage;
    3 --dry-run: what would change was shown; 5 settings are wrong; 75 a change is running.
    """
    from jitsictl.cli.show import listener
    from jitsictl.sso.setup import off

    paths = Paths()
    proposal = off.propose(paths)
    if not proposal:
        click.echo("nothing to do: no sign-on is set")
        return int(Exit.DONE)
    if not agreed(paths, off.shown(paths, proposal), proposal.prepared, dry_run, yes):
        return int(Exit.CHANGES)
    started = time.monotonic()
    done(off.carry_out(paths, proposal, listener(verbose), warn), started)
    return int(Exit.DONE)
