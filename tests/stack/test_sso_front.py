"""The sign-on's host before jitsi-keycloak, through a real httpd: what would carry tokens away is refused there."""

from __future__ import annotations

from typing import Iterator

import pytest
from bed import front
from bed.base import wait_until
from bed.site import Site

pytestmark = pytest.mark.bed

PAGE, SIGN_ON = "meet.darkstar.lan", "sso.meet.darkstar.lan"
FOLDER = f"/etc/dehydrated/certs/{SIGN_ON}"
LINES = f"""\
ENABLE_AUTH=1
AUTH_TYPE=jwt
JWT_APP_ID=jitsi
SSO_URL=https://{SIGN_ON}
SSO_TLS_CERTIFICATE={FOLDER}/fullchain.pem
SSO_TLS_KEY={FOLDER}/privkey.pem
"""
# Stands for the adapter: says which path came through.
_ADAPTER = """
import http.server
class Adapter(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = ("came: " + self.path).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", 3000), Adapter).serve_forever()
"""


@pytest.fixture(scope="module")
def site(refused: Site) -> Iterator[Site]:
    front.install(refused.host)
    refused.host.write(front.CONF, front.loaded(), 0o644)
    for name in (PAGE, SIGN_ON):
        front.certify(refused.host, name)
    front.start(refused.host)
    refused.conf(LINES)
    refused.rc("reload")
    refused.jitsictl("vhost", "--install")
    adapter = refused.host.spawn(["python3", "-I", "-c", _ADAPTER])
    wait_until(lambda: refused.host.http("/", port=3000).status, "the adapter")
    yield refused
    adapter.kill()
    adapter.communicate()


def asked(site: Site, url: str, *options: str) -> str:
    """Head and body through Apache, the path as it stands."""
    known = [word for name in (PAGE, SIGN_ON) for port in (80, 443)
             for word in ("--resolve", f"{name}:{port}:127.0.0.1")]  # fmt: skip
    words = ["curl", "-sSig", "--path-as-is", "--http1.1", "-m", "10", *known, *options, url]
    return site.host.run(words, check=False).stdout.replace("\r\n", "\n")


def code(answer: str) -> int:
    return int(answer.split(" ", 2)[1])


@pytest.mark.parametrize("protocol", ["--http1.1", "--http2"])
@pytest.mark.parametrize(
    "path",
    ["/http:evil.example", "/%5C%5Cevil.example", "/%5cevil.example", "/javascript:alert(1)", "//evil.example",
     "/%2F%2Fevil.example", "/%2fevil.example", "/a//evil.example", "/HTTPS%3A%2F%2Fevil.example",
     "/http%3aevil.example", "/\\\\evil.example"],
)  # fmt: skip
def test_a_room_that_names_another_site_is_refused(site: Site, path: str, protocol: str) -> None:
    """httpd itself has no page whose name has an escaped slash, and says so before any rule is read."""
    answer = asked(site, f"https://{SIGN_ON}{path}", protocol)
    assert code(answer) == (404 if "%2f" in path.lower() else 400) and "came:" not in answer


@pytest.mark.parametrize(
    "path", ["/room", "/My%20Room", "/caf%C3%A9?x=https://a.example/", "/api/config?avatar=https%3A%2F%2Fa.example"]
)
def test_any_other_room_goes_through(site: Site, path: str) -> None:
    answer = asked(site, f"https://{SIGN_ON}{path}")
    assert code(answer) == 200 and answer.endswith(f"came: {path}")
    for header in ("Cache-Control: no-store", "Referrer-Policy: no-referrer", "X-Frame-Options: SAMEORIGIN"):
        assert answer.count(f"\n{header}\n") == 1
    assert "\nReferrer-Policy: strict" not in answer


def test_its_invitations_are_closed_and_port_80_leads_to_it(site: Site) -> None:
    assert [code(asked(site, f"https://{SIGN_ON}{path}")) for path in ("/api/invite", "/API/invite/x")] == [403, 403]
    assert f"\nLocation: https://{SIGN_ON}/room\n" in asked(site, f"http://{SIGN_ON}/room")


def test_the_page_sends_people_there_and_takes_a_name_that_was_escaped_twice(site: Site) -> None:
    assert f"config.tokenAuthUrl = 'https://{SIGN_ON}/{{room}}';" in asked(site, f"https://{PAGE}/config.js")
    answer = asked(site, f"https://{PAGE}/My%2520Room?jwt=TOKEN")
    assert code(answer) == 302 and f"\nLocation: https://{PAGE}/My%20Room?jwt=TOKEN\n" in answer
    assert code(asked(site, f"https://{PAGE}/My%20Room?jwt=TOKEN")) == 200
    split = asked(site, f"https://{PAGE}/a%2520b%0d%0aSet-Cookie:x=1?jwt=TOKEN")
    assert code(split) != 302 and "Set-Cookie" not in split.partition("\n\n")[0]
    assert "TOKEN" not in site.host.run("cat /var/log/httpd/*").stdout
