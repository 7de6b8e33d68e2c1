"""Who may open a room and who may come in: accounts, guests, directories. Tokens are in tokens.py."""

from __future__ import annotations

from typing import Tuple
from urllib.parse import urlsplit

from jitsictl.settings.case import Case, Found
from jitsictl.settings.login import TOKEN_TYPES, decider, login_type

_MATRIX_TYPES = ("matrix", "hybrid_matrix_token")


def guests_need_authentication(case: Case) -> Found:
    if case.said_on("ENABLE_GUESTS") and case.off("ENABLE_AUTH"):
        yield case.warning(
            "ENABLE_GUESTS", "has no effect with ENABLE_AUTH=0: everybody is a guest then; delete the line"
        )


def rooms_are_not_open_to_all(case: Case) -> Found:
    if case.off("ENABLE_AUTH"):
        yield case.warning(
            "ENABLE_AUTH", "is 0: anybody who finds the page can open rooms; write 1 to prevent it", right="1"
        )


_NEEDS: Tuple[Tuple[Tuple[str, ...], str, str], ...] = (
    (TOKEN_TYPES, "JWT_APP_ID", "the name that tokens are issued for, such as jitsi"),
    (("ldap",), "LDAP_URL", "the directory server, such as ldaps://ldap.example.com/"),
    (("ldap",), "LDAP_BASE", "where the accounts are, such as ou=people,dc=example,dc=com"),
    (_MATRIX_TYPES, "MATRIX_UVS_URL", "the verification service's URL"),
)


def auth_type_has_what_it_needs(case: Case) -> Found:
    kind = login_type(case.settings)
    for kinds, name, meaning in _NEEDS:
        if kind in kinds and case.lacks(name):
            yield case.error(name, f"is missing, {decider(case.settings)}={kind} needs it: {meaning}")


_BELONGS: Tuple[Tuple[str, Tuple[str, ...], str], ...] = (  # first part of the names, types, the type to offer
    ("JWT_", TOKEN_TYPES, "jwt"),
    ("LDAP_", ("ldap",), "ldap"),
    ("MATRIX_LOBBY_", ("hybrid_matrix_token",), "hybrid_matrix_token"),
    ("MATRIX_", _MATRIX_TYPES, "matrix"),
)


def auth_settings_fit_the_type(case: Case) -> Found:
    """With ENABLE_AUTH=0 everybody is anonymous, whatever else is said."""
    kind = login_type(case.settings)
    if kind is None:
        return
    found = f"{decider(case.settings)}={kind}" if kind else "ENABLE_AUTH=0"
    for name, line in case.lines.items():
        belongs = next((row for row in _BELONGS if name.startswith(row[0])), None)
        made = line.file != case.conf_file and case.catalogue[name].generated  # jitsictl keeps what it once made
        if belongs and kind not in belongs[1] and case.said(name) and not made:
            advice = f"AUTH_TYPE={belongs[2]}" if kind else "ENABLE_AUTH=1"
            yield case.warning(name, f"has no effect with {found}; write {advice} or delete it")


def ldap_password_comes_with_its_name(case: Case) -> Found:
    if login_type(case.settings) != "ldap" or case.lenient_secrets:
        return
    if case.said("LDAP_BINDDN") and case.lacks("LDAP_BINDPW"):
        yield case.error("LDAP_BINDPW", "is missing, LDAP_BINDDN has no password; write it into secrets.conf")


def directory_is_asked_in_private(case: Case) -> Found:
    url = case.settings.get("LDAP_URL")
    if login_type(case.settings) != "ldap" or not url:
        return
    parts = urlsplit(url)
    start = case.settings.on("LDAP_START_TLS")
    if parts.scheme == "ldaps" and start:
        yield case.error(
            "LDAP_START_TLS",
            "is 1 while LDAP_URL is ldaps://, which is TLS from the start; write 0",
            right="0",
        )
    inside = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme == "ldap" and not start and not inside:
        yield case.warning(
            "LDAP_URL",
            "sends everybody's password over the network in the clear; write ldaps://, or LDAP_START_TLS=1",
        )


def passwords_have_a_login_domain(case: Case) -> Found:
    """The page logs in at hosts.authdomain when guests have a domain of their own."""
    kind = login_type(case.settings)
    if case.said("ENABLE_AUTH_DOMAIN") and case.off("ENABLE_AUTH_DOMAIN") and kind in ("internal", "ldap"):
        yield case.warning(
            "ENABLE_AUTH_DOMAIN",
            f"is 0, which some single sign-on needs; with {decider(case.settings)}={kind} nobody could log in with "
            "a password; write 1",
            right="1",
        )


RULES = (
    guests_need_authentication,
    rooms_are_not_open_to_all,
    auth_type_has_what_it_needs,
    auth_settings_fit_the_type,
    ldap_password_comes_with_its_name,
    directory_is_asked_in_private,
    passwords_have_a_login_domain,
)
