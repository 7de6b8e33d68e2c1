"""What comes through Apache with the file of `jitsictl vhost`, from a real site."""

from __future__ import annotations

import contextlib
import subprocess
from typing import Iterator

import pytest
from bed import front
from bed.base import HERE, wait_until
from bed.front import fetch
from bed.site import CONF, Site

pytestmark = pytest.mark.bed

HOST = "meet.darkstar.lan"
LOG = "/var/log/httpd/jitsi_access_log"

# Answers with the request's own headers.
_ECHO = """
import http.server
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", 9099), Echo).serve_forever()
"""


@pytest.fixture(scope="module")
def site(refused: Site) -> Site:
    """A running site, with Slackware's httpd."""
    front.install(refused.host)
    refused.host.put(HERE / "wire.py", "/root/wire.py")
    return refused


@pytest.fixture
def installed(site: Site) -> Site:
    """With `jitsictl vhost --install` done; as the test before left it when that is what it left."""
    if site.jitsictl("vhost", "--diff", check=False).returncode != 0:
        front.certify(site.host, HOST)
        front.restart(site.host, front.loaded())
        site.jitsictl("vhost", "--install")
    return site


def test_the_page_through_apache(installed: Site) -> None:
    answer = fetch(installed.host, HOST, f"https://{HOST}/")
    head, _, body = answer.partition("\n\n")
    assert head.startswith("HTTP/2 200") and body.strip() == installed.host.http("/").body.strip() != ""
    assert "strict-transport-security: max-age=31536000" in head and "x-content-type-options: nosniff" in head


def test_plain_http_is_redirected_to_the_name_that_stands_in_the_file(installed: Site) -> None:
    for options in ((), ("-H", "Host: evil.example")):
        head = fetch(installed.host, HOST, f"http://{HOST}/a%20room%0dX?lang=nl", *options)
        assert head.startswith("HTTP/1.1 301") and f"\nLocation: https://{HOST}/a%20room%0dX?lang=nl\n" in head


def test_the_acme_clients_answers_are_served_on_port_80(installed: Site) -> None:
    installed.host.write("/var/www/dehydrated/token-1", "token-1.answer")
    answer = fetch(installed.host, HOST, f"http://{HOST}/.well-known/acme-challenge/token-1")
    assert answer.startswith("HTTP/1.1 200") and answer.endswith("\n\ntoken-1.answer")
    assert fetch(installed.host, HOST, f"http://{HOST}/.well-known/acme-challenge/").startswith("HTTP/1.1 403")


def test_no_query_string_is_logged(installed: Site) -> None:
    for scheme in ("http", "https"):
        fetch(installed.host, HOST, f"{scheme}://{HOST}/room-of-{scheme}?jwt=SECRETTOKEN")
    log = wait_until(lambda: _both_rooms(installed), "the log")
    assert "SECRETTOKEN" not in log
    assert installed.host.run("grep -r SECRETTOKEN /var/log/httpd", check=False).stdout == ""


def _both_rooms(site: Site) -> str:
    text = site.host.read(LOG)
    return text if "room-of-http " in text and "room-of-https " in text else ""


def test_a_websocket_through_apache_that_a_renewed_certificate_keeps(installed: Site) -> None:
    """Twice, the second time with the process of the first one still there."""
    socket = ["python3", "-I", "/root/wire.py", "websocket", "/xmpp-websocket"]
    with installed.host.spawn(socket, stdin=subprocess.PIPE) as client:
        assert client.stdin is not None and client.stdout is not None
        assert client.stdout.readline().startswith('"HTTP/1.1 101')
        folder = f"/etc/dehydrated/certs/{HOST}"
        installed.host.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                            "-nodes", "-days", "9", "-subj", "/CN=other.lan", "-keyout", f"{folder}/privkey.pem",
                            "-out", f"{folder}/fullchain.pem"])
        noted = installed.jitsictl("status", check=False).stdout
        assert "httpd serves another certificate" in noted and "ends in 8 days" in noted and "is not for" in noted
        assert "1 of httpd's processes (0 since an earlier one)" in installed.jitsictl("vhost", "--renewed").stdout
        assert "nothing to do" in installed.jitsictl("vhost", "--renewed").stdout
        front.certify(installed.host, HOST)
        assert "1 of httpd's processes (1 since an earlier one)" in installed.jitsictl("vhost", "--renewed").stdout
        assert f"\n  tls        {HOST} until 20" in installed.jitsictl("status", check=False).stdout
        said, _ = client.communicate('[1, ""]\n', timeout=20)
        assert said == '[10, ""]\n', "a pong"


def test_what_a_client_says_of_itself_does_not_reach_the_page(installed: Site) -> None:
    with _setting(installed, "HTTP_PORT=127.0.0.1:9099\n"):
        assert installed.jitsictl("vhost", "--diff", check=False).returncode == 3
        assert "jitsictl vhost --diff" in installed.jitsictl("status", check=False).stdout
        installed.jitsictl("vhost", "--install")
        echo = installed.host.spawn(["python3", "-I", "-c", _ECHO])
        try:
            wait_until(lambda: installed.host.http("/", port=9099).status, "the echo")
            forged = ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: gopher", "X-Forwarded-Port: 70",
                      "X-Forwarded-Host: evil.example", "X-Real-IP: 203.0.113.9", "Forwarded: for=203.0.113.9"]
            words = [word for header in forged for word in ("-H", header)]
            said = wait_until(lambda: _echoed(installed, words), "httpd to go to the other port")
            hop = _echoed(installed, ["--http1.1", "-H", "Connection: X-Forwarded-For, X-Forwarded-Proto, Host"])
        finally:
            echo.kill()
            echo.communicate()
    assert not any(word in said for word in ("203.0.113.9", "evil.example", "gopher"))
    assert "X-Forwarded-For: 127.0.0.1\n" in said and f"Host: {HOST}\n" in said
    assert "X-Forwarded-For: 127.0.0.1\n" in hop and f"Host: {HOST}\n" in hop, "headers named in Connection are dropped"
    assert "X-Forwarded-Proto: https\n" in said and "X-Forwarded-Port: 443\n" in said
    installed.jitsictl("vhost", "--install")
    assert installed.jitsictl("vhost", "--diff").returncode == 0
    assert "jitsictl vhost" not in installed.jitsictl("status", check=False).stdout


def _echoed(site: Site, words: list[str]) -> str:
    answer = fetch(site.host, HOST, f"https://{HOST}/", *words)
    return answer if "User-Agent: curl" in answer else ""


@contextlib.contextmanager
def _setting(site: Site, line: str) -> Iterator[None]:
    before = site.host.read(CONF)
    site.conf(line)
    yield
    site.host.write(CONF, before)
