"""jitsictl sso check"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, List, Optional

import click

from jitsictl.types.failure import Exit
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.sso.chain.links import Link


@click.command("check")
@click.option("--user", metavar="NAME", help="Log NAME in at Keycloak, too, and enter a room with the token.")
@click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Read the password of --user from standard input, one line."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
def command(user: Optional[str], from_stdin: bool, as_json: bool) -> int:
    """Look at every link between the page, the adapter and Keycloak, on the site as it runs.

    The adapter runs, on loopback alone, with the secret that Prosody has; the realm answers from here and
    from the adapter's container, is trusted and calls itself what the settings call it; its clock agrees;
    its client may send people back here; a token as the adapter makes it would be taken; the page sends
    people to the adapter, Apache leads there, and refuses rooms that name another site.

    With --user somebody logs in, without a browser: Keycloak's form, the adapter, a room. The password is
    asked for on the terminal. It must be somebody of whom Keycloak wants nothing else, such as a code.

    All links are looked at, whatever is broken. Nothing is changed.

    \b
    Examples:
      jitsictl sso check
      jitsictl sso check --user alien
      jitsictl sso check --user alien --password-stdin < /root/alien.password

    \b
    Exit status: 0 all hold; 1 one is broken, no adapter runs here, or Docker is away; 2 usage.
    """
    from jitsictl.accounts import passwords
    from jitsictl.sso.chain import check

    if from_stdin and not user:
        raise click.UsageError("--password-stdin belongs to --user NAME")
    who = None
    if user:
        password = passwords.read(sys.stdin.buffer)[0] if from_stdin else passwords.ask(user, once=True)
        who = check.Person(user, password)
    broken: List[str] = []
    for link in check.check(Paths(), who):
        if link.wrong or not link.asked:
            broken.append(link.name)
        click.echo(_data(link) if as_json else _words(link))
    if broken and not as_json:
        click.echo(f"broken: {', '.join(broken)}")
    return int(Exit.FAILED if broken else Exit.DONE)


def _words(link: Link) -> str:
    return f"{link.name}: BROKEN: {link.wrong}" if link.wrong else f"{link.name}: {link.found}"


def _data(link: Link) -> str:
    state = "broken" if link.wrong else "holds" if link.asked else "not looked at"
    return json.dumps({"link": link.name, "state": state, "said": link.wrong or link.found})
