"""What callers of a Keycloak rely on; of a real one by hand: `KEYCLOAK=http://127.0.0.1:8180/auth pytest FILE`."""

from __future__ import annotations

import hashlib
import os
from typing import Any, Dict, Iterator

import jwt
import pytest
import requests
from bed import fake_keycloak
from bed.fake_keycloak import PASSWORD, REALM, SERVICE, USER

from .people import CLIENT, PAGE, Browser, administrator, asked, claims, code, swapped, token, typed


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    if "KEYCLOAK" in os.environ:
        yield os.environ["KEYCLOAK"]
    else:
        with fake_keycloak.serve() as fake:
            yield fake.url


@pytest.fixture(scope="module")
def admin(base: str) -> Dict[str, str]:
    return administrator(base)


@pytest.fixture
def client(base: str, admin: Dict[str, str]) -> Iterator[str]:
    """The address of client jitsi for an administrator."""
    made = requests.post(f"{base}/admin/realms/{REALM}/clients", json=CLIENT, headers=admin, timeout=10)
    assert made.status_code == 201
    yield made.headers["Location"]
    assert requests.delete(made.headers["Location"], headers=admin, timeout=10).status_code == 204


def test_discovery_names_its_own_address(base: str) -> None:
    found = requests.get(f"{base}/realms/{REALM}/.well-known/openid-configuration", timeout=10).json()
    assert found["issuer"] == f"{base}/realms/{REALM}"
    assert found["token_endpoint"] == f"{base}/realms/{REALM}/protocol/openid-connect/token"
    assert requests.get(f"{base}/realms/nope/.well-known/openid-configuration", timeout=10).status_code == 404
    assert requests.get(f"{base}/x/realms/{REALM}/.well-known/openid-configuration", timeout=10).status_code == 404


def test_a_client_is_made_once_changed_and_found(base: str, admin: Dict[str, str], client: str) -> None:
    clients = f"{base}/admin/realms/{REALM}/clients"
    again = requests.post(clients, json=CLIENT, headers=admin, timeout=10)
    assert (again.status_code, again.json()) == (409, {"errorMessage": "Client jitsi already exists"})
    (found,) = requests.get(f"{clients}?clientId=jitsi", headers=admin, timeout=10).json()
    assert client == f"{clients}/{found['id']}" and found["standardFlowEnabled"]
    assert found["attributes"] == {**CLIENT["attributes"], "realm_client": "false"}  # type: ignore[dict-item]
    found["attributes"].update({"x": "1", "pkce.code.challenge.method": ""})
    changed = {**found, "redirectUris": [f"{PAGE}/a"], "name": "Jitsi"}
    assert requests.put(client, json=changed, headers=admin, timeout=10).status_code == 204
    now = requests.get(client, headers=admin, timeout=10).json()
    assert (now["redirectUris"], now["webOrigins"], now["name"]) == ([f"{PAGE}/a"], [PAGE], "Jitsi")
    assert now["attributes"] == {"access.token.lifespan": "14400", "x": "1", "realm_client": "false"}
    assert requests.put(client, json={"webOrigins": ["+"]}, headers=admin, timeout=10).status_code == 204
    now = requests.get(client, headers=admin, timeout=10).json()
    assert (now["redirectUris"], now["webOrigins"], now["attributes"]["x"]) == ([f"{PAGE}/a"], ["+"], "1")


def test_what_is_wrong_with_a_client_is_said(base: str, admin: Dict[str, str], client: str) -> None:
    assert requests.get(f"{base}/admin/realms/{REALM}/clients?clientId=no", headers=admin, timeout=10).json() == []
    assert requests.get(f"{base}/admin/realms/{REALM}/clients/no", headers=admin, timeout=10).status_code == 404
    for wrong in ({"redirectUris": ["a b"]}, {"redirectUri": "x"}):
        assert requests.put(client, json=wrong, headers=admin, timeout=10).status_code == 400, wrong


def test_the_file_that_the_console_gives(base: str, admin: Dict[str, str], client: str) -> None:
    end = "/installation/providers/keycloak-oidc-keycloak-json"
    told = requests.get(client + end, headers=admin, timeout=10).json()
    del told["ssl-required"]
    assert told == {"realm": REALM, "auth-server-url": f"{base}/", "resource": "jitsi", "public-client": True,
                    "confidential-port": 0}  # fmt: skip
    assert requests.put(client, json={"publicClient": False}, headers=admin, timeout=10).status_code == 204
    assert "secret" in requests.get(client + end, headers=admin, timeout=10).json()["credentials"]


@pytest.mark.parametrize(
    "status, error, form",
    [
        (400, "invalid_grant", {"grant_type": "password", "client_id": "admin-cli", "username": USER, "password": "x"}),
        (401, "unauthorized_client", {"grant_type": "client_credentials", "client_id": SERVICE, "client_secret": "x"}),
        (401, "invalid_client", {"grant_type": "client_credentials", "client_id": "nope", "client_secret": "x"}),
        (401, "unauthorized_client", {"grant_type": "client_credentials", "client_id": "jitsi"}),
        (400, "unauthorized_client", {"grant_type": "password", "client_id": "jitsi", "username": USER}),
        (400, "invalid_grant", {"grant_type": "authorization_code", "client_id": "jitsi", "code": "x"}),
        (400, "unsupported_grant_type", {"grant_type": "x", "client_id": "jitsi"}),
        (400, "invalid_request", {"client_id": "jitsi"}),
    ],
)
@pytest.mark.usefixtures("client")
def test_who_gets_no_token(base: str, status: int, error: str, form: Dict[str, str]) -> None:
    refused = token(base, **form)
    assert (refused.status_code, refused.json()["error"]) == (status, error)


def test_who_may_ask_the_admin_api(base: str, admin: Dict[str, str]) -> None:
    place = f"{base}/admin/realms"
    assert requests.get(f"{place}/{REALM}", headers=admin, timeout=10).status_code == 200
    assert requests.get(f"{place}/master/clients", headers=admin, timeout=10).status_code == 403
    assert requests.get(f"{place}/nope", headers=admin, timeout=10).status_code == 404
    assert requests.get(f"{place}/{REALM}", headers={"Authorization": "Bearer x"}, timeout=10).status_code == 401
    assert requests.get(f"{place}/{REALM}", timeout=10).status_code == 401
    form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
    master = {"Authorization": f"Bearer {token(base, 'master', **form).json()['access_token']}"}
    assert requests.get(f"{place}/{REALM}/clients", headers=master, timeout=10).status_code == 200
    form = {"grant_type": "password", "client_id": "admin-cli", "username": USER, "password": PASSWORD}
    user = {"Authorization": f"Bearer {token(base, **form).json()['access_token']}"}
    assert requests.get(f"{place}/{REALM}/clients", headers=user, timeout=10).status_code == 403


# -- a login by a browser ------------------------------------------------------------------------------------


def verified(base: str, token: str) -> Dict[str, Any]:
    """The claims, after RS256 by hand: PyJWT would need another package for it."""
    text, _, signature = token.rpartition(".")
    key_id = jwt.get_unverified_header(token)["kid"]
    keys = requests.get(f"{base}/realms/{REALM}/protocol/openid-connect/certs", timeout=10).json()["keys"]
    (key,) = [key for key in keys if key["kid"] == key_id]
    modulus, exponent, number = (int.from_bytes(jwt.utils.base64url_decode(part), "big")
                                 for part in (key["n"], key["e"], signature))  # fmt: skip
    padded = pow(number, exponent, modulus).to_bytes(modulus.bit_length() // 8, "big")
    head = bytes.fromhex("3031300d060960864801650304020105000420")
    digest = hashlib.sha256(text.encode()).digest()
    assert padded == b"\0\1" + b"\xff" * (len(padded) - 3 - len(head + digest)) + b"\0" + head + digest
    return claims(token)


@pytest.mark.usefixtures("client")
def test_a_password_gives_a_code_and_a_code_a_token_once(base: str) -> None:
    browser = Browser()
    again = typed(browser, asked(browser, base), "wrong")
    assert "Invalid username or password." in again.text
    answer = typed(browser, again)
    assert "#state=s" in answer.headers["Location"]
    given = code(answer)
    got = swapped(base, given)
    assert (got.status_code, got.headers["Access-Control-Allow-Origin"]) == (200, PAGE)
    text = got.json()["access_token"]
    said = verified(base, text)
    assert said["exp"] - said["iat"] == 14400 and said["auth_time"] <= said["iat"]
    assert (said["iss"], said["typ"], said["azp"]) == (f"{base}/realms/{REALM}", "Bearer", "jitsi")
    assert (said["given_name"], said["family_name"], said["email"]) == ("Al", "Ien", "alien@darkstar.lan")
    assert claims(got.json()["id_token"])["nonce"] == "n"
    bearer = {"Authorization": f"Bearer {text}", "Accept": "application/json", "Origin": PAGE}
    account = requests.get(f"{base}/realms/{REALM}/account", headers=bearer, timeout=10)
    assert account.json()["firstName"] == "Al" and account.headers["Access-Control-Allow-Origin"] == PAGE
    about = requests.get(f"{base}/realms/{REALM}/protocol/openid-connect/userinfo", headers=bearer, timeout=10).json()
    assert (about["sub"], about["name"], about["preferred_username"]) == (said["sub"], "Al Ien", USER)
    assert code(asked(browser, base, response_mode="query")) != given  # no second password
    assert swapped(base, given).json()["error_description"] == "Code not valid"


@pytest.mark.usefixtures("client")
def test_what_else_a_code_is_bound_to(base: str) -> None:
    browser = Browser()
    given = code(typed(browser, asked(browser, base)))
    evil = swapped(base, given, origin="https://evil.example")
    assert evil.status_code == 403 and "Access-Control-Allow-Origin" not in evil.headers
    for change in ({"code_verifier": "w" * 50}, {"code_verifier": None}, {"redirect_uri": f"{PAGE}/other"}):
        refused = swapped(base, code(asked(browser, base)), **change)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant"), change


@pytest.mark.usefixtures("client")
def test_who_gets_no_form(base: str) -> None:
    browser = Browser()
    for change in ({"client_id": "nope"}, {"redirect_uri": "https://evil.example/"},
                   {"redirect_uri": f"{PAGE}.evil.example/"}):  # fmt: skip
        assert asked(browser, base, **change).status_code == 400, change
    for change in ({"code_challenge_method": "", "code_challenge": ""}, {"prompt": "none"}, {"response_type": "x"}):
        answer = asked(browser, base, **change)
        assert answer.status_code == 302 and "error=" in answer.headers["Location"], change
    answer = requests.options(f"{base}/realms/{REALM}/account", headers={"Origin": PAGE}, timeout=10)
    assert answer.status_code == 200 and "Authorization" in answer.headers["Access-Control-Allow-Headers"]
