"""Keycloak as browsers and the adapter meet it: its realm, its clock, and what it says of our client."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from email.utils import parsedate_to_datetime
from typing import Dict, Optional
from urllib.parse import parse_qs, urlencode, urlsplit

from jitsictl.doors import http
from jitsictl.doors.http import Reply
from jitsictl.sso import discovery
from jitsictl.sso.chain.links import Chain
from jitsictl.types.failure import Failure

SECONDS = 15.0
FAST = 2.0  # seconds; a Date header has whole ones
_SETUP = "put it right with: jitsictl sso setup"


def ask(url: str, chain: Chain, form: Optional[Dict[str, str]] = None, **headers: str) -> Reply:
    """One request as a browser's, a form's where there is one; redirects are for the caller. Failure: no answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items() if value}
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with http.opened(url, deadline=SECONDS, authority=chain.authority) as connection:
        if form is None:
            return connection.request("GET", target, None, named)
        named["Content-Type"] = "application/x-www-form-urlencoded"
        return connection.request("POST", target, urlencode(form), named)


def realm(chain: Chain) -> str:
    """It answers, is trusted, and calls itself what the settings call it."""
    try:
        reply = ask(chain.document, chain)
    except http.Untrusted as failure:
        raise Failure(f"{failure.what}; put the authority's file into KEYCLOAK_CA, and reload") from None
    fields = discovery.fields(reply.text)
    issuer = discovery.issuer_of(reply.text)
    if reply.status != 200 or issuer is None:
        found = f"HTTP {reply.status}" if reply.status != 200 else "something else"
        raise Failure(f"expected a realm at {chain.issuer}, found {found}; {_SETUP}")
    if issuer != chain.issuer:
        base, name = (chain.settings.get(each) for each in ("KEYCLOAK_URL", "KEYCLOAK_REALM"))
        said = discovery.differs(base, name, issuer) if base and name else None
        raise Failure(said or f"expected the issuer {chain.issuer}, found that it calls itself {issuer}; {_SETUP}")
    chain.authorization = str(fields.get("authorization_endpoint", ""))
    chain.tokens = str(fields.get("token_endpoint", ""))
    return f"{issuer} answers, is trusted, and calls itself so"


def clock(chain: Chain) -> str:
    """Tokens say from when to when they are good, and Prosody gives no leeway."""
    began = time.time()
    reply = ask(chain.document, chain)
    try:
        there = parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return "Keycloak does not tell its time"
    apart = there + 0.5 - (began + time.time()) / 2
    if abs(apart) > FAST:
        which = "ahead of" if apart > 0 else "behind"
        raise Failure(
            f"expected Keycloak's clock and this one to agree, found Keycloak's {abs(apart):.0f} s {which} ours; "
            "run ntpd on both machines"
        )
    return "Keycloak's and this host's agree within 2 s"


def client(chain: Chain) -> str:
    """Keycloak shows the login form to who comes from the adapter, and would send them back there."""
    reply = ask(authorization(chain, _verifier()), chain)
    if reply.status == 200 and "password" in reply.text:
        return f"{chain.client} may send people back to {chain.back}"
    text = reply.text.lower()
    if reply.status in (302, 303):
        answer = parse_qs(
            urlsplit(reply.headers.get("location", "")).query or urlsplit(reply.headers.get("location", "")).fragment
        )
        found = " ".join(answer.get("error_description", answer.get("error", ["a redirect"])))
    elif "redirect_uri" in text:
        found = f"that it may not send people back to {chain.back}"
    elif "client not found" in text:
        found = f"that the realm has no client {chain.client}"
    else:
        found = f"HTTP {reply.status}"
    raise Failure(f"expected Keycloak's login form for the client {chain.client}, found {found}; {_SETUP}")


def origins(chain: Chain) -> str:
    """The page of jitsi-keycloak asks Keycloak from the browser, which wants its consent (CORS)."""
    wrong = {"grant_type": "authorization_code", "code": "none", "client_id": chain.client, "redirect_uri": chain.back}
    reply = ask(chain.tokens, chain, wrong, Origin=chain.origin)
    if reply.headers.get("access-control-allow-origin") in (chain.origin, "*"):
        return f"pages of {chain.origin} may ask Keycloak"
    told = discovery.fields(reply.text)
    said = told.get("error_description") or told.get("error") or f"HTTP {reply.status}"
    raise Failure(
        f"expected the client's Web origins to have {chain.origin}, found that Keycloak refuses it ({said}); {_SETUP}"
    )


def authorization(chain: Chain, verifier: str, room: str = "") -> str:
    """The address to which the adapter sends people to log in."""
    asked = {
        "client_id": chain.client,
        "redirect_uri": f"{chain.origin}/{room}" if room and not chain.below_the_page else chain.back,
        "response_type": "code",
        "scope": "openid",
        "state": secrets.token_urlsafe(8),
    }
    if not chain.below_the_page:
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        asked.update(response_mode="fragment", code_challenge=challenge, code_challenge_method="S256")
    return f"{chain.authorization}?{urlencode(asked)}"


def _verifier() -> str:
    return secrets.token_urlsafe(48)
