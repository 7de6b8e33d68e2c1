"""What goes at the end of a change, and what stays although it is old."""

from __future__ import annotations

import os

import pytest

from jitsictl.change import pruning
from jitsictl.plan import manifest, prune
from jitsictl.types.change import Prune
from jitsictl.types.failure import Failure
from jitsictl.types.site import SetAside
from unit.site import CONF, wanted

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: the fixture's owners")


@pytest.mark.parametrize(
    "before, current, kept, gone",
    [
        ({1: None}, 1, 5, []),
        ({n: n - 1 or None for n in range(1, 9)}, 8, 5, [1, 2, 3]),
        ({n: n - 1 or None for n in range(1, 9)}, 8, 1, [1, 2, 3, 4, 5]),  # a rollback, and one more
        ({1: None, 2: 1, 3: 2, 4: 3, 5: 1}, 5, 1, [2, 3, 4]),  # 4 was left by a rollback to 1
        ({1: None, 2: 1, 3: 2, 4: 3}, 1, 2, [2]),  # rolled back to 1: the newest may be wanted again
        ({3: 2}, 3, 1, []),  # what came before cannot be read
        ({1: 2, 2: 1}, 2, 1, []),  # damaged: a ring has an end
    ],
)
def test_generations(before, current, kept, gone):
    assert prune.generations(before, current, kept) == gone


def test_snapshots_that_are_needed_stay_and_do_not_count():
    names = [f"2026010{n}-000000-1" for n in range(1, 8)]
    assert prune.snapshots(names, 2, {names[0]}) == names[1:5]
    assert prune.snapshots(names, 100, set()) == []


def generation(world, number, before, conf=CONF, aside=None, release="stable-11146-2"):
    made = wanted(f"{conf}CONFIG={world.root}/cfg\n", release)
    where = world.paths.generations / str(number)
    (where / "env").mkdir(parents=True, exist_ok=True)
    for name, text in {**made.files, manifest.NAME: manifest.dump(made, before, aside)}.items():
        (where / name).write_text(text)
    world.docker.here |= set(made.images.values())
    return made


def snapshot(world, name):
    path = world.root / "cfg/.snapshots" / name / "store"
    path.mkdir(parents=True)
    return path.parent


@pytest.fixture
def pruned(world):
    """Six generations of two releases, the sixth applied, and six snapshots, the first one a restore's."""
    world.docker.remove_image = lambda ref: world.docker.here.discard(ref)
    snapshots = [snapshot(world, f"2026010{n}-000000-1") for n in range(1, 7)]
    for number in range(2, 6):
        generation(world, number, number - 1)
    aside = SetAside(("/x",), {"/x": f"{snapshots[0]}/store"}, {"/y": ""})
    generation(world, 6, 5, aside=aside)
    world.paths.current.unlink()
    world.paths.current.symlink_to(world.paths.generations / "6")
    return snapshots


def step(world, kept=2, also=()):
    return Prune(f"{world.root}/cfg/.snapshots", kept, also)


def test_old_generations_their_images_and_old_snapshots_go(world, pruned):
    old, new = set(world.before.images.values()), set(world.after.images.values())
    other = world.root / "cfg/.snapshots/20260107-000000-1/unpacked"
    other.mkdir(parents=True)
    pruning.do(step(world, also=(str(other),)), world.tools())
    assert sorted(path.name for path in world.paths.generations.iterdir()) == ["4", "5", "6"]
    assert world.docker.here == new  # etherpad's image is of both
    assert not world.docker.here & (old - new)
    kept = sorted(path.name for path in pruned[0].parent.iterdir())
    assert kept == ["20260101-000000-1", "20260106-000000-1", "20260107-000000-1"]  # the first is a rollback's
    assert not other.exists()
    pruning.do(step(world, also=(str(other),)), world.tools())  # after a crash it is done again
    assert sorted(path.name for path in world.paths.generations.iterdir()) == ["4", "5", "6"]


def test_what_an_unfinished_change_needs_stays(world, pruned):
    (world.paths.changes / "20260103-000000-1").mkdir(parents=True)
    pruning.do(step(world), world.tools())
    assert pruned[2].exists() and not pruned[1].exists()


def test_what_a_killed_backup_left_is_swept(world, pruned):
    left = pruned[0].with_name(".jitsi-0123456789abcdef")
    left.mkdir()
    pruning.do(step(world), world.tools())
    assert not left.exists()


def test_a_generation_of_a_newer_package_stays(world, pruned):
    path = world.paths.generations / "2" / manifest.NAME
    path.write_text(path.read_text().replace('"format": 1', '"format": 99'))
    pruning.do(step(world), world.tools())
    assert path.exists() and not (world.paths.generations / "1").exists()


def test_an_image_that_is_still_used_is_a_note(world, pruned):
    def in_use(ref):
        raise Failure(f"expected to remove the image {ref}, found: it is being used by a container")

    world.docker.remove_image = in_use
    told = []
    tools = world.tools()
    tools.tell = told.append
    pruning.do(step(world), tools)
    assert {event.kind for event in told} == {"note"}
    assert all("not deleted: expected to remove the image jitsi/" in event.text for event in told)
    assert not (world.paths.generations / "1").exists()


def test_nothing_applied_is_nothing_to_delete(world, pruned):
    world.paths.current.unlink()
    pruning.do(step(world), world.tools())
    assert (world.paths.generations / "1").exists()
