"""jitsictl user check"""

from __future__ import annotations

import sys

import click

from jitsictl.cli.user.common import completed
from jitsictl.cli.user.common import quiet as quiet_option
from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths


@click.command("check")
@click.argument("name", shell_complete=completed)
@click.option("--password-stdin", "from_stdin", is_flag=True, help="Read it from standard input, one line.")
@quiet_option
def command(name: str, from_stdin: bool, quiet: bool) -> int:
    """Prove a password: log in as NAME through the published port, as a browser does, and out again.

    The password is asked for once, without echo, and is not printed.

    \b
    Example:
      jitsictl user check alien

    \b
    Exit status: 0 it is the password; 1 it is not, or nothing answers; 2 wrong usage; 6 no such account.
    """
    from jitsictl.accounts import passwords, proof

    def password() -> str:
        return passwords.read(sys.stdin.buffer)[0] if from_stdin else passwords.ask(name, once=True)

    seconds = proof.check(Paths(), name, password)
    if not quiet:
        click.echo(f"{name} logs in with this password, in {seconds * 1000:.0f} ms")
    return int(Exit.DONE)
