"""Somebody who logs in: to Keycloak by its form, back to the adapter, and into a room with the token. No browser."""

from __future__ import annotations

import json
import secrets
import time
from html.parser import HTMLParser
from typing import Dict, List, Optional, Tuple
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from jitsictl.change import probes
from jitsictl.doors import process, xmpp
from jitsictl.doors.http import Reply
from jitsictl.sso.chain import keycloak, ours
from jitsictl.sso.chain.links import ROOM, Chain
from jitsictl.sso.tokens import jws
from jitsictl.types.failure import Failure

SECONDS = 20.0
ROUNDED = 1.0  # seconds at most
TICK = 0.05  # seconds; Prosody asks the C library for whole seconds, which that is late by up to a tick of the kernel's
SHORTEST = 900.0  # seconds of a token
_LONGER = {
    True: "write a larger JWT_EXP_SECOND, and reload",
    False: "set the client's access.token.lifespan with: jitsictl sso setup",
}


def logs_in(chain: Chain, user: str, password: str) -> str:
    """Which room was entered, and as what. Failure: the first thing that went wrong on the way."""
    process.secret(password)
    room = chain.settings.get("ALLOWED_ROOM") if not chain.below_the_page else ""
    room = room if room not in ("", "*") else f"{ROOM}-{secrets.token_hex(4)}"
    token = (
        _by_oidc(chain, user, password, room)
        if chain.below_the_page
        else _by_jitsi_keycloak(chain, user, password, room)
    )
    process.secret(token)
    lasts = _lasts(token, chain, room)
    settings = chain.settings
    address = f"{quote(room.lower())}@{settings['XMPP_MUC_DOMAIN']}"
    role = xmpp.enter(probes.base_url(settings), settings["XMPP_DOMAIN"], token, address, deadline=SECONDS)
    got = f"a token for {lasts / 60:.0f} minutes"
    return f"{user} logged in at Keycloak, came back with {got}, and entered {room} as {role or 'participant'}"


def _lasts(token: str, chain: Chain, room: str) -> float:
    """For how many seconds it is good. Failure: it is not, or ends within a meeting."""
    claims = _claims(token)
    _begin(claims.get("nbf", 0.0))
    ours.refused(token, chain, room)
    lasts = claims.get("exp", 0.0) - time.time()
    if lasts < SHORTEST:
        raise Failure(
            f"expected a token for as long as meetings last, found one for {lasts:.0f} s, after which nobody gets back "
            f"in whose connection broke; {_LONGER[chain.below_the_page]}"
        )
    return lasts


def _begin(nbf: float) -> None:
    """The adapter oidc rounds, so that a token may begin half a second from now, and Prosody gives no leeway."""
    time.sleep(min(ROUNDED, max(0.0, nbf + TICK - time.time())))


def _claims(token: str) -> Dict[str, float]:
    """Those that are times. What is wrong with the others `verify` says."""
    try:
        values = jws.read(token.split(".")[1]).values
    except (ValueError, IndexError):
        return {}
    return {name: float(value) for name, value in values.items() if type(value) in (int, float)}


def _by_oidc(chain: Chain, user: str, password: str, room: str) -> str:
    state = json.dumps({"room": room})
    sent = _location(ours.adapter(chain, f"/oidc/auth?{urlencode({'state': state})}"), "the adapter")
    back = _keycloak(chain, sent, user, password)
    if not back.startswith(chain.back):
        raise Failure(f"expected Keycloak to send {user} back to {chain.back}, found {back.partition('?')[0]}")
    parts = urlsplit(back)
    there = _location(ours.adapter(chain, f"{parts.path}?{parts.query}"), "the adapter")
    found = parse_qs(urlsplit(there).query).get("jwt")
    if not there.startswith(f"{chain.settings['PUBLIC_URL']}/") or not found:
        raise Failure(f"expected the adapter to send {user} to the page with a token, found {there.partition('?')[0]}")
    return found[0]


def _by_jitsi_keycloak(chain: Chain, user: str, password: str, room: str) -> str:
    """As its page does in a browser: the code for Keycloak's token, that for ours."""
    verifier = secrets.token_urlsafe(48)
    back = _keycloak(chain, keycloak.authorization(chain, verifier, room), user, password)
    answer = parse_qs(urlsplit(back).fragment)
    if "code" not in answer:
        raise Failure(f"expected Keycloak to send {user} back with a code, found: {' '.join(answer.get('error', []))}")
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"][0],
        "client_id": chain.client,
        "redirect_uri": f"{chain.origin}/{room}",
        "code_verifier": verifier,
    }
    access = _field(keycloak.ask(chain.tokens, chain, form, Origin=chain.origin), "access_token", "Keycloak")
    process.secret(access)
    return _field(ours.adapter(chain, "/api/config", Authorization=f"Bearer {access}"), "token", "the adapter")


def _keycloak(chain: Chain, url: str, user: str, password: str) -> str:
    """Fill in Keycloak's form; returns where it sends the browser then."""
    page = keycloak.ask(url, chain)
    action = _action(page.text)
    if page.status != 200 or action is None:
        raise Failure(f"expected Keycloak's login form, found HTTP {page.status} without one")
    jar = {cookie.partition("=")[0]: cookie.partition(";")[0] for cookie in page.cookies}
    if urlsplit(action).netloc != urlsplit(url).netloc:
        raise Failure(f"expected a form for {urlsplit(url).netloc}, found that it goes to {urlsplit(action).netloc}")
    done = keycloak.ask(action, chain, {"username": user, "password": password}, Cookie="; ".join(jar.values()))
    if done.status not in (302, 303):
        again = _action(done.text) is not None and 'name="password"' in done.text
        found = (
            "that it refuses name or password"
            if again
            else ("that it wants more (a new password, a code, consent); log in once in a browser")
        )
        raise Failure(f"expected Keycloak to let {user} in, found {found}")
    there = done.headers.get("location", "")
    if "/login-actions/" in urlsplit(there).path:
        raise Failure(f"expected Keycloak to let {user} in, found that it wants more first: log in once in a browser")
    return there


class _Forms(HTMLParser):
    """Where each form goes that is posted."""

    def __init__(self) -> None:
        super().__init__()
        self.actions: List[str] = []

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        named: Dict[str, Optional[str]] = dict(attrs)
        if tag == "form" and (named.get("method") or "").lower() == "post" and named.get("action"):
            self.actions.append(str(named["action"]))


def _action(page: str) -> Optional[str]:
    forms = _Forms()
    forms.feed(page)
    return forms.actions[0] if forms.actions else None


def _location(reply: Reply, who: str) -> str:
    there = reply.headers.get("location", "")
    if reply.status not in (302, 303) or not there:
        raise Failure(f"expected {who} to send the browser on, found HTTP {reply.status}; see its log")
    return there


def _field(reply: Reply, name: str, who: str) -> str:
    try:
        return str(json.loads(reply.text)[name])
    except (ValueError, KeyError, TypeError):
        said = f"HTTP {reply.status}" + (
            f" to {reply.headers['location'].partition('?')[0]}" if "location" in reply.headers else ""
        )
        raise Failure(f"expected {name} from {who}, found {said}; see its log") from None
