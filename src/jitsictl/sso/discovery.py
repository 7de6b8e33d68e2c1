"""What a realm of Keycloak says of itself, in its discovery document. Pure.

The issuer in it is what tokens will carry, so the address in the settings has to be the same.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Optional
from urllib.parse import urlsplit

_DOCUMENT = "/.well-known/openid-configuration"
_PROXY = (
    "start it with --proxy-headers xforwarded (before Keycloak 24: --proxy edge, before 17: "
    "PROXY_ADDRESS_FORWARDING=true), and have the proxy before it send X-Forwarded-Proto and X-Forwarded-Host"
)


def document(issuer: str) -> str:
    """The URL of a realm's discovery document."""
    return f"{issuer}{_DOCUMENT}"


def fields(text: str) -> Dict[str, Any]:
    """What Keycloak answers as JSON; nothing where it is no object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def issuer_of(text: str) -> Optional[str]:
    """The issuer that a discovery document names; None: it is no such document."""
    issuer = fields(text).get("issuer")
    return issuer if isinstance(issuer, str) and issuer else None


def no_realm(text: str) -> bool:
    """Whether this is how Keycloak says that it has no realm of that name."""
    return "realm" in str(fields(text).get("error", "")).lower()


def differs(base: str, realm: str, issuer: str) -> Optional[str]:
    """What is to be said when Keycloak, asked at `base`, calls itself something else; None: it does not."""
    wanted = f"{base}/realms/{realm}"
    if issuer == wanted:
        return None
    said = f"expected Keycloak to call itself {wanted}, found that it calls itself {shown(issuer)}"
    try:
        ours, its = urlsplit(wanted), urlsplit(issuer)
        path = its.path
    except ValueError:
        return f"{said}; set its hostname"
    if (ours.netloc, ours.path) == (its.netloc, its.path) and its.scheme == "http":
        return f"{said}: it does not know that it is reached by https; {_PROXY}"
    its_base = shown(issuer[: -len(f"/realms/{realm}")] if path.endswith(f"/realms/{realm}") else issuer)
    if its.scheme == "https" and its.netloc:
        return (
            f"{said}, and so will its tokens; when browsers reach it there, give that address: jitsictl sso setup "
            f"{its_base}; else start it with --hostname {base} (before Keycloak 25: --hostname-url)"
        )
    return f"{said}, which browsers cannot reach; {_PROXY}, or start it with --hostname {base}"


def shown(text: str) -> str:
    """An address that somebody else wrote, not too long, and in ASCII where a terminal could take it for something."""
    cut = text if len(text) <= 200 else f"{text[:197]}..."
    return cut if cut.isprintable() else json.dumps(cut)
