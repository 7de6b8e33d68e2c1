"""jitsictl user add, jitsi-useradd"""

from __future__ import annotations

from typing import Tuple

import click

from jitsictl.cli.user.common import Source, password_options
from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command("add")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@password_options
def command(names: Tuple[str, ...], from_stdin: bool, generate: bool, quiet: bool, as_json: bool) -> int:
    """Add the accounts NAME...

    Passwords are asked for twice, without echo. They are never in a process list or a log. Nothing is
    added when one of the names is wrong or exists.

    \b
    Examples:
      jitsi-useradd alien
      jitsi-useradd --generate alien eric
      jitsi-useradd --password-stdin alien < /root/alien.password

    \b
    Exit status: 0 added; 1 failed; 2 wrong usage or no valid name or password;
    9 an account exists; 75 a change is running.
    """
    from jitsictl.accounts import users

    source = Source(names, from_stdin, generate)
    told = source.telling("added", "" if quiet else "{0.name} added; log in at {0.url}", as_json)
    users.add(Paths(), names, source, told)
    return int(Exit.DONE)
