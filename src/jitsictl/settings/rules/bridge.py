"""Jicofo, the bridge, and what goes between them and the page."""

from __future__ import annotations

from typing import Optional

from jitsictl.settings.case import Case, Found

_ORDERED = (
    ("JIGASI_PORT_MIN", "JIGASI_PORT_MAX"),
    ("RESOLUTION_MIN", "RESOLUTION"),
    ("RESOLUTION_WIDTH_MIN", "RESOLUTION_WIDTH"),
    ("DESKTOP_SHARING_FRAMERATE_MIN", "DESKTOP_SHARING_FRAMERATE_MAX"),
)
_ONE_BRIDGE = "SingleBridgeSelectionStrategy"  # jicofo's own choice when it is told none


def ranges_are_in_order(case: Case) -> Found:
    for low, high in _ORDERED:
        least, most = _number(case, low), _number(case, high)
        if (case.said(low) or case.said(high)) and least is not None and most is not None and least > most:
            culprit, bound = (
                (low, f"is {least}, more than {high}, which is {most}")
                if case.said(low)
                else (high, f"is {most}, less than {low}, which is {least}")
            )
            yield case.error(culprit, bound)


def _number(case: Case, name: str) -> Optional[int]:
    """What applies: the value, else the images' own; None for a line that is wrong."""
    entry = case.catalogue.get(name)
    text = case.settings.get(name) or (entry.image_default if entry and not case.wrong(name) else "")
    return int(text) if text and text.isdigit() else None


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


def health_can_be_seen(case: Case) -> Found:
    for name in ("JICOFO_ENABLE_REST", "JICOFO_ENABLE_HEALTH_CHECKS"):
        if case.off(name):
            yield case.error(name, "is 0, so nobody could see whether jicofo is well; delete the line", right="1")


def relays_know_each_other(case: Case) -> Found:
    """Upstream's scaling out: every bridge of one meeting needs a name, and jicofo leave to use several."""
    if not case.said_on("ENABLE_OCTO"):
        return
    if case.lacks("JVB_OCTO_RELAY_ID"):
        yield case.error(
            "JVB_OCTO_RELAY_ID", "is missing, ENABLE_OCTO=1 needs it: a name for this bridge that no other one has"
        )
    name = "OCTO_BRIDGE_SELECTION_STRATEGY"
    if not case.wrong(name) and case.settings.get(name, _ONE_BRIDGE) == _ONE_BRIDGE:
        yield case.warning(
            name,
            f"is {_ONE_BRIDGE}, so ENABLE_OCTO=1 spreads no meeting; write RegionBasedBridgeSelectionStrategy",
            right="RegionBasedBridgeSelectionStrategy",
        )


def strategy_has_relays(case: Case) -> Found:
    name = "OCTO_BRIDGE_SELECTION_STRATEGY"
    off = not case.settings.on("ENABLE_OCTO") and not case.wrong("ENABLE_OCTO")
    if off and case.said(name) and case.settings[name] != _ONE_BRIDGE:
        yield case.warning(name, "has no effect with ENABLE_OCTO=0; write ENABLE_OCTO=1 or delete it")


def page_has_a_channel_to_the_bridge(case: Case) -> Found:
    """Up to the release at which both went, data channels and WebSockets could be switched off, one as the other."""
    name, other = "ENABLE_SCTP", "ENABLE_COLIBRI_WEBSOCKET"
    if case.said(name) and case.off(name) and not case.settings.on(other) and not case.wrong(other):
        yield case.error(
            name,
            f"is 0, and so is {other}: the page has no channel to the bridge, and pictures stay small or away; "
            "delete the line",
            right="1",
        )


def shutdown_has_its_door(case: Case) -> Found:
    name, door = "SHUTDOWN_REST_ENABLED", "COLIBRI_REST_ENABLED"
    if case.said_on(name) and not case.settings.on(door) and not case.wrong(door):
        yield case.warning(name, f"has no effect on the bridge with {door}=0; write {door}=1 or delete it")


RULES = (
    ranges_are_in_order,
    turn_has_credentials,
    health_can_be_seen,
    relays_know_each_other,
    strategy_has_relays,
    page_has_a_channel_to_the_bridge,
    shutdown_has_its_door,
)
