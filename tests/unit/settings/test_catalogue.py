"""The catalogue by itself, and against the facts about upstream where they are at hand."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
import yaml

from jitsictl import data, releases
from jitsictl.releases import order
from jitsictl.settings import catalogue
from jitsictl.settings.catalogue import reads, span
from jitsictl.settings.kinds import normalise

SOURCE = Path(data.__file__).parent / "settings" / "catalogue.yaml"
FACTS = Path(__file__).resolve().parents[4] / "shared" / "facts" / "releases"
ALL = catalogue.load()
SERVICES = {"web", "prosody", "jicofo", "jvb", "etherpad", "jibri", "jigasi", "transcriber", "whiteboard"}
OURS = {"ETHERPAD", "COMPOSE_PROJECT_NAME", "COMPOSE_FILE", "COMPOSE_PROFILES"}  # no image reads these
# Where we differ from what upstream's files do, and why.
EXCEPT_SERVICES = {
    "JVB_COLIBRI_PORT": "the host's side of a published port; upstream does not pass it either",
}
# Our Compose pieces read these at every release, whatever upstream's did.
FROM_THE_START = {"JITSI_IMAGE_VERSION", "JITSI_IMAGE_REPO"}


@pytest.mark.parametrize("entry", ALL.values(), ids=ALL)
def test_an_entry_is_sound(entry):
    assert set(entry.services) <= SERVICES
    assert re.fullmatch(r"[A-Z][^\n]*\.", entry.help) and len(entry.help) <= 140
    for value in (entry.default, entry.image_default, entry.example):
        assert value is None or normalise(entry.type, value)
    assert entry.default is None or normalise(entry.type, entry.default) == entry.default
    assert not entry.generated or entry.secret
    assert not entry.secret or (entry.default, entry.image_default, entry.example) == (None, None, None)
    for tag in (entry.first, entry.last):
        assert tag is None or order(tag)
    if entry.last is not None:
        assert entry.replaced_by, "a name that is gone says what to do"
    assert entry.inside is None or len(entry.services) > 0


def test_every_type_in_use_is_known():
    for entry in ALL.values():
        with pytest.raises(ValueError):
            normalise(entry.type, "\x01")


def test_no_name_is_written_twice():
    """YAML's reader would keep the second one without a word."""
    names = re.findall(r"^    ([A-Z0-9_]+):$", SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(names) == sorted(set(names)) == sorted(ALL)


def test_the_compiled_form_is_the_same_catalogue():
    tree = json.loads(data.compiled("settings", "catalogue"))
    assert catalogue.from_tree(tree) == ALL
    assert tree == yaml.safe_load(SOURCE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("first", "last", "tag", "is_read", "words"),
    [
        (None, None, "stable-11146-2", True, None),
        ("stable-11146", None, "stable-11146", True, "stable-11146 and later"),
        ("stable-11146-1", None, "stable-11146", False, "stable-11146-1 and later"),
        (None, "stable-9457-2", "stable-9457-2", True, "releases up to stable-9457-2"),
        (None, "stable-9457-2", "stable-10741", False, "releases up to stable-9457-2"),
        ("stable-8218", "stable-9111", "stable-8218", True, "stable-8218 to stable-9111"),
        ("stable-8218", "stable-9111", "stable-8138-1", False, "stable-8218 to stable-9111"),
    ],
)
def test_which_releases_read_a_setting(first, last, tag, is_read, words):
    entry = dataclasses.replace(ALL["TZ"], first=first, last=last)
    assert reads(entry, tag) is is_read
    assert span(entry) == words


def test_a_default_is_good_for_every_release_that_runs(settle):
    for tag in releases.tags():
        assert settle(tags=[tag]).problems == []


@pytest.fixture(scope="module")
def facts():
    if not FACTS.is_dir():
        pytest.skip(f"the facts about upstream's releases are not here ({FACTS.name}/ beside this checkout)")
    return json.loads((FACTS / "variables.json").read_text(encoding="utf-8"))


def spans(variable):
    """service -> spans of releases that pass it or whose image reads it."""
    found = {}
    for part in ("passed", "only_consumed"):
        for service, ranges in (variable.get(part) or {}).items():
            found.setdefault(service, []).extend(ranges)
    return found


def test_services_and_releases_are_upstreams(facts):
    wrong = {}
    for name, entry in ALL.items():
        if name in OURS or entry.inside:
            continue
        found = spans(facts["variables"][name])
        first = min((a for ranges in found.values() for a, _ in ranges), key=order)
        last = max((b for ranges in found.values() for _, b in ranges), key=order)
        services = set(found) - {"(compose)"} if name not in EXCEPT_SERVICES else set()
        expected = (
            services,
            None if first == facts["first"] or name in FROM_THE_START else first,
            None if last == facts["last"] else last,
            "(compose)" in found,
        )
        if (set(entry.services), entry.first, entry.last, entry.compose) != expected:
            wrong[name] = expected
    assert wrong == {}


def test_all_of_upstreams_examples_are_known(facts):
    for release in ("stable-6826", "stable-11146-2"):
        example = json.loads((FACTS / f"{release}.json").read_text(encoding="utf-8"))["env_example"]
        assert {line["name"] for line in example} <= set(ALL)


def test_all_names_that_are_gone_are_known(facts):
    gone = {name for name, v in facts["variables"].items() if not v["current"] and "passed" in v}
    assert gone == {name for name, entry in ALL.items() if entry.last is not None}


def test_the_images_defaults_are_upstreams(facts):
    newest = json.loads((FACTS / f"{facts['last']}.json").read_text(encoding="utf-8"))
    found = {}
    for service in newest["services"].values():
        for variable in service["env"] or []:
            if variable["default"] not in (None, ""):
                found.setdefault(variable["name"], set()).add(variable["default"])
    compared = 0
    for name, entry in ALL.items():
        if entry.image_default is not None:
            assert {normalise(entry.type, value) for value in found[name]} == {
                normalise(entry.type, entry.image_default)
            }
            compared += 1
    assert compared > 100
