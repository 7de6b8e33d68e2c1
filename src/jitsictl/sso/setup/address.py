"""Where Keycloak is: what an admin gives of it, and where it may be then. Pure.

Up to Keycloak 16, and later by choice, everything is below /auth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Tuple
from urllib.parse import SplitResult, unquote, urlsplit

from jitsictl.sso import discovery
from jitsictl.types.failure import Exit, Failure

_OLD = "/auth"


@dataclass(frozen=True)
class Given:
    """Addresses below which the realms may be, the likeliest first, without a slash at their end.

    `realm` and `client` are "" where they are not told.
    """

    bases: Tuple[str, ...]
    realm: str = ""
    client: str = ""


def read(text: str) -> Given:
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
    fields = discovery.fields(text)
    if not all(isinstance(fields.get(key), str) and fields[key] for key in ("realm", "auth-server-url", "resource")):
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
    given = read(fields["auth-server-url"])
    return Given(given.bases, fields["realm"], fields["resource"])


def _parts(text: str) -> SplitResult:
    wanted = "expected an address of Keycloak such as https://keycloak.example.com, found"
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        named = False
    if not named or not text.isprintable() or re.search(r"[\s<>\"'\\`{}$]", text):
        raise Failure(f"{wanted} {discovery.shown(text)}", Exit.USAGE)
    if parts.scheme != "https":
        raise Failure(
            f"{wanted} {discovery.shown(text)}: passwords and tokens go there, so it must be https://", Exit.USAGE
        )
    if "@" in parts.netloc:
        raise Failure(
            f"{wanted} one with a name or password in it; give them with --admin and --password-file", Exit.USAGE
        )
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
