"""Rules that hold between settings: one function a rule, each with its test.

A rule looks at settings that are each valid by themselves, and yields what is wrong with them together.
An error is what would keep the site from working; a warning is what works, though hardly as meant.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Tuple
from urllib.parse import urlsplit

from jitsictl import releases
from jitsictl.settings.case import Case, Found
from jitsictl.settings.derive import ETHERPAD_INSIDE
from jitsictl.settings.secrets import TOKEN_TYPES
from jitsictl.types.settings import Problem

_ANY = "0.0.0.0"  # noqa: S104 - what Docker binds to when a port has no address
_ALL_ADDRESSES = frozenset((_ANY, "[::]"))


def broken(case: Case) -> List[Problem]:
    """The problems of all rules."""
    return [problem for rule in RULES for problem in rule(case)]


def public_url_is_given(case: Case) -> Found:
    if case.lacks("PUBLIC_URL"):
        yield case.error(
            "PUBLIC_URL",
            "is missing; write the address that people open: PUBLIC_URL=https://meet.example.com",
        )


def bridge_advertises_an_address(case: Case) -> Found:
    """Behind NAT two people get through peer to peer and the third one hears nothing (upstream #573 ...)."""
    if case.lacks("JVB_ADVERTISE_IPS"):
        yield case.warning(
            "JVB_ADVERTISE_IPS",
            "is not set, so the bridge offers the addresses that it finds by itself, and a third participant "
            "often hears nothing; write this server's public IP address",
        )


def page_listens_on_loopback(case: Case) -> Found:
    """Docker publishes past the host's firewall; 8440 alone means all addresses."""
    address, _, port = case.settings.get("HTTP_PORT").rpartition(":")
    if case.said("HTTP_PORT") and (address or _ANY) in _ALL_ADDRESSES:
        yield case.warning(
            "HTTP_PORT",
            f"is open on all addresses, without TLS and past the firewall; the Apache on this machine needs "
            f"127.0.0.1:{port} only",
        )


def guests_need_authentication(case: Case) -> Found:
    guests = case.said("ENABLE_GUESTS") and case.settings.on("ENABLE_GUESTS")
    if guests and case.settings.get("ENABLE_AUTH") == "0":
        yield case.warning("ENABLE_GUESTS", "has no effect with ENABLE_AUTH=0: everybody is a guest then")


def rooms_are_not_open_to_all(case: Case) -> Found:
    if case.settings.get("ENABLE_AUTH") == "0":
        yield case.warning("ENABLE_AUTH", "is 0: anybody who finds the page can open rooms; write 1 to prevent it")


def tokens_are_not_optional(case: Case) -> Found:
    """Upstream #143: guests wait for a host through ENABLE_GUESTS, never through empty tokens."""
    if _auth_type(case) in TOKEN_TYPES and case.settings.on("JWT_ALLOW_EMPTY"):
        yield case.warning(
            "JWT_ALLOW_EMPTY",
            "is 1: anybody gets in without a token; for guests that wait for a host write ENABLE_GUESTS=1 and 0 here",
        )


_NEEDS: Tuple[Tuple[Tuple[str, ...], str, str], ...] = (
    (TOKEN_TYPES, "JWT_APP_ID", "the name that tokens are issued for, such as jitsi"),
    (("ldap",), "LDAP_URL", "the directory server, such as ldaps://ldap.example.com/"),
    (("ldap",), "LDAP_BASE", "where the accounts are, such as ou=people,dc=example,dc=com"),
    (("matrix", "hybrid_matrix_token"), "MATRIX_UVS_URL", "the verification service's URL"),
)


def auth_type_has_what_it_needs(case: Case) -> Found:
    kind = _auth_type(case)
    for kinds, name, meaning in _NEEDS:
        if kind in kinds and case.lacks(name):
            yield case.error(name, f"is missing, AUTH_TYPE={kind} needs it: {meaning}")


_BELONGS: Tuple[Tuple[str, Tuple[str, ...], str], ...] = (
    ("JWT_APP_ID", TOKEN_TYPES, "jwt"),
    ("JWT_APP_SECRET", TOKEN_TYPES, "jwt"),
    ("LDAP_URL", ("ldap",), "ldap"),
    ("MATRIX_UVS_URL", ("matrix", "hybrid_matrix_token"), "matrix"),
)


def auth_settings_fit_the_type(case: Case) -> Found:
    kind = _auth_type(case)
    for name, kinds, wanted in _BELONGS:
        if kind is not None and kind not in kinds and case.said(name):
            found = f"AUTH_TYPE={kind}" if kind else "ENABLE_AUTH=0"
            yield case.warning(name, f"has no effect with {found}; write AUTH_TYPE={wanted} or delete it")


def _auth_type(case: Case) -> Optional[str]:
    """How people log in: "" when they need not, None when a wrong line leaves it open."""
    if not {"ENABLE_AUTH", "AUTH_TYPE"} <= set(case.settings):
        return None
    return case.settings["AUTH_TYPE"] if case.settings.on("ENABLE_AUTH") else ""


def ldap_password_comes_with_its_name(case: Case) -> Found:
    if _auth_type(case) != "ldap" or case.lenient_secrets:
        return
    if case.said("LDAP_BINDDN") and case.lacks("LDAP_BINDPW"):
        yield case.error("LDAP_BINDPW", "is missing, LDAP_BINDDN has no password; write it into secrets.conf")


def etherpad_runs_where_it_is_used(case: Case) -> Found:
    """Web does not start when the host in ETHERPAD_URL_BASE cannot be found."""
    if not case.said("ETHERPAD_URL_BASE") or "ETHERPAD" not in case.settings:
        return
    ours = urlsplit(case.settings["ETHERPAD_URL_BASE"]).hostname == urlsplit(ETHERPAD_INSIDE).hostname
    if ours and not case.settings.on("ETHERPAD"):
        yield case.error(
            "ETHERPAD_URL_BASE", "names our own Etherpad, which is off; write ETHERPAD=1 and delete this line"
        )
    if not ours and case.settings.on("ETHERPAD"):
        yield case.error(
            "ETHERPAD_URL_BASE",
            "names another Etherpad than the one that ETHERPAD=1 starts; keep one of them",
        )


def etherpad_public_url_ends_in_p(case: Case) -> Found:
    url = case.settings.get("ETHERPAD_PUBLIC_URL")
    if case.said("ETHERPAD_PUBLIC_URL") and not url.endswith("/p/"):
        yield case.error(
            "ETHERPAD_PUBLIC_URL",
            f"must end in /p/, since the page puts the pad's name behind it; delete the line, or write "
            f"{url.rstrip('/')}/p/",
        )


_HOST_PORTS = (
    ("HTTP_PORT", _ANY),
    ("HTTPS_PORT", _ANY),
    ("JICOFO_REST_PORT", "127.0.0.1"),
    ("JVB_COLIBRI_PORT", "127.0.0.1"),
)


def host_ports_differ(case: Case) -> Found:
    """TCP ports that Compose publishes; JVB_PORT is UDP."""
    taken: List[Tuple[str, str, str]] = []
    for name, fixed in _HOST_PORTS:
        if name not in case.settings:
            continue
        address, _, port = case.settings[name].rpartition(":")
        address = address or fixed
        for other, other_address, other_port in taken:
            same = address == other_address or {address, other_address} & _ALL_ADDRESSES
            if same and port == other_port:
                culprit, rest = (name, other) if name in case.lines else (other, name)
                yield case.error(culprit, f"uses port {port}, which {rest} has; write another port")
        taken.append((name, address, port))


def tls_inside_is_complete(case: Case) -> Found:
    """The container's own TLS is off by default; whoever wants it needs all of its parts."""
    settings = case.settings
    if settings.on("ENABLE_LETSENCRYPT") and settings.on("DISABLE_HTTPS"):
        yield case.error("ENABLE_LETSENCRYPT", "is 1 while DISABLE_HTTPS is 1; with TLS in Apache write 0")
    if settings.on("ENABLE_LETSENCRYPT") and case.lacks("LETSENCRYPT_EMAIL"):
        yield case.error("LETSENCRYPT_EMAIL", "is missing, ENABLE_LETSENCRYPT=1 needs it for its notices")
    if settings.get("DISABLE_HTTPS") == "0" and case.lacks("HTTPS_PORT"):
        yield case.error("HTTPS_PORT", "is missing, DISABLE_HTTPS=0 needs it; with TLS in Apache write 1")


def redirect_does_not_loop(case: Case) -> Found:
    if case.settings.on("ENABLE_HTTP_REDIRECT") and case.settings.on("DISABLE_HTTPS"):
        yield case.error(
            "ENABLE_HTTP_REDIRECT",
            "is 1 while TLS ends at Apache (DISABLE_HTTPS=1), which makes an endless redirect; write 0",
        )


_DOMAINS = (
    "XMPP_DOMAIN",
    "XMPP_AUTH_DOMAIN",
    "XMPP_GUEST_DOMAIN",
    "XMPP_MUC_DOMAIN",
    "XMPP_INTERNAL_MUC_DOMAIN",
    "XMPP_HIDDEN_DOMAIN",
)


def xmpp_domains_differ(case: Case) -> Found:
    """Each is a host or component of its own in Prosody's configuration."""
    owner: Dict[str, str] = {}
    for name in _DOMAINS:
        domain = case.settings.get(name)
        if domain and domain in owner:
            culprit, rest = (name, owner[domain]) if name in case.lines else (owner[domain], name)
            yield case.error(culprit, f"is {domain}, and so is {rest}; each needs a name of its own")
        owner.setdefault(domain, name)


_ORDERED = (
    ("JIGASI_PORT_MIN", "JIGASI_PORT_MAX"),
    ("RESOLUTION_MIN", "RESOLUTION"),
    ("RESOLUTION_WIDTH_MIN", "RESOLUTION_WIDTH"),
    ("DESKTOP_SHARING_FRAMERATE_MIN", "DESKTOP_SHARING_FRAMERATE_MAX"),
)


def ranges_are_in_order(case: Case) -> Found:
    for low, high in _ORDERED:
        if {low, high} <= set(case.settings) and int(case.settings[low]) > int(case.settings[high]):
            yield case.error(low, f"is {case.settings[low]}, more than {high}={case.settings[high]}")


def turn_has_credentials(case: Case) -> Found:
    if case.lenient_secrets or not case.lacks("TURN_CREDENTIALS") or not case.lacks("TURN_PASSWORD"):
        return
    for name in ("TURN_HOST", "TURNS_HOST"):
        if case.said(name):
            yield case.warning(
                name,
                "has no password, and most TURN servers refuse then; write TURN_CREDENTIALS, the secret that "
                "is shared with the server, into secrets.conf",
            )
            return


def rate_limits_tell_users_apart(case: Case) -> Found:
    """Web overwrites X-Forwarded-For with its peer's address: behind Apache all users have one address."""
    if case.settings.on("PROSODY_ENABLE_RATE_LIMITS"):
        yield case.warning(
            "PROSODY_ENABLE_RATE_LIMITS",
            "counts all users behind Apache as one, so a busy site locks itself out; write 0",
        )


def images_come_from_where_they_are(case: Case) -> Found:
    """Docker Hub has had no new Jitsi images since they moved (upstream #2294)."""
    here = next((r.repository for r in releases.known() if r.tag == case.settings.release), None)
    hub = ("jitsi", "docker.io/jitsi")
    if case.settings.get("JITSI_IMAGE_REPO") in hub and here is not None and here not in hub:
        yield case.error(
            "JITSI_IMAGE_REPO",
            f"is Docker Hub, which does not have {case.settings.release}; delete the line, or write {here}",
        )


def health_can_be_seen(case: Case) -> Found:
    for name in ("JICOFO_ENABLE_REST", "JICOFO_ENABLE_HEALTH_CHECKS"):
        if case.settings.get(name) == "0":
            yield case.error(name, "is 0, so nobody could see whether jicofo is well; delete the line")


RULES: Tuple[Callable[[Case], Found], ...] = (
    public_url_is_given,
    bridge_advertises_an_address,
    page_listens_on_loopback,
    guests_need_authentication,
    rooms_are_not_open_to_all,
    tokens_are_not_optional,
    auth_type_has_what_it_needs,
    auth_settings_fit_the_type,
    ldap_password_comes_with_its_name,
    etherpad_runs_where_it_is_used,
    etherpad_public_url_ends_in_p,
    host_ports_differ,
    tls_inside_is_complete,
    redirect_does_not_loop,
    xmpp_domains_differ,
    ranges_are_in_order,
    turn_has_credentials,
    rate_limits_tell_users_apart,
    images_come_from_where_they_are,
    health_can_be_seen,
)
