"""TLS: in the Apache of this machine, or in the container. Half of each is a loop or a closed door."""

from __future__ import annotations

from urllib.parse import urlsplit

from jitsictl.settings.case import Case, Found


def tls_inside_is_complete(case: Case) -> Found:
    """The container's own TLS is off by default; whoever wants it needs all of its parts."""
    settings = case.settings
    if settings.on("ENABLE_LETSENCRYPT") and settings.on("DISABLE_HTTPS"):
        yield case.error("ENABLE_LETSENCRYPT", "is 1 while DISABLE_HTTPS is 1; with TLS in Apache write 0", right="0")
    if settings.on("ENABLE_LETSENCRYPT") and case.lacks("LETSENCRYPT_EMAIL"):
        yield case.error("LETSENCRYPT_EMAIL", "is missing, ENABLE_LETSENCRYPT=1 needs it for its notices")
    if settings.get("DISABLE_HTTPS") == "0" and case.lacks("HTTPS_PORT"):
        yield case.error("HTTPS_PORT", "is missing, DISABLE_HTTPS=0 needs it; with TLS in Apache write DISABLE_HTTPS=1")


def redirect_does_not_loop(case: Case) -> Found:
    if case.settings.on("ENABLE_HTTP_REDIRECT") and case.settings.on("DISABLE_HTTPS"):
        yield case.error(
            "ENABLE_HTTP_REDIRECT",
            "is 1 while TLS ends at Apache (DISABLE_HTTPS=1), which makes an endless redirect; write 0",
            right="0",
        )


def https_is_published_with_its_tls(case: Case) -> Found:
    if case.said("HTTPS_PORT") and case.settings.on("DISABLE_HTTPS"):
        yield case.warning(
            "HTTPS_PORT",
            "is not published while TLS ends at Apache (DISABLE_HTTPS=1); delete the line, or write DISABLE_HTTPS=0 "
            "for the container's own TLS",
        )


_LETSENCRYPT = ("LETSENCRYPT_DOMAIN", "LETSENCRYPT_EMAIL", "LETSENCRYPT_USE_STAGING", "LETSENCRYPT_ACME_SERVER")


def certificate_settings_are_used(case: Case) -> Found:
    for name in _LETSENCRYPT:
        if case.said(name) and case.off("ENABLE_LETSENCRYPT"):
            yield case.warning(name, "has no effect with ENABLE_LETSENCRYPT=0; delete the line")
    if case.said_on("ENABLE_HSTS") and case.settings.on("DISABLE_HTTPS"):
        yield case.warning(
            "ENABLE_HSTS", "has no effect with DISABLE_HTTPS=1: the header is Apache's to send; delete the line"
        )


def certificate_is_for_the_page(case: Case) -> Found:
    host = urlsplit(case.settings.get("PUBLIC_URL")).hostname
    domain = case.settings.get("LETSENCRYPT_DOMAIN")
    if host and case.settings.on("ENABLE_LETSENCRYPT") and case.said("LETSENCRYPT_DOMAIN") and domain != host:
        yield case.error(
            "LETSENCRYPT_DOMAIN",
            f"is {domain}, but people open {host}, for which the certificate would be wrong; delete the line",
            right=host,
        )


RULES = (
    tls_inside_is_complete,
    redirect_does_not_loop,
    https_is_published_with_its_tls,
    certificate_settings_are_used,
    certificate_is_for_the_page,
)
