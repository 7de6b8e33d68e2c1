"""Shared documents: web serves Etherpad at /etherpad/, and does not start when it cannot find it."""

from __future__ import annotations

from urllib.parse import urlsplit

from jitsictl.settings.case import Case, Found
from jitsictl.settings.derive import ETHERPAD_INSIDE, pads_of


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


def etherpad_public_url_ends_in_p(case: Case) -> Found:
    url = case.settings.get("ETHERPAD_PUBLIC_URL")
    if case.said("ETHERPAD_PUBLIC_URL") and not url.endswith("/p/"):
        right = url + "/" if url.endswith("/p") else f"{url.rstrip('/')}/p/"
        yield case.error(
            "ETHERPAD_PUBLIC_URL",
            f"must end in /p/, since the page puts the pad's name behind it; delete the line, or write {right}",
            right=right,
        )


def pads_are_where_the_page_serves_them(case: Case) -> Found:
    """The tutorial's /pad/ needs Etherpad's port 9001 on the host, which is not published here."""
    ours, said = case.settings.get("PUBLIC_URL"), case.settings.get("ETHERPAD_PUBLIC_URL")
    if not case.settings.on("ETHERPAD") or not case.said("ETHERPAD_PUBLIC_URL") or not ours:
        return
    right = pads_of(ours)
    if urlsplit(said).hostname == urlsplit(ours).hostname and said != right and said.endswith("/p/"):
        yield case.warning(
            "ETHERPAD_PUBLIC_URL",
            f"is another path than the page's own, {right}, and Etherpad has no port on this host for a proxy to lead "
            "to; delete the line",
            right=right,
        )


def pads_get_their_cookie(case: Case) -> Found:
    """Browsers send no cookie into the frame of another site unless it says so; the last two labels tell a site."""
    name = "ETHERPAD_COOKIE_SAME_SITE"
    page, pad = (_site(case.settings.get(url)) for url in ("PUBLIC_URL", "ETHERPAD_PUBLIC_URL"))
    elsewhere = case.settings.on("ETHERPAD") and page and pad and page != pad
    if elsewhere and case.settings.get(name, "Lax") != "None" and not case.wrong(name):
        yield case.warning(
            name,
            f"is {case.settings.get(name, 'Lax')}, and browsers send no such cookie to pads on another site than the "
            "page's; write None",
            right="None",
        )


def _site(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


RULES = (
    etherpad_runs_where_it_is_used,
    etherpad_public_url_ends_in_p,
    pads_are_where_the_page_serves_them,
    pads_get_their_cookie,
)
