"""What jitsi-keycloak's server says, faults and all; the real one's by hand: `ADAPTER=server pytest FILE`."""

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

from .people import CLIENT, Browser, asked, claims, code, swapped, typed

SECRET = "0123456789abcdef0123456789abcdef"
ENV = {"JITSI_SECRET": SECRET, "JITSI_URL": "https://meet.darkstar.lan", "DEFAULT_ROOM": "meeting"}


def config(base: str) -> str:
    return json.dumps({"realm": REALM, "auth-server-url": f"{base}/", "ssl-required": "external", "resource": "jitsi",
                       "public-client": True, "confidential-port": 0})  # fmt: skip


@pytest.fixture(scope="module")
def adapter(keycloak: fake_keycloak.Server, started: Callable[..., Any]) -> str:
    keycloak.realms[REALM].create(CLIENT)
    said, address = started(["jitsi-keycloak"], "src/app.js", ENV, config(keycloak.url))
    assert "App listening on port: 3000" in said
    return str(address)


@pytest.fixture(scope="module")
def access(keycloak: fake_keycloak.Server) -> str:
    """A token of a person who logged in, for the client jitsi."""
    return access_token(keycloak.url)


def access_token(base: str) -> str:
    browser = Browser()
    return str(swapped(base, code(typed(browser, asked(browser, base)))).json()["access_token"])


def get(address: str, token: str = "", **query: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(address, query, headers=headers, allow_redirects=False, timeout=10)


def test_any_single_segment_is_the_page(adapter: str) -> None:
    page = requests.get(adapter, timeout=10)
    assert page.status_code == 200 and page.headers["Content-Type"].lower() == "text/html; charset=utf-8"
    for room in ("/room", "/My%20Room", "/caf%C3%A9", "/http:evil.example", "/%5C%5Cevil.example", "/room/",
                 "/%2F%2Fevil.example", "/javascript:alert(1)", "/room?x=y"):  # fmt: skip
        assert get(adapter + room).text == page.text, room
    for other in ("/tenant/room", "/api", "/api/nothing", "/a/b/c"):
        assert get(adapter + other).status_code == (200 if other == "/api" else 404), other
    assert requests.post(f"{adapter}/room", timeout=10).status_code == 404
    assert get(f"{adapter}/js").headers["Location"] == "/js/", "a room of this name loses the page"


def test_its_file_is_there_for_all(adapter: str, keycloak: fake_keycloak.Server) -> None:
    assert get(f"{adapter}/api/keycloak.json").json() == json.loads(config(keycloak.url))


def test_a_keycloak_token_becomes_one_for_jitsi(adapter: str, access: str) -> None:
    found = get(f"{adapter}/api/config", access).json()
    assert (found["jitsiUrl"], found["defaultRoom"]) == (ENV["JITSI_URL"], ENV["DEFAULT_ROOM"])
    said = jwt.decode(found["token"], SECRET, ["HS256"], audience="jitsi", issuer="jitsi", leeway=1)
    assert jwt.get_unverified_header(found["token"]) == {"alg": "HS256", "typ": "JWT"}
    assert abs(said.pop("iat") - time.time()) < 10
    theirs = claims(access)
    assert said == {
        "context": {"user": {"name": "Al Ien", "email": "alien@darkstar.lan", "lobby_bypass": True}},
        "aud": "jitsi", "iss": "jitsi", "sub": "*", "room": "*", "nbf": theirs["auth_time"], "exp": theirs["exp"],
    }  # fmt: skip
    avatar = "https://sso.darkstar.lan/a?b=c"
    with_picture = get(f"{adapter}/api/config", access, avatar=avatar).json()["token"]
    assert claims(with_picture)["context"]["user"]["avatar"] == avatar


def leads_to_login(answer: requests.Response, realm: str, place: str) -> bool:
    """Not 401, so that a script of the page meets CORS instead."""
    where = urlsplit(answer.headers["Location"])
    query = parse_qs(where.query)
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{realm}/protocol/openid-connect/auth"
    assert (query["client_id"], query["response_type"], query["scope"]) == (["jitsi"], ["code"], ["openid"])
    return answer.status_code == 302 and query["redirect_uri"] == [place]


def test_who_is_not_known_is_sent_to_log_in(
    adapter: str, access: str, realm: str, keycloak: fake_keycloak.Server
) -> None:
    place = f"{adapter}/api/config"
    assert leads_to_login(get(place), realm, f"{place}?auth_callback=1")
    assert leads_to_login(get(place, avatar="x"), realm, f"{place}?avatar=x&auth_callback=1")
    head, body, signature = access.split(".")
    signed = keycloak.realms[REALM].key.signed
    past, other, kind = (signed({**claims(access), **wrong}) for wrong in ({"exp": 1}, {"iss": "x"}, {"typ": "ID"}))
    for token in ("x", f"{head}.{body}.", f"{head}.{body}.{signature[:-8]}AAAAAAAA", past, other, kind):
        assert leads_to_login(get(place, token), realm, f"{place}?auth_callback=1"), token
    assert get(f"{adapter}/api/invite").status_code == 302


def test_what_ends_with_500(adapter: str, access: str, keycloak: fake_keycloak.Server) -> None:
    """Without the scope `basic`, and every invitation."""
    keycloak.realms[REALM].has_auth_time = False
    try:
        assert get(f"{adapter}/api/config", access_token(keycloak.url)).status_code == 500
    finally:
        keycloak.realms[REALM].has_auth_time = True
    assert get(f"{adapter}/api/invite", access, name="x", room="y").status_code == 500


def test_names_that_are_missing_are_undefined(adapter: str, keycloak: fake_keycloak.Server) -> None:
    user = keycloak.realms[REALM].users["alien"]
    first, last = user.pop("firstName"), user.pop("lastName")
    try:
        found = get(f"{adapter}/api/config", access_token(keycloak.url)).json()["token"]
    finally:
        user.update(firstName=first, lastName=last)
    assert claims(found)["context"]["user"]["name"] == "undefined undefined"


@pytest.mark.filterwarnings("ignore:The HMAC key")  # the default is a short one
def test_defaults_and_the_older_image(keycloak: fake_keycloak.Server, started: Callable[..., Any], access: str) -> None:
    env: Dict[str, str] = {"ALLOWED_SUB": "meet.jitsi", "ALLOWED_ROOM": "staff"}
    _, address = started(["jitsi-keycloak", "jitsi-keycloak-1.3.1"], "src/app.js", env, config(keycloak.url))
    found = get(f"{address}/api/config", access).json()
    assert (found["jitsiUrl"], found["defaultRoom"]) == ("JITSI_URL", "DEFAULT_ROOM")
    said = jwt.decode(found["token"], "JITSI_SECRET", ["HS256"], audience="jitsi")
    assert (said["sub"], said["room"]) == ("meet.jitsi", "staff")
    assert "exp" not in said and "nbf" not in said


@pytest.mark.parametrize("wrong", ["", "{", "-"])
def test_it_ends_without_its_file(started: Callable[..., Any], wrong: str) -> None:
    said, code = started(["jitsi-keycloak"], "src/app.js", ENV, wrong)
    assert code == 1 and ("ENOENT" if not wrong else "SyntaxError") in said


def test_a_keycloak_that_is_away_is_asked_again(started: Callable[..., Any], access: str) -> None:
    away = json.dumps({"realm": REALM, "auth-server-url": "http://localhost:1/", "resource": "jitsi"})
    _, address = started(["jitsi-keycloak"], "src/app.js", ENV, away)
    assert get(f"{address}/api/config", access).status_code == 302 and get(f"{address}/room").status_code == 200
