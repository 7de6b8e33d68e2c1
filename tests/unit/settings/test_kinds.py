"""Each type of setting: what it takes, in which form it is written, and what it says of the rest."""

from __future__ import annotations

import pytest
from unit.settings.values import REFUSED, TAKEN

from jitsictl.settings import catalogue
from jitsictl.settings.kinds import KINDS, LONGEST, meaning, normalise

ALL = catalogue.load()


@pytest.mark.parametrize(("kind", "value", "written"), TAKEN)
def test_what_is_taken_and_how_it_is_written(kind, value, written):
    assert normalise(kind, value) == written


@pytest.mark.parametrize(("kind", "value", "said"), REFUSED)
def test_what_is_refused_and_what_is_said(kind, value, said):
    with pytest.raises(ValueError) as error:
        normalise(kind, value)
    assert str(error.value) == said


def test_every_type_is_in_both_tables():
    taken = {kind.split()[0] for kind, *_ in TAKEN}
    assert taken == set(KINDS)
    assert {kind.split()[0] for kind, *_ in REFUSED} == set(KINDS)


def test_every_type_is_used():
    assert {entry.type.split()[0] for entry in ALL.values()} == set(KINDS)


def test_every_type_in_use_has_words():
    for entry in ALL.values():
        assert meaning(entry.type).strip() == meaning(entry.type) != ""


def test_no_value_is_longer_than_linux_hands_to_a_program():
    assert normalise("prose", "ü" * (LONGEST // 2)) == "ü" * (LONGEST // 2)
    with pytest.raises(ValueError, match="has 100001 bytes, more than a container's environment takes"):
        normalise("prose", "ü" * (LONGEST // 2) + "a")
