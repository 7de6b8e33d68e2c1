"""What stands in Apache's file for jitsi-keycloak, the adapter that has a host of its own.

It writes the room of its address into the address that it sends people to with their token, and puts no check before
that: a room called `http:evil.example` or `\\\\evil.example` takes the token there. So the guard is ours.
"""

from __future__ import annotations

from jitsictl.settings import quote
from jitsictl.types.settings import Settings

URL, PORT = "SSO_URL", "SSO_PORT"

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


def here(settings: Settings) -> bool:
    """Whether the adapter has a host of its own."""
    return bool(settings.get(URL))


def guard() -> str:
    """For the adapter's host, before its ProxyPass."""
    return _GUARD.lstrip("\n")


def unescape(page: str) -> str:
    """For the page's host, whose address is `page`. ValueError: it has no place in Apache's file."""
    return _UNESCAPE.format(target=quote.httpd(f"{page}$1"))
