"""The adapter of a single sign-on, and what it must agree on with Prosody, the page and Keycloak."""

from __future__ import annotations

from typing import Dict, Tuple
from urllib.parse import urlsplit

from jitsictl.settings.case import Case, Found
from jitsictl.settings.derive import WAITING
from jitsictl.settings.login import decider, login_type
from jitsictl.settings.words import either

_NEEDS: Dict[str, Tuple[Tuple[str, str], ...]] = {
    "jitsi-keycloak": (
        ("SSO_URL", "a host name of its own for the adapter, such as https://sso.meet.example.com"),
        ("KEYCLOAK_URL", "where Keycloak is, such as https://keycloak.example.com"),
        ("KEYCLOAK_REALM", "the realm that the people are in"),
    ),
    "oidc": (("OIDC_ISSUER_URL", "who knows the people; KEYCLOAK_URL and KEYCLOAK_REALM give it"),),
}
_FIXED = "jitsi"  # jitsi-keycloak issues its tokens for this name, whatever is set
_ONLY_WITH_AN_ADAPTER = ("SSO_IMAGE", "KEYCLOAK_CA", "KEYCLOAK_ADDRESS", "KEYCLOAK_NETWORK")


def adapter(case: Case) -> str:
    """The one that is switched on, "" for none."""
    kind = case.settings.get("SSO")
    return kind if kind in _NEEDS else ""


def sign_on_has_what_it_needs(case: Case) -> Found:
    kind = adapter(case)
    for name, meaning in _NEEDS.get(kind, ()):
        wrong = any(case.wrong(other) for other in ("KEYCLOAK_URL", "KEYCLOAK_REALM"))
        if case.lacks(name) and not (name == "OIDC_ISSUER_URL" and wrong):
            yield case.error(name, f"is missing, SSO={kind} needs it: {meaning}; jitsictl sso setup asks for it")


def sign_on_brings_tokens(case: Case) -> Found:
    kind, login = adapter(case), login_type(case.settings)
    if not kind or login in (None, "jwt"):
        return
    if login:
        name = decider(case.settings)
        yield case.error(name, f"is {login}, while SSO={kind} sends people with tokens; delete the line", right="jwt")
    else:
        what = f"is {kind}, while ENABLE_AUTH=0 asks nobody to log in; delete that line, or write none"
        yield case.error("SSO", what)


def sign_on_has_a_host_of_its_own(case: Case) -> Found:
    """jitsi-keycloak takes every path of its host."""
    there = urlsplit(case.settings.get("SSO_URL")).netloc.lower()
    for name in ("PUBLIC_URL", "ETHERPAD_PUBLIC_URL"):
        if there and there == urlsplit(case.settings.get(name)).netloc.lower():
            yield case.error("SSO_URL", f"is the host of {name}; the adapter needs one of its own, as in sso.{there}")
            return


def the_page_sends_people_to_the_adapter(case: Case) -> Found:
    kind = adapter(case)
    if not kind or not case.said("TOKEN_AUTH_URL"):
        return
    there = case.settings.get("SSO_URL") if kind == "jitsi-keycloak" else f"{case.settings.get('PUBLIC_URL')}/oidc/"
    if there and not case.settings.get("TOKEN_AUTH_URL").startswith(there):
        what = f"leads past the adapter of SSO={kind}, which is at {there}; delete the line"
        yield case.warning("TOKEN_AUTH_URL", what)


def sign_on_signs_by_the_secret(case: Case) -> Found:
    kind = adapter(case)
    if kind and case.said("JWT_ASAP_KEYSERVER"):
        yield case.error(
            "JWT_ASAP_KEYSERVER", f"hands out public keys, while SSO={kind} signs with JWT_APP_SECRET; delete the line"
        )


def sign_on_signs_as_prosody_reads(case: Case) -> Found:
    """jitsi-keycloak knows one way; oidc is told ours, unless the admin says another."""
    kind, how = adapter(case), case.settings.get("JWT_SIGN_TYPE") or "HS256"
    by = {"jitsi-keycloak": ("HS256",), "oidc": ("HS256", "HS384", "HS512")}.get(kind, (how,))
    if how not in by:
        what = f"is {how}, while the adapter {kind} signs by {either(list(by))}; delete the line"
        yield case.error("JWT_SIGN_TYPE", what, right="HS256")
    elif kind == "oidc":
        theirs, digest = case.settings.get("JWT_ALG") or "HS256", case.settings.get("JWT_HASH")
        if theirs != how:
            yield case.error("JWT_ALG", f"is {theirs}, while Prosody wants {how}; delete the line", right=how)
        if case.said("JWT_HASH") and digest != f"SHA-{theirs[2:]}":
            right = f"SHA-{theirs[2:]}"
            yield case.error("JWT_HASH", f"is {digest}, while JWT_ALG is {theirs}; delete the line", right=right)


def tokens_are_for_the_app(case: Case) -> Found:
    """Who issues and for whom is one name in an adapter's tokens."""
    kind, app = adapter(case), case.settings.get("JWT_APP_ID")
    if kind == "jitsi-keycloak" and app and app != _FIXED:
        what = f"is {app}, while jitsi-keycloak issues its tokens for {_FIXED}; delete the line"
        yield case.error("JWT_APP_ID", what, right=_FIXED)
    audiences = case.settings.get("JWT_ACCEPTED_AUDIENCES").split(",")
    if kind and app and case.said("JWT_ACCEPTED_AUDIENCES") and not {app, "*"} & set(audiences):
        yield case.error(
            "JWT_ACCEPTED_AUDIENCES",
            f"does not have {app}, for which SSO={kind} issues its tokens; add it, or delete the line",
            right=",".join([*audiences, app]),
        )


def guests_wait_for_a_host(case: Case) -> Found:
    """With oidc jicofo lets everybody open a room, and Prosody's modules let guests wait."""
    if adapter(case) != "oidc" or not case.settings.on("ENABLE_GUESTS") or case.settings.on("JICOFO_ENABLE_AUTH"):
        return
    for name, module in WAITING.items():
        modules = case.settings.get(name).split(",")
        if case.said(name) and module not in modules:
            yield case.warning(
                name,
                f"does not have {module}, without which guests open rooms by themselves; add it",
                right=",".join([*modules, module]),
            )
    if case.off("ENABLE_LOBBY"):
        what = "is 0, while guests wait for a host in the lobby; they would open rooms by themselves; write 1"
        yield case.warning("ENABLE_LOBBY", what, right="1")


def what_is_for_the_adapter_has_one(case: Case) -> Found:
    kind = case.settings.get("SSO")
    for name in _ONLY_WITH_AN_ADAPTER:
        if kind == "none" and case.said(name) and not case.said("KEYCLOAK_URL"):  # else sso off keeps it
            yield case.warning(name, "has no effect with SSO=none; write SSO=oidc, or delete it")
    if kind == "oidc" and case.said("SSO_URL"):
        yield case.warning("SSO_URL", "has no effect with SSO=oidc, which is at /oidc/ of PUBLIC_URL; delete it")
    if case.said("KEYCLOAK_NETWORK_ADDRESS") and case.lacks("KEYCLOAK_NETWORK"):
        yield case.warning(
            "KEYCLOAK_NETWORK_ADDRESS", "has no effect without KEYCLOAK_NETWORK; write the network's name there"
        )


RULES = (
    sign_on_has_what_it_needs,
    sign_on_brings_tokens,
    sign_on_has_a_host_of_its_own,
    the_page_sends_people_to_the_adapter,
    sign_on_signs_by_the_secret,
    sign_on_signs_as_prosody_reads,
    tokens_are_for_the_app,
    guests_wait_for_a_host,
    what_is_for_the_adapter_has_one,
)
