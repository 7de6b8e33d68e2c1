"""Keycloak's links of the chain, at a small Keycloak with a certificate of a private authority."""

from __future__ import annotations

import re
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Iterator

import pytest
from bed import fake_keycloak, tls

from jitsictl.plan import signon
from jitsictl.sso import client, keycloak, links
from jitsictl.sso.links import Asked, Chain
from jitsictl.types.failure import Failure
from unit.site import CONF, SECRETS, settings

SECRET = f"{SECRETS}JWT_APP_SECRET=0123456789abcdef0123456789abcdef\n"
PAGE, SIGN_ON = "https://meet.example.org", "https://sso.meet.example.org"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tls.Certificates:
    return tls.ensure(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture(scope="module")
def server(authority: tls.Certificates) -> Iterator[fake_keycloak.Server]:
    with fake_keycloak.serve("/auth", files=(authority.certificate, authority.key)) as fake:
        yield fake


@pytest.fixture
def fake(server: fake_keycloak.Server) -> fake_keycloak.Server:
    """Without our client."""
    realm = server.realms["foundation"]
    for uuid in [uuid for uuid, found in realm.clients.items() if found["clientId"] == "jitsi"]:
        del realm.clients[uuid]
    return server


@pytest.fixture(params=["oidc", "jitsi-keycloak"])
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def chain(fake: fake_keycloak.Server, ca: Path | None, adapter: str = "oidc", **more: str) -> Chain:
    sign_on = SIGN_ON if adapter == "jitsi-keycloak" else ""
    lines = {"SSO": adapter, "KEYCLOAK_URL": fake.url, "KEYCLOAK_REALM": "foundation", "SSO_URL": sign_on, **more}
    lines["KEYCLOAK_CA"] = str(ca or "")
    found = settings(CONF + "".join(f"{name}={value}\n" for name, value in lines.items() if value), secrets=SECRET)
    service = signon.adapter(found)
    assert service is not None
    return Chain(found, service)


def set_up(fake: fake_keycloak.Server, adapter: str, **more: object) -> None:
    fake.realms["foundation"].create({**client.new(client.wanted(adapter, "jitsi", PAGE, SIGN_ON)), **more})


def refusal(look: links.Look, of: Chain) -> str:
    with pytest.raises(Failure) as caught:
        look(of)
    return caught.value.what


def test_a_realm_that_was_set_up_holds(fake, authority, adapter):
    set_up(fake, adapter)
    of = chain(fake, authority.ca, adapter)
    looks = [keycloak.realm, keycloak.clock, keycloak.client, *([keycloak.origins] if adapter != "oidc" else [])]
    found = list(links.looked_at(of, [Asked(look.__name__, look) for look in looks]))
    assert [link.wrong for link in found] == [""] * len(looks)
    assert of.broken == [] and of.authorization.startswith(fake.url)


def test_an_authority_that_nobody_knows_is_named(fake):
    assert "put the authority's file into KEYCLOAK_CA" in refusal(keycloak.realm, chain(fake, None))


def test_another_realm_and_another_name_are_named(fake, authority):
    assert "found HTTP 404" in refusal(keycloak.realm, chain(fake, authority.ca, KEYCLOAK_REALM="guild"))
    wrong = chain(fake, authority.ca, KEYCLOAK_URL=fake.url.replace("/auth", ""))
    assert "expected a realm at" in refusal(keycloak.realm, wrong)


def test_nobody_there_is_named(authority):
    with fake_keycloak.serve("/auth", files=(authority.certificate, authority.key)) as gone:
        of = chain(gone, authority.ca)
    assert "expected an answer from" in refusal(keycloak.realm, of)


def test_a_clock_that_differs_is_named(fake, authority, monkeypatch):
    of = chain(fake, authority.ca)
    monkeypatch.setattr(keycloak, "time", SimpleNamespace(time=lambda: time.time() - 60))
    assert re.search("(59|60|61) s ahead of ours; run ntpd", refusal(keycloak.clock, of))
    monkeypatch.setattr(keycloak, "time", SimpleNamespace(time=lambda: time.time() + 60))
    assert re.search("(59|60|61) s behind ours", refusal(keycloak.clock, of))


def test_a_client_that_is_not_there_or_not_for_this_site_is_named(fake, authority, adapter):
    of = chain(fake, authority.ca, adapter)
    keycloak.realm(of)
    assert "found that the realm has no client jitsi" in refusal(keycloak.client, of)
    set_up(fake, adapter, redirectUris=["https://elsewhere.example/*"])
    assert f"found that it may not send people back to {of.back}" in refusal(keycloak.client, of)


def test_a_client_that_wants_what_oidc_does_not_send_is_named(fake, authority):
    of = chain(fake, authority.ca)
    keycloak.realm(of)
    set_up(fake, "oidc", attributes={"pkce.code.challenge.method": "S256"})
    assert "Missing parameter: code_challenge_method" in refusal(keycloak.client, of)


def test_pages_that_may_not_ask_keycloak_are_named(fake, authority):
    of = chain(fake, authority.ca, "jitsi-keycloak")
    keycloak.realm(of)
    set_up(fake, "jitsi-keycloak", webOrigins=[PAGE])
    assert f"Web origins to have {SIGN_ON}, found that Keycloak refuses it" in refusal(keycloak.origins, of)


def test_what_hangs_on_a_broken_link_is_not_looked_at(fake, authority):
    asked = []

    def fails(_: Chain) -> str:
        raise Failure("expected this, found that")

    def holds(_: Chain) -> str:
        asked.append("holds")
        return "fine"

    order = [Asked("first", fails), Asked("second", holds, ("first",)), Asked("third", holds, ("second",)),
             Asked("fourth", holds)]  # fmt: skip
    found = list(links.looked_at(chain(fake, authority.ca), order))
    assert [(link.found, link.wrong, link.asked) for link in found] == [
        ("", "expected this, found that", True),
        ("not looked at: first is broken", "", False),
        ("not looked at: second is broken", "", False),
        ("fine", "", True),
    ]
    assert asked == ["holds"]
