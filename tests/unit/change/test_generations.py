"""Generations on disk: what somebody made of their files, and what keeps them from being read."""

from __future__ import annotations

import json

import pytest

from jitsictl.change import generations, observe
from jitsictl.change.prepare import places
from jitsictl.plan.edits import edits
from jitsictl.settings import catalogue
from jitsictl.types.failure import Failure
from unit.change.world import OLD, World


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def first(world):
    return world.paths.generations / "1"


def test_a_generation_is_read_as_it_was_made(world):
    applied = generations.current(world.paths)
    assert (applied.number, applied.release, applied.before) == (1, OLD, None)
    assert applied.files == world.before.files
    assert applied.edited == {}


@pytest.mark.parametrize("content", ["x: y\n", b"\xff\xfe not text", None], ids=["text", "bytes", "deleted"])
def test_an_edit_is_seen_beside_what_was_made_whatever_it_is(world, content):
    path = first(world) / "compose.yaml"
    if content is None:
        path.unlink()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content)
    applied = generations.current(world.paths)
    assert list(applied.edited) == ["compose.yaml"]
    assert applied.files["compose.yaml"] == world.before.files["compose.yaml"]
    assert applied.edited["compose.yaml"].changed > 0
    assert generations.settings_of(applied)["TZ"] == "UTC"


def test_an_edit_of_a_generation_that_kept_no_texts_is_still_seen(world):
    manifest = first(world) / "manifest.json"
    data = json.loads(manifest.read_text())
    del data["made"]
    manifest.write_text(json.dumps(data))
    (first(world) / "env/web.env").write_text("TZ='GMT'\n")
    applied = generations.current(world.paths)
    assert applied.files["env/web.env"] == applied.edited["env/web.env"].text == "TZ='GMT'\n"
    assert applied.files["compose.yaml"] == world.before.files["compose.yaml"]


@pytest.mark.parametrize(
    "text, said",
    [
        (None, "found no manifest.json; restore the directory"),
        ("{", "found it damaged"),
        ('{"format": 9}', "written by a newer package .format 9, this one knows 1"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_a_sentence(world, text, said):
    manifest = first(world) / "manifest.json"
    manifest.unlink() if text is None else manifest.write_text(text)
    with pytest.raises(Failure, match=said):
        generations.current(world.paths)


def test_a_file_in_the_place_of_a_link_is_seen_and_a_link_is_none(world):
    where = places(world.paths, "id")

    def seen():
        return observe.observe(world.paths, world.docker, world.before, where)

    assert seen().strays == {}
    (world.paths.project / ".env").unlink()
    (world.paths.project / ".env").write_text("CONFIG='/elsewhere'\n")
    (edit,) = edits(seen(), where.generations, where.project, catalogue.load())
    assert (edit.name, edit.path) == (".env", f"{world.paths.project}/.env")
    assert "+CONFIG='/elsewhere'" in edit.diff
