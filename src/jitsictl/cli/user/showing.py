"""jitsictl user show"""

from __future__ import annotations

import json
import time
from typing import Dict, Optional, Tuple

import click

from jitsictl.cli.user.common import completed, json_lines
from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command("show")
@click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=completed)
@json_lines
def command(names: Tuple[str, ...], as_json: bool) -> int:
    """Say what is kept of the accounts NAME...: since when, when the password was set, whether it is disabled.

    The site may be down.

    \b
    Example:
      jitsictl user show alien

    \b
    Exit status: 0 shown; 1 failed, or accounts are kept elsewhere; 6 no such account.
    """
    from jitsictl.accounts import store, users
    from jitsictl.accounts.home import find

    home = find(Paths())
    users.must_exist(home, names)
    for name in names:
        kept = store.read(home, name)
        if kept is None:
            continue
        state = "disabled" if kept.disabled else "enabled" if kept.key is not None else "without a key"
        facts: Dict[str, Optional[str]] = {
            "name": name,
            "jid": home.jid(name),
            "state": state,
            "created": _when(kept.created),
            "password_set": _when(kept.password_set),
        }
        if as_json:
            click.echo(json.dumps(facts))
        else:
            since = f"since {facts['created'] or 'nobody knows when'}"
            click.echo(f"{name}: {state}, {since}, password of {facts['password_set'] or 'unknown age'}")
    return int(Exit.DONE)


def _when(seconds: Optional[float]) -> Optional[str]:
    return None if seconds is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
