"""A power cut before any call of a door: during a restore, onto an empty host or over a site, and its rollback."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Dict

import pytest

from jitsictl.backup import make
from jitsictl.backup import restore as restores
from jitsictl.change import apply
from jitsictl.doors import archive, pads, untar
from unit.change import power
from unit.change.machine import STORE, Machine

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: files get the owners of the containers")

SECOND_CUTS = 120


@pytest.fixture
def machine(place: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A host with a backup beside it, of a site that was used since."""
    made = Machine(place / "root", monkeypatch)
    made.doors.count_calls(monkeypatch, [archive, pads, untar])
    apply.reseed(made.paths)
    (made.config / "web/custom-config.js").write_text("config.mine = 1;\n")
    make.make(made.paths, place / "b.tar.xz")
    store = made.config / "prosody/config/data" / STORE
    store.write_text("another password")
    store.with_name("later.dat").write_text("scram keys of later")
    (made.config / "web/custom-config.js").unlink()
    (made.config / "jvb/custom-jvb.conf").write_text("later {}\n")
    made.paths.override.write_text("services: {}\n")
    return made


def emptied(machine: Machine) -> None:
    """The package alone, as on a host that was just installed."""
    for path in (machine.config, machine.paths.state, machine.paths.conf.parent):
        shutil.rmtree(path)
    for name in ("compose.yaml", ".env", "env", "compose.override.yaml"):
        (machine.paths.project / name).unlink()
    machine.paths.state.mkdir(0o700)
    machine.paths.conf.parent.mkdir()
    machine.docker.runs.clear()


def restored(machine: Machine) -> None:
    restores.restore(machine.paths, restores.check(machine.root.parent / "b.tar.xz"))


VERBS: Dict[str, power.Verb] = {
    "onto an empty host": (emptied, restored),
    "over a site": (lambda machine: None, restored),
    "rollback of a restore": (restored, lambda machine: apply.rollback(machine.paths)),
}


@pytest.mark.grid
@pytest.mark.parametrize("verb", VERBS)
def test_a_power_cut_at_any_call_ends_with_the_old_or_the_new_state(machine: Machine, place: Path, verb: str) -> None:
    power.at_each_call(machine, place, VERBS[verb], more_than=50)


@pytest.mark.grid
@pytest.mark.parametrize("verb", VERBS)
def test_a_second_cut_during_the_recovery_loses_nothing_either(machine: Machine, place: Path, verb: str) -> None:
    power.twice(machine, place, VERBS[verb], SECOND_CUTS // len(VERBS), verb)


def test_our_lines_in_the_admins_files_go_with_the_settings(machine: Machine) -> None:
    """Restored they are those of the backup, and nothing is left to do; taken back, those of before."""
    own, conf = machine.config / "web/custom-config.js", machine.paths.conf.read_text()
    own.write_text("config.mine = 1;\n")
    machine.write_conf("NOTICE_MESSAGE=of the backup\n")
    apply.reseed(machine.paths)
    make.make(machine.paths, machine.root.parent / "b.tar.xz", force=True)
    saved = own.read_text()
    machine.paths.conf.write_text(conf)
    apply.reseed(machine.paths)
    restored(machine)
    assert own.read_text() == saved and "of the backup" in saved
    assert not apply.reseed(machine.paths).change
    apply.rollback(machine.paths)
    assert own.read_text() == "config.mine = 1;\n"
    assert not apply.reseed(machine.paths).change
