"""Prosody: its names, its ports, its limits."""

from __future__ import annotations

from typing import Dict

from jitsictl.settings.addresses import parse_ip
from jitsictl.settings.case import Case, Found

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


def recorder_domain_has_one_name(case: Case) -> Found:
    old, new = "XMPP_RECORDER_DOMAIN", "XMPP_HIDDEN_DOMAIN"
    if case.said(old) and case.said(new) and case.settings[old] != case.settings[new]:
        yield case.warning(old, f"differs from {new}, its new name, and that one counts; delete this line")


def prosody_is_found_by_name(case: Case) -> Found:
    """XMPP_SERVER is made an alias on the stack's network, where an address cannot be looked up."""
    name, server = "XMPP_SERVER", case.settings.get("XMPP_SERVER")
    if case.said(name) and parse_ip(server) is not None and case.settings.get("ROLE", "meet") == "meet":
        yield case.error(name, f"is {server}, but Prosody runs here and is found by its name; delete the line")


def prosody_answers_its_health_check(case: Case) -> Found:
    """healthcheck.sh in the image asks at the default port, whatever Prosody listens on."""
    name = "PROSODY_HTTP_PORT"
    port = case.catalogue[name].image_default if name in case.catalogue else None
    if case.said(name) and port is not None and case.settings[name] != port:
        yield case.error(
            name,
            f"is {case.settings[name]}, but the image's health check asks at {port} only, so that a start would wait "
            "for it in vain; delete the line",
            right=port,
        )


def page_asks_prosody(case: Case) -> Found:
    """A Prosody for visitors or bridges alone does not serve the page."""
    if case.said("PROSODY_MODE") and case.settings["PROSODY_MODE"] != "client":
        yield case.error(
            "PROSODY_MODE",
            f"is {case.settings['PROSODY_MODE']}: this Prosody would not serve the page of this site; delete the line",
            right="client",
        )


def rate_limits_tell_users_apart(case: Case) -> Found:
    """Web overwrites X-Forwarded-For with its peer's address: behind Apache all users have one address."""
    if case.settings.on("PROSODY_ENABLE_RATE_LIMITS"):
        yield case.warning(
            "PROSODY_ENABLE_RATE_LIMITS",
            "counts all users behind Apache as one, so a busy site locks itself out; write 0",
            right="0",
        )


# A setting, and the switch that it needs.
_PARTS = (
    ("PROSODY_RATE_LIMIT_LOGIN_RATE", "PROSODY_ENABLE_RATE_LIMITS", "1"),
    ("PROSODY_RATE_LIMIT_SESSION_RATE", "PROSODY_ENABLE_RATE_LIMITS", "1"),
    ("PROSODY_RATE_LIMIT_TIMEOUT", "PROSODY_ENABLE_RATE_LIMITS", "1"),
    ("PROSODY_RATE_LIMIT_CACHE_SIZE", "PROSODY_ENABLE_RATE_LIMITS", "1"),
    ("PROSODY_RATE_LIMIT_ALLOW_RANGES", "PROSODY_ENABLE_RATE_LIMITS", "1"),
    ("PROSODY_METRICS_ALLOWED_CIDR", "PROSODY_ENABLE_METRICS", "1"),
    ("PROSODY_C2S_LIMIT", "PROSODY_DISABLE_C2S_LIMIT", "0"),
    ("PROSODY_S2S_LIMIT", "PROSODY_DISABLE_S2S_LIMIT", "0"),
    ("PROSODY_S2S_PORT", "PROSODY_ENABLE_S2S", "1"),
    ("PROSODY_RESERVATION_REST_BASE_URL", "PROSODY_RESERVATION_ENABLED", "1"),
    ("VISITORS_XMPP_SERVER", "ENABLE_VISITORS", "1"),
    ("JVB_XMPP_SERVER", "ENABLE_JVB_XMPP_SERVER", "1"),
    ("RTCSTATS_URL_BASE", "RTCSTATS_ENABLED", "1"),
    ("RTCSTATS_STORE_LOGS", "RTCSTATS_ENABLED", "1"),
    ("RTCSTATS_POLL_INTERVAL", "RTCSTATS_ENABLED", "1"),
    ("RTCSTATS_SEND_SDP", "RTCSTATS_ENABLED", "1"),
)


def parts_have_their_switch(case: Case) -> Found:
    for name, switch, needed in _PARTS:
        if not case.said(name) or case.wrong(switch):
            continue
        found = case.settings.get(switch) or _default(case, switch)
        if found != needed:
            yield case.warning(name, f"has no effect with {switch}={found}; write {switch}={needed} or delete it")


def switches_have_their_parts(case: Case) -> Found:
    needs = (
        ("PROSODY_RESERVATION_ENABLED", "PROSODY_RESERVATION_REST_BASE_URL", "the reservation system's URL"),
        ("ENABLE_VISITORS", "VISITORS_XMPP_SERVER", "the Prosody hosts for visitors"),
    )
    for switch, name, meaning in needs:
        if case.said_on(switch) and name in case.catalogue and case.lacks(name):
            yield case.error(name, f"is missing, {switch}=1 needs it: {meaning}")


def _default(case: Case, name: str) -> str:
    entry = case.catalogue.get(name)
    return (entry.image_default if entry else None) or "0"


RULES = (
    xmpp_domains_differ,
    recorder_domain_has_one_name,
    prosody_is_found_by_name,
    prosody_answers_its_health_check,
    page_asks_prosody,
    rate_limits_tell_users_apart,
    parts_have_their_switch,
    switches_have_their_parts,
)
