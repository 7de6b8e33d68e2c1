"""jitsictl user passwd, jitsi-passwd"""

from __future__ import annotations

from typing import Tuple

import click

from jitsictl.cli.user.common import Source, completed, password_options
from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command("passwd")
@click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=completed)
@password_options
def command(names: Tuple[str, ...], from_stdin: bool, generate: bool, quiet: bool, as_json: bool) -> int:
    """Give the accounts NAME... other passwords.

    Prosody ends the connections that are logged in with an old one.

    \b
    Examples:
      jitsi-passwd alien
      jitsi-passwd --generate alien

    \b
    Exit status: 0 changed; 1 failed; 2 wrong usage or no valid password;
    6 no such account; 75 a change is running.
    """
    from jitsictl.accounts import users

    source = Source(names, from_stdin, generate)
    told = source.telling("changed", "" if quiet else "{0.name} has another password", as_json)
    users.change_passwords(Paths(), names, source, told)
    return int(Exit.DONE)
