"""Where pads are opened: the page, a path of it, a host of its own, through a real httpd; and kept: a file, MariaDB.

And the whiteboard, which comes the same way.
"""

from __future__ import annotations

from typing import Iterator

import pytest
from bed import database, front
from bed.base import wait_until
from bed.site import CONFIG, Site

from jitsictl.settings.quote import conf_line

pytestmark = pytest.mark.bed

PAGE, PADS = "meet.darkstar.lan", "etherpad.darkstar.lan"
CONF = "/etc/jitsi-meet/jitsi.conf"
FOLDER = f"/etc/dehydrated/certs/{PADS}"
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")  # fmt: skip


@pytest.fixture(scope="module")
def site(refused: Site) -> Iterator[Site]:
    """A running site behind httpd, with shared documents and one of them written."""
    front.install(refused.host)
    refused.host.write(front.CONF, front.loaded())
    for name in (PAGE, PADS):
        front.certify(refused.host, name)
    refused.host.run("/etc/rc.d/rc.httpd start")
    opened(refused, f"https://{PAGE}/pad/p/")
    refused.pad("notes", "kept\n")
    yield refused


def opened(site: Site, address: str, *more: str) -> None:
    """The pads at another address: settings, containers, Apache."""
    settled(site, f"ETHERPAD_PUBLIC_URL={address}", *more)
    site.rc("reload")
    site.jitsictl("vhost", "--install")


def settled(site: Site, *lines: str) -> None:
    """jitsi.conf with shared documents and these settings of theirs alone."""
    kept = [line for line in site.host.read(CONF).splitlines() if not line.startswith("ETHERPAD")]
    site.host.write(CONF, "\n".join([*kept, "ETHERPAD=1", *lines, ""]))


def asked(site: Site, url: str, *headers: str, path_as_is: bool = False) -> str:
    """Head and body through Apache; a websocket's connection ends after two seconds."""
    known = [word for name in (PAGE, PADS) for port in (80, 443) for word in ("--resolve", f"{name}:{port}:127.0.0.1")]
    sent = [word for header in headers for word in ("-H", header)]
    limit = ["-m", "2", "--http1.1"] if headers else ["-m", "20"]
    raw = ["--path-as-is"] if path_as_is else []
    return site.host.run(["curl", "-sSi", *limit, *raw, *known, *sent, url], check=False).stdout.replace("\r\n", "\n")


def code(answer: str) -> int:
    return int(answer.split(" ", 2)[1])


def published(site: Site) -> str:
    return site.host.run(["docker", "port", site.containers()["etherpad"]], check=False).stdout.strip()


def test_at_a_path_of_the_page(site: Site) -> None:
    assert published(site) == "9001/tcp -> 127.0.0.1:9001"
    pad = asked(site, f"https://{PAGE}/pad/p/notes")
    assert code(pad) == 200 and "../static/" in pad
    assert f"config.etherpad_base = 'https://{PAGE}/pad/p/'" in asked(site, f"https://{PAGE}/config.js")
    socket = f"https://{PAGE}/pad/socket.io/?EIO=3&transport=websocket"
    assert code(asked(site, socket, *UPGRADE)) == 101


def test_the_room_called_pad_is_still_a_room(site: Site) -> None:
    room, other = (asked(site, f"https://{PAGE}/{name}") for name in ("pad", "another"))
    assert code(room) == 200 and room.partition("\n\n")[2] == other.partition("\n\n")[2]


@pytest.mark.parametrize(
    "path",
    ["/pad/admin", "/pad/admin/plugins", "/pad/ADMIN/", "/pad//admin", "//pad/stats", "/pad/%61dmin", "/pad/x/../admin",
     "/pad/p/%2e%2e/admin", "/pad/api/1/listAllPads", "/etherpad/admin", "/etherpad/api/1.2.15/createPad",
     "/etherpad//stats"],
)  # fmt: skip
def test_what_is_the_administrators_is_closed(site: Site, path: str) -> None:
    assert code(asked(site, f"https://{PAGE}{path}", path_as_is=True)) == 403


def test_on_a_host_of_its_own_with_a_certificate_of_its_own(site: Site) -> None:
    pair = (f"ETHERPAD_TLS_CERTIFICATE={FOLDER}/fullchain.pem", f"ETHERPAD_TLS_KEY={FOLDER}/privkey.pem")
    opened(site, f"https://{PADS}/p/", *pair)
    pad = asked(site, f"https://{PADS}/p/notes")
    assert code(pad) == 200 and site.pad("notes") == "kept\n"
    (cookie,) = [line for line in pad.splitlines() if line.lower().startswith("set-cookie: express_sid")]
    assert "samesite=none" in cookie.lower() and "secure" in cookie.lower()
    assert code(asked(site, f"https://{PADS}/socket.io/?EIO=3&transport=websocket", *UPGRADE)) == 101
    assert code(asked(site, f"https://{PADS}/Admin/")) == 403 and code(asked(site, f"https://{PADS}/api/1/x")) == 403
    assert f"\nLocation: https://{PADS}/p/notes\n" in asked(site, f"http://{PADS}/p/notes")
    assert code(asked(site, f"https://{PAGE}/another")) == 200
    assert "../static/" not in asked(site, f"https://{PAGE}/pad/p/notes")


def test_back_in_the_page_nothing_is_published(site: Site) -> None:
    opened(site, f"https://{PAGE}/etherpad/p/")
    assert published(site) == ""
    pad = asked(site, f"https://{PAGE}/etherpad/p/notes")
    assert code(pad) == 200 and site.pad("notes") == "kept\n"
    assert PADS not in site.host.read("/etc/httpd/extra/httpd-jitsi.conf")


def test_the_whiteboard_is_reached_through_the_page(site: Site) -> None:
    site.conf("WHITEBOARD=1\n")
    site.rc("reload")
    config = asked(site, f"https://{PAGE}/config.js")
    assert f"enabled: true,\n    collabServerBaseUrl: 'https://{PAGE}'" in config
    assert code(asked(site, f"https://{PAGE}/socket.io/?EIO=3&transport=websocket", *UPGRADE)) == 101
    assert "whiteboard" in site.rc("status").stdout


def test_in_a_mariadb_of_this_host(site: Site) -> None:
    database.start(site.host)
    server = ("ETHERPAD_DB_TYPE=mysql", "ETHERPAD_DB_HOST=host.docker.internal", "ETHERPAD_DB_PORT=3306",
              f"ETHERPAD_DB_NAME={database.NAME}", f"ETHERPAD_DB_USER={database.USER}",
              "ETHERPAD_DB_CHARSET=utf8mb4")  # fmt: skip
    settled(site, *server, conf_line("ETHERPAD_DB_PASS", database.PASSWORD))
    site.rc("reload")
    site.pad("minutes", "in MariaDB, naïvely \U0001f642\n")
    count = f"SELECT COUNT(*) FROM {database.NAME}.store WHERE `key` = 'pad:minutes'"
    wait_until(lambda: database.ask(site.host, count) == "1\n", "Etherpad to have written the pad")
    assert '"pad:minutes"' not in site.host.read(f"{CONFIG}/etherpad/dirty.db")
    settled(site, *server, conf_line("ETHERPAD_DB_PASS", database.PASSWORD), "ETHERPAD_TITLE=Our pads")
    site.rc("reload")
    assert site.pad("minutes") == "in MariaDB, naïvely \U0001f642\n"
    said = site.jitsictl("backup", "/root/site.tar.xz")
    assert "not in it: the pads: they are in a mysql server" in said.stdout
