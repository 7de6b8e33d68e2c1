"""What may be seen of a site's settings, by whoever asks and however wrong its files are."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from jitsictl.change.known import known
from jitsictl.settings import catalogue
from jitsictl.settings.explain import explain
from unit.change.world import NEW, OLD, World

CATALOGUE = catalogue.load()


@pytest.fixture
def world(tmp_path):
    """A site at stable-11031 whose jitsi.conf says one more line than what is applied."""
    made = World(tmp_path)
    made.paths.conf.write_text(made.conf.replace("TZ=UTC", "TZ=GMT") + "ENABLE_LOBBY=0\n")
    return made


def told(world, name):
    each = explain(CATALOGUE[name], known(world.paths), CATALOGUE)
    return each.value, each.origin, each.applied


def test_the_value_its_origin_and_what_is_applied(world):
    assert known(world.paths).release == OLD
    assert told(world, "TZ") == ("GMT", "jitsi.conf:3", "UTC")
    assert told(world, "ENABLE_LOBBY") == ("0", "jitsi.conf:6", "")
    assert told(world, "PUBLIC_URL") == ("https://meet.example.org", "jitsi.conf:1", None)
    assert told(world, "HTTP_PORT") == ("127.0.0.1:8440", "default", None)
    assert told(world, "ETHERPAD_PUBLIC_URL")[1] == "derived from PUBLIC_URL"


def test_the_release_is_what_jitsi_conf_says_though_another_is_applied(world):
    assert told(world, "JITSI_IMAGE_VERSION") == (NEW, "default", OLD)
    world.paths.conf.write_text(f"{world.conf}JITSI_IMAGE_VERSION={OLD}\n")
    assert told(world, "JITSI_IMAGE_VERSION") == (OLD, "jitsi.conf:6", None)


def test_a_name_that_the_release_does_not_read(world):
    world.paths.conf.write_text(f"{world.conf}CALLSTATS_ID=7\n")
    each = explain(CATALOGUE["CALLSTATS_ID"], known(world.paths), CATALOGUE)
    assert each.note == f"without effect at {OLD}" and each.replaced_by
    assert any("has no effect" in problem for problem in each.problems)


def test_wrong_files_are_told_as_they_stand(world):
    world.paths.conf.write_text("PUBLIC_URL=meet\nENABLE_LOBY=1\nTZ=GMT\nno assignment\n")
    found = known(world.paths)
    assert found.settings is None
    assert told(world, "TZ")[:2] == ("GMT", "jitsi.conf:3")
    each = explain(CATALOGUE["PUBLIC_URL"], found, CATALOGUE)
    assert each.value == "meet" and "https://" in each.problems[0] and "jitsictl check" in each.note


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"\xff\xfeX\x00"])
def test_what_is_no_text_is_no_failure(world, content):
    world.paths.conf.write_bytes(content)
    assert known(world.paths).settings is None
    assert told(world, "TZ")[0] in ("UTC", None)


def test_without_a_file_nothing_is_known(world):
    world.paths.conf.unlink()
    found = known(world.paths)
    assert found.why.startswith("not known: there is no ")
    assert explain(CATALOGUE["TZ"], found, CATALOGUE).value is None


def test_a_damaged_generation_is_as_good_as_none(world):
    (world.paths.generations / "1/manifest.json").write_text("{")
    assert known(world.paths).applied is None
    assert told(world, "TZ") == ("GMT", "jitsi.conf:3", None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_somebody_else_sees_neither_values_nor_a_failure():
    with tempfile.TemporaryDirectory() as scratch:  # pytest's own directories are closed to others
        Path(scratch).chmod(0o755)
        world = World(Path(scratch))
        world.paths.conf.chmod(0o600)
        world.paths.generations.chmod(0o700)
        os.setresuid(65534, 65534, 0)
        try:
            found = known(world.paths)
        finally:
            os.setresuid(0, 0, 0)
    assert found.settings is None and found.lines == {} and found.applied is None
    assert "is for root" in found.why
