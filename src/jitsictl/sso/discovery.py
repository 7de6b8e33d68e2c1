"""Where Keycloak is: what an admin gives of it, where it may be then, and what it says of itself. Pure.

Up to Keycloak 16, and later by choice, everything is below /auth. The issuer in its discovery document is what tokens
will carry, so the address in the settings has to be the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Optional, Tuple
from urllib.parse import SplitResult, unquote, urlsplit

from jitsictl.types.failure import Exit, Failure

_OLD = "/auth"
_DOCUMENT = "/.well-known/openid-configuration"
_PROXY = (
    "start it with --proxy-headers xforwarded (before Keycloak 24: --proxy edge, before 17: "
    "PROXY_ADDRESS_FORWARDING=true), and have the proxy before it send X-Forwarded-Proto and X-Forwarded-Host"
)


@dataclass(frozen=True)
class Given:
    """Addresses below which the realms may be, the likeliest first, without a slash at their end.

    `realm` and `client` are "" where they are not told.
    """

    bases: Tuple[str, ...]
    realm: str = ""
    client: str = ""


def address(text: str) -> Given:
    """From an address: of Keycloak with or without /auth, of a realm, of the console. Failure (exit 2): it is none."""
    parts = _parts(text.strip() if "://" in text else f"https://{text.strip()}")
    path, realm = _below(parts)
    origin = f"https://{parts.netloc.lower()}"
    origin = origin[: -len(":443")] if origin.endswith(":443") else origin
    other = path[: -len(_OLD)] if path.endswith(_OLD) else f"{path}{_OLD}"
    return Given((f"{origin}{path}", f"{origin}{other}"), realm)


def from_file(text: str, name: str) -> Given:
    """From the keycloak.json that Keycloak's console gives; `name` is the file's. Failure: it is none, or has a secret.

    jitsi-keycloak gives this file to everybody who asks for it.
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or not all(_text(fields, key) for key in ("realm", "auth-server-url", "resource")):
        raise Failure(
            f"expected {name} to be JSON with realm, auth-server-url and resource, found otherwise; Keycloak's "
            "console gives it: the client, Action, Download adapter config (before Keycloak 20: Installation)"
        )
    if "credentials" in fields or fields.get("public-client") is not True:
        found = "credentials in it" if "credentials" in fields else "one that is not"
        raise Failure(
            f"expected {name} of a public client, found {found}, while jitsi-keycloak gives this file to everybody; "
            "set Client authentication to Off (before Keycloak 20: Access Type public), and download it again"
        )
    given = address(str(fields["auth-server-url"]))
    return Given(given.bases, fields["realm"], fields["resource"])


def document(base: str, realm: str) -> str:
    """The URL of the discovery document."""
    return f"{base}/realms/{realm}{_DOCUMENT}"


def issuer_of(text: str) -> Optional[str]:
    """The issuer that a discovery document names; None: it is no such document."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return fields["issuer"] if isinstance(fields, dict) and _text(fields, "issuer") else None


def no_realm(text: str) -> bool:
    """Whether this is how Keycloak says that it has no realm of that name."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(fields, dict) and "realm" in str(fields.get("error", "")).lower()


def differs(base: str, realm: str, issuer: str) -> Optional[str]:
    """What is to be said when Keycloak, asked at `base`, calls itself something else; None: it does not."""
    wanted = f"{base}/realms/{realm}"
    if issuer == wanted:
        return None
    said = f"expected Keycloak to call itself {wanted}, found that it calls itself {_shown(issuer)}"
    try:
        ours, its = urlsplit(wanted), urlsplit(issuer)
        path = its.path
    except ValueError:
        return f"{said}; set its hostname"
    if (ours.netloc, ours.path) == (its.netloc, its.path) and its.scheme == "http":
        return f"{said}: it does not know that it is reached by https; {_PROXY}"
    its_base = _shown(issuer[: -len(f"/realms/{realm}")] if path.endswith(f"/realms/{realm}") else issuer)
    if its.scheme == "https" and its.netloc:
        return (
            f"{said}, and so will its tokens; when browsers reach it there, give that address: jitsictl sso setup "
            f"{its_base}; else start it with --hostname {base} (before Keycloak 25: --hostname-url)"
        )
    return f"{said}, which browsers cannot reach; {_PROXY}, or start it with --hostname {base}"


def _parts(text: str) -> SplitResult:
    wanted = "expected an address of Keycloak such as https://keycloak.example.com, found"
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        named = False
    if not named or not text.isprintable() or re.search(r"[\s<>\"'\\`{}$]", text):
        raise Failure(f"{wanted} {_shown(text)}", Exit.USAGE)
    if parts.scheme != "https":
        raise Failure(f"{wanted} {_shown(text)}: passwords and tokens go there, so it must be https://", Exit.USAGE)
    if "@" in parts.netloc:
        raise Failure(f"{wanted} one with a name or password in it; give them with --admin and --password-file",
                      Exit.USAGE)
    return parts


def _below(parts: SplitResult) -> Tuple[str, str]:
    """The path above the realms, and the realm where the address has one: a realm's own, or the console's."""
    path, realm = parts.path.rstrip("/"), ""
    found = re.fullmatch(r"(.*?)(?:/admin)?/realms/([^/]+)(?:/.*)?", path)
    console = re.fullmatch(r"(.*?)/admin(?:/.*)?", path)
    if found:
        path, realm = found.group(1), unquote(found.group(2))
    elif console:
        path = console.group(1)
        inside = re.match(r"/(?:realms/)?([^/?]+)", parts.fragment)
        realm = unquote(inside.group(1)) if inside else ""
    return path, realm


def _text(fields: Any, key: str) -> bool:
    return isinstance(fields.get(key), str) and bool(fields[key])


def _shown(text: str) -> str:
    cut = text if len(text) <= 200 else f"{text[:197]}..."
    return cut if cut.isprintable() else json.dumps(cut)
