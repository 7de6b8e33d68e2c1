"""manifest.json, written and read back."""

from __future__ import annotations

import json

import pytest

from jitsictl.plan import manifest
from unit.site import wanted


def test_it_keeps_what_was_made_word_for_word():
    desired = wanted(reads={"web/custom-config.js": "abc"})
    known = manifest.load(manifest.dump(desired, before=3))
    assert (known.release, known.before, known.made) == ("stable-11146-2", 3, desired.files)
    assert known.hashes == {name: manifest.digest(text) for name, text in desired.files.items()}
    assert known.inputs["web"] == {"web/custom-config.js": "abc"}


def test_one_of_the_first_packages_kept_hashes_alone():
    data = json.loads(manifest.dump(wanted(), None))
    del data["made"], data["inputs"]
    known = manifest.load(json.dumps(data))
    assert (known.made, known.inputs) == ({}, {}) and "compose.yaml" in known.hashes


def test_a_format_that_is_too_new_is_no_damage():
    data = dict(json.loads(manifest.dump(wanted(), None)), format=manifest.FORMAT + 1)
    with pytest.raises(manifest.TooNew, match="format 2, this one knows 1"):
        manifest.load(json.dumps(data))


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"format": 1}', '{"format": "x"}', "null"])
def test_damage_is_a_value_error(text):
    with pytest.raises(ValueError):
        manifest.load(text)
