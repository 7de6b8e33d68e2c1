"""The adapter on a host, by what Docker says of images and networks. Its tokens are made on the bed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Dict

import pytest

from jitsictl.change import adapter
from jitsictl.doors import once
from jitsictl.doors.inspected import ImageInfo, Network
from jitsictl.doors.process import Done
from jitsictl.types.failure import Failure
from unit.site import CONF, SECRETS, SIGN_ON, running, settings, wanted

SECRET = f"{SECRETS}JWT_APP_SECRET=0123456789abcdef0123456789abcdef\n"
SITE = f"{CONF}SSO=jitsi-keycloak\nSSO_URL=https://sso.meet.example.org\n{SIGN_ON}"
IMAGE = "ghcr.io/d3473r/jitsi-keycloak:main"
TODAY = f"sha256:{'a' * 64}"


@dataclass
class Docker:
    digests: Dict[str, str] = field(default_factory=lambda: {IMAGE: TODAY})
    networks: Dict[str, Network] = field(default_factory=dict)

    def digest(self, ref: str) -> str:
        return self.digests.get(ref, "")

    def network(self, name: str):
        return self.networks.get(name)

    def image(self, ref: str) -> ImageInfo:
        return ImageInfo("id", "", 0, ("node", "src/app.js"))


def applied(more: str = ""):
    return running(wanted(f"{SITE}{more}", secrets=SECRET)).applied


def held(more: str = "", before=None, docker: Docker | None = None) -> Dict[str, str]:
    return adapter.held(settings(f"{SITE}{more}", secrets=SECRET), before, docker or Docker())


def test_what_a_tag_means_today_is_taken_once_and_then_held():
    assert held() == {IMAGE: TODAY}
    before = applied(f"SSO_IMAGE={IMAGE}@sha256:{'b' * 64}\n")
    assert held(before=before) == {IMAGE: f"sha256:{'b' * 64}"}


def test_another_tag_is_looked_up_anew():
    docker = Docker({"my/own:2": TODAY})
    assert held("SSO_IMAGE=my/own:2\n", applied(f"SSO_IMAGE=my/own:1@{TODAY}\n"), docker) == {"my/own:2": TODAY}


def test_nothing_is_held_where_nobody_can_tell_or_the_admin_says_it_or_no_adapter_runs():
    assert held(docker=Docker({})) == {}
    assert held(f"SSO_IMAGE=my/own@{TODAY}\n") == {}
    assert adapter.held(settings(), None, Docker()) == {}


def refused(more: str, **networks: Network):
    names = {name.replace("_", "."): network for name, network in networks.items()}
    return list(adapter.refused(wanted(f"{SITE}{more}", secrets=SECRET), Docker(networks=names)))


LAN = Network(("172.20.0.0/16",), {"keycloak": "172.20.0.2", "docker-jitsi-meet-jitsi-keycloak-1": "172.20.0.6"})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "expected a Docker network of that name, found none"),
        ("KEYCLOAK_NETWORK_ADDRESS=172.21.0.6\n", "expected an address of lan.kc, which has 172.20.0.0/16"),
        ("KEYCLOAK_NETWORK_ADDRESS=172.20.0.2\n", "expected a free one, found that keycloak has it"),
        ("KEYCLOAK_NETWORK_ADDRESS=172.20.0.6\n", ""),
    ],
)
def test_the_network_is_looked_at_first(more, said):
    there = {"lan_kc": LAN} if more else {}
    found = refused(f"KEYCLOAK_NETWORK=lan.kc\n{more}", **there)
    assert [said in text for text in found] == ([True] if said else [])


def test_the_authority_is_looked_at_first(tmp_path):
    assert "found no such file" in refused(f"KEYCLOAK_CA={tmp_path}/ca.pem\n")[0]
    (tmp_path / "ca.pem").write_text("nothing")
    assert "found none in it" in refused(f"KEYCLOAK_CA={tmp_path}/ca.pem\n")[0]
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    (tmp_path / "ca.pem").chmod(0o600)
    assert f"chmod 644 {tmp_path}/ca.pem" in refused(f"KEYCLOAK_CA={tmp_path}/ca.pem\n")[0]
    (tmp_path / "ca.pem").chmod(0o644)
    assert refused(f"KEYCLOAK_CA={tmp_path}/ca.pem\n") == []


def test_an_image_is_proved_when_it_is_new():
    desired = wanted(SITE, secrets=SECRET)
    assert adapter.unproved(desired, None) == IMAGE
    assert adapter.unproved(desired, applied()) is None
    assert adapter.unproved(desired, applied("SSO_IMAGE=my/own:1\n")) == IMAGE
    assert adapter.unproved(wanted(), None) is None


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"claims": {"exp": 1}, "signed": True}, ""),
        ({"claims": {}, "signed": True}, "expected tokens with an end (exp), found some without"),
        ({"claims": {"exp": True}, "signed": True}, "expected tokens with an end (exp), found some without"),
        ({"claims": {"exp": 1}, "signed": False}, "found another key"),
        ({"found": "HTTP 404"}, "found: HTTP 404; is it jitsi-keycloak?"),
        (None, "found: exec: node: not found; is it jitsi-keycloak?"),
    ],
)
def test_what_is_said_of_its_tokens(monkeypatch, said, refusal):
    out, err = (json.dumps(said), "") if said else ("", "exec: node: not found")
    monkeypatch.setattr(once, "run", lambda *_, **__: Done((), 0, out, err, 0.1))

    class Tools:
        docker = Docker()

    found = ""
    try:
        adapter.prove(IMAGE, Tools())
    except Failure as failure:
        found = failure.what
    assert refusal in found and bool(refusal) == bool(found)
