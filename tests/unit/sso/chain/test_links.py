"""Keycloak's links of the chain, at a small Keycloak with a certificate of a private authority."""

from __future__ import annotations

import re
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from bed import fake_keycloak

from jitsictl.plan import signon
from jitsictl.sso.chain import keycloak, links
from jitsictl.sso.chain.links import Asked, Chain
from jitsictl.sso.setup import client
from jitsictl.types.failure import Failure
from unit.site import CONF, SECRETS, settings

SECRET = f"{SECRETS}JWT_APP_SECRET=0123456789abcdef0123456789abcdef\n"
PAGE, SIGN_ON = "https://meet.example.org", "https://sso.meet.example.org"


@pytest.fixture(name="fake")
def _fake(request: pytest.FixtureRequest) -> fake_keycloak.Server:
    """The fixture has the name of the module that is tested."""
    server: fake_keycloak.Server = request.getfixturevalue("keycloak")
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


def test_a_realm_that_was_set_up_holds(fake, adapter):
    set_up(fake, adapter)
    of = chain(fake, fake.authority, adapter)
    looks = [keycloak.realm, keycloak.clock, keycloak.client, *([keycloak.origins] if adapter != "oidc" else [])]
    found = list(links.looked_at(of, [Asked(look.__name__, look) for look in looks]))
    assert [link.wrong for link in found] == [""] * len(looks)
    assert of.broken == [] and of.authorization.startswith(fake.url)


def test_an_authority_that_nobody_knows_is_named(fake):
    assert "put the authority's file into KEYCLOAK_CA" in refusal(keycloak.realm, chain(fake, None))


def test_another_realm_and_another_name_are_named(fake):
    assert "found HTTP 404" in refusal(keycloak.realm, chain(fake, fake.authority, KEYCLOAK_REALM="guild"))
    wrong = chain(fake, fake.authority, KEYCLOAK_URL=fake.url.replace("/auth", ""))
    assert "expected a realm at" in refusal(keycloak.realm, wrong)


def test_nobody_there_is_named(fake):
    of = chain(fake, fake.authority, KEYCLOAK_URL="https://localhost:1/auth")
    assert "expected an answer from" in refusal(keycloak.realm, of)


def test_a_clock_that_differs_is_named(fake, monkeypatch):
    of = chain(fake, fake.authority)
    monkeypatch.setattr(keycloak, "time", SimpleNamespace(time=lambda: time.time() - 60))
    assert re.search("(59|60|61) s ahead of ours; run ntpd", refusal(keycloak.clock, of))
    monkeypatch.setattr(keycloak, "time", SimpleNamespace(time=lambda: time.time() + 60))
    assert re.search("(59|60|61) s behind ours", refusal(keycloak.clock, of))


def test_a_client_that_is_not_there_or_not_for_this_site_is_named(fake, adapter):
    of = chain(fake, fake.authority, adapter)
    keycloak.realm(of)
    assert "found that the realm has no client jitsi" in refusal(keycloak.client, of)
    set_up(fake, adapter, redirectUris=["https://elsewhere.example/*"])
    assert f"found that it may not send people back to {of.back}" in refusal(keycloak.client, of)


def test_a_client_that_wants_what_oidc_does_not_send_is_named(fake):
    of = chain(fake, fake.authority)
    keycloak.realm(of)
    set_up(fake, "oidc", attributes={"pkce.code.challenge.method": "S256"})
    assert "Missing parameter: code_challenge_method" in refusal(keycloak.client, of)


def test_pages_that_may_not_ask_keycloak_are_named(fake):
    of = chain(fake, fake.authority, "jitsi-keycloak")
    keycloak.realm(of)
    set_up(fake, "jitsi-keycloak", webOrigins=[PAGE])
    assert f"Web origins to have {SIGN_ON}, found that Keycloak refuses it" in refusal(keycloak.origins, of)


def test_what_hangs_on_a_broken_link_is_not_looked_at(fake):
    asked = []

    def fails(_: Chain) -> str:
        raise Failure("expected this, found that")

    def holds(_: Chain) -> str:
        asked.append("holds")
        return "fine"

    order = [Asked("first", fails), Asked("second", holds, ("first",)), Asked("third", holds, ("second",)),
             Asked("fourth", holds)]  # fmt: skip
    found = list(links.looked_at(chain(fake, fake.authority), order))
    assert [(link.found, link.wrong, link.asked) for link in found] == [
        ("", "expected this, found that", True),
        ("not looked at: first is broken", "", False),
        ("not looked at: second is broken", "", False),
        ("fine", "", True),
    ]
    assert asked == ["holds"]
