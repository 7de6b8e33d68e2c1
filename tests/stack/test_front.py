"""jitsictl vhost with a real httpd in Slackware's layout: what keeps it from being installed; what goes away."""

from __future__ import annotations

import pytest
from bed import front
from bed.base import HERE, wait_until
from bed.front import fetch
from bed.site import Site

from jitsictl.plan import vhost
from jitsictl.settings import quote

pytestmark = pytest.mark.bed

HOST = "meet.darkstar.lan"
OURS = "/etc/httpd/extra/httpd-jitsi.conf"
OFF = front.OFF


@pytest.fixture(scope="module")
def site(refused: Site) -> Site:
    """A running site, with Slackware's httpd as it comes and no certificate."""
    front.install(refused.host)
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


def started(site: Site, conf: str) -> str:
    """httpd without our file, started with this configuration."""
    site.host.run(["rm", "-f", OURS, f"{front.CONF}.before-jitsi"])
    front.restart(site.host, conf)
    return conf


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
    answer = fetch(site.host, HOST, f"http://{HOST}/.well-known/acme-challenge/token-0")
    assert answer.startswith("HTTP/1.1 200") and answer.endswith("\n\ntoken-0.answer")
    page = fetch(site.host, HOST, f"http://{HOST}/")
    assert not page.startswith("HTTP/1.1 301"), "to a page that does not answer yet"
    front.certify(site.host, HOST)
    site.host.write(front.CONF, front.loaded() + site.host.read(front.CONF)[len(stock):])
    site.jitsictl("vhost", "--install")
    assert fetch(site.host, HOST, f"http://{HOST}/").startswith("HTTP/1.1 301")
    assert fetch(site.host, HOST, f"https://{HOST}/").startswith("HTTP/2 200")


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
    front.stop(site.host)
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
