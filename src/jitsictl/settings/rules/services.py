"""Services that do not run here: settings that nobody would read. Switches of what is not built are types."""

from __future__ import annotations

from typing import Optional, Sequence
from urllib.parse import urlsplit

from jitsictl import releases
from jitsictl.settings.case import Case, Found
from jitsictl.settings.derive import WHITEBOARD_INSIDE


def settings_have_a_reader(case: Case) -> Found:
    """Whoever sets something up for a service wants it to run."""
    for name in case.lines:
        entry = case.catalogue.get(name)
        if entry is None or not entry.services or not case.said(name) or any(map(case.runs, entry.services)):
            continue
        known = [releases.services()[s] for s in entry.services if s in releases.services()]
        switches = [s.when for s in known if s.when]
        if any(case.wrong(switch.setting) for switch in switches):
            continue  # the switch itself is wrong, and that is said already
        if switches:
            found = f"{switches[0].setting}={case.settings.get(switches[0].setting)}"
            yield case.warning(name, f"has no effect with {found}; write {_or(switches)} or delete it")
        else:
            yield case.warning(name, f"has no effect: this package does not run {_or(entry.services)} yet")


# What the page offers, and the secret by which the service that does it would log in, here or on another host.
_OFFERS = (
    ("ENABLE_RECORDING", "JIBRI_XMPP_PASSWORD", "jibri"),
    ("ENABLE_LIVESTREAMING", "JIBRI_XMPP_PASSWORD", "jibri"),
    ("ENABLE_TRANSCRIPTIONS", "JIGASI_TRANSCRIBER_PASSWORD", "transcriber"),
)


def offers_are_kept(case: Case) -> Found:
    for name, secret, service in _OFFERS:
        if case.said_on(name) and not case.runs(service) and case.lacks(secret) and not case.lenient_secrets:
            yield case.warning(
                name,
                f"is 1, but no {service} runs here, and without {secret} none on another host could log in; write 0",
                right="0",
            )


def whiteboard_runs_where_it_is_used(case: Case) -> Found:
    name = "WHITEBOARD_COLLAB_SERVER_URL_BASE"
    host: Optional[str] = urlsplit(case.settings.get(name)).hostname
    if case.said(name) and host == urlsplit(WHITEBOARD_INSIDE).hostname and not case.runs("whiteboard"):
        yield case.warning(
            name,
            "names our own whiteboard, which is off; write WHITEBOARD=1 and delete this line, unless "
            "compose.override.yaml brings one",
        )


def _or(names: Sequence[object]) -> str:
    return " or ".join(map(str, names))


RULES = (settings_have_a_reader, offers_are_kept, whiteboard_runs_where_it_is_used)
