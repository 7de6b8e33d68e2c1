"""jitsictl user del, jitsi-userdel"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Tuple

import click

from jitsictl.cli.user.common import completed, json_lines, report
from jitsictl.cli.user.common import quiet as quiet_option
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.accounts.users import Account


@click.command("del")
@click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=completed)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@quiet_option
@json_lines
def command(names: Tuple[str, ...], yes: bool, quiet: bool, as_json: bool) -> int:
    """Delete the accounts NAME...

    Meetings, pads and recordings are not touched. Nothing is deleted when one of the names is nobody's.

    \b
    Examples:
      jitsi-userdel alien
      jitsi-userdel --yes alien eric

    \b
    Exit status: 0 deleted; 1 failed, or left as it was; 2 wrong usage;
    6 no such account; 75 a change is running.
    """
    from jitsictl.accounts import users

    def confirm() -> None:
        if yes:
            return
        if not sys.stdin.isatty():
            raise Failure("expected a terminal to ask on, found none; give --yes to delete without asking", Exit.USAGE)
        what = f"account {names[0]}" if len(names) == 1 else f"{len(names)} accounts {', '.join(names)}"
        if not click.confirm(f"Delete the {what}?", err=True):
            raise Failure(f"{', '.join(names)} left as {'it was' if len(names) == 1 else 'they were'}")

    def told(account: Account) -> None:
        sentence = "" if quiet else f"{account.name} deleted"
        report({"deleted": account.name, "jid": account.jid}, None, True, as_json, sentence)

    users.delete(Paths(), names, confirm, told)
    return int(Exit.DONE)
