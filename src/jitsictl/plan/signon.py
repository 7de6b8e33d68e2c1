"""The adapter of a single sign-on: what Compose must know of it, its files, and what stands in Apache's file for it.

jitsi-keycloak has a host of its own. It writes the room of its address into the address that it sends people to with
their token, and puts no check before that: a room called `http:evil.example` or `\\\\evil.example` takes the token
there. So the guard is ours.
"""

from __future__ import annotations

import json
from typing import Dict, List, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from jitsictl import releases
from jitsictl.settings import quote
from jitsictl.settings.login import TOKEN_TYPES, login_type
from jitsictl.types.release import Service
from jitsictl.types.settings import Settings

URL, PORT, IMAGE = "SSO_URL", "SSO_PORT", "SSO_IMAGE"
OIDC_PATH = "/oidc/"  # of the page's host; the adapter oidc has it at the same path
KEYCLOAK_JSON = "env/keycloak.json"  # among a generation's files

_OPTIONS = ("KEYCLOAK_CA", "KEYCLOAK_ADDRESS", "KEYCLOAK_NETWORK", "KEYCLOAK_NETWORK_ADDRESS")

# A colon, a backslash or a second slash, as they are or escaped, in what was asked for, as it was asked. mod_rewrite
# reads its arguments by itself: in quotes a backslash is a backslash.
_GUARD = r"""
    Header always set X-Frame-Options "SAMEORIGIN"
    Header always set Referrer-Policy "no-referrer"
    Header always set Cache-Control "no-store"
    RewriteEngine on
    # A room of this kind would send people, with their token, to whatever site it names.
    RewriteCond %{THE_REQUEST} "^\S+ [^ ?]*(?://|:|\\|%3a|%2f|%5c)" [NC]
    RewriteRule ^ - [R=400,L]
    <LocationMatch "(?i)^/+api/+invite">
        Require all denied
    </LocationMatch>
"""
# What it escapes twice is escaped once again; nothing but visible ASCII, so that no header is split.
_UNESCAPE = """\
    RewriteEngine on
    RewriteCond %{{QUERY_STRING}} "(^|&)jwt="
    RewriteRule "^(/[!->@-~]*%[0-9A-Fa-f]{{2}}[!->@-~]*)$" {target} [R=302,NE,L]
"""


def adapter(settings: Settings) -> Optional[Service]:
    """The one that these settings switch on."""
    known = releases.services().values()
    return next((s for s in known if s.when and s.when.setting == "SSO" and s.runs(settings)), None)


def image(settings: Settings) -> str:
    """The adapter's image by its tag, unless the admin says its digest."""
    service = adapter(settings)
    return "" if service is None else settings.get(IMAGE) or service.image


def values(settings: Settings, held: Mapping[str, str]) -> Dict[str, str]:
    """What Compose is to put into the adapter's definition, besides settings; `held` are digests by image."""
    if adapter(settings) is None:
        return {}
    wanted = image(settings)
    digest = "" if "@" in wanted else held.get(wanted, "")
    host = urlsplit(issuer(settings)).hostname or ""
    return {IMAGE: f"{wanted}@{digest}" if digest else wanted, "KEYCLOAK_HOST": host}


def issuer(settings: Settings) -> str:
    """The realm that the adapter asks. jitsi-keycloak knows no OIDC_ISSUER_URL, whatever that says."""
    if below_the_page(settings):
        return settings["OIDC_ISSUER_URL"]
    return f"{settings['KEYCLOAK_URL']}/realms/{settings['KEYCLOAK_REALM']}"


def options(settings: Settings) -> List[str]:
    """Blocks of the adapter's Compose piece that settings switch on."""
    if adapter(settings) is None:
        return []
    return [f"x-{name.lower().replace('_', '-')}" for name in _OPTIONS if settings.get(name)]


def files(settings: Settings) -> Dict[str, str]:
    """What the adapter reads besides its environment, among a generation's files.

    jitsi-keycloak hands keycloak.json to every browser, so a password has no place in it.
    """
    service = adapter(settings)
    if service is None or KEYCLOAK_JSON not in service.generated:
        return {}
    read = {
        "realm": settings["KEYCLOAK_REALM"],
        "auth-server-url": settings["KEYCLOAK_URL"],
        "ssl-required": "external",
        "resource": settings["OIDC_CLIENT_ID"],
        "public-client": True,
        "confidential-port": 0,
    }
    return {KEYCLOAK_JSON: json.dumps(read, indent=2) + "\n"}


def mounted(settings: Settings) -> Tuple[str, ...]:
    """Files of the admin's outside CONFIG that the adapter reads at start."""
    authority = settings.get("KEYCLOAK_CA")
    return (authority,) if authority and adapter(settings) is not None else ()


def below_the_page(settings: Settings) -> bool:
    """Whether the adapter is at a path of the page's own host."""
    return settings.get("SSO") == "oidc"


def here(settings: Settings) -> bool:
    """Whether an adapter has a host of its own; with SSO=none it is the admin's, where people come with tokens."""
    return bool(settings.get(URL)) and not below_the_page(settings) and login_type(settings) in TOKEN_TYPES


def guard() -> str:
    """For the adapter's host, before its ProxyPass."""
    return _GUARD.lstrip("\n")


def unescape(page: str) -> str:
    """For the page's host, whose address is `page`. ValueError: it has no place in Apache's file."""
    return _UNESCAPE.format(target=quote.httpd(f"{page}$1"))
