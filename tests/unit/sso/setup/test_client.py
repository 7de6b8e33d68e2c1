"""Keycloak's client: ours is in it afterwards, nothing else has changed, and the difference says so."""

from __future__ import annotations

import json
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jitsictl.sso.setup import byhand, client
from jitsictl.types.failure import Failure

PAGE, SIGN_ON = "https://meet.example.org", "https://sso.meet.example.org"
BOTH = [client.wanted(adapter, "jitsi", PAGE, SIGN_ON) for adapter in client.ADAPTERS]
OIDC, TUTORIAL = BOTH

TEXT = st.text(max_size=10) | st.sampled_from(["S256", "plain", "", "+", "14400", "14401", "300", "-1", "x" * 30])
ANY = st.none() | st.booleans() | TEXT | st.integers() | st.lists(TEXT, max_size=3)
ATTRIBUTES = st.dictionaries(st.sampled_from([*OIDC["attributes"], *TUTORIAL["attributes"]]) | TEXT, TEXT)
LISTS = st.lists(st.sampled_from([f"{PAGE}/oidc/tokenize", f"{SIGN_ON}/*", PAGE, "*", "+"]) | TEXT, max_size=4)
FOUND = st.fixed_dictionaries(
    {"id": TEXT, "clientId": st.just("jitsi")},
    optional={
        "protocol": st.just("openid-connect"), "publicClient": st.booleans(), "enabled": st.booleans(),
        "directAccessGrantsEnabled": st.booleans(), "redirectUris": LISTS, "webOrigins": LISTS,
        "attributes": ATTRIBUTES, "defaultClientScopes": st.lists(TEXT), "description": ANY, "rootUrl": ANY,
    },
)  # fmt: skip


@given(FOUND, st.sampled_from(BOTH))
def test_ours_is_set_and_all_else_stays(found, ours):
    before = json.loads(json.dumps(found))
    after = client.merged(found, ours)
    assert found == before, "what was found is not changed in place"
    assert client.merged(after, ours) == after and client.difference(after, after) == []
    for name, value in found.items():
        if name not in ours:
            assert after[name] == value
    for name in ("redirectUris", "webOrigins"):
        assert after[name][: len(found.get(name, []))] == found.get(name, []) and set(ours[name]) <= set(after[name])
        assert len(after[name]) <= len(found.get(name, [])) + 1
    there = found.get("attributes", {})
    assert {name: value for name, value in there.items() if name not in ours["attributes"]}.items() <= after[
        "attributes"
    ].items()
    for name in ("enabled", "standardFlowEnabled", "implicitFlowEnabled", "directAccessGrantsEnabled", "bearerOnly"):
        assert after[name] is ours[name]
    assert "defaultClientScopes" not in ours
    assert after["publicClient"] is (not client.confidential(found, ours))
    assert after["attributes"].get("pkce.code.challenge.method", "") == ours["attributes"]["pkce.code.challenge.method"]


@given(FOUND, st.sampled_from(BOTH))
def test_the_difference_says_all_that_changes_on_lines_of_its_own(found, ours):
    after = client.merged(found, ours)
    said = client.difference(found, after)
    assert all(line.isprintable() for line in said)
    names = [line.partition(":")[0] for line in said]
    flat = [{**each, **each.get("attributes", {})} for each in (found, after)]
    changed = {name for name, value in flat[1].items() if name != "attributes" and flat[0].get(name) != value}
    assert {name for name in names if name in changed} == set(names)
    assert {name for name in changed - set(names) if name in found or flat[1][name] not in ("", [])} == set()


def test_a_new_one_as_the_table_has_it():
    for ours in BOTH:
        made = client.new(ours)
        assert made["publicClient"] and made["standardFlowEnabled"] and "defaultClientScopes" not in made
        assert not any(made[f"{name}Enabled"] for name in ("implicitFlow", "directAccessGrants", "serviceAccounts"))
        assert made["attributes"]["post.logout.redirect.uris"] == "+"
    assert client.new(OIDC)["redirectUris"] == [f"{PAGE}/oidc/tokenize"] and OIDC["webOrigins"] == [PAGE]
    assert set(client.new(OIDC)["attributes"]) == {"post.logout.redirect.uris"}
    assert client.new(TUTORIAL)["redirectUris"] == [f"{SIGN_ON}/*"] and TUTORIAL["webOrigins"] == [SIGN_ON]
    assert TUTORIAL["attributes"]["access.token.lifespan"] == "14400"
    assert TUTORIAL["attributes"]["pkce.code.challenge.method"] == "S256"


@pytest.mark.parametrize(
    ("there", "after"),
    [(None, "14400"), ("", "14400"), ("300", "14400"), ("14400", "14400"), ("28800", "28800"), ("x", "14400"),
     ("-1", "14400"), ("9" * 40, "9" * 40)],
)  # fmt: skip
def test_a_longer_life_of_tokens_stays(there, after):
    found = {"clientId": "jitsi", "attributes": {} if there is None else {"access.token.lifespan": there}}
    assert client.merged(found, TUTORIAL)["attributes"]["access.token.lifespan"] == after


def test_a_change_of_adapters():
    found = {**client.new(TUTORIAL), "id": "1"}
    said = client.difference(found, client.merged(found, OIDC))
    assert said == [
        f"redirectUris: {PAGE}/oidc/tokenize is added", f"webOrigins: {PAGE} is added",
        "pkce.code.challenge.method: S256 -> none",
    ]  # fmt: skip
    assert client.remarks(client.merged(found, OIDC), OIDC) == [
        f"redirectUris also has {SIGN_ON}/*; take away what you do not need",
        f"webOrigins also has {SIGN_ON}; take away what you do not need",
    ]


def test_a_secret_that_is_asked_for_stays_with_the_adapter_that_can_have_one():
    found = {"clientId": "jitsi", "publicClient": False, "secret": "s"}
    assert client.merged(found, OIDC)["publicClient"] is False
    assert client.merged(found, TUTORIAL)["publicClient"] is True
    assert not any("publicClient" in line for line in client.difference(found, client.merged(found, OIDC)))
    assert "publicClient: off -> on" in client.difference(found, client.merged(found, TUTORIAL))


def test_what_any_site_may_use_is_warned_of():
    found = {"clientId": "jitsi", "redirectUris": ["*"], "webOrigins": ["+"]}
    (warning,) = client.remarks(client.merged(found, OIDC), OIDC)
    assert warning.startswith("warning: redirectUris has *")


def test_one_of_another_protocol_is_refused():
    with pytest.raises(Failure, match="found one for saml; give another name with --client"):
        client.merged({"clientId": "jitsi", "protocol": "saml"}, OIDC)


REALMS = st.from_regex(r"[A-Za-z0-9_.][A-Za-z0-9._-]{0,20}", fullmatch=True)


@given(st.sampled_from(BOTH), REALMS, st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_what_is_printed_is_what_the_shell_reads(ours, realm, base):
    said = byhand.text(ours, f"https://{base}", realm)
    commands = [line for line in said.splitlines() if line.startswith(("kcadm.sh", "id="))]
    words = [shlex.split(line) for line in commands]
    assert words[0][:5] == ["kcadm.sh", "config", "credentials", "--server", f"https://{base}"]
    assert words[1] == ["kcadm.sh", "create", "clients", "-r", realm, "-f", "client.json"]
    assert f"clientId={ours['clientId']}" in words[2] and len(commands) == 4


@pytest.mark.parametrize("ours", BOTH, ids=client.ADAPTERS)
def test_the_printed_file_is_the_client(ours, tmp_path):
    said = byhand.text(ours, "https://keycloak.example.org", "foundation")
    here = said[said.index("cat > ") : said.index("\nEOF\n") + 5]
    subprocess.run(["/bin/sh", "-c", here], cwd=tmp_path, check=True)
    assert json.loads((tmp_path / "client.json").read_text()) == client.new(ours)
    for title in ("kcadm.sh", "20 and later", "before Keycloak 20"):
        assert title in said
    assert said.count(ours["redirectUris"][0]) == 3 and max(map(len, said.splitlines())) <= 120
    assert ("Lifespan" in said, "S256; Save" in said) == ((ours is TUTORIAL,) * 2)
