"""A change that replaces what somebody made by hand: kept when it is done, back in its place when it is undone."""

from __future__ import annotations

import dataclasses

import pytest

from jitsictl.change import probes, run, services
from jitsictl.change.steps import HANDLERS
from jitsictl.plan import build
from jitsictl.plan.generation import LINKED, Places
from jitsictl.settings import catalogue
from jitsictl.types import change as kinds
from jitsictl.types.failure import Failure
from jitsictl.types.site import ByHand, Container, Kept, Observed
from unit.change.world import World

ID = "20260101-000000-1"


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A site whose .env in the project directory is a file of somebody's own, and the change that replaces it."""
    monkeypatch.setattr(probes, "wait_ready", lambda *_: None)
    monkeypatch.setattr(services, "_delete", lambda *_: None)
    monkeypatch.setattr(services.prosodyctl, "create_piped", lambda *_: None)
    made = World(tmp_path)
    stray = made.paths.project / ".env"
    stray.unlink()
    stray.write_bytes(b"MINE=\xff\n")
    stray.chmod(0o640)
    made.change = replacing(made)
    return made


def replacing(world):
    paths, before = world.paths, world.before
    containers = {
        name: Container(name, f"id-{name}", "running", "", "", digest, created=2.0)
        for name, digest in before.digests.items()
    }
    applied = dataclasses.replace(world.applied(), edited={"env/jvb.env": ByHand("X=1\n", 1.0)})
    observed = Observed(
        applied=applied,
        containers=containers,
        images=tuple(before.images.values()),
        paths={f"{paths.project}/{name}": Kept(0, 0, 0o755, True) for name in LINKED},
        newest_generation=1,
        strays={".env": ByHand("MINE=?\n", 3.0)},
    )
    places = Places(str(paths.generations), str(paths.current), str(paths.project), ID)
    return build.plan(before, observed, catalogue.load(), places, "reseed")


def verifying(monkeypatch, do):
    monkeypatch.setitem(HANDLERS, kinds.Verify, HANDLERS[kinds.Verify]._replace(do=do))


def test_it_is_kept_in_the_generation_it_was_an_edit_of(world, monkeypatch):
    verifying(monkeypatch, lambda *_: None)
    run.run(world.change, ID, world.tools())
    assert (world.paths.project / ".env").readlink() == world.paths.current / ".env"
    assert (world.paths.generations / f"1/.env.{ID}").read_bytes() == b"MINE=\xff\n"
    assert world.paths.current.readlink() == world.paths.generations / "2"


def test_only_the_container_that_was_made_with_an_edit_is_forced(world):
    assert [step for step in world.change.steps if isinstance(step, kinds.Recreate)] == [
        kinds.Recreate(("jvb",), force=True)
    ]


def test_a_change_that_fails_puts_it_back_byte_for_byte(world, monkeypatch):
    def broken(*_):
        raise Failure("broken on purpose")

    before = world.picture()
    verifying(monkeypatch, broken)
    with pytest.raises(Failure, match="broken on purpose"):
        run.run(world.change, ID, world.tools())
    assert world.picture() == before
    assert (world.paths.project / ".env").stat().st_mode & 0o777 == 0o640
