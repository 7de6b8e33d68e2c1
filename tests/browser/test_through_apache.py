"""The way from a browser to the containers: a real site with Etherpad behind Slackware's httpd, on one host."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Dict, Iterator, List, NamedTuple
from urllib.parse import urlsplit

import bed
import pytest
from bed import browser, front
from bed.base import HERE, wait_until
from bed.inside import Spawned
from bed.site import CONFIG, NEW, OLD, Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.bed

HOST = "meet.darkstar.lan"
USER, PASSWORD = "alien", "WelcomeBOB!"
OPEN = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>'
IDLE = 75.0  # seconds; httpd's own Timeout is 60
PICTURE = Path(__file__).resolve().parents[2] / "build/pad.png"


class Idle(NamedTuple):
    """A websocket that nobody writes to, and when it was opened."""

    client: Spawned
    since: float


@pytest.fixture(scope="module")
def site(lan: bed.Lan, txz: Path) -> Iterator[Site]:
    """The last root release, with Etherpad behind the page's own path, and `jitsictl vhost --install` done."""
    with bed.Host(lan, name="darkstar") as host:
        made = Site(host)
        made.install(txz)
        made.setup(release=OLD)
        # Upstream's web closes what is idle for 60 s, and may: Jitsi's client pings every 10. Apache is tested here.
        host.write(f"{CONFIG}/web/nginx-custom/idle.conf", "proxy_read_timeout 900s;\n")
        host.dockerd_start()
        made.rc("start")
        made.useradd(USER, PASSWORD)
        front.install(host)
        front.certify(host, HOST)
        host.write(front.CONF, front.loaded())
        made.jitsictl("vhost", "--install")
        front.start(host)
        host.put(HERE / "wire.py", "/root/wire.py")
        yield made


@pytest.fixture(scope="module", autouse=True)
def idle(site: Site) -> Iterator[Idle]:
    """Opened before the first test, asked again after the others: nobody waits for it."""
    client = site.host.spawn(["python3", "-I", "/root/wire.py", "websocket", "/xmpp-websocket"], stdin=subprocess.PIPE)
    assert said(client) == "HTTP/1.1 101 Switching Protocols"
    yield Idle(client, time.monotonic())
    client.kill()
    client.communicate()


@pytest.fixture(scope="module")
def chromium(site: Site) -> Iterator[Browser]:
    reason = browser.missing()
    if reason:
        pytest.skip(reason)
    with browser.chromium(site.host, HOST) as started:
        yield started


def said(client: Spawned) -> object:
    assert client.stdout is not None
    return json.loads(client.stdout.readline())


def told(client: Spawned, text: str, answers: int) -> List[object]:
    """The frames that come back; a ping where there is no text."""
    assert client.stdin is not None
    client.stdin.write(json.dumps([answers, text]) + "\n")
    client.stdin.flush()
    return [said(client) for _ in range(answers)]


def ask(site: Site, *requests: str, port: int = 443) -> List[str]:
    """The answers to whole requests, as they are."""
    lines = "".join(json.dumps([port, request]) + "\n" for request in requests)
    done = site.host.run(["python3", "-I", "/root/wire.py", "ask"], input=lines)
    return [json.loads(line) for line in done.stdout.splitlines()]


def get(site: Site, *targets: str, port: int = 443, headers: str = "") -> Dict[str, str]:
    """The answers by target, which goes over the wire as it is written."""
    tail = f" HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n{headers}\r\n"
    return dict(zip(targets, ask(site, *(f"GET {target}{tail}" for target in targets), port=port)))


def status(answer: str) -> int:
    return int(answer.split()[1])


def location(answer: str) -> str:
    found = re.search(r"^Location: (.*)\r$", answer.partition("\r\n\r\n")[0], re.MULTILINE | re.IGNORECASE)
    return found.group(1) if found else ""


@pytest.mark.parametrize("path", ["/xmpp-websocket?room=a", "/tenant/xmpp-websocket?room=a"])
def test_prosody_answers_through_a_websocket(site: Site, path: str) -> None:
    client = site.host.spawn(["python3", "-I", "/root/wire.py", "websocket", path], stdin=subprocess.PIPE)
    try:
        assert said(client) == "HTTP/1.1 101 Switching Protocols"
        opened, features = told(client, OPEN, 2)
    finally:
        client.kill()
        client.communicate()
    assert "from='meet.jitsi'" in str(opened) and "SCRAM-SHA-1" in str(features)


def test_rooms_and_tenants_beside_etherpad(site: Site) -> None:
    found = get(site, "/room", "/tenant/room", "/tenant/config.js", "/etherpads", "/etherpad/p/x")
    page = site.host.http("/").body.strip()
    for room in ("/room", "/tenant/room", "/etherpads"):
        assert status(found[room]) == 200 and page in found[room], room
    assert "var subdir = 'tenant/';" in found["/tenant/config.js"]
    assert status(found["/etherpad/p/x"]) == 200 and 'id="editorloadingbox"' in found["/etherpad/p/x"]


def leads_to_etherpad(site: Site) -> None:
    """What is lost is the room of that name. web's own server would lead to its port, which nobody can reach."""
    found = get(site, "/etherpad")["/etherpad"]
    assert (status(found), location(found)) == (301, f"https://{HOST}/etherpad/")


def test_etherpads_inner_paths_are_closed_by_every_name(site: Site) -> None:
    """web takes a tenant's name away and begins anew; httpd undoes escapes and dots before it looks."""
    paths = ("/etherpad/admin", "/tenant/etherpad/admin", "/a/b/etherpad/api/1/listAllPads", "/etherpad/%61pi/1/x",
             "//etherpad//stats", "/etherpad/p/../api", "/etherpad/./api", "/tenant/Etherpad/../etherpad/ADMIN/")
    assert {path: status(answer) for path, answer in get(site, *paths).items()} == dict.fromkeys(paths, 403)
    encoded = get(site, "/etherpad%2fapi", "/x/..%2fetherpad/api")
    assert {status(answer) for answer in encoded.values()} == {404}


def test_no_path_leads_to_another_host(site: Site) -> None:
    """The list that turns d3473r's SSO page into a redirect to anywhere, and what a proxy for all would take."""
    paths = ("/http:evil.example", "/%5C%5Cevil.example", "/\\\\evil.example", "//evil.example",
             "//evil.example/etherpad", "/javascript:alert(1)", "/%2F%2Fevil.example", "http://evil.example/",
             "/@evil.example", "/a%0d%0aX-Evil:%201", "/%0aLocation:https://evil.example")
    for path, answer in get(site, *paths).items():
        head = answer.partition("\r\n\r\n")[0]
        assert urlsplit(location(answer)).hostname in (None, HOST) and "evil" not in head.lower(), path
    bad = ("/..", "/../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "*", "x", "/%")
    for path, answer in get(site, *bad).items():
        assert status(answer) == 400, path
    (connect, trace) = ask(site, f"CONNECT {HOST}:22 HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n",
                           f"TRACE / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nX-Mine: echo\r\n\r\n")
    assert (status(connect), status(trace)) == (405, 405) and "echo" not in trace


def test_plain_http_leads_to_this_site_whatever_is_asked(site: Site) -> None:
    """What is asked must come back escaped as it was: it becomes a header."""
    same = ("/a%20b", "/%25", "/a%22'", "/%c3%a9", "/a%0d%0aX-Evil:1", "/a?x=%0d%0aX-Evil:1", "/%0a", "/a;b", "/a%23b",
            "/@evil.example", "/a+b?c=d%26e&f", "/x?y=https://evil.example/")
    changed = {'/"': "/%22", "/\xe9": "/%e9", "//evil.example": "/evil.example", "/\\evil.example": "/%5cevil.example",
               "http://evil.example/x": "/x"}
    for path, answer in get(site, *same, *changed, port=80).items():
        assert status(answer) == 301 and location(answer) == f"https://{HOST}{changed.get(path, path)}", path
        assert "\r\nX-Evil" not in answer
    for path, answer in get(site, "/a b", "/%", "@evil.example", "*", "/..", "/a\tb", "/a\rb", port=80).items():
        assert status(answer) == 400 and not location(answer), path


def test_no_log_has_a_token(site: Site) -> None:
    """Not even where httpd refuses: core tells of a path that is none with all that was asked."""
    token = "SECRET-TOKEN"  # noqa: S105
    paths = ("/room", "/tenant/room", "/xmpp-websocket", "/http-bind", "/../", "/100%", "/a%2fb", "/%00",
             "/etherpad/admin", "/etherpad", "x", f"/{'a' * 9000}")
    targets = [f"{path}?{name}={token}" for path in paths for name in ("jwt", "room=a&token")]
    for port in (80, 443):
        get(site, *targets, "/logged", port=port, headers=f"Referer: https://{HOST}/room?jwt={token}\r\n")
    wait_until(lambda: site.host.read("/var/log/httpd/jitsi_access_log").count(" /logged ") == 2, "the log")
    assert site.host.run(["grep", "-r", token, "/var/log/httpd"], check=False).stdout == ""


def logs_in(chromium: Browser) -> None:
    """With the right password alone, on a page of the site, through a websocket at the address that config.js names."""
    page = chromium.new_page()
    page.goto(f"https://{HOST}/room")
    opened: List[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    for script in (browser.strophe(), Path(__file__).parent / "login.js"):
        page.add_script_tag(path=script)
    said = [page.evaluate("account => login(...account)", [USER, password]) for password in ("wrong", PASSWORD)]
    assert said == ["refused", f"{USER}@meet.jitsi"]
    assert opened == [f"wss://{HOST}/xmpp-websocket"] * 2
    page.close()


def pad_of(chromium: Browser, room: str) -> Page:
    """The pad in a browser profile of its own (Etherpad lets one profile open a pad once), by the room's link."""
    page = chromium.new_context(viewport={"width": 900, "height": 500}).new_page()
    page.goto(f"https://{HOST}/{room}")
    page.click("text=Shared document")
    page.wait_for_url(f"https://{HOST}/etherpad/p/{room}")
    lines(page).first.wait_for()
    page.locator("#editorloadingbox").wait_for(state="hidden")
    return page


def lines(page: Page):  # type: ignore[no-untyped-def]
    return page.frame_locator("[name=ace_outer]").frame_locator("[name=ace_inner]").locator("#innerdocbody > div")


def test_an_account_logs_in_through_a_websocket(chromium: Browser) -> None:
    logs_in(chromium)


def test_what_one_types_another_reads(chromium: Browser) -> None:
    one = pad_of(chromium, "Minutes")
    opened: List[str] = []
    one.on("websocket", lambda socket: opened.append(socket.url))
    one.reload()
    lines(one).first.wait_for()
    other = pad_of(chromium, "Minutes")
    one.locator("#editorloadingbox").wait_for(state="hidden")
    lines(one).first.click()
    one.keyboard.press("Control+Home")
    one.keyboard.type("Typed in one, read in another: \u00e9\u20ac\n")
    lines(other).filter(has_text="read in another: \u00e9\u20ac").wait_for()
    assert any(url.startswith(f"wss://{HOST}/etherpad/socket.io/") for url in opened)
    PICTURE.parent.mkdir(exist_ok=True)
    other.screenshot(path=PICTURE)
    one.context.close()
    other.context.close()


def test_an_idle_websocket_stays_open(idle: Idle) -> None:
    time.sleep(max(0.0, idle.since + IDLE - time.monotonic()))
    assert told(idle.client, "", 1) == [[10, ""]], "a pong"
    opened, _ = told(idle.client, OPEN, 2)
    assert "from='meet.jitsi'" in str(opened)


def test_all_of_it_survives_an_upgrade_across_the_layouts(site: Site, chromium: Browser) -> None:
    leads_to_etherpad(site)
    site.rc("upgrade", NEW)
    leads_to_etherpad(site)
    assert site.jitsictl("vhost", "--diff").returncode == 0
    logs_in(chromium)
    page = pad_of(chromium, "Minutes")
    lines(page).filter(has_text="read in another: \u00e9\u20ac").wait_for()
