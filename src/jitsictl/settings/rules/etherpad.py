"""Shared documents: web leads to Etherpad at /etherpad/, and does not start when it cannot find it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from jitsictl.settings import pads
from jitsictl.settings.case import Case, Found
from jitsictl.settings.derive import ETHERPAD_INSIDE

_TAKEN = frozenset((
    "etherpad", "static", "libs", "css", "images", "fonts", "lang", "sounds", "transcripts", "load-test", "config.js",
    "interface_config.js", "http-bind", "xmpp-websocket", "conference-request", "room-info", "colibri-ws",
    "colibri-relay-ws", "rtcstats-ws", "socket.io", "oidc", ".well-known",
))  # fmt: skip

_SERVER = ("ETHERPAD_DB_HOST", "ETHERPAD_DB_NAME", "ETHERPAD_DB_USER", "ETHERPAD_DB_PASS")
_NEEDED = {"mysql": _SERVER, "postgres": _SERVER}
_BY_URL = ("mongodb", "redis")  # ETHERPAD_DB_URL, or the single settings


def etherpad_runs_where_it_is_used(case: Case) -> Found:
    """nginx ends at once when the host in ETHERPAD_URL_BASE cannot be found."""
    if not case.said("ETHERPAD_URL_BASE") or "ETHERPAD" not in case.settings:
        return
    ours = urlsplit(case.settings["ETHERPAD_URL_BASE"]).hostname == urlsplit(ETHERPAD_INSIDE).hostname
    if ours and not case.settings.on("ETHERPAD"):
        yield case.error(
            "ETHERPAD_URL_BASE",
            "names our own Etherpad, which is off, and the page would not start; write ETHERPAD=1 and delete this line",
        )
    if not ours and case.settings.on("ETHERPAD"):
        yield case.error(
            "ETHERPAD_URL_BASE",
            "names another Etherpad than the one that ETHERPAD=1 starts; keep one of them",
        )


def pads_have_a_plain_path(case: Case) -> Found:
    """Apache compares paths that it has decoded and cleaned, so anything else would lead nowhere."""
    elsewhere = pads.published(case.settings)
    if elsewhere and not re.fullmatch(r"/([A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*", elsewhere.path):
        yield case.error(
            pads.PUBLIC_URL,
            f"has the path {elsewhere.path}, of which Apache would make another; write one of letters, digits, - and _",
        )


def etherpad_public_url_ends_in_p(case: Case) -> Found:
    url = case.settings.get("ETHERPAD_PUBLIC_URL")
    if case.said("ETHERPAD_PUBLIC_URL") and not url.endswith("/p/"):
        right = url + "/" if url.endswith("/p") else f"{url.rstrip('/')}/p/"
        yield case.error(
            "ETHERPAD_PUBLIC_URL",
            f"must end in /p/, since the page puts the pad's name behind it; delete the line, or write {right}",
            right=right,
        )


def pads_take_no_path_of_the_page(case: Case) -> Found:
    """Apache sends everything below the path to Etherpad, and web and Prosody have these first words for themselves."""
    elsewhere = pads.published(case.settings)
    if elsewhere is None or elsewhere.own_host:
        return
    first = elsewhere.path.split("/")[1]
    if not first or first.lower() in _TAKEN:
        what = f"has /{first}/ for itself" if first else "has every room"
        yield case.error(
            pads.PUBLIC_URL,
            f"leads to where Jitsi Meet {what}; write another path, as in {case.settings['PUBLIC_URL']}/pad/p/, or "
            "delete the line",
        )


def pads_get_their_cookie(case: Case) -> Found:
    """Browsers send no cookie into the frame of another site unless it says so; the last two labels tell a site."""
    name = "ETHERPAD_COOKIE_SAME_SITE"
    page, pad = (_site(case.settings.get(url)) for url in ("PUBLIC_URL", pads.PUBLIC_URL))
    if case.said(name) and pads.published(case.settings) and page != pad and case.settings[name] != "None":
        yield case.warning(
            name,
            f"is {case.settings[name]}, and browsers send no such cookie to pads on another site than the page's; "
            "write None, or delete the line",
            right="None",
        )


def pads_have_a_port_where_they_need_one(case: Case) -> Found:
    if case.said(pads.PORT) and pads.published(case.settings) is None and not case.wrong(pads.PUBLIC_URL):
        yield case.warning(
            pads.PORT,
            "is not used: web leads to the pads; delete the line, or write an ETHERPAD_PUBLIC_URL with a path or a "
            "host of its own",
        )


def a_database_server_is_named_whole(case: Case) -> Found:
    """Etherpad would wait for a server at an address that nobody gave, and never get ready."""
    kind = case.settings.get("ETHERPAD_DB_TYPE")
    if not case.settings.on("ETHERPAD") or case.wrong("ETHERPAD_DB_TYPE"):
        return
    for name in _NEEDED.get(kind, ()):
        if case.lacks(name) and not (case.lenient_secrets and case.catalogue[name].secret):
            yield case.error(name, f"is missing, ETHERPAD_DB_TYPE={kind} needs it")
    if kind not in _NEEDED and kind not in _BY_URL:
        for name in _SERVER:
            if case.said(name):
                yield case.warning(name, "is not used: pads are in a file; write ETHERPAD_DB_TYPE or delete the line")
                return


def _site(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


RULES = (
    etherpad_runs_where_it_is_used,
    etherpad_public_url_ends_in_p,
    pads_have_a_plain_path,
    pads_take_no_path_of_the_page,
    pads_get_their_cookie,
    pads_have_a_port_where_they_need_one,
    a_database_server_is_named_whole,
)
