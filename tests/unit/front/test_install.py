"""Apache's file put in place and taken away, with a httpd that says what it is told to; the real one: tests/stack."""

from __future__ import annotations

import os
import signal

import pytest

from jitsictl.doors import files
from jitsictl.front import install, look
from jitsictl.plan import vhost
from jitsictl.types.failure import Failure
from unit.front.machine import LOADED, STOCK
from unit.site import settings


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
