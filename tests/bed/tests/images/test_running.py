"""The stand-ins behave, and refuse, as upstream's images do: one test a line of what they must keep to."""
from __future__ import annotations

import json
from typing import Dict

import pytest
from bed import images
from bed.base import CACHE, wait_until
from bed.images.bare import PASSWORDS, BareStack
from bed.images.catalog import SERVICES

pytestmark = pytest.mark.bed

OLD, NEW = "stable-11031", "stable-11146-2"
both = pytest.mark.parametrize("site", [OLD, NEW], indirect=True)

# Speaks to the bridge's UDP port inside its container.
ECHO = """import socket
door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
door.settimeout(5)
door.sendto(b"standup hello", ("127.0.0.1", 10000))
print(door.recv(100).decode())"""


def metrics(stack: BareStack, name: str, port: int) -> Dict[str, float]:
    lines = stack.curl(name, f"http://127.0.0.1:{port}/metrics").body.splitlines()
    return {word: float(value) for word, value in (line.split() for line in lines if not line.startswith("#"))}


def bridges(stack: BareStack, what: str) -> int:
    """A number of jicofo's bridge selector: bridge_count, draining_bridge_count ..."""
    return int(json.loads(stack.curl("jicofo", "http://127.0.0.1:8888/stats").body)["bridge_selector"][what])


# -- what there is ---------------------------------------------------------------------------------------------


def test_images_are_made_once() -> None:
    assert images.ensure(CACHE) == images.ensure(CACHE)


def test_tag_user_and_entry_point_are_upstreams(stack: BareStack) -> None:
    for service in SERVICES:
        config = stack.inspect(service)["Config"]
        assert config["Labels"]["org.opencontainers.image.version"] == stack.release
        assert config["User"] == ("" if stack.rootful else "s6")
        assert config["Entrypoint"] == ["/init"]


def test_processes_drop_root(stack: BareStack) -> None:
    for service, program in (("prosody", "bin/prosody"), ("jicofo", "agent.jicofo"), ("jvb", "agent.jvb")):
        users = [line.split()[1] for line in stack.execute(service, "ps").splitlines() if program in line]
        assert users == [service if stack.rootful else "s6"]


def test_healthcheck_is_at_upstreams_path(stack: BareStack) -> None:
    for service in ("prosody", "jicofo", "jvb"):
        stack.execute(service, "/usr/local/bin/healthcheck.sh")
    stack.execute("web", "test ! -e /usr/local/bin/healthcheck.sh")


def test_every_image_has_curl_and_wget_as_upstreams(stack: BareStack) -> None:
    for service in SERVICES:
        stack.execute(service, "command -v curl && command -v wget")


def test_jicofo_counts_the_bridge(stack: BareStack) -> None:
    assert bridges(stack, "bridge_count") == 1
    assert metrics(stack, "jicofo", 8888)["jitsi_jicofo_bridge_selector_bridge_count"] == 1


def test_web_serves_page_configuration_and_bosh(stack: BareStack) -> None:
    assert "<title>Jitsi Meet</title>" in stack.page("/some-room").body
    assert "config.bosh = 'https://meet.example.org/' + subdir + 'http-bind';" in stack.page("/config.js").body
    assert stack.page("/http-bind").status == 200
    assert "var subdir = 'tenant/';" in stack.page("/tenant/config.js").body


# -- passwords -------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(("service", "missing", "said"), [
    ("prosody", "JICOFO_AUTH_PASSWORD", "Jicofo auth password must be set"),
    ("prosody", "JVB_AUTH_PASSWORD", "JVB auth password must be set"),
    ("jicofo", "JICOFO_AUTH_PASSWORD", "Jicofo auth password must be set"),
    ("jvb", "JVB_AUTH_PASSWORD", "JVB auth password must be set")])
def test_services_end_without_their_password(site: BareStack, service: str, missing: str, said: str) -> None:
    ended = site.run(service, {**PASSWORDS, missing: ""})
    assert ended.code == 1
    assert f"FATAL ERROR: {said}" in ended.said


@both
def test_existing_service_accounts_are_not_updated(site: BareStack) -> None:
    site.start("prosody", PASSWORDS)
    site.wait_healthy("prosody")
    wait_until(lambda: "All users registered" in site.logs("prosody"), "the service accounts")
    site.remove("prosody")
    changed = {**PASSWORDS, "JVB_AUTH_PASSWORD": "changed"}
    site.start("prosody", changed)
    site.start("jvb", changed)
    wait_until(lambda: "login refused for jvb@auth.meet.jitsi" in site.logs("jvb"), "the refusal")
    wait_until(lambda: "User exists" in site.logs("prosody"), "register-setup's answer")
    site.start("jvb", PASSWORDS, name="old-password")
    wait_until(lambda: site.healthy("old-password", "jvb"), "a login with the first password")


# -- health ----------------------------------------------------------------------------------------------------


@both
def test_jicofo_health_is_404_and_rest_on_loopback_unless_switched_on(site: BareStack) -> None:
    nowhere = {**PASSWORDS, "XMPP_SERVER": "127.0.0.1"}
    site.start("jicofo", nowhere)
    site.start("jicofo", {**nowhere, "JICOFO_ENABLE_REST": "1", "JICOFO_ENABLE_HEALTH_CHECKS": "1"}, name="open")
    wait_until(lambda: site.curl("jicofo", "http://127.0.0.1:8888/stats").status == 200, "jicofo's REST")
    wait_until(lambda: site.curl("open", "http://127.0.0.1:8888/stats").status == 200, "the other's")
    assert site.curl("jicofo", "http://127.0.0.1:8888/about/health").status == 404
    assert site.curl("open", "http://127.0.0.1:8888/about/health").status == 500
    assert site.curl("open", "http://jicofo:8888/stats").status == 0
    assert site.curl("jicofo", "http://open:8888/stats").status == 200


def test_prosody_health_is_for_127_0_0_1_only(stack: BareStack) -> None:
    assert stack.curl("prosody", "http://127.0.0.1:5280/health").status == 200
    assert stack.curl("web", "http://xmpp.meet.jitsi:5280/health").status == 403


def test_bridge_is_healthy_only_while_logged_in(stack: BareStack) -> None:
    stack.host.run(["docker", "kill", stack.container("prosody")])
    wait_until(lambda: stack.curl("jvb", "http://127.0.0.1:8080/about/health").status == 500, "the bridge to notice")
    assert stack.curl("jicofo", "http://127.0.0.1:8888/about/health").status == 500
    stack.host.run(["docker", "start", stack.container("prosody")])
    stack.wait_healthy("jvb", "jicofo")


def test_jicofo_is_unhealthy_without_a_bridge(stack: BareStack) -> None:
    stack.host.run(["docker", "kill", stack.container("jvb")])
    wait_until(lambda: not stack.healthy("jicofo"), "jicofo to miss the bridge")
    assert "No operational bridges" in stack.curl("jicofo", "http://127.0.0.1:8888/about/health").body
    stack.host.run(["docker", "start", stack.container("jvb")])
    stack.wait_healthy("jvb", "jicofo")


def test_bridge_counts_conferences_and_echoes_media(stack: BareStack) -> None:
    assert metrics(stack, "jvb", 8080)["jitsi_jvb_conferences"] == 0
    assert stack.execute("jvb", f"python3 -c '{ECHO}'") == "standup hello\n"
    assert metrics(stack, "jvb", 8080)["jitsi_jvb_conferences"] == 1
    assert metrics(stack, "jvb", 8080)["jitsi_jvb_local_endpoints"] == 1
    wait_until(lambda: metrics(stack, "jicofo", 8888)["jitsi_jicofo_conferences"] == 1, "jicofo to hear of it")
    wait_until(lambda: metrics(stack, "jvb", 8080)["jitsi_jvb_conferences"] == 0, "silence to end it")


def test_bridge_drains_and_tells_jicofo(stack: BareStack) -> None:
    for word, number in (("enable", 1), ("disable", 0)):
        assert stack.curl("jvb", f"http://127.0.0.1:8080/colibri/drain/{word}", "-X", "POST").status == 200
        assert metrics(stack, "jvb", 8080)["jitsi_jvb_drain_mode"] == number
        wait_until(lambda number=number: bridges(stack, "draining_bridge_count") == number, "jicofo to hear")


@pytest.mark.parametrize("site", [NEW], indirect=True)
def test_bridge_statistics_only_when_rest_is_on(site: BareStack) -> None:
    site.start("jvb", {**PASSWORDS, "XMPP_SERVER": "127.0.0.1"})
    wait_until(lambda: site.curl("jvb", "http://127.0.0.1:8080/metrics").status == 200, "the bridge's HTTP port")
    assert site.curl("jvb", "http://127.0.0.1:8080/colibri/stats").status == 404
