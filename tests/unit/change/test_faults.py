"""A power cut before any call of any door, in any verb, ends with the old or the new state whole.

The old one or the new one, byte for byte: accounts, pads, settings, generations, links, and what runs. What counts as
a call is found by running each verb once (see machine.py).
"""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path
from typing import Callable, Dict, Iterator

import pytest

from jitsictl.change import apply, rotate, upgrade
from jitsictl.change.upgrade import Manners
from unit.change.machine import NEW, STORE, Machine, PowerCut

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: files get the owners of the containers")

POLITE = Manners(cut_off=lambda _: True)
SEED = 20261124
SECOND_CUTS = 150  # of some thousand pairs of cuts, the second one during the recovery from the first

Verb = Callable[[Machine], object]


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


# verb -> (what was done before, what is cut)
VERBS: Dict[str, tuple[Verb, Verb]] = {
    "the first start": (lambda machine: None, lambda machine: apply.reseed(machine.paths)),
    "reload": (_edited, lambda machine: apply.reseed(machine.paths)),
    "reload that switches a service off": (_without_etherpad, lambda machine: apply.reseed(machine.paths)),
    "upgrade across the layouts": (_applied, lambda machine: upgrade.upgrade(machine.paths, NEW, POLITE)),
    "secrets rotate": (_applied, lambda machine: rotate.rotate(machine.paths, ["JICOFO_AUTH_PASSWORD"])),
    "rollback across the layouts": (_upgraded, lambda machine: apply.rollback(machine.paths)),
}


@pytest.fixture
def place() -> Iterator[Path]:
    """In memory, since a thousand changes with their journals would wait for a disk."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as made:
        yield Path(made)


@pytest.fixture
def machine(place: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(place / "root", monkeypatch)


@pytest.mark.grid
@pytest.mark.parametrize("verb", VERBS)
def test_a_power_cut_at_any_call_ends_with_the_old_or_the_new_state(machine: Machine, place: Path, verb: str) -> None:
    prepare, do = VERBS[verb]
    prepare(machine)
    start, old = machine.state(place / "start"), machine.picture()
    with machine.doors.watched() as calls:
        do(machine)
    new, names = machine.picture(), list(calls)
    assert old != new and len(names) > 50
    for number, name in enumerate(names):
        machine.put_back(start)
        with machine.doors.cut(number), pytest.raises(PowerCut):
            do(machine)
        machine.recover()
        _whole(machine, old, new, f"cut before call {number}, {name}")


@pytest.mark.grid
@pytest.mark.parametrize("verb", VERBS)
def test_a_second_cut_during_the_recovery_loses_nothing_either(machine: Machine, place: Path, verb: str) -> None:
    prepare, do = VERBS[verb]
    prepare(machine)
    start, old = machine.state(place / "start"), machine.picture()
    with machine.doors.watched() as calls:
        do(machine)
    new, total = machine.picture(), len(calls)
    chance = random.Random(f"{SEED} {verb}")
    for _ in range(SECOND_CUTS // len(VERBS)):
        machine.put_back(start)
        first, second = chance.randrange(total), chance.randrange(60)
        with machine.doors.cut(first), pytest.raises(PowerCut):
            do(machine)
        try:
            with machine.doors.cut(second):
                machine.recover()
        except PowerCut:
            machine.recover()
        _whole(machine, old, new, f"cuts before calls {first} and {second} of seed {SEED}")


def _whole(machine: Machine, old: Dict[str, object], new: Dict[str, object], when: str) -> None:
    assert not machine.cut_off(), when
    found = machine.picture()
    if found in (old, new):
        return
    nearer = min((old, new), key=lambda each: len(_differences(found, each)))
    raise AssertionError(
        f"{when}: neither the old nor the new state; against the nearer one: {_differences(found, nearer)}"
    )


def _differences(found: Dict[str, object], wanted: Dict[str, object]) -> Dict[str, tuple[object, object]]:
    names = sorted({*found, *wanted})
    return {n: (found.get(n), wanted.get(n)) for n in names if found.get(n) != wanted.get(n)}


def test_the_accounts_are_where_each_release_looks(machine: Machine) -> None:
    _applied(machine)
    upgrade.upgrade(machine.paths, NEW, POLITE)
    assert (machine.config / "storage/prosody/data" / STORE).read_text() == "scram keys of alien"
    apply.rollback(machine.paths)
    assert (machine.config / "prosody/config/data" / STORE).read_text() == "scram keys of alien"
