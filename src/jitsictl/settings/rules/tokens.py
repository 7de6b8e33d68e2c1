"""Tokens of a single sign-on: where people get them, who signs them, what they must name."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from jitsictl.settings.case import Case, Found
from jitsictl.settings.login import TOKEN_TYPES, decider, login_type
from jitsictl.settings.secrets import signs_tokens

_FILLED = ("{room}", "{state}")  # what the page puts in: a room's name, or a JSON with all of it
_SHORT = 32  # bytes of an HS256 key, RFC 7518 3.2


def tokens_are_not_optional(case: Case) -> Found:
    """Upstream #143: guests wait for a host through ENABLE_GUESTS, never through empty tokens."""
    if login_type(case.settings) in TOKEN_TYPES and case.settings.on("JWT_ALLOW_EMPTY"):
        yield case.warning(
            "JWT_ALLOW_EMPTY",
            "is 1: anybody gets in without a token; for guests that wait for a host write ENABLE_GUESTS=1 and 0 here",
            right="0",
        )


def token_url_fits_the_login(case: Case) -> Found:
    """The page sends people there whatever AUTH_TYPE says; a token that comes back must count for something."""
    kind = login_type(case.settings)
    if not case.said("TOKEN_AUTH_URL") or kind is None or kind in TOKEN_TYPES:
        return
    if kind:
        yield case.error(
            "TOKEN_AUTH_URL",
            f"sends people to get a token, which {decider(case.settings)}={kind} does not take; write "
            "AUTH_TYPE=jwt, or delete the line",
        )
    else:
        yield case.warning("TOKEN_AUTH_URL", "has no effect with ENABLE_AUTH=0: nobody is asked to log in")


def token_url_names_the_room(case: Case) -> Found:
    url = case.settings.get("TOKEN_AUTH_URL")
    if not case.said("TOKEN_AUTH_URL") or login_type(case.settings) not in TOKEN_TYPES:
        return
    if any(part in url for part in _FILLED):
        return
    right = _with_room(url)
    yield case.error(
        "TOKEN_AUTH_URL",
        f"has no {{room}}, in place of which the page writes the room's name; write {right}",
        right=right,
    )


def token_url_leaves_the_page(case: Case) -> Found:
    """https://the.page/{room} is the room itself: an endless way back."""
    url = case.settings.get("TOKEN_AUTH_URL")
    here, there = urlsplit(case.settings.get("PUBLIC_URL")), urlsplit(url)
    same = bool(here.netloc) and here.netloc == there.netloc.lower() and there.path.strip("/") in ("", "{room}")
    if case.said("TOKEN_AUTH_URL") and same:
        yield case.error(
            "TOKEN_AUTH_URL",
            "leads back to the page itself, so that a login never ends; write the address of the sign-on, such as "
            "https://sso.example.com/{room}",
        )


def token_secret_is_shared(case: Case) -> Found:
    """One is made where there is none; whoever issues the tokens then has to be told, unless that runs here."""
    elsewhere = signs_tokens(case.settings) and case.settings.get("SSO") in ("", "none")
    if elsewhere and case.lacks("JWT_APP_SECRET") and not case.lenient_secrets:
        yield case.warning(
            "JWT_APP_SECRET",
            "is not set, so one is made, in secrets.conf; give it to whoever issues the tokens, or write theirs there",
        )


def token_secret_is_long(case: Case) -> Found:
    if signs_tokens(case.settings) and 0 < len(case.settings.get("JWT_APP_SECRET")) < _SHORT:
        yield case.warning(
            "JWT_APP_SECRET",
            f"is shorter than {_SHORT} characters, so that tokens can be forged by guessing; make one with: "
            "openssl rand -hex 32",
        )


def signing_fits_the_key(case: Case) -> Found:
    """HS* are signed with a shared secret; RS* and ES* with a private key whose public half a server hands out."""
    if login_type(case.settings) not in TOKEN_TYPES:
        return
    how = case.settings.get("JWT_SIGN_TYPE")
    if how.startswith("HS") and case.said("JWT_ASAP_KEYSERVER"):
        yield case.error(
            "JWT_SIGN_TYPE",
            f"is {how}, signed with a shared secret, while JWT_ASAP_KEYSERVER hands out public keys; write RS256, or "
            "delete JWT_ASAP_KEYSERVER",
            right="RS256",
        )
    if how and not how.startswith("HS") and case.lacks("JWT_ASAP_KEYSERVER"):
        yield case.error(
            "JWT_ASAP_KEYSERVER",
            f"is missing, JWT_SIGN_TYPE={how} needs it: the server with the public keys, such as "
            "https://keys.example.com",
        )
    if case.said("JWT_ASAP_KEYSERVER") and case.said("JWT_APP_SECRET"):
        yield case.warning("JWT_ASAP_KEYSERVER", "hands out keys, and JWT_APP_SECRET is one; keep one of the two")


def issuers_name_the_app(case: Case) -> Found:
    """Without JWT_ACCEPTED_ISSUERS the app's name is the one issuer. A key server's issuers are its own."""
    app = case.settings.get("JWT_APP_ID")
    issuers = case.settings.get("JWT_ACCEPTED_ISSUERS").split(",")
    if app and case.said("JWT_ACCEPTED_ISSUERS") and signs_tokens(case.settings) and not {app, "*"} & set(issuers):
        yield case.warning(
            "JWT_ACCEPTED_ISSUERS",
            f"does not have {app} (JWT_APP_ID), so tokens that name it as their issuer are refused; add it, or delete "
            "the line",
            right=",".join([*issuers, app]),
        )


def domain_verification_lets_guests_in(case: Case) -> Found:
    if login_type(case.settings) not in TOKEN_TYPES or not case.settings.on("JWT_ENABLE_DOMAIN_VERIFICATION"):
        return
    guests = ", and guests, who have no token" if case.settings.on("ENABLE_GUESTS") else ""
    yield case.warning(
        "JWT_ENABLE_DOMAIN_VERIFICATION",
        f"is 1: it refuses tokens whose sub is not {case.settings.get('XMPP_DOMAIN')}{guests}; write 0",
        right="0",
    )


def _with_room(url: str) -> str:
    """What was meant: another spelling of {room}, or its place at the end."""
    spelt = re.sub(r"%7Broom%7D|\{\{ ?room ?\}\}|\{ ?room ?\}|<room>|:room\b", "{room}", url, flags=re.IGNORECASE)
    return spelt if spelt != url else f"{url.partition('?')[0].rstrip('/')}/{{room}}"


RULES = (
    tokens_are_not_optional,
    token_url_fits_the_login,
    token_url_names_the_room,
    token_url_leaves_the_page,
    token_secret_is_shared,
    token_secret_is_long,
    signing_fits_the_key,
    issuers_name_the_app,
    domain_verification_lets_guests_in,
)
