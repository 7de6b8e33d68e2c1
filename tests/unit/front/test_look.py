"""What keeps Apache's file from being installed: all of it at once, and nothing is touched."""

from __future__ import annotations

import re
import subprocess

import pytest

from jitsictl.front import install
from jitsictl.plan import vhost
from jitsictl.types.failure import Failure
from unit.front.machine import LOADED, OTHER, STOCK
from unit.site import CONF, settings


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
