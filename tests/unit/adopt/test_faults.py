"""A power cut before any call of any door while an installation is taken over, given back or let go."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict

import pytest

from jitsictl.adopt import take
from jitsictl.adopt.prepare import Request
from jitsictl.change import apply
from jitsictl.types.failure import Failure
from unit.adopt.machine import PADS, OldMachine
from unit.adopt.site import DIRTY_DB, container
from unit.change import power
from unit.change.machine import STORE

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: files get the owners of the containers")

SECOND_CUTS = 60

VERBS: Dict[str, power.Verb] = {
    "adopt": (lambda machine: None, OldMachine.adopt),
    "adopt --undo": (OldMachine.adopt, lambda machine: take.undo(machine.paths)),
    "adopt --finish": (OldMachine.adopt, lambda machine: take.finish(machine.paths)),
}


@pytest.mark.grid
@pytest.mark.parametrize("verb", VERBS)
def test_a_power_cut_at_any_call_ends_with_the_old_or_the_new_state(
    machine: OldMachine, place: Path, verb: str
) -> None:
    power.at_each_call(machine, place, VERBS[verb], more_than=10)


def test_given_back_the_admins_files_have_no_line_of_ours(machine: OldMachine) -> None:
    own = machine.config / "web/custom-config.js"
    own.parent.mkdir(exist_ok=True)
    own.write_text("config.mine = 1;")
    machine.adopt()
    with machine.paths.conf.open("a") as conf:
        conf.write("NOTICE_MESSAGE=Hello\n")
    apply.reseed(machine.paths)
    assert "Hello" in own.read_text()
    take.undo(machine.paths)
    assert own.read_text() == "config.mine = 1;"


@pytest.mark.grid
@pytest.mark.parametrize("verb", VERBS)
def test_a_second_cut_during_the_recovery_loses_nothing_either(machine: OldMachine, place: Path, verb: str) -> None:
    power.twice(machine, place, VERBS[verb], SECOND_CUTS // len(VERBS), verb)


def test_taken_over_and_given_back_accounts_and_pads_are_there(machine: OldMachine) -> None:
    machine.adopt()
    assert (machine.config / "storage/prosody/data" / STORE).read_text() == "scram keys of alien"
    assert (machine.config / "etherpad/dirty.db").read_bytes() == PADS
    assert (machine.config / "storage/transcripts/meeting.txt").read_text() == "what was said"
    assert not [each for each in machine.foreign.there.values() if each.running or each.policy != "no"]
    (machine.config / "etherpad/dirty.db").write_bytes(PADS + b'{"key":"pad:later","val":{}}\n')
    (machine.config / "storage/prosody/data/meet%2ejitsi/accounts/later.dat").write_text("scram keys of later")

    take.undo(machine.paths)
    store = machine.config / "prosody/config/data/meet%2ejitsi/accounts"
    assert sorted(path.name for path in store.iterdir()) == ["alien.dat", "later.dat"]
    assert (machine.config / "transcripts/meeting.txt").read_text() == "what was said"
    assert b"pad:later" in machine.foreign.files[f"id-etherpad:{DIRTY_DB}"]
    assert all(each.running and each.policy == "unless-stopped" for each in machine.foreign.there.values())
    assert not machine.docker.runs and not machine.paths.current.exists() and not machine.paths.conf.exists()


def test_a_site_is_not_taken_over_twice_nor_beside_another(machine: OldMachine) -> None:
    machine.adopt()
    with pytest.raises(Failure, match="taken over already"):
        machine.adopt()
    take.finish(machine.paths)
    assert not machine.foreign.there and not machine.foreign.nets
    with pytest.raises(Failure, match="found generation 1 applied"):
        machine.adopt()
    with pytest.raises(Failure, match="found none; nothing was changed"):
        take.undo(machine.paths)


def test_the_way_back_needs_the_old_containers(machine: OldMachine) -> None:
    machine.adopt()
    machine.foreign.there.pop("id-web")
    before = machine.picture()
    with pytest.raises(Failure, match=r"(?s)were removed: docker-jitsi-meet-stable-6826-web-1; nothing was changed"):
        take.undo(machine.paths)
    assert machine.picture() == before


def test_settings_that_cannot_be_taken_are_told_and_nothing_is_changed(machine: OldMachine) -> None:
    env = machine.folder / ".env"
    env.write_text(env.read_text() + "ENABLE_LOBY=1\n")
    before = machine.picture()
    with pytest.raises(Failure, match=r"\.env:9: ENABLE_LOBY is not a setting"):
        machine.adopt()
    assert machine.picture() == before
    take.adopt(machine.paths, Request(str(machine.folder), drop=frozenset({"ENABLE_LOBY"})))
    assert "ENABLE_LOBY" not in machine.paths.conf.read_text()


def test_folders_that_are_not_below_config_are_refused(machine: OldMachine) -> None:
    mounts = {"/config": "/var/lib/docker/volumes/x/_data"}
    machine.foreign.there["id-prosody"] = container("prosody", str(machine.folder), mounts=mounts)
    with pytest.raises(Failure, match="expected prosody's folder at .*/cfg/prosody/config, found .*volumes/x/_data"):
        machine.adopt()


def test_a_jitsi_conf_that_is_replaced_is_kept(machine: OldMachine) -> None:
    machine.paths.conf.write_text("PUBLIC_URL=https://other.example.org\n")
    with pytest.raises(Failure, match="give --replace"):
        machine.adopt()
    take.adopt(machine.paths, Request(str(machine.folder), replacing=True))
    assert "other.example.org" in machine.paths.conf.with_name("jitsi.conf.old").read_text()


def test_without_any_container_the_env_is_what_there_is(machine: OldMachine) -> None:
    machine.foreign.there.clear()
    machine.adopt()
    assert (machine.config / "storage/prosody/data" / STORE).exists()
    take.undo(machine.paths)  # nothing to start, but the accounts go back
    assert (machine.config / "prosody/config/data" / STORE).exists()
