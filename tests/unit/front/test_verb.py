"""jitsictl vhost as it is typed."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from jitsictl.cli import vhost as verb
from jitsictl.front import look, watch
from jitsictl.plan import vhost
from jitsictl.types.failure import Failure
from unit.change.world import World
from unit.front.machine import STOCK
from unit.site import settings


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
