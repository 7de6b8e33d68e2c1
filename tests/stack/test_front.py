"""jitsictl vhost with a real httpd in Slackware's layout, in front of a real site."""

from __future__ import annotations

import contextlib
import subprocess
from typing import Iterator

import pytest
from bed import front
from bed.base import HERE, wait_until
from bed.site import Site

from jitsictl.plan import vhost
from jitsictl.settings import quote

pytestmark = pytest.mark.bed

HOST = "meet.darkstar.lan"
CONF = "/etc/jitsi-meet/jitsi.conf"
OURS = "/etc/httpd/extra/httpd-jitsi.conf"
LOG = "/var/log/httpd/jitsi_access_log"
OFF = front.OFF

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
    """A running site, with Slackware's httpd as it comes and no certificate."""
    front.install(refused.host)
    refused.host.put(HERE / "wire.py", "/root/wire.py")
    return refused


@pytest.fixture
def stock(site: Site) -> str:
    """httpd as it comes, running; its httpd.conf. Whatever a test leaves is gone with the next one's."""
    return started(site, (HERE / "apache/httpd.conf").read_text())


@pytest.fixture
def ready(site: Site) -> str:
    """httpd with the modules loaded and the certificate there, running; its httpd.conf."""
    front.certify(site.host, HOST)
    return started(site, front.loaded())


@pytest.fixture
def installed(site: Site) -> Site:
    """With `jitsictl vhost --install` done; as the test before left it when that is what it left."""
    if site.jitsictl("vhost", "--diff", check=False).returncode != 0:
        front.certify(site.host, HOST)
        started(site, front.loaded())
        site.jitsictl("vhost", "--install")
    return site


def started(site: Site, conf: str) -> str:
    """httpd stopped, without our file, and started with this configuration."""
    ended(site)
    site.host.run(["rm", "-f", OURS, f"{front.CONF}.before-jitsi"])
    site.host.write(front.CONF, conf, 0o644)
    front.start(site.host)
    return conf


def ended(site: Site) -> None:
    """Told more than once: httpd forgets a signal that comes while it reads its configuration."""
    stop = 'p=$(cat /var/run/httpd.pid 2>/dev/null) && kill "$p" 2>/dev/null; [ ! -e "/proc/${p:-none}" ]'
    wait_until(lambda: site.host.run(stop, check=False).returncode == 0, "httpd to end", every=0.2)


def fetch(site: Site, url: str, *options: str) -> str:
    """Head and body through Apache, with the bed's authority trusted."""
    ports = [word for port in (80, 443) for word in ("--resolve", f"{HOST}:{port}:127.0.0.1")]
    return site.host.run(["curl", "-sSi", "-m", "10", *ports, *options, url]).stdout.replace("\r\n", "\n")


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_touched(site: Site, stock: str) -> None:
    site.host.run(["rm", "-rf", "/etc/dehydrated"])
    done = site.jitsictl("vhost", "--install", check=False)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    for name in OFF:
        number = stock.splitlines().index(f"#LoadModule {name}_module lib64/httpd/modules/mod_{name}.so") + 1
        (line,) = [line for line in lines if f"load {name}," in line]
        assert f"/etc/httpd/httpd.conf:{number}: #LoadModule {name}_module lib64/httpd/modules/mod_{name}.so" in line
    for file in ("fullchain.pem", "privkey.pem"):
        assert any(f"/etc/dehydrated/certs/{HOST}/{file}" in line for line in lines)
    assert lines[-1] == "jitsictl: nothing was changed" and len(lines) == len(OFF) + 3
    assert site.host.read(front.CONF) == stock and not site.host.exists(OURS)


def test_the_first_certificate_is_got_with_port_80_alone(site: Site, stock: str) -> None:
    site.host.run(["rm", "-rf", "/etc/dehydrated"])
    assert "then jitsictl vhost --install" in site.jitsictl("vhost", "--challenge").stdout
    site.host.write("/var/www/dehydrated/token-0", "token-0.answer")
    answer = fetch(site, f"http://{HOST}/.well-known/acme-challenge/token-0")
    assert answer.startswith("HTTP/1.1 200") and answer.endswith("\n\ntoken-0.answer")
    assert not fetch(site, f"http://{HOST}/").startswith("HTTP/1.1 301"), "to a page that does not answer yet"
    front.certify(site.host, HOST)
    site.host.write(front.CONF, front.loaded() + site.host.read(front.CONF)[len(stock):])
    site.jitsictl("vhost", "--install")
    assert fetch(site, f"http://{HOST}/").startswith("HTTP/1.1 301")
    assert fetch(site, f"https://{HOST}/").startswith("HTTP/2 200")


@pytest.mark.parametrize("name", OFF)
def test_each_module_is_missed(site: Site, ready: str, name: str) -> None:
    """configtest passes without proxy_http."""
    site.host.write(front.CONF, ready.replace(f"LoadModule {name}_module", f"#LoadModule {name}_module"))
    done = site.jitsictl("vhost", "--install", check=False)
    site.host.write(front.CONF, ready)
    assert done.returncode == 1 and f"LoadModule {name}_module" in done.stderr and not site.host.exists(OURS)


def test_a_key_of_another_certificate_is_refused(site: Site, ready: str) -> None:
    """configtest passes with it, and httpd would end at the graceful restart."""
    key = f"/etc/dehydrated/certs/{HOST}/privkey.pem"
    site.host.write(key, site.host.run(["openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout"]).stdout)
    done = site.jitsictl("vhost", "--install", check=False)
    assert done.returncode == 1 and "the key is another certificate's" in done.stderr
    assert not site.host.exists(OURS) and site.host.http("/", port=80).status


def test_another_host_of_the_same_name_is_refused(site: Site, ready: str) -> None:
    other = f"<VirtualHost *:80>\nServerName other.lan\nServerAlias {HOST}\n</VirtualHost>\n"
    site.host.write(front.CONF, ready + other)
    done = site.jitsictl("vhost", "--install", check=False)
    assert done.returncode == 1 and f"found one at /etc/httpd/httpd.conf:{len(ready.splitlines()) + 1}" in done.stderr


def test_the_page_through_apache(installed: Site) -> None:
    answer = fetch(installed, f"https://{HOST}/")
    head, _, body = answer.partition("\n\n")
    assert head.startswith("HTTP/2 200") and body.strip() == installed.host.http("/").body.strip() != ""
    assert "strict-transport-security: max-age=31536000" in head and "x-content-type-options: nosniff" in head


def test_plain_http_is_redirected_to_the_name_that_stands_in_the_file(installed: Site) -> None:
    for options in ((), ("-H", "Host: evil.example")):
        head = fetch(installed, f"http://{HOST}/a%20room%0dX?lang=nl", *options)
        assert head.startswith("HTTP/1.1 301") and f"\nLocation: https://{HOST}/a%20room%0dX?lang=nl\n" in head


def test_the_acme_clients_answers_are_served_on_port_80(installed: Site) -> None:
    installed.host.write("/var/www/dehydrated/token-1", "token-1.answer")
    answer = fetch(installed, f"http://{HOST}/.well-known/acme-challenge/token-1")
    assert answer.startswith("HTTP/1.1 200") and answer.endswith("\n\ntoken-1.answer")
    assert fetch(installed, f"http://{HOST}/.well-known/acme-challenge/").startswith("HTTP/1.1 403")


def test_no_query_string_is_logged(installed: Site) -> None:
    for scheme in ("http", "https"):
        fetch(installed, f"{scheme}://{HOST}/room-of-{scheme}?jwt=SECRETTOKEN")
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
    answer = fetch(site, f"https://{HOST}/", *words)
    return answer if "User-Agent: curl" in answer else ""


@contextlib.contextmanager
def _setting(site: Site, line: str) -> Iterator[None]:
    before = site.host.read(CONF)
    site.conf(line)
    yield
    site.host.write(CONF, before)


def test_what_configtest_refuses_leaves_no_trace(site: Site, ready: str) -> None:
    trap = f"{ready}<IfFile {OURS}>\nNonsense on\n</IfFile>\n"
    site.host.write(front.CONF, trap)
    done = site.jitsictl("vhost", "--install", check=False)
    assert done.returncode == 1 and "Nonsense" in done.stderr and "both files are as they were" in done.stderr
    assert site.host.read(front.CONF) == trap and not site.host.exists(OURS)
    assert site.host.http("/", port=80).status, "httpd runs on"


def test_a_httpd_that_ends_over_it_runs_on_what_it_had(site: Site, ready: str) -> None:
    """A port that is taken, in a file of the admin's: configtest binds none."""
    with site.host.spawn(["python3", "-I", "-m", "http.server", "9098"]) as other:
        wait_until(lambda: site.host.http("/", port=9098).status, "the other server")
        trap = f"{ready}<IfFile {OURS}>\nListen 9098\n</IfFile>\n"
        site.host.write(front.CONF, trap)
        done = site.jitsictl("vhost", "--install", check=False)
        other.kill()
        other.communicate()
    assert done.returncode == 1 and "found that it ended; both files are as they were" in done.stderr
    assert site.host.read(front.CONF) == trap and not site.host.exists(OURS)
    wait_until(lambda: site.host.http("/", port=80).status, "httpd to answer again")


@pytest.mark.parametrize("end", ["\n", ""])
def test_remove_gives_back_what_was(site: Site, ready: str, end: str) -> None:
    before = ready.rstrip("\n") + "\n# Café".encode("latin-1").decode("latin-1") + end
    site.host.write(front.CONF, before.encode("latin-1"), 0o640)
    site.jitsictl("vhost", "--install")
    once = site.host.run(["sha256sum", front.CONF, OURS]).stdout
    assert site.jitsictl("vhost", "--install").stdout == "nothing to do\n"
    assert site.host.run(["sha256sum", front.CONF, OURS]).stdout == once
    assert site.host.run(["cmp", front.CONF, f"{front.CONF}.before-jitsi"], check=False).returncode == 1
    site.jitsictl("vhost", "--remove")
    assert site.host.run(["od", "-An", "-c", front.CONF]).stdout == _od(site, before.encode("latin-1"))
    assert site.host.stat(front.CONF).st_mode & 0o777 == 0o640
    assert not site.host.exists(OURS) and not site.host.exists(f"{front.CONF}.before-jitsi")
    assert site.jitsictl("vhost", "--remove").stdout == "nothing to do\n"


def _od(site: Site, data: bytes) -> str:
    return site.host.run(["od", "-An", "-c"], input=data).stdout


def test_httpd_that_does_not_run_is_not_started(site: Site, ready: str) -> None:
    ended(site)
    assert "/etc/rc.d/rc.httpd start" in site.jitsictl("vhost", "--install").stdout
    assert site.host.run("pgrep -x apache2", check=False).stdout == ""
    site.host.run("/etc/rc.d/rc.httpd start")
    wait_until(lambda: site.host.run(["curl", "-sk", f"https://{site.host.ip}/"], check=False).stdout, "the page")


def test_httpd_reads_every_quoted_value_as_it_was(site: Site, ready: str) -> None:
    """httpd itself says what it read: -D DUMP_RUN_CFG shows what Define was given."""
    pieces = ["a", " ", "\\", '"', "'", "#", "$", "{", "}", "%", "<", ">", "é", "\\\\", '\\"', "%{X}", "$1", "`"]
    values = {f"V{i}_{j}": f"{one}{other}{one}" for i, one in enumerate(pieces) for j, other in enumerate(pieces)
              if "${" not in f"{one}{other}{one}"}
    text = "".join(f"Define {name} {quote.httpd(value)}\n" for name, value in values.items())
    site.host.write("/root/defines.conf", f"{ready}{text}")
    said = site.host.run(["/usr/sbin/apache2", "-d", "/usr", "-f", "/root/defines.conf", "-t", "-D", "DUMP_RUN_CFG"])
    read = dict(line[len("Define: "):].split("=", 1) for line in said.stdout.splitlines() if "=" in line
                and line.startswith("Define: V"))
    assert read == values and len(values) > 300


def test_printing_needs_no_httpd(site: Site, ready: str) -> None:
    said = site.jitsictl("vhost").stdout
    assert f'ServerName "{HOST}"' in said and "Listen 443\n" in said and vhost.CHALLENGE in said
    assert not site.host.exists(OURS)
    site.host.run("mv /usr/sbin/httpd /root/httpd; jitsictl vhost >/root/said; mv /root/httpd /usr/sbin/")
    assert site.host.read("/root/said") == said
