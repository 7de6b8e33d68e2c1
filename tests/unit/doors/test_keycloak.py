"""The Admin API's door against the bed's small Keycloak: what it does, and a sentence for each way to be refused."""

from __future__ import annotations

import json

import pytest
from bed import fake_keycloak, tls
from bed.fake_keycloak import ADMIN, ADMIN_PASSWORD, REALM, SECRET, SERVICE

from jitsictl.doors import keycloak, process
from jitsictl.doors.keycloak import Admin, Login
from jitsictl.types.failure import Failure

PERSON = Login(ADMIN, ADMIN_PASSWORD, "master")
ACCOUNT = Login(SERVICE, SECRET, REALM, service=True)
CLIENT = {"clientId": "jitsi", "publicClient": True, "attributes": {"a": "b"}}


@pytest.fixture(scope="module")
def shared():
    with fake_keycloak.serve() as fake:
        yield fake


@pytest.fixture
def fake(shared):
    """With its realms as new."""
    shared.realms = fake_keycloak.realms(shared.realms[REALM].key.file.parent)
    shared.asked.clear()
    return shared


@pytest.mark.parametrize("login", [PERSON, ACCOUNT], ids=["a person", "a service account"])
def test_a_client_is_made_seen_and_changed(fake, login):
    admin = Admin(fake.url, login)
    assert admin.client(REALM, "jitsi") is None
    admin.create(REALM, CLIENT)
    found = admin.client(REALM, "jitsi")
    assert found["attributes"]["a"] == "b"
    admin.update(REALM, {**found, "redirectUris": ["https://a/*"]})
    assert admin.client(REALM, "jitsi")["redirectUris"] == ["https://a/*"]
    assert sum("/token" in asked for asked in fake.asked) == 1, "one login for all"


def test_a_token_that_ended_is_got_anew(fake):
    admin = Admin(fake.url, ACCOUNT)
    admin.client(REALM, "jitsi")
    fake.realms[REALM].tokens.clear()
    admin.create(REALM, CLIENT)
    assert fake.realms[REALM].client("jitsi") and sum("/token" in asked for asked in fake.asked) == 2


def test_a_token_that_is_never_taken(fake, monkeypatch):
    monkeypatch.setattr(fake.realms[REALM], "grant", lambda *_, **__: {"access_token": "a token of another"})
    with pytest.raises(Failure, match="take the token that it had just given"):
        Admin(fake.url, ACCOUNT).client(REALM, "jitsi")


def test_the_secret_of_a_confidential_client(fake):
    fake.realms[REALM].create({"clientId": "jitsi", "secret": "a secret of its own"})
    admin = Admin(fake.url, ACCOUNT)
    found = admin.client(REALM, "jitsi")
    assert admin.secret_of(REALM, found) == "a secret of its own"
    assert process.mask("x a secret of its own x") == f"x {process.MASK} x"
    assert admin.secret_of(REALM, {**found, "secret": "**********"}) == "", "this Keycloak has no such call"


def refusal(fake, login, realm=REALM):
    with pytest.raises(Failure) as failed:
        Admin(fake.url, login).client(realm, "jitsi")
    assert failed.value.what.startswith("expected ") and "found" in failed.value.what
    assert "wrong password" not in failed.value.what
    return failed.value.what


@pytest.mark.parametrize("old", [False, True])
def test_a_wrong_password_or_a_second_factor(fake, old):
    fake.realms["master"].old = old
    for login in (Login(ADMIN, "wrong password", "master"), Login("nobody", "wrong password", "master")):
        said = refusal(fake, login)
        assert "Invalid user credentials" in said and "second factor" in said and "--service-account" in said


@pytest.mark.parametrize(
    ("login", "words"),
    [
        (Login("temp", "pw", "master"), "first has to do something in a browser"),
        (Login(ADMIN, ADMIN_PASSWORD, "nope"), "no such realm; give the realm of that account with --admin-realm"),
        (Login(SERVICE, "wrong password", REALM, True), "Invalid client or Invalid client credentials. It takes"),
        (Login("nobody", "wrong password", REALM, True), "Service accounts roles ticked"),
        (Login("admin-cli", "", REALM, True), "Public client not allowed to retrieve service account. It takes"),
        (Login("browser", "pw", "other"), "lets nobody in by password"),
    ],
)
def test_who_is_not_let_in(fake, login, words):
    fake.realms["master"].users["temp"] = {"password": "pw", "requiredActions": ["UPDATE_PASSWORD"]}
    fake.realms["other"] = other = fake_keycloak.Realm("other", fake.realms[REALM].key)
    other.create({"clientId": "admin-cli", "publicClient": True})
    assert words in refusal(fake, login)


def test_who_may_not(fake):
    fake.realms[REALM].roles[SERVICE] = []
    fake.realms["master"].users["clerk"] = {"password": "pw", "roles": []}
    said = refusal(fake, ACCOUNT)
    assert said.endswith("give setup the role manage-clients of the client realm-management")
    said = refusal(fake, Login("clerk", "pw", "master"))
    assert said.endswith("give clerk the role manage-clients of the client foundation-realm, in realm master")
    fake.realms[REALM].roles[SERVICE] = ["view-clients"]
    admin = Admin(fake.url, ACCOUNT)
    assert admin.client(REALM, "jitsi") is None
    with pytest.raises(Failure, match="found that they are not; give setup the role manage-clients"):
        admin.create(REALM, CLIENT)


def test_somebody_of_a_third_realm(fake):
    fake.realms["other"] = other = fake_keycloak.Realm("other", fake.realms[REALM].key)
    other.create({"clientId": "admin-cli", "publicClient": True, "directAccessGrantsEnabled": True})
    other.users["eve"] = {"password": "pw"}
    said = refusal(fake, Login("eve", "pw", "other"))
    assert said.endswith("log in to realm foundation or to master, with --admin-realm")


def test_a_realm_that_is_not_there(fake):
    assert refusal(fake, PERSON, "nope") == f"expected realm nope at {fake.url}, found no such realm"


def test_one_that_is_hidden_and_one_that_is_not_taken(fake):
    fake.realms[REALM].create({"clientId": "jitsi"})
    admin = Admin(fake.url, ACCOUNT)
    with pytest.raises(Failure, match="found that there is one; give setup the role"):
        admin.create(REALM, CLIENT)
    with pytest.raises(Failure, match="to take the client other, found HTTP 400: A redirect URI is not a valid URI"):
        admin.create(REALM, {"clientId": "other", "redirectUris": ["a b"]})
    with pytest.raises(Failure, match="HTTP 404"):
        admin.update(REALM, {"clientId": "other", "id": "../../realms"})


def test_nobody_there_and_something_else(server):
    with pytest.raises(Failure, match="Connection refused"):
        Admin("http://127.0.0.1:1", PERSON).client(REALM, "jitsi")
    for status, more, body, words in (
        ("200 OK", "", "[]", "found HTTP 200: nothing that says why"),
        ("200 OK", "", '{"access_token": 1}', "HTTP 200"),
        ("503 Busy", "", '{"error": "a\\nb\\u0007"}', 'HTTP 503: "a\\nb\\u0007"'),
        ("301 x", "Location: https://other/\r\n", "", "a redirect to https://other/"),
        ("403 x", "", '{"error_description": "HTTPS required"}', "HTTPS required"),
    ):
        url, _ = server(f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        with pytest.raises(Failure) as failed:
            Admin(url, PERSON).client(REALM, "jitsi")
        assert words in failed.value.what and failed.value.what.isprintable()


def test_an_authority_of_ones_own(tmp_path):
    made = tls.ensure(tmp_path, "localhost")
    with fake_keycloak.serve("/auth", files=(made.certificate, made.key)) as fake:
        url = f"{fake.url}/realms/{REALM}/.well-known/openid-configuration"
        assert json.loads(keycloak.document(url, made.ca).text)["issuer"] == f"{fake.url}/realms/{REALM}"
        assert Admin(fake.url, ACCOUNT, made.ca).client(REALM, "jitsi") is None
        with pytest.raises(Failure, match="certificate that this host trusts .* give its certificate: --ca FILE"):
            Admin(fake.url, ACCOUNT).client(REALM, "jitsi")


def test_no_secret_is_told(fake):
    login = Login("nobody", "wrong password", "master")
    assert "wrong password" not in repr(login) + refusal(fake, login)
    admin = Admin(fake.url, ACCOUNT)
    admin.client(REALM, "jitsi")
    (token,) = fake.realms[REALM].tokens
    assert process.mask(f"x{token}x{SECRET}x") == f"x{process.MASK}x{process.MASK}x"
