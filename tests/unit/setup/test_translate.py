"""Line by line: what becomes of an upstream .env's settings, and why."""

from __future__ import annotations

from typing import Dict, List

import pytest

from jitsictl.settings import catalogue
from jitsictl.setup import dotenv, translate
from jitsictl.setup.translate import Fate, Source


def fates(
    text: str, release: str = "stable-11146-2", given: Dict[str, str] | None = None, drop: str = ""
) -> List[Fate]:
    lines, problems = dotenv.read(text, ".env")
    assert not problems
    last = {line.name: line for line in lines}
    return translate.fates(
        lines,
        Source(catalogue.load(), release, last, given or {}, frozenset(drop.split()), home="/root", directory="/opt/j"),
    )


def said(text: str, **options) -> str:
    """The report of the last line."""
    return str(fates(text, **options)[-1])


def gives(text: str, **options) -> str:
    line = fates(text, **options)[-1].gives
    return "" if line is None else f"{line.name}={line.value}"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("DOCKER_HOST_ADDRESS=192.0.2.9", "JVB_ADVERTISE_IPS=192.0.2.9"),
        ("HTTP_PORT=8440", "HTTP_PORT=127.0.0.1:8440"),
        ("HTTP_PORT=0.0.0.0:8440", "HTTP_PORT=0.0.0.0:8440"),
        ("JIBRI_PENDING_TIMEOUT=90", "JIBRI_PENDING_TIMEOUT=90 seconds"),
        ("JICOFO_RESERVATION_ENABLED=true", "PROSODY_RESERVATION_ENABLED=1"),
        ("CONFIG=~/.jitsi-meet-cfg", "CONFIG=/root/.jitsi-meet-cfg"),
        ("CONFIG=./cfg", "CONFIG=/opt/j/cfg"),
        ("CONFIG=cfg", "CONFIG=/opt/j/cfg"),
        ("PUBLIC_URL=https://meet.example.net/", "PUBLIC_URL=https://meet.example.net"),
        ("ENABLE_LOBBY=false", "ENABLE_LOBBY=0"),
        ("ETHERPAD_URL_BASE=http://etherpad.meet.jitsi:9001/", "ETHERPAD=1"),
        ("WHITEBOARD_COLLAB_SERVER_URL_BASE=http://whiteboard.meet.jitsi", "WHITEBOARD=1"),
        (
            "HTTPS_PORT=8443\nPUBLIC_URL=https://meet.example.net:${HTTPS_PORT}",
            "PUBLIC_URL=https://meet.example.net:8443",
        ),
    ],
)
def test_translated(text: str, outcome: str) -> None:
    (*_, fate) = fates(text)
    name = outcome.partition("=")[0]
    assert gives(text) == outcome
    assert fate.verdict in ("translated", "kept")
    assert fate.verdict == "kept" or f"{name}=" in fate.why, "the report shows what is written now"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("XMPP_DOMAIN=meet.jitsi", "it is the default"),
        ("JVB_STUN_SERVERS=meet-jit-si-turnrelay.jitsi.net:443", "it is the images' own default"),
        ("XMPP_MODULES=", "it is empty"),
        ("JVB_TCP_PORT=4443", "the bridge takes UDP only; use a TURN server for TCP"),
        ("JIBRI_STRIP_DOMAIN_JID=muc", "no service of this package reads it (jibri would)"),
        ("HTTPS_PORT=8443", "TLS ends at Apache here"),
        ("JITSI_IMAGE_REPO=jitsi", "follows from the release"),
        ("JITSI_IMAGE_REPO=ghcr.io/jitsi", "follows from the release"),
        ("JITSI_IMAGE_VERSION=stable-6826", "this package runs stable-10741 to stable-11146-2"),
        ("JITSI_IMAGE_VERSION=latest", "this package runs"),
        ("JVB_ADVERTISE_IPS=192.0.2.1\nDOCKER_HOST_ADDRESS=192.0.2.1", "JVB_ADVERTISE_IPS, which replaced it, is set"),
        ("TESTING_AV1_SUPPORT=1", "write CODEC_ORDER_JVB instead, which has values of another kind"),
        (
            "PUBLIC_URL=https://meet.example.net/\nETHERPAD_URL_BASE=http://etherpad.meet.jitsi:9001\n"
            "ETHERPAD_PUBLIC_URL=https://meet.example.net/etherpad/p/",
            "the page itself has its pads",
        ),
    ],
)
def test_dropped_with_why(text: str, why: str) -> None:
    assert " dropped: " in said(text)
    assert why in said(text)
    assert gives(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "TZ=Europe/Amsterdam",
        "CONFIG=/usr/share/docker/data/jitsi-meet-cfg",
        "ETHERPAD_TITLE=Slackware EtherPad Chat",
        "ETHERPAD_URL_BASE=https://pads.example.net",
        "WHITEBOARD_COLLAB_SERVER_URL_BASE=http://drawings.example.net",
        "ETHERPAD_PUBLIC_URL=https://pads.example.net/p/",
        "ETHERPAD_URL_BASE=http://etherpad.meet.jitsi:9001\nETHERPAD_PUBLIC_URL=https://meet.example.net/pad/p/",
        "JITSI_IMAGE_VERSION=stable-11031",
        "JITSI_IMAGE_REPO=registry.example.net/jitsi",
        "ENABLE_LOBY=1",
        "JVB_PORT=none",
        "DISABLE_HTTPS=0\nHTTPS_PORT=8443",
    ],
)
def test_kept_as_it_stands_also_what_is_wrong(text: str) -> None:
    assert said(text).endswith(" kept")
    assert gives(text) == text.split("\n")[-1]


def test_a_secret_goes_to_secrets_conf_and_is_not_in_the_report() -> None:
    (fate,) = fates("JWT_APP_SECRET=NmjPGpn+NjTe7oQUV9YqfaXiBULcsxYj")
    assert str(fate) == ".env:1: JWT_APP_SECRET to secrets.conf"
    assert fate.gives is not None and fate.gives.value.startswith("NmjPGpn")


def test_of_a_name_that_is_set_twice_the_last_one_counts() -> None:
    first, second = fates("TZ=UTC\nTZ=Europe/Paris")
    assert str(first) == ".env:1: TZ dropped: line 2 sets it again, and the last one counts"
    assert second.verdict == "kept"


def test_a_line_may_be_left_out_or_answered_otherwise() -> None:
    assert said("JVB_PORT=none", drop="JVB_PORT").endswith("JVB_PORT dropped: as --drop says")
    assert said("JVB_PORT=none", given={"JVB_PORT": "10001"}).endswith("JVB_PORT dropped: another value was given")
    assert gives("HTTPS_PORT=8443", given={"DISABLE_HTTPS": "0"}) == "HTTPS_PORT=8443"


def test_what_a_release_reads_decides_the_pinned_one() -> None:
    text = "COLIBRI_WEBSOCKET_PORT=9091"  # read up to stable-11031
    assert said(text, release="stable-11031").endswith(" kept")
    assert said(text).endswith("dropped: the bridge uses data channels now")
    newer = next(e for e in catalogue.load().values() if e.first == "stable-11146" and translate.read_here(e))
    assert "dropped: only stable-11146 and later read it" in said(f"{newer.name}=x", release="stable-11031")
