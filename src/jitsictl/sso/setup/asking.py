"""From what an admin gives, what jitsi.conf says and what Keycloak says of itself to the sign-on that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Optional
from urllib.parse import urlsplit

from jitsictl.change import intent
from jitsictl.doors import files, keycloak, network
from jitsictl.settings import catalogue, kinds
from jitsictl.sso import discovery
from jitsictl.sso.setup import address, client, lines
from jitsictl.sso.setup.address import Given
from jitsictl.sso.setup.lines import Wish
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths

Ask = Callable[[str, str], str]  # a question and the answer that is proposed, "" for none


@dataclass(frozen=True)
class Options:
    """What was given on the command line, "" for what was not."""

    address: str = ""
    file: Optional[Path] = None  # keycloak.json
    realm: str = ""
    adapter: str = ""
    sign_on: str = ""
    client: str = ""
    authority: Optional[Path] = None


def wish(paths: Paths, options: Options, ask: Optional[Ask] = None) -> Wish:
    """The sign-on that is wanted; Keycloak was found and calls itself as KEYCLOAK_URL will.

    What is neither given nor in jitsi.conf is asked for. Failure: nobody is there to ask, a value is wrong, or Keycloak
    does not answer as it must.
    """
    said = _said(paths)
    page = _page(said)
    given = _given(options, said, ask)
    realm = _realm(options, given, said, ask)
    adapter = options.adapter or (said["SSO"] if said.get("SSO") in client.ADAPTERS else client.OIDC)
    sign_on = _sign_on(options, adapter, page, said, ask)
    authority = str(options.authority.absolute()) if options.authority else said.get("KEYCLOAK_CA", "")
    name = options.client or given.client or said.get("OIDC_CLIENT_ID") or lines.CLIENT
    wanted = Wish(adapter, page, given.bases[0], realm, name, sign_on, authority)
    lines.wanted([], wanted)  # what its settings would refuse is refused before anything is asked for over the network
    url = locate(given, realm, Path(authority) if authority else None)
    # A container's loopback is another one than this host's.
    here = "KEYCLOAK_ADDRESS" not in said and network.on_loopback(urlsplit(url).hostname or "")
    return Wish(adapter, page, url, realm, name, sign_on, authority, "host-gateway" if here else "")


def locate(given: Given, realm: str, authority: Optional[Path]) -> str:
    """The base address at which Keycloak knows the realm and calls itself so. Failure: there is none."""
    tried: List[str] = []
    elsewhere: Optional[str] = None
    for base in given.bases:
        where = discovery.document(f"{base}/realms/{realm}")
        reply = keycloak.document(where, authority)
        issuer = discovery.issuer_of(reply.text) if reply.status == 200 else None
        if issuer is None:
            if reply.status == 404 and discovery.no_realm(reply.text):
                raise Failure(f"expected realm {realm} at {base}, found that Keycloak has no realm of this name")
            leads = f", to {client.shown(reply.headers['location'])}" if "location" in reply.headers else ""
            tried.append(f"{where}: HTTP {reply.status}{leads}")
            continue
        problem = discovery.differs(base, realm, issuer)
        if problem is None:
            return base
        elsewhere = elsewhere or problem
    if elsewhere is not None:
        raise Failure(elsewhere)
    raise Failure("\n".join(["expected Keycloak there, found none:", *(f"  {line}" for line in tried)]))


def _said(paths: Paths) -> Dict[str, str]:
    """What jitsi.conf says, as it stands."""
    return {line.name: line.value for line in intent.lines(paths)[0] if line.value}


def _page(said: Dict[str, str]) -> str:
    try:
        return kinds.normalise(catalogue.load()["PUBLIC_URL"].type, said.get("PUBLIC_URL", ""))
    except ValueError:
        what = "expected PUBLIC_URL in jitsi.conf, found no address of the page; see: jitsictl check"
        raise Failure(what, Exit.SETTINGS) from None


def _given(options: Options, said: Dict[str, str], ask: Optional[Ask]) -> Given:
    if options.file is not None:
        text = files.read_text(options.file)
        if text is None:
            raise Failure(f"expected Keycloak's {options.file}, found no such file", Exit.USAGE)
        return address.from_file(text, str(options.file))
    told = (
        options.address
        or said.get("KEYCLOAK_URL")
        or _asked(ask, "Address of Keycloak, such as https://keycloak.example.com", "", "the address of Keycloak")
    )
    return address.read(told)


def _realm(options: Options, given: Given, said: Dict[str, str], ask: Optional[Ask]) -> str:
    if options.realm and given.realm and options.realm != given.realm:
        raise Failure(f"expected one realm, found {given.realm} in the address and --realm {options.realm}", Exit.USAGE)
    told = options.realm or given.realm or said.get("KEYCLOAK_REALM")
    return told or _asked(ask, "Realm that the people are in", "", "--realm REALM")


def _sign_on(options: Options, adapter: str, page: str, said: Dict[str, str], ask: Optional[Ask]) -> str:
    if adapter != client.JITSI_KEYCLOAK:
        if options.sign_on:
            raise Failure(
                "expected --sso-url with --adapter jitsi-keycloak, found oidc, which has no host of its own", Exit.USAGE
            )
        return ""
    told = (
        options.sign_on
        or said.get("SSO_URL")
        or _asked(
            ask,
            "Address for jitsi-keycloak, a host of its own",
            f"https://sso.{urlsplit(page).netloc}",
            "--sso-url URL",
        )
    )
    try:
        return kinds.normalise(catalogue.load()["SSO_URL"].type, told)
    except ValueError as error:
        raise Failure(f"SSO_URL: {told!r} {error}", Exit.USAGE) from None


def _asked(ask: Optional[Ask], prompt: str, proposed: str, option: str) -> str:
    if ask is None:
        raise Failure(f"expected {option}, found none and no terminal to ask on", Exit.USAGE)
    return ask(prompt, proposed)
