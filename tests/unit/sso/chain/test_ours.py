"""Our own links of the chain, each broken: the adapter's container, its port and secret, the page, Apache."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from jitsictl.change import probes
from jitsictl.doors.http import Reply
from jitsictl.doors.inspected import Running
from jitsictl.doors.process import Done
from jitsictl.plan import signon
from jitsictl.sso.chain import ours
from jitsictl.sso.chain.links import Chain
from jitsictl.types.failure import Failure
from unit.site import CONF, SECRETS, SIGN_ON, settings

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105
PAGE, HOST = "https://meet.example.org", "https://sso.meet.example.org"


def chain(adapter="oidc", more=""):
    lines = f"{CONF}{SIGN_ON}SSO={adapter}\n" + (f"SSO_URL={HOST}\n" if adapter == "jitsi-keycloak" else "") + more
    found = settings(lines, secrets=f"{SECRETS}JWT_APP_SECRET={SECRET}\n")
    made = Chain(found, signon.adapter(found))
    made.authorization = f"{made.issuer}/protocol/openid-connect/auth"
    return made


def tools(published=("127.0.0.1:3000",), environment=None, said=""):
    """A host whose containers run with these, by service; `said` is what a command in one of them prints."""
    inside = environment or {"prosody": {"JWT_APP_SECRET": SECRET}, "oidc": {"JWT_APP_SECRET": SECRET}}
    docker = SimpleNamespace(
        running=lambda id: Running(inside.get(id, {}), published),
        execute=lambda *_, **__: Done((), 0, said, "node: not found", 0.1),
    )
    return SimpleNamespace(docker=docker, container=lambda service: SimpleNamespace(id=service, image="image:1"))


def refusal(look, *args):
    with pytest.raises(Failure) as caught:
        look(*args)
    return caught.value.what


def test_an_adapter_that_does_not_run(monkeypatch):
    monkeypatch.setattr(probes, "state", lambda *_: "exited")
    assert "docker logs docker-jitsi-meet-oidc-1, then start: /etc/rc.d/rc.jitsi start" in refusal(
        ours.runs, chain(), tools()
    )
    monkeypatch.setattr(probes, "state", lambda *_: None)
    assert ours.runs(chain(), tools()) == "oidc runs, image:1"


@pytest.mark.parametrize("public", ["0.0.0.0:3000", ":::3000", "192.0.2.10:3000"])
def test_a_port_that_is_open_to_others(public):
    said = refusal(ours.port, chain(), tools(("127.0.0.1:3000", public)))
    assert f"found it at {public}; write SSO_PORT=127.0.0.1:3000, reload: /etc/rc.d/rc.jitsi reload" in said
    assert ours.port(chain(), tools(("127.0.0.1:3000", "::1:3000"))) == "127.0.0.1:3000 and ::1:3000 alone"


@pytest.mark.parametrize("other", [{"JWT_APP_SECRET": "f" * 32}, {}])
def test_two_secrets(other):
    said = refusal(ours.secret, chain(), tools(environment={"prosody": {"JWT_APP_SECRET": SECRET}, "oidc": other}))
    assert "to run with one JWT_APP_SECRET, found another one, or none" in said and SECRET not in said
    assert "f" * 32 not in said


@pytest.mark.parametrize(
    ("status", "location"), [(401, ""), (302, "https://elsewhere.example/auth"), (200, "")]
)
def test_oidc_that_does_not_reach_keycloak(monkeypatch, status, location):
    monkeypatch.setattr(ours, "adapter", lambda *_: Reply(status, {"location": location}, ""))
    said = refusal(ours.reaches_keycloak, chain(), tools())
    assert f"found that it cannot (HTTP {status}); set KEYCLOAK_ADDRESS" in said


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ('{"error": "getaddrinfo ENOTFOUND sso.example.org"}', "found: getaddrinfo ENOTFOUND sso.example.org; set"),
        ('{"status": 503}', "found: HTTP 503; set KEYCLOAK_ADDRESS"),
        ("", "node: not found; set KEYCLOAK_ADDRESS"),
    ],
)
def test_jitsi_keycloak_that_does_not_reach_keycloak(printed, found):
    assert found in refusal(ours.reaches_keycloak, chain("jitsi-keycloak"), tools(said=printed))
    assert ours.reaches_keycloak(chain("jitsi-keycloak"), tools(said='{"status": 200}')) == "from its container, too"


def test_a_token_that_prosody_would_refuse():
    strict = chain(more="JWT_ENABLE_DOMAIN_VERIFICATION=1\n")
    assert "expected a token that Prosody and the page take, found: sub " in refusal(ours.token, strict)


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("config.tokenAuthUrl = 'https://old.example/{room}';\n", "found https://old.example/{room}; look for"),
        ("config.x = 1;\n", "found that it sends them nowhere; look for tokenAuthUrl in"),
        ("config.tokenAuthUrl = 'https://old\n", "found a script that does not parse"),
    ],
)
def test_a_page_that_sends_people_elsewhere(monkeypatch, script, found):
    monkeypatch.setattr(ours.http, "get", lambda *_, **__: Reply(200, {}, script))
    assert found in refusal(ours.page, chain())


@pytest.mark.parametrize(
    ("adapter", "answers", "found"),
    [
        ("oidc", {"/oidc/health": 404}, f"expected {PAGE}/oidc/ to lead to the adapter, found HTTP 404"),
        ("jitsi-keycloak", {"/api/keycloak.json": 503}, f"expected {HOST} to lead to the adapter"),
        ("jitsi-keycloak", {"/http:evil.example": 200}, f"expected 400 from {HOST}/http:evil.example"),
        ("jitsi-keycloak", {"//evil.example": 302}, f"expected 400 from {HOST}//evil.example"),
    ],
)
def test_apache_that_leads_elsewhere(monkeypatch, adapter, answers, found):
    usual = {"/oidc/health": 200, "/api/keycloak.json": 200}
    monkeypatch.setattr(
        ours, "_front", lambda _, target: Reply({**usual, **answers}.get(target, 400), {}, "")
    )
    said = refusal(ours.apache, chain(adapter))
    assert found in said and said.endswith("jitsictl vhost --install")


def test_jitsi_keycloak_asks_the_realm_of_keycloak_whatever_oidcs_issuer_is():
    other = "OIDC_ISSUER_URL=https://other.example/realms/x\n"
    assert chain("jitsi-keycloak", other).issuer == "https://sso.example.org/auth/realms/foundation"
    assert chain("oidc", other).issuer == "https://other.example/realms/x"
