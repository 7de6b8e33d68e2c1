"""What a realm of Keycloak says of itself, and what it calls itself."""

from __future__ import annotations

import pytest

from jitsictl.sso import discovery

HOST = "https://sso.darkstar.lan"


@pytest.mark.parametrize("text", ["", "{", "nul", "[" * 100_000, '{"issuer": 5}', '{"issuer": ""}', "[]"])
def test_what_is_no_document(text):
    assert discovery.issuer_of(text) is None


def test_a_realm_that_is_not_there_is_told_from_a_page_that_is_not():
    assert discovery.no_realm('{"error":"Realm does not exist"}')
    for text in ("", "[]", "{}", '{"error":"Resource not found"}', "<p>/realms/x was not found", '{"error": 5}'):
        assert not discovery.no_realm(text)


@pytest.mark.parametrize(
    ("issuer", "what"),
    [
        (f"{HOST}/realms/foundation", None),
        ("http://sso.darkstar.lan/realms/foundation", "does not know that it is reached by https"),
        (f"{HOST}/auth/realms/foundation", f"jitsictl sso setup {HOST}/auth;"),
        (f"{HOST}:8443/realms/foundation", f"jitsictl sso setup {HOST}:8443;"),
        ("https://keycloak.darkstar.lan/realms/foundation", "setup https://keycloak.darkstar.lan;"),
        ("http://10.0.0.1:8080/realms/foundation", "which browsers cannot reach"),
        (f"{HOST}/realms/other", "calls itself"),
        ("https://[x/realms/foundation", "set its hostname"),
        ("https://x/\x1b[2J", "calls itself"),
    ],
)
def test_what_it_calls_itself(issuer, what):
    said = discovery.differs(HOST, "foundation", issuer)
    assert (said is None) if what is None else (what in said and said.isprintable())
