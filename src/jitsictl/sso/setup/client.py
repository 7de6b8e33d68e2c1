"""Keycloak's client for each adapter: what it must say, put into what is there, and the difference in words. Pure.

Of a client that is there our fields are set, everything else stays: other fields, other attributes, and what an admin
added to our lists. Client scopes are never sent: a list without `basic` takes auth_time out of the tokens, and
jitsi-keycloak fails without it.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, Mapping

from jitsictl.types.failure import Failure

Fields = Dict[str, Any]

OIDC, JITSI_KEYCLOAK = "oidc", "jitsi-keycloak"
ADAPTERS = (OIDC, JITSI_KEYCLOAK)
LIFESPAN = 14400  # seconds; jitsi-keycloak's tokens end with Keycloak's access token, by default after 300

_PKCE, _LIFESPAN, _LOGOUT = "pkce.code.challenge.method", "access.token.lifespan", "post.logout.redirect.uris"
_PKCE_WANTED = {OIDC: "", JITSI_KEYCLOAK: "S256"}  # the adapter oidc sends none, so that none may be asked for


def wanted(adapter: str, name: str, page: str, sign_on: str = "") -> Fields:
    """The client `name` for an adapter. `page` is PUBLIC_URL, `sign_on` is SSO_URL, which jitsi-keycloak needs."""
    here, back = (sign_on, f"{sign_on}/*") if adapter == JITSI_KEYCLOAK else (page, f"{page}/oidc/tokenize")
    attributes = {_LOGOUT: "+", _PKCE: _PKCE_WANTED[adapter]}
    if adapter == JITSI_KEYCLOAK:
        attributes[_LIFESPAN] = str(LIFESPAN)
    return {
        "clientId": name,
        "protocol": "openid-connect",
        "enabled": True,
        "bearerOnly": False,
        "publicClient": True,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "redirectUris": [back],
        "webOrigins": [here],
        "attributes": attributes,
    }


def new(ours: Fields) -> Fields:
    """The representation of a client that is not there yet."""
    return {**ours, "attributes": {name: value for name, value in ours["attributes"].items() if value}}


def merged(found: Fields, ours: Fields) -> Fields:
    """The full representation of a client that is there, with ours in it. Failure: it is of another protocol.

    Where the adapter can prove itself with a secret (oidc), a client that wants one may go on wanting it.
    """
    if found.get("protocol") not in (None, ours["protocol"]):
        raise Failure(
            f"expected {ours['clientId']} to be a client for openid-connect, found one for "
            f"{shown(found['protocol'])}; give another name with --client"
        )
    result = dict(found)
    for name, value in ours.items():
        if name == "attributes":
            result[name] = _attributes(found.get(name) or {}, value)
        elif isinstance(value, list):
            there = list(found.get(name) or [])
            result[name] = there + [item for item in value if item not in there]
        elif name != "publicClient" or not confidential(found, ours):
            result[name] = value
    return result


def confidential(found: Fields, ours: Fields) -> bool:
    """Whether the client asks its adapter for a secret, and may."""
    return found.get("publicClient") is False and _adapter(ours) == OIDC


def difference(found: Fields, after: Fields) -> List[str]:
    """A line for each of our fields that changes, as people read it; none: it is as it should be."""
    changed = []
    before, later = _flat(found), _flat(after)
    for name, value in later.items():
        if name not in before and value not in ("", []):
            changed.append(f"{name}: {shown(value)}")
        elif name in before and before[name] != value:
            changed.append(f"{name}: {_change(before[name], value)}")
    return changed


def remarks(after: Fields, ours: Fields) -> List[str]:
    """What stays as the admin has it and should be looked at: other places that may be sent people with their login."""
    said = []
    for name in ("redirectUris", "webOrigins"):
        others = [item for item in after[name] if item not in (*ours[name], "+")]  # +: the origins of redirectUris
        if "*" in others:
            said.append(f"warning: {name} has *, with which any site can take people's logins; take it away")
        elif others:
            said.append(f"{name} also has {shown(others)}; take away what you do not need")
    return said


def shown(value: Any) -> str:
    """A value of Keycloak's, on one line and in ASCII where a terminal could take it for something else."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "none"
    if not isinstance(value, str):
        return json.dumps(value)
    if not value:
        return "none"
    return value if value.isprintable() else json.dumps(value)


def _adapter(ours: Fields) -> str:
    return JITSI_KEYCLOAK if ours["attributes"][_PKCE] else OIDC


def _attributes(found: Mapping[str, Any], ours: Mapping[str, str]) -> Dict[str, Any]:
    """A longer life of tokens stays, and so do addresses that an admin allows after a logout."""
    result = dict(found)
    for name, value in ours.items():
        there = str(found.get(name) or "")
        if value == there or _KEPT.get(name, _never)(there):
            continue
        result[name] = value
    return result


def _never(_: str) -> bool:
    return False


def _long(there: str) -> bool:
    return there.isascii() and there.isdigit() and int(there[:9]) >= LIFESPAN


_KEPT: Dict[str, Callable[[str], bool]] = {_LIFESPAN: _long, _LOGOUT: bool}


def _flat(fields: Fields) -> Fields:
    """The fields with the attributes beside them, as the console has them on one page."""
    flat = {name: value for name, value in fields.items() if name != "attributes"}
    return {**flat, **(fields.get("attributes") or {})}


def _change(before: Any, after: Any) -> str:
    if isinstance(before, list) and isinstance(after, list):
        return f"{shown([item for item in after if item not in before])} is added"
    return f"{shown(before)} -> {shown(after)}"
