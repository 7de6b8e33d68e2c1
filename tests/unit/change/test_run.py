"""A change that fails at any step puts back what was before; cuts of the power are in test_faults.py."""

from __future__ import annotations

import errno
import os
import signal
import tempfile
from pathlib import Path

import pytest

from jitsictl.change import journal, recover, run
from jitsictl.change.steps import HANDLERS, title
from jitsictl.change.tools import unfailing
from jitsictl.types import change as kinds
from jitsictl.types.failure import Failure
from unit.change.world import ID, PowerCut, World, answering, breaking


@pytest.fixture
def world(tmp_path, monkeypatch):
    answering(monkeypatch)
    return World(tmp_path)


with tempfile.TemporaryDirectory() as _scratch:
    _CHANGE = World(Path(_scratch)).change


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(_CHANGE.commit))
def test_a_failure_before_the_commit_point_puts_everything_back(world, monkeypatch, at, after):
    before = world.picture()
    breaking(monkeypatch, at, Failure("broken on purpose"), after)
    with pytest.raises(Failure, match="broken on purpose"):
        run.run(world.change, ID, world.tools())
    assert world.picture() == before, title(world.change.steps[at])


def test_the_whole_change_moves_the_accounts_and_every_service(world):
    run.run(world.change, ID, world.tools())
    record = world.root / "cfg/storage/prosody/data/meet%2ejitsi/accounts/alien.dat"
    assert record.read_text() == "scram keys of alien"
    assert (record.stat().st_uid, record.stat().st_gid) == (1000, 1000)
    assert not (world.root / "cfg/prosody/config/data").exists()
    assert (world.root / "cfg/storage/transcripts/a/a.txt").read_text() == "content of transcripts/a/a.txt"
    assert (world.root / "cfg/storage/jibri/recordings/b/b.mp4").stat().st_uid == 1000
    assert (world.root / "cfg/storage/web/keys/cert.key").stat().st_uid == 1000
    assert not (world.root / "cfg/web/acme.sh").exists()
    assert {world.docker.runs[name] for name in world.change.restarts} == {2} and not world.docker.stopped
    assert world.paths.current.readlink() == world.paths.generations / "2"
    assert (world.paths.project / "compose.yaml").resolve() == world.paths.generations / "2/compose.yaml"


@pytest.mark.parametrize("number", run.SIGNALS)
def test_a_signal_puts_everything_back(world, monkeypatch, number):
    before = world.picture()
    handler = HANDLERS[kinds.Recreate]

    def hit(step, tools):
        handler.do(step, tools)
        os.kill(os.getpid(), number)

    monkeypatch.setitem(HANDLERS, kinds.Recreate, handler._replace(do=hit))
    with pytest.raises(run.Interrupted, match=signal.Signals(number).name):
        run.run(world.change, ID, world.tools())
    assert world.picture() == before


def test_an_error_that_nobody_thought_of_puts_everything_back_too(world, monkeypatch):
    before = world.picture()
    breaking(monkeypatch, world.change.commit - 1, KeyError("a bug"), after=False)
    with pytest.raises(KeyError, match="a bug"):
        run.run(world.change, ID, world.tools())
    assert world.picture() == before


def test_an_undo_that_fails_stops_is_told_and_goes_on_at_the_next_start(world, monkeypatch):
    before = world.picture()
    handlers = dict(HANDLERS)
    monkeypatch.setitem(HANDLERS, kinds.Verify, handlers[kinds.Verify]._replace(do=_raise("no login")))
    monkeypatch.setitem(HANDLERS, kinds.Link, handlers[kinds.Link]._replace(undo=_raise("disk is read-only")))
    with pytest.raises(Failure, match=r"(?s)could be put back; link .*disk is read-only.*start goes on"):
        run.run(world.change, ID, world.tools())
    assert recover.pending(world.paths)
    assert (world.paths.generations / "2/manifest.json").exists()  # what `current` still names is whole
    HANDLERS.update(handlers)
    recover.recover(world.tools())
    assert world.picture() == before


def test_a_journal_of_a_newer_format_is_refused_with_a_sentence(world):
    directory = world.paths.changes / ID
    directory.mkdir(parents=True)
    (directory / "journal").write_text('{"format": 99, "change": {}}\n')
    with pytest.raises(Failure, match="a change that a newer package began.*format 99"):
        recover.recover(world.tools())


def test_a_journal_without_a_whole_first_line_began_nothing(world):
    directory = world.paths.changes / ID
    directory.mkdir(parents=True)
    (directory / "journal").write_text('{"format": 1, "chan')
    assert journal.read(directory) is None
    assert recover.recover(world.tools()) == []
    assert not recover.pending(world.paths)


def test_no_secret_is_in_a_title(world):
    assert not [title(step) for step in world.change.steps if "aaaa1111" in title(step)]


@pytest.mark.parametrize("lines", range(1, 2 * _CHANGE.commit + 2))
def test_a_disk_that_is_full_from_some_line_of_the_journal_on(world, monkeypatch, lines):
    """The last of these lines is the one that commits. Undoing notes nothing then, and ends all the same."""
    before = world.picture()
    count = iter(range(1000))
    append = journal.files.append_line

    def full(path, line, sync=True):
        if next(count) >= lines:
            raise Failure("No space left on device")
        append(path, line, sync)

    monkeypatch.setattr(journal.files, "append_line", full)
    with pytest.raises(Failure, match="No space left"):
        run.run(world.change, ID, world.tools())
    assert world.picture() == before
    assert not recover.pending(world.paths)


def test_lines_that_power_cuts_left_half_written_are_passed_over(world, monkeypatch):
    before = world.picture()
    breaking(monkeypatch, world.change.commit - 1, PowerCut(), after=False)
    with pytest.raises(PowerCut):
        run.run(world.change, ID, world.tools())
    path = world.paths.changes / ID / "journal"
    path.write_text(path.read_text() + '{"done": ')
    journal.read(path.parent).put_back(max(journal.read(path.parent).saved))
    path.write_text(path.read_text() + '{"und')
    assert recover.recover(world.tools()) == [
        "the upgrade that was interrupted is undone; what ran before it is applied"
    ]
    assert world.picture() == before


def test_what_a_killed_docker_left_stopped_comes_back_too(world, monkeypatch):
    """Also what the change does not touch: web does not start without Etherpad."""
    before = world.picture()
    assert "etherpad" not in world.change.restarts and "etherpad" in world.docker.runs
    breaking(monkeypatch, world.change.commit - 1, PowerCut(), after=False)
    with pytest.raises(PowerCut):
        run.run(world.change, ID, world.tools())
    world.docker.stopped = set(world.docker.runs)
    recover.recover(world.tools())
    assert world.picture() == before


def test_containers_get_the_override_as_it_was_applied(world):
    """An undo brings back what ran, whatever the admin wrote since."""
    world.paths.override.write_text("services: {web: {entrypoint: [/bin/false]}}\n")
    assert world.tools().override() is None
    applied = world.paths.current / "compose.override.yaml"
    applied.write_text("services: {}\n")
    assert world.tools().override() == applied


def test_a_listener_that_cannot_be_told_ends_nothing(world):
    """The terminal of a lost connection refuses every line."""

    def lost(event):
        raise OSError(errno.EIO, "Input/output error")

    tools = world.tools()
    tools.tell = unfailing(lost)
    run.run(world.change, ID, tools)
    assert world.paths.current.readlink() == world.paths.generations / "2"


def _raise(what):
    def handler(*_):
        raise Failure(what)

    return handler
