"""A power cut before any call of any door, in any verb, ends with the old or the new state whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict

import pytest

from jitsictl.change import apply, rotate, upgrade
from jitsictl.change.upgrade import Manners
from unit.change import power
from unit.change.machine import NEW, STORE, Machine

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: files get the owners of the containers")

POLITE = Manners(cut_off=lambda _: True)
SECOND_CUTS = 150


def _applied(machine: Machine) -> None:
    apply.reseed(machine.paths)


def _edited(machine: Machine) -> None:
    _applied(machine)
    (machine.config / "web/custom-config.js").write_text("config.mine = 1;")
    machine.write_conf("TZ=Europe/Amsterdam\nJICOFO_REST_PORT=8889\nLOGO_URL=https://example.org/logo.svg\n")


def _without_etherpad(machine: Machine) -> None:
    _applied(machine)
    machine.paths.conf.write_text(machine.paths.conf.read_text().replace("ETHERPAD=1", "ETHERPAD=0"))


def _upgraded(machine: Machine) -> None:
    _applied(machine)
    upgrade.upgrade(machine.paths, NEW, POLITE)


VERBS: Dict[str, power.Verb] = {
    "the first start": (lambda machine: None, lambda machine: apply.reseed(machine.paths)),
    "reload": (_edited, lambda machine: apply.reseed(machine.paths)),
    "reload that switches a service off": (_without_etherpad, lambda machine: apply.reseed(machine.paths)),
    "upgrade across the layouts": (_applied, lambda machine: upgrade.upgrade(machine.paths, NEW, POLITE)),
    "secrets rotate": (_applied, lambda machine: rotate.rotate(machine.paths, ["JICOFO_AUTH_PASSWORD"])),
    "rollback across the layouts": (_upgraded, lambda machine: apply.rollback(machine.paths)),
}


@pytest.fixture
def machine(place: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(place / "root", monkeypatch)


@pytest.mark.grid
@pytest.mark.parametrize("verb", VERBS)
def test_a_power_cut_at_any_call_ends_with_the_old_or_the_new_state(machine: Machine, place: Path, verb: str) -> None:
    power.at_each_call(machine, place, VERBS[verb], more_than=50)


@pytest.mark.grid
@pytest.mark.parametrize("verb", VERBS)
def test_a_second_cut_during_the_recovery_loses_nothing_either(machine: Machine, place: Path, verb: str) -> None:
    power.twice(machine, place, VERBS[verb], SECOND_CUTS // len(VERBS), verb)


def test_the_accounts_are_where_each_release_looks(machine: Machine) -> None:
    _applied(machine)
    upgrade.upgrade(machine.paths, NEW, POLITE)
    assert (machine.config / "storage/prosody/data" / STORE).read_text() == "scram keys of alien"
    apply.rollback(machine.paths)
    assert (machine.config / "prosody/config/data" / STORE).read_text() == "scram keys of alien"
