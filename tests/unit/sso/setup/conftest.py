"""A site in a directory, with a small Keycloak beside it."""

from __future__ import annotations

import inspect

import pytest
from bed.fake_keycloak import REALM, SECRET
from click.testing import CliRunner

from jitsictl.change import adapter, apply, conferences
from jitsictl.cli.__main__ import jitsictl
from jitsictl.cli.sso import setting_up, switching_off
from jitsictl.doors import docker
from unit.change.machine import Machine

# Until click 8.2 the runner mixes both streams unless it is told not to.
APART = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A host on which a site with internal accounts is applied."""
    made = Machine(tmp_path / "root", monkeypatch)
    made.docker.digest = lambda _: ""
    made.docker.network = lambda _: None
    monkeypatch.setattr(docker, "connect", lambda *_, **__: made.docker)
    monkeypatch.setattr(adapter, "prove", lambda *_: None)
    monkeypatch.setattr(conferences, "running", lambda _: None)
    for module in (setting_up, switching_off):
        monkeypatch.setattr(module, "Paths", lambda: made.paths)
    apply.reseed(made.paths)
    return made


@pytest.fixture
def run(machine):
    """`run("setup", ..., given=STDIN)`: the verb's outcome, a Failure raised; `code` is its exit status."""

    def call(*words, given="", code=0):
        done = CliRunner(**APART).invoke(jitsictl, ["sso", *map(str, words)], input=given, standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        assert done.return_value == code, done.stdout
        return done.stdout

    return call


@pytest.fixture
def options(keycloak):
    """Keycloak's address, the realm, the authority."""
    return keycloak.url, "--realm", REALM, "--ca", keycloak.authority


@pytest.fixture
def account(tmp_path):
    """Options of who logs in."""
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    return "--service-account", "setup", "--password-file", file
