"""What jitsi-oidc-adapter says. By hand of the real one, made JavaScript for Node.js: `ADAPTER=folder pytest FILE`."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Dict
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from bed import fake_keycloak
from bed.fake_keycloak import REALM

from .people import Browser, claims, code, typed

HOST = "meet.darkstar.lan"
BACK = f"https://{HOST}/oidc/tokenize"
SECRET = "0123456789abcdef0123456789abcdef"


def env(realm: str, **more: str) -> Dict[str, str]:
    return {"OIDC_ISSUER_URL": realm, "JWT_APP_ID": "jitsi", "JWT_APP_SECRET": SECRET, **more}


@pytest.fixture(scope="module")
def adapter(keycloak: fake_keycloak.Server, realm: str, started: Callable[..., Any]) -> str:
    keycloak.realms[REALM].create({"clientId": "jitsi", "publicClient": True, "redirectUris": [BACK]})
    said, address = started(["oidc-adapter"], "adapter.js", env(realm))
    assert f"TOKEN_ENDPOINT: {realm}/protocol/openid-connect/token" in said and SECRET not in said
    return str(address)


def get(address: str, **query: str) -> requests.Response:
    return requests.get(address, query, headers={"Host": HOST}, allow_redirects=False, timeout=10)


def through(adapter: str, state: str, browser: Browser | None = None) -> requests.Response:
    """The adapter's last answer to one who logs in."""
    browser = browser or Browser()
    asked = get(f"{adapter}/oidc/auth", state=state)
    form = browser.get(asked.headers["Location"], allow_redirects=False)
    back = form if form.status_code == 302 else typed(browser, form)
    return get(f"{adapter}/oidc/tokenize", code=code(back, BACK, state), state=state)


def test_health_and_what_it_has_no_page_for(adapter: str) -> None:
    for path in ("/health", "/oidc/health"):
        assert (get(adapter + path).status_code, get(adapter + path).text) == (200, "healthy")
    assert [get(adapter + path).status_code for path in ("/", "/oidc", "/oidc/x", "/room")] == [404] * 4
    assert requests.post(f"{adapter}/oidc/auth", timeout=10).status_code == 405


def test_people_are_sent_to_keycloak_with_their_state(adapter: str, realm: str) -> None:
    state = json.dumps({"room": "My Room", "roomSafe": "my%20room", "tenant": "acme"})
    answer = get(f"{adapter}/oidc/auth", state=state)
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{realm}/protocol/openid-connect/auth"
    assert answer.status_code == 302 and parse_qs(where.query) == {
        "client_id": ["jitsi"], "response_type": ["code"], "scope": ["openid profile email"], "prompt": ["consent"],
        "redirect_uri": [BACK], "state": [state],
    }  # fmt: skip
    assert get(f"{adapter}/oidc/auth").status_code == 401


def test_a_login_becomes_a_token_for_one_room(adapter: str) -> None:
    answer = through(adapter, json.dumps({"room": "staff", "config.startSilent": True, "other": "x"}))
    where = urlsplit(answer.headers["Location"])
    assert (answer.status_code, where.scheme, where.netloc, where.path) == (302, "https", HOST, "/staff")
    assert where.fragment == "adapter=true&config.startSilent=true"
    token = parse_qs(where.query)["jwt"][0]
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "HS256"}
    said = jwt.decode(token, SECRET, ["HS256"], audience="jitsi", issuer="jitsi", leeway=1)
    assert said["iat"] == said["nbf"] == said["exp"] - 10800 and abs(said["iat"] - time.time()) < 10
    assert (said["sub"], said["room"]) == (HOST, "staff")
    user = said["context"]["user"]
    assert user.pop("id") and user == {"name": "Al Ien", "email": "alien@darkstar.lan", "lobby_bypass": True,
                                       "security_bypass": True}  # fmt: skip


@pytest.mark.parametrize(
    "state, path, sub, room",
    [
        ({"room": "a", "tenant": "acme"}, "/acme/a", "acme", "a"),
        ({"room": "a", "tenant": "x/acme//"}, "/x/acme/a", "acme", "a"),
        ({"room": "caf\u00e9 1"}, "/caf%C3%A9%201", HOST, "caf\u00e9 1"),
        ({"room": "//evil.example"}, "/evil.example", HOST, "//evil.example"),
        ({"room": "@evil.example"}, "/@evil.example", HOST, "@evil.example"),
        ({"room": "http://evil.example"}, "/http:/evil.example", HOST, "http://evil.example"),
        ({"room": "a", "tenant": "//evil.example"}, "/evil.example/a", "evil.example", "a"),
        ({"room": "a", "tenant": "@evil.example"}, "/@evil.example/a", "@evil.example", "a"),
        ({"room": "\\\\evil.example"}, "///evil.example", HOST, "\\\\evil.example"),
    ],
)
def test_no_state_leads_to_another_host(adapter: str, state: Dict[str, str], path: str, sub: str, room: str) -> None:
    where = urlsplit(through(adapter, json.dumps(state)).headers["Location"])
    assert (where.scheme, where.netloc, where.path) == ("https", HOST, path)
    said = claims(parse_qs(where.query)["jwt"][0])
    assert (said["sub"], said["room"]) == (sub, room)


def test_what_is_refused_with_401(adapter: str) -> None:
    good = json.dumps({"room": "a"})
    assert get(f"{adapter}/oidc/tokenize", code="x", state=good).status_code == 401  # no such code
    assert get(f"{adapter}/oidc/tokenize", state=good).status_code == 401
    for state in ("", "{", "null", "{}", '{"room": ""}', '{"tenant": "a"}'):
        assert get(f"{adapter}/oidc/tokenize", code="x", state=state).status_code == 401, state


def test_apps_get_a_page(adapter: str) -> None:
    for name, start in (("ios", "org.jitsi.meet://"), ("android", "intent://"), ("electron", "jitsi-meet://")):
        answer = through(adapter, json.dumps({"room": "a", name: True}))
        assert answer.status_code == 200 and f'href="{start}{HOST}/a?jwt=' in answer.text
        assert "Refresh" not in answer.headers


def test_a_secret_of_its_own_and_a_shorter_life(
    keycloak: fake_keycloak.Server, realm: str, started: Callable[..., Any]
) -> None:
    state = keycloak.realms[REALM]
    client = state.create({"clientId": "other", "secret": "wrong", "redirectUris": [BACK]})
    more = {"OIDC_CLIENT_ID": "other", "OIDC_CLIENT_SECRET": "plain:x", "JWT_EXP_SECOND": "60"}
    _, address = started(["oidc-adapter"], "adapter.js", env(realm, **more))
    assert through(str(address), json.dumps({"room": "a"})).status_code == 401
    state.clients[client]["secret"] = "plain:x"
    token = parse_qs(urlsplit(through(str(address), json.dumps({"room": "a"})).headers["Location"]).query)["jwt"][0]
    assert claims(token)["exp"] - claims(token)["iat"] == 60


def test_a_provider_that_is_away_is_asked_again(keycloak: fake_keycloak.Server, started: Callable[..., Any]) -> None:
    """401 meanwhile; and health says nothing of it."""
    said, address = started(["oidc-adapter"], "adapter.js", env(f"{keycloak.url}/realms/later"))
    assert "Failed to get endpoints" in said
    assert (get(f"{address}/oidc/auth", state="{}").status_code, get(f"{address}/health").status_code) == (401, 200)
    keycloak.realms["later"] = keycloak.realms[REALM]
    try:
        answer = get(f"{address}/oidc/auth", state="{}")
    finally:
        del keycloak.realms["later"]
    assert answer.status_code == 302


@pytest.mark.usefixtures("adapter")
def test_a_hash_that_is_not_the_algorithms_makes_no_token(realm: str, started: Callable[..., Any]) -> None:
    _, address = started(["oidc-adapter"], "adapter.js", env(realm, JWT_ALG="HS512"))
    assert through(str(address), json.dumps({"room": "a"})).status_code == 401
