"""What is said of a httpd that runs: certificates, workers, logrotate; and a renewed certificate."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from jitsictl.cli import status as status_verb
from jitsictl.cli import vhost as verb
from jitsictl.doors import certificate, httpd, ports
from jitsictl.front import graceful, renew, watch
from jitsictl.types.failure import Failure
from unit.change.world import World
from unit.front.machine import LOADED, Machine
from unit.site import settings

SLACKWARE = """\
/var/log/httpd/*_log {
  rotate 10
  # /etc/rc.d/rc.httpd restart
  postrotate
    /etc/rc.d/rc.httpd restart
  endscript
}
"""


@pytest.fixture
def installed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    World(machine.root)
    monkeypatch.setattr(verb, "Paths", lambda: machine.paths)
    machine.install()
    machine.told()
    return machine


def connections(monkeypatch: pytest.MonkeyPatch, front: int, back: int) -> None:
    seen = ports.Connected(frozenset({"1"}), {str(n): 443 for n in range(front)}, {ports.end("127.0.0.1:8440"): back})
    monkeypatch.setattr(ports, "connected", lambda: seen)


def call(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(verb.vhost, words, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.return_value, done.output


@pytest.mark.parametrize(
    ("days", "name", "notes"),
    [
        (90, "meet.example.org", []),
        (90, "*.example.org", []),
        (22, "meet.example.org", []),
        (20, "meet.example.org", [r"ends in (19|20) days, on 20..-..-..: renew it, then jitsictl vhost --renewed$"]),
        (90, "meet.example.com", ["is not for meet.example.org: get one for that name$"]),
        (5, "example.org", ["ends in", "is not for"]),
    ],
)
def test_a_certificate_is_watched(installed, days, name, notes):
    installed.certify(days, name)
    found = watch.watch(installed.paths)
    assert len(found.notes) == len(notes) and all(map(re.search, notes, found.notes))
    (one,) = found.certificates
    assert one.host == "meet.example.org" and days - 1 <= one.days <= days


def test_one_that_ended_and_one_that_is_no_certificate(installed, monkeypatch):
    monkeypatch.setattr(certificate, "read", lambda *_: certificate.Read(0.0, True))
    (note,) = watch.watch(installed.paths).notes
    assert "ended on 1970-01-01: renew it" in note
    monkeypatch.undo()
    (installed.certificates / "fullchain.pem").write_text("no PEM\n")
    (note,) = watch.certificates(installed.paths, settings())[0].notes
    assert "cannot be read as a certificate" in note
    (installed.certificates / "fullchain.pem").unlink()
    (note,) = watch.certificates(installed.paths, settings())[0].notes
    assert "is not there: get it, then jitsictl vhost --install" in note


def test_nothing_is_watched_where_no_file_is_installed(machine):
    World(machine.root)
    assert watch.watch(machine.paths) == watch.Watch([], None, [])


def test_the_lesser_of_both_ends_counts(installed, monkeypatch):
    for front, back, used in ((300, 279, 279), (3, 500, 3)):
        connections(monkeypatch, front, back)
        assert watch.in_use(installed.paths, settings()).used == used
    assert watch.watch(installed.paths).notes == []


def test_seventy_per_cent_are_warned_of(installed, monkeypatch):
    connections(monkeypatch, 280, 280)
    (note,) = watch.watch(installed.paths).notes
    assert note.startswith("280 of httpd's 400 workers are in use") and "jitsictl vhost --workers" in note
    assert f"warning: {note}" in call("--diff")[1] and f"warning: {note}" in call("--install")[1]
    installed.conf.write_text("ServerLimit 80\nMaxRequestWorkers 2000\n" + installed.conf.read_text())
    assert watch.watch(installed.paths).notes == []


def test_the_lines_are_printed_with_the_place_for_them(installed, monkeypatch):
    connections(monkeypatch, 12, 12)
    code, said = call("--workers")
    assert code == 0
    assert said.startswith("# 12 of 400 workers are in use (mpm_event: ServerLimit 16, ThreadsPerChild 25)")
    assert f"write in {installed.conf}, at its end:\n<IfModule mpm_event_module>\n" in said
    assert not [line for line in said.splitlines() if len(line) > 120 and str(installed.root) not in line]


def test_logrotates_restart_is_named_by_the_verb_and_not_by_status(installed):
    file = installed.root / "etc/logrotate.d/httpd"
    file.parent.mkdir(parents=True)
    file.write_text(SLACKWARE)
    for action in ("--install", "--diff"):
        said = call(action)[1]
        assert f"{file}:5: `/etc/rc.d/rc.httpd restart` drops every websocket" in said and said.count(str(file)) == 1
        assert "\n    /etc/rc.d/rc.httpd graceful\n" in said
    assert watch.watch(installed.paths).notes == []
    file.write_text(SLACKWARE.replace("restart", "graceful"))
    assert "logs are rotated" not in call("--diff")[1]


def test_a_graceful_restart_says_who_stays(installed, monkeypatch):
    monkeypatch.setattr(httpd, "busy", lambda _: httpd.Busy(12, 3))
    installed.paths.vhost.write_text("# by hand\n")
    said = installed.install()[-1]
    assert "12 of httpd's processes (3 since an earlier one); 4 of 16 places are left" in said


def test_one_that_would_leave_no_place_is_not_done(installed, monkeypatch):
    monkeypatch.setattr(httpd, "busy", lambda _: httpd.Busy(16, 0))
    installed.paths.vhost.write_text("# by hand\n")
    with pytest.raises(Failure, match="expected a place .* found that open connections would keep all 16"):
        installed.install()
    assert installed.paths.vhost.read_text() == "# by hand\n" and installed.told() == []


@pytest.fixture
def serves(installed: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """httpd serves what was in the file at its last graceful restart."""
    file = installed.certificates / "fullchain.pem"
    has = [certificate.in_file(file)]

    def served(_port: int, _host: str) -> bytes | None:
        if installed.hears and (installed.root / "told").exists():
            has[0] = certificate.in_file(file)
        return has[0]

    monkeypatch.setattr(certificate, "served", served)
    return installed


def test_a_renewed_certificate_is_served_after_a_graceful_restart_and_only_then(serves):
    assert renew.renewed(serves.paths, settings()) == ["nothing to do: httpd serves what is in the files"]
    serves.certify()
    assert "httpd serves another certificate" in watch.watch(serves.paths).notes[0]
    assert "graceful" in call("--renewed")[1] and serves.told() == ["graceful"]
    assert call("--renewed")[1].startswith("nothing to do") and serves.told() == []


def test_a_renewal_that_would_end_httpd_is_refused(serves):
    (serves.certificates / "privkey.pem").write_text("no PEM\n")
    with pytest.raises(Failure, match="to be a pair, found: they are no PEM files(.|\n)*httpd was not told"):
        renew.renewed(serves.paths, settings())
    serves.certify()
    (serves.root / "picky").touch()
    with pytest.raises(Failure, match="Syntax error on line 7"):
        renew.renewed(serves.paths, settings())
    assert serves.told() == []


def test_a_renewal_that_httpd_does_not_take_is_said(serves, monkeypatch):
    monkeypatch.setattr(graceful, "TAKEN_SECONDS", 0.1)
    serves.hears = False
    serves.certify()
    with pytest.raises(Failure, match="found that it does not; see /var/log/httpd/error_log"):
        renew.renewed(serves.paths, settings())
    (serves.root / "var/run/httpd.pid").unlink()
    assert renew.renewed(serves.paths, settings()) == ["httpd does not run; it reads them when it starts"]
    assert LOADED in serves.conf.read_text()


def test_status_shows_them(installed, monkeypatch):
    from jitsictl.change import status as room
    from jitsictl.change import tools

    connections(monkeypatch, 7, 7)
    monkeypatch.setattr(tools, "looking", lambda _: SimpleNamespace(paths=installed.paths))
    monkeypatch.setattr(room, "status", lambda *_: room.Status("stable-11146-2", "https://meet.example.org", {}))
    plain = CliRunner().invoke(status_verb.status, []).output
    assert re.search(r"\n  tls        meet.example.org until 20..-..-.., (89|90) days\n", plain)
    assert "\n  httpd      7 of 400 workers\n" in plain
    found = json.loads(CliRunner().invoke(status_verb.status, ["--json"]).output)
    assert found["workers"] == {"used": 7, "limit": 400} and found["certificates"][0]["days"] in (89, 90)
