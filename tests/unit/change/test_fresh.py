"""Files of images and of people that change their places: what an undo brings back, and what came meanwhile."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from jitsictl.change import journal, recover, run
from jitsictl.change.steps import HANDLERS
from jitsictl.plan.build import plan, watched_paths
from jitsictl.plan.generation import Places
from jitsictl.settings import catalogue
from jitsictl.types import change as kinds
from jitsictl.types.change import MoveInto
from jitsictl.types.failure import Failure
from jitsictl.types.site import Applied, Container, Kept, Observed
from unit.change.world import ID, OLD, Compose, World, answering


class Renders(Compose):
    """web writes its config.js at each start, where there is none; what runs starts anew only when it is forced."""

    def up(self, directory, services, **more):
        started = more.get("recreate") or set(services) & self.docker.stopped
        super().up(directory, services, **more)
        if not started:
            return
        file = self.store.parents[2] / "web/config.js"
        if "web" in services and not file.exists():
            file.write_text("made anew")


class Dropping(World):
    """A site of a root release whose rendered files are dropped."""

    def _change(self):
        (self.root / "cfg/web/config.js").write_text("edited by hand")
        (self.root / "cfg/web/custom-config.js").write_text("mine")
        target = dataclasses.replace(self.before, fresh=True)
        where = Places(str(self.paths.generations), str(self.paths.current), str(self.paths.project), ID)
        observed = Observed(
            applied=Applied(1, OLD, self.before.files),
            containers={s: Container(s, f"id-{s}", "running", "", "", d) for s, d in self.before.digests.items()},
            images=tuple(self.before.images.values()),
            paths={p: Kept(0, 0, 0o755, True) for p in watched_paths(target, OLD, where) if Path(p).exists()},
            newest_generation=1,
        )
        return plan(target, observed, catalogue.load(), where, "reseed")

    def tools(self):
        tools = super().tools()
        tools.compose = Renders(self.docker, self.root / "cfg/prosody/config/data")
        return tools


@pytest.fixture
def world(tmp_path, monkeypatch):
    answering(monkeypatch)
    return Dropping(tmp_path)


def test_a_rendered_file_is_made_anew_and_the_old_one_kept(world):
    run.run(world.change, ID, world.tools())
    assert (world.root / "cfg/web/config.js").read_text() == "made anew"
    assert (world.root / f"cfg/.snapshots/{ID}/web_config.js").read_text() == "edited by hand"
    assert (world.root / "cfg/web/custom-config.js").read_text() == "mine"
    assert world.change.restarts == ("web",)


def test_undone_the_old_one_stands_in_its_place_again(world, monkeypatch):
    before = world.picture()
    monkeypatch.setitem(HANDLERS, kinds.Verify, HANDLERS[kinds.Verify]._replace(do=fail))
    with pytest.raises(Failure, match="no page"):
        run.run(world.change, ID, world.tools())
    assert world.picture() == before
    assert not recover.pending(world.paths)


def fail(*_):
    raise Failure("no page")


@pytest.fixture
def moved(tmp_path):
    """Two directories, and what the three functions of the kind do between them."""
    source, target = tmp_path / "old", tmp_path / "new"
    source.mkdir()
    target.mkdir()
    (source / "meeting").write_text("of before")
    (source / "both").write_text("old")
    (target / "both").write_text("new")
    step = MoveInto(str(source), str(target), (1000, 1000))
    handler = HANDLERS[MoveInto]
    saved = handler.save(step, None, journal.Journal(tmp_path, None), 0)
    handler.do(step, None)
    return source, target, lambda: handler.undo(step, saved, None, None), lambda: handler.do(step, None)


def test_what_is_moved_gets_the_owner_and_nothing_is_overwritten(moved):
    source, target, _, again = moved
    again()
    assert (target / "meeting").read_text() == "of before" and (target / "meeting").stat().st_uid == 1000
    assert (target / "both").read_text() == "new" and (source / "both").read_text() == "old"


def test_an_undo_brings_back_what_came_since_and_leaves_what_was_there(moved):
    source, target, undo, _ = moved
    (target / "since").write_text("made under the next release")
    undo()
    undo()
    assert sorted(path.name for path in source.iterdir()) == ["both", "meeting", "since"]
    assert [path.name for path in target.iterdir()] == ["both"]
    assert (source / "meeting").stat().st_uid == 0


def test_a_target_inside_the_source_is_not_moved_into_itself(tmp_path):
    """The accounts of stable-11146."""
    store = tmp_path / "prosody"
    record = store / "meet%2ejitsi/accounts/alien.dat"
    record.parent.mkdir(parents=True)
    record.write_text("keys")
    (store / "data").mkdir()
    step = MoveInto(str(store), str(store / "data"))
    handler = HANDLERS[MoveInto]
    saved = handler.save(step, None, None, 0)
    handler.do(step, None)
    assert (store / "data/meet%2ejitsi/accounts/alien.dat").read_text() == "keys" and not record.exists()
    handler.undo(step, saved, None, None)
    assert record.read_text() == "keys" and not list((store / "data").iterdir())
