"""What the verbs of accounts share: arguments, where passwords come from, and how results are printed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence

import click

from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.accounts.users import Account

MOST_COMPLETED = 200  # names that a TAB offers


def completed(ctx: click.Context, param: click.Parameter, incomplete: str) -> List[str]:  # noqa: ARG001
    """The accounts that begin like this, for a TAB; none where they cannot be read."""
    from jitsictl.accounts import store
    from jitsictl.accounts.home import find

    try:
        return [name for name in store.names(find(Paths())) if name.startswith(incomplete)][:MOST_COMPLETED]
    except Failure:
        return []


quiet = click.option("-q", "--quiet", is_flag=True, help="Say nothing when all went well.")
json_lines = click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")


def password_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of verbs that set passwords; without either they are asked for on the terminal."""
    for option in (
        json_lines,
        quiet,
        click.option("--generate", is_flag=True, help="Make passwords and print them on standard output, once."),
        click.option(
            "--password-stdin", "from_stdin", is_flag=True, help="Read them from standard input, one line a NAME."
        ),
    ):
        command = option(command)
    return command


class Source:
    """Where passwords come from, asked for once a name; `made` has those that were generated."""

    def __init__(self, names: Sequence[str], from_stdin: bool, generate: bool) -> None:
        if from_stdin and generate:
            raise click.UsageError("--password-stdin and --generate exclude each other")
        self._names = names
        self._generate = generate
        self._from_stdin = from_stdin
        self._read: Optional[Dict[str, str]] = None
        self.made: Dict[str, str] = {}

    def __call__(self, name: str) -> str:
        from jitsictl.accounts import passwords

        if self._generate:
            return self.made.setdefault(name, passwords.generate())
        if self._from_stdin:
            if self._read is None:
                self._read = dict(zip(self._names, passwords.read(sys.stdin.buffer, len(self._names))))
            password = self._read[name]
        else:
            password = passwords.ask(name)
        warning = passwords.weakness(password)
        if warning is not None:
            click.echo(f"warning: {name}: {warning}" if len(self._names) > 1 else f"warning: {warning}", err=True)
        return password

    def telling(self, done: str, sentence: str, as_json: bool) -> Callable[[Account], None]:
        """Who says that an account has its password: `sentence` of it as {0}, or JSON, in which `done` is its name."""

        def told(account: Account) -> None:
            facts = {done: account.name, "jid": account.jid, "url": account.url}
            made = self.made.get(account.name)
            report(facts, made, len(self._names) == 1, as_json, sentence.format(account))

        return told


def report(facts: Dict[str, str], made: Optional[str], alone: bool, as_json: bool, sentence: str) -> None:
    """A generated password is all that stands on standard output, so that a script can take it from there.

    Of several it is NAME:PASSWORD, as chpasswd reads it; no name has a colon.
    """
    if as_json:
        click.echo(json.dumps(facts if made is None else {**facts, "password": made}))
        return
    if sentence:
        click.echo(sentence, err=made is not None)
    if made is not None:
        click.echo(made if alone else f"{facts['jid'].rpartition('@')[0]}:{made}")
