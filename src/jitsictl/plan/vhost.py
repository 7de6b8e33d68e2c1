"""Apache's file for the page: from the settings, and from what the rest of httpd's configuration has already.

One `ProxyPass /` takes everything to web, websockets too, so nothing in it differs between releases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import FrozenSet, List
from urllib.parse import urlsplit

from jitsictl.settings import quote
from jitsictl.types.settings import Settings

# What the file uses. configtest does not miss proxy_http: only a request finds out.
MODULES = ("proxy", "proxy_http", "rewrite", "ssl", "http2", "headers", "alias", "authz_core", "log_config")
OLDEST = (2, 4, 47)  # the first httpd with upgrade=websocket
LOG = "/var/log/httpd/jitsi_access_log"  # Slackware's logrotate takes *_log there
CHALLENGE = "/.well-known/acme-challenge/"
HTTP, HTTPS = 80, 443

_HEAD = """\
# Made by `jitsictl vhost` from /etc/jitsi-meet/jitsi.conf. `jitsictl vhost --diff` shows what was edited here since,
# `jitsictl vhost --install` writes it anew.
"""

_PLAIN = """
# Without query strings: tokens travel in them.
LogFormat "%h %l %u %t \\"%m %U %H\\" %>s %b" jitsi_noquery

<VirtualHost *:{http}>
    ServerName {host}
    CustomLog {log} jitsi_noquery
    Alias "{challenge}" {acme}
    <Directory {acme}>
        Options None
        AllowOverride None
        ForceType text/plain
        Require all granted
    </Directory>
    RewriteEngine on
    RewriteCond %{{REQUEST_URI}} !^/\\.well-known/acme-challenge/
    # The name stands here, since %{{SERVER_NAME}} is whatever the client says.
    RewriteRule ^ {redirect} [R=301,L]
</VirtualHost>
"""

_SECURE = """
<VirtualHost *:{port}>
    ServerName {host}
    Protocols h2 http/1.1
    SSLEngine on
    SSLCertificateFile {certificate}
    SSLCertificateKeyFile {key}
    CustomLog {log} jitsi_noquery
{hsts}\
    Header always set X-Content-Type-Options "nosniff"
    Header always set Referrer-Policy "strict-origin-when-cross-origin"
    Header always set Permissions-Policy "camera=(self), microphone=(self), display-capture=(self)"
    ProxyRequests Off
    ProxyPreserveHost On
    # What the client says of itself is forgotten; mod_proxy adds the address that it came from.
    RequestHeader unset Forwarded
    RequestHeader unset X-Real-IP
    RequestHeader unset X-Forwarded-For
    RequestHeader unset X-Forwarded-Host
    RequestHeader unset X-Forwarded-Server
    RequestHeader set X-Forwarded-Proto "https"
    RequestHeader set X-Forwarded-Port "{port}"
{pads}\
    # 900 s: an idle websocket lives longer than httpd's 60. retry=0: web is asked again as soon as it has restarted.
    ProxyPass "/" {back} upgrade=websocket timeout=900 retry=0
    ProxyPassReverse "/" {back}
</VirtualHost>
"""

_HSTS = '    Header always set Strict-Transport-Security "max-age=31536000"\n'
_PADS = """\
    <LocationMatch "^/etherpad/(admin|stats|api)(/|$)">
        Require all denied
    </LocationMatch>
"""


@dataclass(frozen=True)
class Around:
    """What httpd's configuration has without our file: ports with a Listen. The default is Slackware's httpd.conf."""

    ports: FrozenSet[int] = frozenset({HTTP})


def port_of(settings: Settings) -> int:
    """Where people open the page."""
    return urlsplit(settings["PUBLIC_URL"]).port or HTTPS


def host_of(settings: Settings) -> str:
    """The page's host as httpd names it; an IPv6 address in brackets."""
    host = urlsplit(settings["PUBLIC_URL"]).hostname or ""
    return f"[{host}]" if ":" in host else host


def text(settings: Settings, around: Around) -> str:
    """The file for /etc/httpd/extra. ValueError, beginning with the setting: a value has no place in it."""
    port, address = port_of(settings), settings["PUBLIC_URL"]
    back = f"http://{_back_end(settings['HTTP_PORT'])}/"
    values = {
        "http": HTTP,
        "port": port,
        "host": _named("PUBLIC_URL", host_of(settings)),
        "log": quote.httpd(LOG),
        "challenge": CHALLENGE,
        "acme": _named("ACME_DIRECTORY", f"{settings['ACME_DIRECTORY']}/"),
        "redirect": _named("PUBLIC_URL", f"{address}%{{REQUEST_URI}}"),
        "certificate": _named("TLS_CERTIFICATE", settings["TLS_CERTIFICATE"]),
        "key": _named("TLS_KEY", settings["TLS_KEY"]),
        "hsts": "" if settings.get("ENABLE_HSTS") == "0" else _HSTS,
        "pads": _PADS if settings.on("ETHERPAD") else "",
        "back": _named("HTTP_PORT", back),
    }
    return "".join([_HEAD, *_listens(port, around), _PLAIN.format(**values), _SECURE.format(**values)])


def _listens(port: int, around: Around) -> List[str]:
    """Twice the same one, and httpd does not start.

    There is no SSLSessionCache beside it: httpd 2.4 ends at the graceful restart that takes one away (AH00820), and
    browsers resume TLS by tickets.
    """
    lines = [f"Listen {number}\n" for number in sorted({HTTP, port} - around.ports)]
    return ["\n", *lines] if lines else []


def _back_end(published: str) -> str:
    """Where web is published, seen from this host. HTTP_PORT is PORT or ADDRESS:PORT."""
    address, _, port = published.rpartition(":")
    inside = "127.0.0.1" if address in ("", "0.0.0.0", "[::]") else address  # noqa: S104 - asked on loopback
    return f"{inside}:{port}"


def _named(name: str, value: str) -> str:
    try:
        return quote.httpd(value)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
