"""jitsictl sso setup"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

import click

from jitsictl.cli.sso.common import agreed, done, warn
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths

if TYPE_CHECKING:
    from jitsictl.doors.keycloak import Admin
    from jitsictl.sso.setup.lines import Wish
    from jitsictl.sso.setup.on import Proposal

_FILE = click.Path(path_type=Path)


@click.command("setup")
@click.argument("keycloak", required=False, metavar="[KEYCLOAK]", default="")
@click.option("--realm", default="", metavar="REALM", help="The realm that the people are in.")
@click.option("--adapter", type=click.Choice(["oidc", "jitsi-keycloak"]), help="Default: what runs, else oidc.")
@click.option("--sso-url", default="", metavar="URL", help="The host of jitsi-keycloak: https://sso.meet.example.org")
@click.option("--client", default="", metavar="NAME", help="The client's name in Keycloak; default: jitsi.")
@click.option("--admin", metavar="NAME", help="An account of Keycloak's that may change clients.")
@click.option("--service-account", "service", metavar="CLIENT", help="Or a client with a service account that may.")
@click.option("--admin-realm", metavar="REALM", help="Where that is; default: master, of a CLIENT the people's realm.")
@click.option("--password-file", type=_FILE, metavar="FILE", help="Its password or secret is in FILE, mode 0600.")
@click.option("--password-stdin", "from_stdin", is_flag=True, help="It comes on standard input.")
@click.option("--ca", type=_FILE, metavar="FILE", help="The private authority that signed Keycloak's certificate.")
@click.option("--no-client", is_flag=True, help="Somebody else makes the client; log in to Keycloak for nothing.")
@click.option("--keycloak-json", "file", type=_FILE, metavar="FILE", help="The same, by the file of the console.")
@click.option("--print", "prints", is_flag=True, help="Print how to make the client by hand; change nothing.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would change, in Keycloak and here; change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("-v", "--verbose", is_flag=True, help="Show every step.")
def command(
    keycloak: str,
    realm: str,
    adapter: Optional[str],
    sso_url: str,
    client: str,
    ca: Optional[Path],
    no_client: bool,
    file: Optional[Path],
    prints: bool,
    dry_run: bool,
    yes: bool,
    verbose: bool,
    **account: Any,
) -> int:
    """Have people log in through Keycloak: the client in its realm, jitsi.conf, the adapter, Apache's file.

    KEYCLOAK is its address, with or without /auth, or that of its realm; by default the one in jitsi.conf. What is not
    given is asked for on a terminal. All that will be done is shown before it is done: what differs in the client,
    the lines of jitsi.conf, which services restart. A second time there is nothing to do.

    In Keycloak the client is made, or put right: other fields, and addresses that you added, stay. It takes an account
    of realm master, or with --admin-realm of the people's realm, that has the role manage-clients; one with a second
    factor cannot log in here, so make a client with a service account for it. It is written once all else is
    ready; when a step here fails, the site runs on as before, and you are told what is left in Keycloak.

    The adapter oidc is at /oidc/ of the page. jitsi-keycloak needs a host name and a certificate of its own
    (--sso-url). Change between them with --adapter: the secret that signs tokens stays.

    Without access to Keycloak's API let whoever has it do what --print says; then use --no-client, or
    --keycloak-json with the file that the console gives for the client. A file with credentials is refused.

    \b
    Examples:
      jitsictl sso setup https://keycloak.example.org --realm foundation
      jitsictl sso setup --dry-run --admin admin
      jitsictl sso setup --adapter jitsi-keycloak --sso-url https://sso.meet.example.org
      jitsictl sso setup --yes --service-account setup --password-file /root/keycloak.secret
      jitsictl sso setup --print https://keycloak.example.org/auth/realms/foundation
      jitsictl sso setup --no-client https://keycloak.example.org --realm foundation

    \b
    Exit status: 0 done, or nothing to do; 1 failed, the site runs on as before; 2 wrong usage;
    3 --dry-run: what would change was shown; 5 settings are wrong; 75 a change is running.
    """
    from jitsictl.sso.setup import asking, on

    who = _Account(**account)
    alone = _usage(who, no_client, file, keycloak)
    paths = Paths()
    options = asking.Options(keycloak, file, realm, adapter or "", sso_url, client, ca)
    wish = asking.wish(paths, options, _ask if sys.stdin.isatty() else None)
    if prints:
        click.echo(on.by_hand(wish), nl=False)
        return int(Exit.DONE)
    session = None if alone else _session(wish, who)
    proposal = on.propose(paths, wish, session)
    if not proposal:
        click.echo("nothing to do: Keycloak and this site are as they should be")
        return int(Exit.DONE)
    if not agreed(paths, on.shown(paths, proposal), proposal.here.prepared, dry_run, yes):
        return int(Exit.CHANGES)
    return _carry_out(paths, proposal, session, verbose)


class _Account(NamedTuple):
    """Who logs in to Keycloak, as the options say."""

    admin: Optional[str]
    service: Optional[str]
    admin_realm: Optional[str]
    password_file: Optional[Path]
    from_stdin: bool


def _usage(who: _Account, no_client: bool, file: Optional[Path], keycloak: str) -> bool:
    """Whether nobody logs in to Keycloak."""
    if who.admin and who.service:
        raise click.UsageError("--admin and --service-account exclude each other")
    if who.password_file and who.from_stdin:
        raise click.UsageError("--password-file and --password-stdin exclude each other")
    if file and keycloak:
        raise click.UsageError("--keycloak-json has Keycloak's address in it: leave KEYCLOAK out")
    alone = no_client or file is not None
    if alone and any(who):
        raise click.UsageError("--no-client and --keycloak-json log in to nothing: leave the account out")
    return alone


def _carry_out(paths: Paths, proposal: Proposal, session: Optional[Admin], verbose: bool) -> int:
    from jitsictl.cli.show import listener
    from jitsictl.sso.setup import on

    started = time.monotonic()
    done(on.carry_out(paths, proposal, session, listener(verbose), warn), started)
    click.echo(f"people log in at {proposal.wish.page}; the whole way is tried by: jitsictl sso check")
    return int(Exit.DONE)


def _session(wish: Wish, who: _Account) -> Admin:
    """Nobody is asked for anything over the network yet."""
    from jitsictl.doors.keycloak import MASTER, Admin, Login
    from jitsictl.sso.setup import credentials

    name = who.service or who.admin
    if not name:
        if not sys.stdin.isatty():
            what = "expected --admin NAME or --service-account CLIENT, found neither and no terminal to ask on"
            raise Failure(f"{what}; without access to Keycloak's API see --print and --no-client", Exit.USAGE)
        name = str(click.prompt(f"Account of {wish.url} that may change clients", default="admin"))
    if who.password_file:
        password = credentials.from_file(who.password_file)
    elif who.from_stdin:
        password = credentials.from_stream(sys.stdin.buffer)
    else:
        password = credentials.ask(f"{'Secret' if who.service else 'Password'} of {name}: ")
    realm = who.admin_realm or (wish.realm if who.service else MASTER)
    authority = Path(wish.authority) if wish.authority else None
    return Admin(wish.url, Login(name, password, realm, bool(who.service)), authority)


def _ask(prompt: str, proposed: str) -> str:
    answer: str = click.prompt(prompt, default=proposed or None)
    return answer
