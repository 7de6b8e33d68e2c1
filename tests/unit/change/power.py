"""The power is cut before every call of a door that a verb makes: the old state is left whole, or the new one.

Byte for byte: accounts, pads, settings, generations, links, and what runs. A verb is a line in the table of a test;
what counts as a call is found by running it once (see machine.py).
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

import pytest

from unit.change.machine import Machine
from unit.change.world import PowerCut

SEED = 20261124

Act = Callable[[Any], object]
Verb = Tuple[Act, Act]  # what was done before, what is cut
Picture = Dict[str, object]


class Run(NamedTuple):
    """A verb from end to end: the state it starts from, what was there before and after, the calls by name."""

    start: Any
    old: Picture
    new: Picture
    calls: List[str]

    def whole(self, machine: Machine, when: str) -> None:
        """Nothing is left to recover, and what is there is the old state or the new one."""
        assert not machine.cut_off(), when
        found = machine.picture()
        if found in (self.old, self.new):
            return
        nearer = min((_differences(found, each) for each in (self.old, self.new)), key=len)
        raise AssertionError(f"{when}: neither the old nor the new state; against the nearer one: {nearer}")


def at_each_call(machine: Machine, place: Path, verb: Verb, more_than: int) -> None:
    """Once before each of its calls, of which there are `more_than` so many; the next start recovers."""
    ran, do = _whole_run(machine, place, verb), verb[1]
    assert ran.old != ran.new and len(ran.calls) > more_than
    for number, name in enumerate(ran.calls):
        machine.put_back(ran.start)
        with machine.doors.cut(number), pytest.raises(PowerCut):
            do(machine)
        machine.recover()
        ran.whole(machine, f"cut before call {number}, {name}")


def twice(machine: Machine, place: Path, verb: Verb, times: int, name: str) -> None:
    """So many pairs of cuts of some thousand, the second one during the recovery from the first; `name` seeds them."""
    ran, do = _whole_run(machine, place, verb), verb[1]
    chance = random.Random(f"{SEED} {name}")
    for _ in range(times):
        machine.put_back(ran.start)
        first, second = chance.randrange(len(ran.calls)), chance.randrange(60)
        with machine.doors.cut(first), pytest.raises(PowerCut):
            do(machine)
        try:
            with machine.doors.cut(second):
                machine.recover()
        except PowerCut:
            machine.recover()
        ran.whole(machine, f"cuts before calls {first} and {second} of seed {SEED}")


def _whole_run(machine: Machine, place: Path, verb: Verb) -> Run:
    before, do = verb
    before(machine)
    start, old = machine.state(place / "start"), machine.picture()
    with machine.doors.watched() as calls:
        do(machine)
    return Run(start, old, machine.picture(), list(calls))


def _differences(found: Picture, wanted: Picture) -> Dict[str, Tuple[object, object]]:
    names = sorted({*found, *wanted})
    return {n: (found.get(n), wanted.get(n)) for n in names if found.get(n) != wanted.get(n)}
