"""Apache's file put in place and taken away, with a httpd that says what it is told to; the real one: tests/stack."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from jitsictl.cli import vhost as verb
from jitsictl.doors import files, ports
from jitsictl.front import graceful, install, look, watch
from jitsictl.plan import vhost
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from unit.change.world import World
from unit.site import CONF, settings

LOADED = "".join(f"LoadModule {name}_module lib64/httpd/modules/mod_{name}.so\n" for name in vhost.MODULES)
STOCK = f"Listen 80\n{LOADED}"
OTHER = "*:80   other.lan (/etc/httpd/extra/httpd-vhosts.conf:3)\n"

HTTPD = r"""#!/bin/sh
conf=@root@/etc/httpd/httpd.conf
vhost=@root@/etc/httpd/extra/httpd-jitsi.conf
if [ -e @root@/broken ]; then echo "Syntax error on line 3 of $conf" >&2; exit 1; fi
case "$*" in
  -v) echo "Server version: Apache/$(cat @root@/version) (Unix)" ;;
  -M) sed -n 's/^LoadModule \([a-z0-9_]*\) .*/ \1 (shared)/p' "$conf" ;;
  *DUMP_INCLUDES)
    echo "  (*) $conf"
    if [ -e "$vhost" ] && grep -q '^Include' "$conf"; then echo "    (9) $vhost"; fi ;;
  *DUMP_VHOSTS) cat @root@/hosts ;;
  *) if [ -e @root@/picky ] && [ -e "$vhost" ]; then echo "Syntax error on line 7 of $vhost" >&2; exit 1; fi ;;
esac
"""


class Machine:
    """A Slackware machine below a directory, with httpd running, a certificate, and nothing to complain of."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = Paths(root)
        self.held = {80: "httpd (pid 1)"}
        self.hears = True  # whether a graceful httpd listens where it is told to
        self.serves = True  # whether it has children afterwards
        self.served = 0
        for name, text in (
            ("usr/sbin/httpd", HTTPD), ("usr/sbin/apachectl", HTTPD),
            ("etc/rc.d/rc.httpd", "echo $1 >>@root@/told\n"),
        ):  # fmt: skip
            files.directory((root / name).parent, 0o755)
            (root / name).write_text(text.replace("@root@", str(root)))
            (root / name).chmod(0o755)
        for name, text in (("etc/httpd/httpd.conf", STOCK), ("version", "2.4.62"), ("hosts", OTHER),
                           ("var/run/httpd.pid", f"{os.getpid()}\n")):  # fmt: skip
            files.directory((root / name).parent, 0o755)
            (root / name).write_text(text)
        self.certify()

    @property
    def certificates(self) -> Path:
        return self.root / "etc/dehydrated/certs/meet.example.org"

    def certify(self, days: int = 90, name: str = "meet.example.org") -> None:
        self.certificates.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=a",
             "-addext", f"subjectAltName=DNS:{name}", "-days", str(days), "-nodes",
             "-keyout", self.certificates / "privkey.pem", "-out", self.certificates / "fullchain.pem"],
            check=True, capture_output=True,
        )  # fmt: skip

    @property
    def conf(self) -> Path:
        return self.paths.httpd_conf

    def told(self) -> list[str]:
        """What rc.httpd was called with since the last time."""
        text = files.read_text(self.root / "told") or ""
        files.remove(self.root / "told")
        return text.split()

    def holder(self, _address: str, port: int, _protocol: str) -> str | None:
        if self.hears and (self.root / "told").exists() and self.paths.vhost.exists():
            self.held[443] = "httpd (pid 1)"
        return self.held.get(port)

    def children(self, _pid: int) -> frozenset[int]:
        """A new one for each graceful restart that the configuration survives."""
        self.served += self.serves and len((files.read_text(self.root / "told") or "").split())
        return frozenset({self.served})

    def install(self, conf: str = CONF) -> list[str]:
        return install.install(self.paths, settings(conf), lambda _: None)

    def refused(self, conf: str = CONF) -> str:
        """Why an installation is refused, after making sure that nothing was touched."""
        before = self.conf.read_bytes()
        with pytest.raises(Failure) as caught:
            self.install(conf)
        assert self.conf.read_bytes() == before and not self.paths.vhost.exists() and self.told() == []
        assert sorted(path.name for path in self.conf.parent.iterdir()) == ["httpd.conf"]
        assert re.search(r"expected .+ found:? .+", caught.value.what)
        return caught.value.what


@pytest.fixture
def machine(tmp_path, monkeypatch):
    made = Machine(tmp_path)
    monkeypatch.setattr(ports, "holder", made.holder)
    monkeypatch.setattr(install.httpd, "children", made.children)
    monkeypatch.setattr(graceful, "TAKEN_SECONDS", 0.2)
    return made


def test_install_writes_includes_tests_and_reloads(machine):
    said = machine.install()
    assert machine.paths.vhost.read_text() == vhost.text(settings(), vhost.Around())
    assert machine.paths.vhost.stat().st_mode & 0o777 == 0o644
    assert machine.conf.read_text() == f"{STOCK}{look.BLOCK.decode()}\n"
    assert machine.conf.with_name("httpd.conf.before-jitsi").read_text() == STOCK
    assert machine.told() == ["graceful"] and len(said) == 3


def test_a_second_install_does_nothing_and_an_edit_is_written_over(machine):
    machine.install()
    machine.told()
    before = (machine.conf.read_bytes(), machine.paths.vhost.read_bytes())
    assert machine.install() == ["nothing to do"] and machine.told() == []
    machine.paths.vhost.write_text("# by hand\n")
    assert machine.install()[0] == f"wrote {machine.paths.vhost}" and machine.told() == ["graceful"]
    assert (machine.conf.read_bytes(), machine.paths.vhost.read_bytes()) == before


def test_an_install_that_was_cut_off_before_the_reload_is_finished(machine):
    machine.install()
    machine.told()
    del machine.held[443]
    assert "graceful" in machine.install()[0] and machine.told() == ["graceful"]


@pytest.mark.parametrize("stock", [STOCK, STOCK.rstrip("\n"), "", f"# caf\xe9\r\n{STOCK}"])
def test_remove_gives_back_every_byte(machine, stock):
    machine.conf.write_bytes((LOADED + stock).encode("latin-1"))
    machine.conf.chmod(0o640)
    before = machine.conf.read_bytes()
    machine.install()
    machine.told()
    assert machine.conf.read_bytes() != before
    assert len(install.remove(machine.paths)) == 3 and machine.told() == ["graceful"]
    assert machine.conf.read_bytes() == before and machine.conf.stat().st_mode & 0o777 == 0o640
    assert not machine.paths.vhost.exists()
    assert sorted(path.name for path in machine.conf.parent.iterdir()) == ["extra", "httpd.conf"]
    assert install.remove(machine.paths) == ["nothing to do"] and machine.told() == []


def test_remove_leaves_what_was_edited_meanwhile_and_keeps_the_backup(machine):
    machine.install()
    machine.conf.write_text("# mine\n" + machine.conf.read_text() + "# mine, too\n")
    install.remove(machine.paths)
    assert machine.conf.read_text() == f"# mine\n{STOCK}# mine, too\n"
    assert machine.conf.with_name("httpd.conf.before-jitsi").exists()


def test_remove_works_without_httpd(machine):
    machine.install()
    for name in ("usr/sbin/httpd", "usr/sbin/apachectl", "var/run/httpd.pid"):
        (machine.root / name).unlink()
    assert not any("start it" in line for line in install.remove(machine.paths))
    assert machine.conf.read_text() == STOCK and not machine.paths.vhost.exists()


def test_a_file_that_httpd_conf_includes_already_is_not_included_twice(machine):
    machine.conf.write_text(f"{STOCK}Include /etc/httpd/extra/*.conf\n")
    before = machine.conf.read_text()
    machine.install()
    assert machine.conf.read_text() == before and look.drift(machine.paths, settings()) == []


def test_a_link_to_httpd_conf_stays_one(machine):
    real = machine.root / "etc/httpd.conf"
    machine.conf.rename(real)
    machine.conf.symlink_to(real)
    machine.install()
    assert machine.conf.is_symlink() and look.BLOCK in real.read_bytes()


@pytest.mark.parametrize("first", [True, False])
def test_what_configtest_refuses_is_put_back(machine, first):
    if not first:
        machine.install()
        machine.paths.vhost.write_text("# by hand\n")
        machine.told()
    before = (machine.conf.read_bytes(), files.read_bytes(machine.paths.vhost))
    (machine.root / "picky").touch()
    with pytest.raises(Failure, match="Syntax error on line 7(.|\n)*") as caught:
        machine.install()
    assert "both files are as they were" in caught.value.what
    assert (machine.conf.read_bytes(), files.read_bytes(machine.paths.vhost)) == before and machine.told() == []
    assert machine.conf.with_name("httpd.conf.before-jitsi").exists() is not first, "a backup is of what is installed"


def test_a_remove_that_configtest_refuses_is_put_back(machine, monkeypatch):
    machine.install()
    machine.told()
    before = (machine.conf.read_bytes(), machine.paths.vhost.read_bytes())
    (machine.root / "broken").touch()
    with pytest.raises(Failure, match="Syntax error on line 3"):
        install.remove(machine.paths)
    assert (machine.conf.read_bytes(), machine.paths.vhost.read_bytes()) == before and machine.told() == []


@pytest.mark.parametrize("lacks", ["hears", "serves"])
def test_a_httpd_that_does_not_take_it_gets_its_old_files(machine, lacks):
    setattr(machine, lacks, False)
    with pytest.raises(Failure, match="found that it still runs with the old one; both files are as they were"):
        machine.install()
    assert machine.conf.read_text() == STOCK and not machine.paths.vhost.exists()
    assert machine.told() == ["graceful", "graceful"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_puts_back(machine, monkeypatch, number):
    monkeypatch.setattr(install.httpd, "configtest", lambda _: os.kill(os.getpid(), number))
    with pytest.raises(Failure, match="interrupted by"):
        machine.install()
    assert machine.conf.read_text() == STOCK and not machine.paths.vhost.exists()
    assert [path.name for path in machine.conf.parent.glob("httpd*")] == ["httpd.conf"]


def test_a_httpd_that_does_not_run_is_not_started(machine):
    (machine.root / "var/run/httpd.pid").unlink()
    assert "rc.httpd start" in machine.install()[-1] and machine.told() == []


@pytest.mark.parametrize("name", vhost.MODULES)
def test_a_missing_module_is_named_with_its_very_line(machine, name):
    line = f"LoadModule {name}_module lib64/httpd/modules/mod_{name}.so"
    machine.conf.write_text(STOCK.replace(line, f"#{line}"))
    number = STOCK.splitlines().index(line) + 1
    assert f"load {name}, found that it does not; take the # away in {machine.conf}:{number}: #{line}" in (
        machine.refused()
    )
    machine.conf.write_text(STOCK.replace(f"{line}\n", ""))
    assert f"write in {machine.conf}: {line}" in machine.refused()


def test_everything_is_said_at_once(machine):
    machine.conf.write_text(f"Listen 80\n{LOADED.replace('LoadModule ssl', '#LoadModule ssl')}")
    (machine.certificates / "privkey.pem").unlink()
    (machine.root / "version").write_text("2.4.46")
    (machine.root / "hosts").write_text("*:443  meet.example.org (/etc/httpd/extra/mine.conf:12)\n")
    machine.held[443] = "nginx (pid 812)"
    said = machine.refused(f"{CONF}ENABLE_HTTP_REDIRECT=1\nDISABLE_HTTPS=0\nHTTPS_PORT=127.0.0.1:8443\n")
    for part in (
        "load ssl,", "privkey.pem, found no such file", "httpd 2.4.47 or newer, for upgrade=websocket, found 2.4.46",
        "found one at /etc/httpd/extra/mine.conf:12", "port 443 to be free for httpd, found nginx (pid 812)",
        "ENABLE_HTTP_REDIRECT=0, found 1",
    ):  # fmt: skip
        assert part in said
    assert said.endswith("\nnothing was changed") and len(said.splitlines()) == 7


def test_a_key_of_another_certificate(machine):
    key = machine.certificates / "privkey.pem"
    made = subprocess.run(["openssl", "ecparam", "-genkey", "-name", "prime256v1"], check=True, capture_output=True)
    key.write_bytes(made.stdout)
    assert "found: the key is another certificate's" in machine.refused()


@pytest.mark.parametrize("alias", ["meet.example.org", "www.example.org *.example.org", '"Meet.Example.Org"'])
def test_an_alias_of_another_host_counts(machine, alias):
    """httpd tells aliases only where a second host has the same address."""
    other = machine.root / "other.conf"
    other.write_text(f"<VirtualHost *:443>\n  ServerName a.lan\n  ServerAlias {alias}\n</VirtualHost>\nServerAlias b\n")
    (machine.root / "hosts").write_text(f"{OTHER}*:443  a.lan ({other}:1)\n")
    assert f"found one at {other}:1, which hides ours" in machine.refused()
    other.write_text(other.read_text().replace(alias, "www.example.org").replace("Alias b", f"Alias {alias}"))
    machine.install()


def test_without_a_certificate_it_says_how_one_is_got(machine):
    for name in ("fullchain.pem", "privkey.pem"):
        (machine.certificates / name).unlink()
    said = machine.refused().splitlines()
    assert len(said) == 3 and "jitsictl vhost --challenge" in said[0] and "write TLS_KEY" in said[1]
    machine.certificates.joinpath("fullchain.pem").mkdir()
    assert "fullchain.pem, found no such file" in machine.refused()


def test_the_first_certificate(machine):
    """Port 80 alone, with Slackware's modules as they come; the next --install completes it."""
    loaded = "".join(f"LoadModule {name}_module x\n" for name in vhost.CHALLENGE_MODULES)
    machine.conf.write_text(f"Listen 80\n{loaded}")
    for name in ("fullchain.pem", "privkey.pem"):
        (machine.certificates / name).unlink()
    said = install.install(machine.paths, settings(), pytest.fail, challenge=True)
    text = machine.paths.vhost.read_text()
    assert len(said) == 3 and machine.told() == ["graceful"]
    assert text == vhost.text(settings(), vhost.Around(), frozenset(vhost.hosts(settings())))
    machine.certify()
    machine.conf.write_text(machine.conf.read_text() + LOADED)
    assert len(machine.install()) == 2 and "SSLEngine on" in machine.paths.vhost.read_text()


def test_the_first_certificate_of_a_second_host_leaves_the_page_as_it_is(machine):
    own = "ETHERPAD_PUBLIC_URL=https://pads.example.org/p/\nETHERPAD_PORT=127.0.0.1:9001\n"
    own += "ETHERPAD_TLS_CERTIFICATE=/etc/ssl/pads.crt\nETHERPAD_TLS_KEY=/etc/ssl/pads.key\n"
    assert "/etc/ssl/pads.crt, found no such file" in machine.refused(f"{CONF}{own}")
    install.install(machine.paths, settings(f"{CONF}{own}"), lambda _: None, challenge=True)
    text = machine.paths.vhost.read_text()
    assert text.count("SSLEngine on") == 1 and text.count("RewriteRule") == 1 and text.count("<VirtualHost *:80>") == 2


def test_a_challenge_is_refused_where_no_certificate_is_missing(machine):
    with pytest.raises(Failure, match="expected a certificate to be missing, found all .*\nnothing was changed"):
        install.install(machine.paths, settings(), lambda _: None, challenge=True)
    assert not machine.paths.vhost.exists()


def test_a_configuration_that_is_wrong_already(machine):
    machine.conf.write_text(STOCK.replace("LoadModule proxy_module", "#LoadModule proxy_module"))
    (machine.root / "broken").touch()
    said = machine.refused()
    assert "correct it first" in said and "Syntax error on line 3" in said and "#LoadModule proxy_module" in said
    assert "load ssl" not in said


def test_no_httpd_at_all(machine):
    (machine.root / "usr/sbin/httpd").unlink()
    assert "expected Slackware's httpd" in machine.refused()


def test_a_listen_that_is_there_is_not_written_again(machine):
    machine.conf.write_text(f"{STOCK}  listen 192.0.2.1:443 https\n#Listen 8443\n")
    machine.held[443] = "httpd (pid 1)"
    machine.install()
    assert not re.search(r"^Listen", machine.paths.vhost.read_text(), re.MULTILINE)
    assert machine.install() == ["nothing to do"], "our own lines are not another's"


def test_a_host_that_would_lose_its_plain_site_is_warned(machine):
    warned = []
    (machine.root / "hosts").write_text("VirtualHost configuration:\n")
    install.install(machine.paths, settings(), warned.append)
    assert len(warned) == 1 and "every name that leads here will be sent to meet.example.org" in warned[0]
    (machine.root / "hosts").write_text(OTHER)
    install.install(machine.paths, settings(), warned.append)
    assert len(warned) == 1


@pytest.fixture
def run(machine, monkeypatch):
    """jitsictl vhost on that machine, with a jitsi.conf; gives exit code and output."""
    World(machine.root)
    monkeypatch.setattr(verb, "Paths", lambda: machine.paths)

    def call(*words):
        done = CliRunner().invoke(verb.vhost, words, standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        return done.return_value, done.output

    return call


def test_the_verb_from_print_to_remove(machine, run):
    code, text = run()
    assert code == 0 and text == vhost.text(settings(), vhost.Around())
    code, diff = run("--diff")
    assert code == 3 and '+    ServerName "meet.example.org"' in diff
    assert run("--install")[0] == 0 and machine.paths.vhost.read_text() == text
    assert run("--diff") == (0, f"{machine.paths.vhost} is what jitsi.conf asks for\n")
    assert watch.watch(machine.paths).notes == []
    machine.paths.conf.write_text(machine.paths.conf.read_text() + "HTTP_PORT=127.0.0.1:8441\n")
    code, diff = run("--diff")
    assert code == 3 and "+    ProxyPassReverse \"/\" \"http://127.0.0.1:8441/\"\n" in diff
    assert watch.watch(machine.paths).notes == [look.DRIFTED]
    assert run("--remove")[0] == 0 and machine.conf.read_text() == STOCK
    assert watch.watch(machine.paths).notes == []


def test_a_line_that_is_gone_from_httpd_conf_is_drift(machine, run):
    run("--install")
    machine.conf.write_text(STOCK)
    code, said = run("--diff")
    assert code == 3 and "does not include it" in said and watch.watch(machine.paths).notes == [look.DRIFTED]


def test_where_httpd_cannot_say_what_it_has_there_is_no_guess(machine, run):
    machine.conf.write_text(f"{STOCK}Listen 443\n")
    machine.held[443] = "httpd (pid 1)"
    run("--install")
    (machine.root / "broken").touch()
    with pytest.raises(Failure, match="Syntax error on line 3"):
        run("--diff")
    assert watch.watch(machine.paths).notes == []
    (machine.root / "usr/sbin/httpd").unlink()
    assert run()[1] == vhost.text(settings(), vhost.Around()), "as for Slackware's, where there is none"


def test_a_wrong_jitsi_conf_leaves_status_alone(machine, run):
    run("--install")
    machine.paths.conf.write_text("PUBLIC_URL=nonsense\n")
    assert watch.watch(machine.paths).notes == []
