"""People log in at a real Keycloak, in a browser: from the page there, and back with a token, into a room over wss."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional
from urllib.parse import parse_qs, quote, urlsplit

import bed
import pytest
from bed import browser, front, keycloak
from bed.fake_keycloak import PASSWORD, REALM, SECRET, SERVICE, USER
from bed.site import Site

from jitsictl.sso.tokens import jws

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request

pytestmark = pytest.mark.bed

HOST, SIGN_ON, OPEN = "meet.darkstar.lan", "sso.meet.darkstar.lan", "open.darkstar.lan"
OIDC, JITSI_KEYCLOAK = "oidc", "jitsi-keycloak"
FOLDER = f"/etc/dehydrated/certs/{SIGN_ON}"
LINES = f"""\
KEYCLOAK_ADDRESS=host-gateway
SSO_TLS_CERTIFICATE={FOLDER}/fullchain.pem
SSO_TLS_KEY={FOLDER}/privkey.pem
"""
# An Apache block as the tutorial has it, which passes everything to jitsi-keycloak.
UNGUARDED = f"""
<VirtualHost *:443>
    ServerName {OPEN}
    SSLEngine on
    SSLCertificateFile "/etc/dehydrated/certs/{OPEN}/fullchain.pem"
    SSLCertificateKeyFile "/etc/dehydrated/certs/{OPEN}/privkey.pem"
    ProxyPass "/" "http://127.0.0.1:3000/"
</VirtualHost>
"""
PATHS = ("http:evil.example", "%5C%5Cevil.example", "%2F%2Fevil.example", "https%3A%2F%2Fevil.example",
         "javascript:alert(1)", "\\\\evil.example", "a//evil.example")  # fmt: skip
# For oidc: room and tenant.
STATES = (("http://evil.example", ""), ("//evil.example", ""), ("@evil.example", ""), ("\\\\evil.example", ""),
          ("a", "//evil.example"), ("a", "@evil.example"), ("evil.example", "//"))  # fmt: skip


@pytest.fixture(scope="module")
def site(real_keycloak: keycloak.Keycloak, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site behind Apache, and Keycloak behind the same; no adapter yet."""
    reason = browser.missing()
    if reason:
        pytest.skip(reason)
    # Asked for here, since pytest would make it first, and Keycloak needs the time to start.
    prepared: bed.Kept = request.getfixturevalue("prepared_new")
    host = prepared.fork().boot()
    host.dockerd_start()
    made = Site(host)
    front.install(host)
    keycloak.publish(host, HOST, SIGN_ON)
    for name in (HOST, SIGN_ON, OPEN):
        front.certify(host, name)
    host.write("/etc/httpd/extra/httpd-open.conf", UNGUARDED)
    host.write(front.CONF, f"{host.read(front.CONF)}Include /etc/httpd/extra/httpd-open.conf\n")
    front.start(host)
    made.conf(LINES)
    made.rc("start")
    made.jitsictl("vhost", "--install")
    real_keycloak.ready()
    yield made
    host.down()


@pytest.fixture(scope="module")
def chromium(site: Site) -> Iterator[Browser]:
    with browser.chromium(site.host, HOST, SIGN_ON, OPEN, keycloak.NAME) as started:
        yield started


@pytest.fixture(scope="module", params=[OIDC, JITSI_KEYCLOAK])
def adapter(site: Site, request: pytest.FixtureRequest) -> str:
    """The one that runs, set up as an administrator would; the second time there is nothing to do."""
    more = []
    if request.param == JITSI_KEYCLOAK:
        more = ["--sso-url", f"https://{SIGN_ON}"]
        _may_also_come_back_to(site, f"https://{OPEN}")
    words = ["sso", "setup", f"https://{keycloak.NAME}", "--realm", REALM, "--adapter", request.param, "--yes",
             "--ca", keycloak.AUTHORITY, "--service-account", SERVICE, "--password-stdin", *more]  # fmt: skip
    site.jitsictl(*words, input=f"{SECRET}\n")
    assert "nothing to do" in site.jitsictl(*words, input=f"{SECRET}\n").stdout
    return str(request.param)


def _may_also_come_back_to(site: Site, place: str) -> None:
    """What an administrator of Keycloak adds to the client, for another page."""
    def ask(path: str, *options: str, data: str = "") -> Any:
        words = ["curl", "-fsS", "-m", "20", *options, f"{keycloak.ADDRESS}{path}"]
        return json.loads(site.host.run(words, input=data).stdout or "null")

    form = f"grant_type=client_credentials&client_id={SERVICE}&client_secret={SECRET}"
    token = ask(f"/realms/{REALM}/protocol/openid-connect/token", "-d", form)["access_token"]
    bearer, clients = ["-H", f"Authorization: Bearer {token}"], f"/admin/realms/{REALM}/clients"
    (found,) = ask(f"{clients}?clientId=jitsi", *bearer)
    lists = {"redirectUris": [*found["redirectUris"], f"{place}/*"], "webOrigins": [*found["webOrigins"], place]}
    put = ["-X", "PUT", "-H", "Content-Type: application/json", "-d", "@-"]
    ask(f"{clients}/{found['id']}", *bearer, *put, data=json.dumps({**found, **lists}))


# -- a person ------------------------------------------------------------------------------------------------


class Person:
    """Somebody at a browser of their own, who is at the page. What it asks for and complains of is kept."""

    def __init__(self, chromium: Browser) -> None:
        self.context: BrowserContext = chromium.new_context()
        self.page: Page = self.context.new_page()
        self.said: List[str] = []
        self.asked: List[str] = []
        self.sockets: List[str] = []
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda socket: self.sockets.append(socket.url))

    def at(self, room: str) -> Page:
        """At the page of a room, with what Jitsi's own page has of a login."""
        self.page.goto(f"https://{HOST}/{quote(room)}")
        return self._with_scripts()

    def _with_scripts(self) -> Page:
        for script in (browser.strophe(), Path(__file__).with_name("sign_on.js")):
            self.page.add_script_tag(path=script)
        return self.page

    def sign_on(self, room: str, *crafted: str) -> None:
        """From the page of a room to whereever config.js sends people; `crafted`: with that room and tenant instead."""
        self.at(room).evaluate("asked => setTimeout(() => signOn(...asked))", crafted)

    def types(self, password: str) -> None:
        """Into Keycloak's form."""
        self.page.wait_for_url(f"{keycloak.ADDRESS}/realms/{REALM}/**")
        self.page.fill("#username", USER)
        self.page.fill("#password", password)
        self.page.click("#kc-login")

    def token(self) -> str:
        """What the browser is back with, at the page."""
        self.page.wait_for_url(lambda url: urlsplit(url).hostname == HOST and "jwt=" in url)
        self._with_scripts()
        found = parse_qs(urlsplit(self.page.url).query)["jwt"][0]
        # oidc rounds: a token may begin half a second from now, and Prosody gives no leeway.
        self.page.wait_for_timeout(max(0.0, claims(found)["nbf"] + 0.05 - time.time()) * 1000)
        return found

    def enters(self, room: str, token: Optional[str], guest: bool = False) -> str:
        return str(self.page.evaluate("asked => enter(...asked)", [room, token, guest]))

    def leaves(self) -> None:
        self.page.evaluate("leave()")


@pytest.fixture
def person(chromium: Browser) -> Iterator[Person]:
    made = Person(chromium)
    yield made
    made.context.close()


@pytest.fixture(scope="module")
def known(chromium: Browser) -> Iterator[Person]:
    """Somebody whom Keycloak knows from before, whichever adapter asks."""
    made = Person(chromium)
    yield made
    made.context.close()


def claims(token: str) -> Dict[str, Any]:
    return jws.read(token.split(".")[1]).values


def forged(site: Site, token: str, **changes: Any) -> str:
    """The same with other claims, signed by the site's own secret."""
    lines = site.host.run(["grep", "^JWT_APP_SECRET=", "/etc/jitsi-meet/secrets.conf"]).stdout
    return jws.sign({**claims(token), **changes}, lines.strip().partition("=")[2].strip("'\""))


def signed_on(person: Person, room: str) -> str:
    """A token for a room, the password typed where it is asked for."""
    person.sign_on(room)
    person.page.wait_for_url(lambda url: "jwt=" in url or urlsplit(url).hostname == keycloak.NAME)
    if "jwt=" not in person.page.url:
        person.types(PASSWORD)
    return person.token()


def test_a_password_opens_a_room_and_a_wrong_one_does_not(adapter: str, person: Person) -> None:
    person.sign_on("Staff")
    person.types("wrong")
    person.page.get_by_text("Invalid username or password.").wait_for()
    person.types(PASSWORD)
    token = person.token()
    said = claims(token)
    assert urlsplit(person.page.url).path == "/Staff"
    assert said["context"]["user"]["name"] == "Al Ien" and said["context"]["user"]["email"] == "alien@darkstar.lan"
    assert (said["room"], said["sub"]) == (("Staff", HOST) if adapter == OIDC else ("*", "*"))
    assert abs(said["exp"] - said["nbf"] - (10800 if adapter == OIDC else 14400)) < 30
    assert person.enters("Staff", token) == "entered"
    (socket,) = person.sockets
    assert socket == f"wss://{HOST}/xmpp-websocket?room=staff&token={token}"
    assert person.said == []


def test_who_has_no_good_token_has_no_session(site: Site, adapter: str, known: Person) -> None:
    token = signed_on(known, "staff")
    begun = claims(token)["nbf"]
    assert known.enters("staff", None) == "refused"
    assert known.enters("staff", forged(site, token, exp=begun - 1, nbf=begun - 600)) == "refused"
    assert known.enters("staff", token[:-4] + "AAAA") == "refused"
    assert known.enters("staff", forged(site, token)) == "entered"
    known.leaves()


def test_check_finds_the_whole_chain_whole(site: Site, adapter: str) -> None:
    done = site.jitsictl("sso", "check", "--user", USER, "--password-stdin", input=f"{PASSWORD}\n", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_room_name_leads_elsewhere(adapter: str, known: Person) -> None:
    signed_on(known, "staff")
    known.asked.clear()
    for path in PATHS if adapter == JITSI_KEYCLOAK else ():
        answer = known.page.goto(f"https://{SIGN_ON}/{path}")
        assert answer is not None and answer.status in (400, 404), path
    for state in STATES if adapter == OIDC else ():
        known.sign_on("staff", *state)
        known.page.wait_for_url(lambda url: "jwt=" in url)
        assert urlsplit(known.page.url).hostname == HOST, state
    assert {urlsplit(url).hostname for url in known.asked} <= {HOST, SIGN_ON, keycloak.NAME}
    assert known.said == []


@pytest.mark.parametrize("adapter", [JITSI_KEYCLOAK], indirect=True)
def test_without_the_guard_they_do(adapter: str, known: Person) -> None:
    """Else the test before would be one of nothing."""

    def carries_it_away(asked: Request) -> bool:
        return urlsplit(asked.url).hostname == "evil.example" and "jwt=" in asked.url

    with known.page.expect_request(carries_it_away), contextlib.suppress(Exception):  # there is no such host
        known.page.goto(f"https://{OPEN}/http:evil.example")


def test_any_name_of_a_room_comes_back_as_it_was(adapter: str, known: Person) -> None:
    """jitsi-keycloak escapes it twice, and Apache puts it right."""
    for room in ("My Room", "Caf\u00e9"):
        token = signed_on(known, room)
        assert urlsplit(known.page.url).path == f"/{quote(room)}"
        assert known.enters(room, token) == "entered"
        known.leaves()


@pytest.mark.parametrize("adapter", [OIDC], indirect=True)
def test_a_token_is_for_its_room_and_guests_wait_for_somebody_with_one(
    adapter: str, known: Person, person: Person
) -> None:
    token = signed_on(known, "board")
    person.at("board")
    assert person.enters("board", None, guest=True) == "registration-required"
    person.leaves()
    assert known.enters("staff", token) == "not-allowed"
    known.leaves()
    assert known.enters("board", token) == "entered"
    assert person.enters("board", None, guest=True) == "entered"
    known.leaves()


def test_no_log_has_a_token_or_a_password(site: Site, adapter: str, known: Person) -> None:
    token = signed_on(known, "staff").rpartition(".")[2]
    for word in (token, PASSWORD, SECRET):
        found = site.host.run(["grep", "-rlF", "--", word, "/var/log", "/var/lib/jitsi-meet/change"], check=False)
        assert found.stdout == "", word
