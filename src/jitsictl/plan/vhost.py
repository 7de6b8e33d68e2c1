"""Apache's file for the site: from the settings, and from what the rest of httpd's configuration has already.

One `ProxyPass /` takes everything to web, websockets too, so nothing in it differs between releases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import AbstractSet, FrozenSet, List
from urllib.parse import urlsplit

from jitsictl.plan import signon
from jitsictl.settings import pads, quote
from jitsictl.types.settings import Settings

# What the file uses. configtest does not miss proxy_http: only a request finds out.
MODULES = ("proxy", "proxy_http", "rewrite", "ssl", "http2", "headers", "alias", "authz_core", "log_config")
CHALLENGE_MODULES = ("alias", "authz_core", "log_config")  # of these what port 80 uses while there is no certificate
OLDEST = (2, 4, 47)  # the first httpd with upgrade=websocket
LOG = "/var/log/httpd/jitsi_access_log"  # Slackware's logrotate takes *_log there
CHALLENGE = "/.well-known/acme-challenge/"
HTTP, HTTPS = 80, 443

_HEAD = """\
# Made by `jitsictl vhost` from /etc/jitsi-meet/jitsi.conf. `jitsictl vhost --diff` shows what was edited here since,
# `jitsictl vhost --install` writes it anew.
"""

_LOG_FORMAT = """
# Without query strings: tokens travel in them.
LogFormat "%h %l %u %t \\"%m %U %H\\" %>s %b" jitsi_noquery
"""

# httpd's own form without the Referer, which has the query string of the page; and what core says of a path that it
# refuses, as /100%, has all that was asked.
_QUIET = """\
    ErrorLogFormat "[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\\ %a] %M"
    LogLevel core:crit
"""

_PLAIN = """
<VirtualHost *:{http}>
    ServerName {host}
    CustomLog {log} jitsi_noquery
{quiet}\
    Alias "{challenge}" {acme}
    <Directory {acme}>
        Options None
        AllowOverride None
        ForceType text/plain
        Require all granted
    </Directory>
{redirect}\
</VirtualHost>
"""

_REDIRECT = """\
    RewriteEngine on
    RewriteCond %{{REQUEST_URI}} !^/\\.well-known/acme-challenge/
    # The name stands here, since %{{SERVER_NAME}} is whatever the client says.
    RewriteRule ^ {} [R=301,L]
"""

_SECURE = """
<VirtualHost *:{port}>
    ServerName {host}
    Protocols h2 http/1.1
    SSLEngine on
    SSLCertificateFile {certificate}
    SSLCertificateKeyFile {key}
    CustomLog {log} jitsi_noquery
{quiet}\
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
    # 900 s: an idle websocket lives longer than httpd's 60. retry=0: who was restarted is asked again at once.
{routes}\
</VirtualHost>
"""

_HSTS = '    Header always set Strict-Transport-Security "max-age=31536000"\n'
_ROUTE = """\
    ProxyPass {path} {back} upgrade=websocket timeout=900 retry=0
    ProxyPassReverse {path} {back}
"""
# Where a room has a folder's name, web's own server leads to http and to the port that it has in its container.
_REDIRECTS = """\
    Header edit Location {inside} {outside}
"""
# Etherpad takes upper case for lower, and httpd slashes for one.
_CLOSED = """\
    <LocationMatch {inner}>
        Require all denied
    </LocationMatch>
"""


@dataclass(frozen=True)
class Around:
    """What httpd's configuration has without our file: ports with a Listen. The default is Slackware's httpd.conf."""

    ports: FrozenSet[int] = frozenset({HTTP})


@dataclass(frozen=True)
class Host:
    """One name that Apache answers to with TLS; an IPv6 address in brackets.

    `setting` has its address; `prefix` and TLS_CERTIFICATE, TLS_KEY are the settings of the two files.
    """

    name: str
    port: int
    certificate: str
    key: str
    setting: str
    prefix: str = ""


def hosts(settings: Settings) -> List[Host]:
    """The page's, and those of Etherpad and the sign-on where they have one of their own."""
    found = [_host(settings, "PUBLIC_URL")]
    elsewhere = pads.published(settings)
    if elsewhere and elsewhere.own_host:
        found.append(_host(settings, pads.PUBLIC_URL, "ETHERPAD_"))
    if signon.here(settings):
        found.append(_host(settings, signon.URL, "SSO_"))
    return found


def ports(settings: Settings, without: AbstractSet[Host] = frozenset()) -> FrozenSet[int]:
    """Where people open the site; `without` as in `text`."""
    return frozenset(host.port for host in hosts(settings) if host not in without)


def back_ends(settings: Settings) -> List[str]:
    """Where requests go, as ADDRESS:PORT."""
    names = ["HTTP_PORT", *([pads.PORT] if pads.published(settings) else [])]
    names += [signon.PORT] if signon.here(settings) or signon.below_the_page(settings) else []
    return [_back_end(settings[name]) for name in names]


def text(settings: Settings, around: Around, without: AbstractSet[Host] = frozenset()) -> str:
    """The file for /etc/httpd/extra. ValueError, beginning with the setting: a value has no place in it.

    The hosts `without` a certificate have the ACME client's directory on port 80 alone, and redirect nobody.
    """
    every = hosts(settings)
    routes = {"PUBLIC_URL": _page, pads.PUBLIC_URL: _pads, signon.URL: _sign_on}
    parts = [_HEAD, *_listens(ports(settings, without), around), _LOG_FORMAT]
    for host in every:
        if host.name not in {other.name for other in every[: every.index(host)]}:
            parts.append(_plain(host, settings, host not in without))
        if host not in without:
            parts.append(_secure(host, routes[host.setting](settings), settings))
    return "".join(parts)


def _host(settings: Settings, setting: str, prefix: str = "") -> Host:
    address = urlsplit(settings[setting])
    name = address.hostname or ""
    return Host(
        f"[{name}]" if ":" in name else name,
        address.port or HTTPS,
        settings[f"{prefix}TLS_CERTIFICATE"],
        settings[f"{prefix}TLS_KEY"],
        setting,
        prefix,
    )


def _plain(host: Host, settings: Settings, redirects: bool) -> str:
    target = _named(host.setting, f"https://{host.name}{_port(host)}%{{REQUEST_URI}}")
    return _PLAIN.format(
        http=HTTP,
        host=_named(host.setting, host.name),
        log=quote.httpd(LOG),
        quiet=_QUIET,
        challenge=CHALLENGE,
        acme=_named("ACME_DIRECTORY", f"{settings['ACME_DIRECTORY']}/"),
        redirect=_REDIRECT.format(target) if redirects else "",
    )


def _port(host: Host) -> str:
    return "" if host.port == HTTPS else f":{host.port}"


def _secure(host: Host, routes: str, settings: Settings) -> str:
    return _SECURE.format(
        port=host.port,
        host=_named(host.setting, host.name),
        certificate=_named(f"{host.prefix}TLS_CERTIFICATE", host.certificate),
        key=_named(f"{host.prefix}TLS_KEY", host.key),
        log=quote.httpd(LOG),
        quiet=_QUIET,
        hsts="" if settings.get("ENABLE_HSTS") == "0" else _HSTS,
        routes=routes,
    )


def _page(settings: Settings) -> str:
    """The page takes all that nobody took before it."""
    # Behind any tenant's name, too: web takes that away and begins anew.
    built_in = _closed(pads.BUILT_IN, "/") if settings.on("ETHERPAD") else ""
    elsewhere = pads.published(settings)
    beside = _pads(settings) if elsewhere and not elsewhere.own_host else ""
    once = signon.unescape(settings["PUBLIC_URL"]) if signon.here(settings) else ""
    if signon.below_the_page(settings):
        beside += _route(signon.OIDC_PATH, signon.PORT, settings, signon.OIDC_PATH)
    return once + built_in + beside + _route("/", "HTTP_PORT", settings) + _redirects(settings)


def _redirects(settings: Settings) -> str:
    host = hosts(settings)[0]
    inside = _named(host.setting, f"(?i)^http://{re.escape(host.name)}(:[0-9]+)?/")
    return _REDIRECTS.format(inside=inside, outside=_named(host.setting, f"https://{host.name}{_port(host)}/"))


def _pads(settings: Settings) -> str:
    """Etherpad's own way, where it is published."""
    elsewhere = pads.published(settings)
    return "" if elsewhere is None else _closed(elsewhere.path) + _route(elsewhere.path, pads.PORT, settings)


def _sign_on(settings: Settings) -> str:
    return signon.guard() + _route("/", signon.PORT, settings)


def _closed(path: str, start: str = "^/+") -> str:
    """Etherpad's administration, figures and programming interface below `path`, for nobody outside."""
    words = "/+".join(re.escape(word) for word in path.strip("/").split("/") if word)
    inner = f"(?i){start}{words}/+(admin|stats|api)" if words else f"(?i){start}(admin|stats|api)"
    return _CLOSED.format(inner=_named(pads.PUBLIC_URL, inner))


def _route(path: str, port: str, settings: Settings, inside: str = "/") -> str:
    back = f"http://{_back_end(settings[port])}{inside}"
    return _ROUTE.format(path=_named(pads.PUBLIC_URL, path), back=_named(port, back))


def _listens(wanted: AbstractSet[int], around: Around) -> List[str]:
    """Twice the same one, and httpd does not start.

    There is no SSLSessionCache beside it: httpd 2.4 ends at the graceful restart that takes one away (AH00820), and
    browsers resume TLS by tickets.
    """
    lines = [f"Listen {number}\n" for number in sorted({HTTP, *wanted} - around.ports)]
    return ["\n", *lines] if lines else []


def _back_end(published: str) -> str:
    """Where a container is published, seen from this host: PORT or ADDRESS:PORT."""
    address, _, port = published.rpartition(":")
    inside = "127.0.0.1" if address in ("", "0.0.0.0", "[::]") else address  # noqa: S104 - asked on loopback
    return f"{inside}:{port}"


def _named(name: str, value: str) -> str:
    try:
        return quote.httpd(value)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
