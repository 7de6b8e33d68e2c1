"""jitsictl user, also called as jitsi-useradd, jitsi-userdel and jitsi-passwd"""

from __future__ import annotations

import json
import sys
from typing import Any, Callable, Dict, Optional

import click

from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths

_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=_HELP)
def user() -> None:
    """Add and delete accounts, set passwords.

    The accounts are those of the running site's Prosody, with AUTH_TYPE=internal.
    """


def _password_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the verbs that need a password; without either it is asked for on the terminal."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
        click.option("--generate", is_flag=True, help="Make a password and print it on standard output, once."),
        click.option("--password-stdin", "from_stdin", is_flag=True, help="Read it from standard input, one line."),
    ):
        command = option(command)
    return command


@user.command("add", context_settings=_HELP)
@click.argument("name")
@_password_options
def add(name: str, from_stdin: bool, generate: bool, as_json: bool) -> int:
    """Add the account NAME.

    The password is asked for twice, without echo. It is never in a process list or a log.

    \b
    Examples:
      jitsi-useradd alien
      jitsi-useradd --generate alien
      jitsi-useradd --password-stdin alien < /root/alien.password

    \b
    Exit status: 0 added; 1 failed; 2 wrong usage or no valid name or password;
    9 the account exists; 75 a change is running.
    """
    from jitsictl.accounts import users

    source = _Source(name, from_stdin, generate)
    account = users.add(Paths(), name, source)
    _report(
        {"added": account.name, "jid": account.jid, "url": account.url},
        source.made,
        as_json,
        f"{account.name} added; log in at {account.url}",
    )
    return int(Exit.DONE)


@user.command("passwd", context_settings=_HELP)
@click.argument("name")
@_password_options
def passwd(name: str, from_stdin: bool, generate: bool, as_json: bool) -> int:
    """Give the account NAME another password.

    \b
    Examples:
      jitsi-passwd alien
      jitsi-passwd --generate alien

    \b
    Exit status: 0 changed; 1 failed; 2 wrong usage or no valid password;
    6 no such account; 75 a change is running.
    """
    from jitsictl.accounts import users

    source = _Source(name, from_stdin, generate)
    account = users.change_password(Paths(), name, source)
    _report(
        {"changed": account.name, "jid": account.jid, "url": account.url},
        source.made,
        as_json,
        f"{account.name} has another password",
    )
    return int(Exit.DONE)


@user.command("del", context_settings=_HELP)
@click.argument("name")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def delete(name: str, yes: bool, as_json: bool) -> int:
    """Delete the account NAME.

    Meetings, pads and recordings are not touched.

    \b
    Examples:
      jitsi-userdel alien
      jitsi-userdel --yes alien

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
        if not click.confirm(f"Delete the account {name}?", err=True):
            raise Failure(f"{name} was left as it was")

    account = users.delete(Paths(), name, confirm)
    _report({"deleted": account.name, "jid": account.jid}, None, as_json, f"{account.name} deleted")
    return int(Exit.DONE)


class _Source:
    """Where the password comes from, asked for at most once; `made` is the one that was generated."""

    def __init__(self, name: str, from_stdin: bool, generate: bool) -> None:
        if from_stdin and generate:
            raise click.UsageError("--password-stdin and --generate exclude each other")
        self._name = name
        self._from_stdin = from_stdin
        self._generate = generate
        self.made: Optional[str] = None

    def __call__(self) -> str:
        from jitsictl.accounts import passwords

        if self._generate:
            self.made = passwords.generate()
            return self.made
        password = passwords.read(sys.stdin.buffer) if self._from_stdin else passwords.ask(self._name)
        warning = passwords.weakness(password)
        if warning is not None:
            click.echo(f"warning: {warning}", err=True)
        return password


def _report(facts: Dict[str, str], made: Optional[str], as_json: bool, sentence: str) -> None:
    """A generated password is all that stands on standard output, so that a script can take it from there."""
    if as_json:
        click.echo(json.dumps(facts if made is None else {**facts, "password": made}))
        return
    click.echo(sentence, err=made is not None)
    if made is not None:
        click.echo(made)
