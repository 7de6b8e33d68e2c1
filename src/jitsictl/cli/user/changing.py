"""jitsictl user passwd, jitsi-passwd"""

from __future__ import annotations

from typing import TYPE_CHECKING, Tuple

import click

from jitsictl.cli.user.common import Source, completed, password_options, report
from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.accounts.users import Account


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

    def told(account: Account) -> None:
        sentence = "" if quiet else f"{account.name} has another password"
        facts = {"changed": account.name, "jid": account.jid, "url": account.url}
        report(facts, source.made.get(account.name), len(names) == 1, as_json, sentence)

    users.change_passwords(Paths(), names, source, told)
    return int(Exit.DONE)
