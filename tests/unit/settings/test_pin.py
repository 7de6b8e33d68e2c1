"""The pinned release: found among lines, replaced in lines and in text."""

from __future__ import annotations

import pytest

from jitsictl.settings.pin import pin, pinned, repin
from jitsictl.settings.read import parse
from jitsictl.types.settings import Line


def lines(text):
    found, problems = parse(text, "jitsi.conf")
    assert problems == []
    return found


def test_an_empty_pin_is_none():
    assert pin(lines("A=1\n")) is None
    assert pin(lines("JITSI_IMAGE_VERSION=\n")) is None
    assert pin(lines("A=1\nJITSI_IMAGE_VERSION=stable-1\n")) == Line("JITSI_IMAGE_VERSION", "stable-1", "jitsi.conf", 2)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("A=1\n", "A=1\n"),
        ("JITSI_IMAGE_VERSION=stable-1\n", "JITSI_IMAGE_VERSION=stable-2\n"),
        ("# why\r\n  export JITSI_IMAGE_VERSION = 'stable-1' # mine\r\n", None),
        ("B='\u2028'\nJITSI_IMAGE_VERSION=stable-1", None),
    ],
)
def test_repinning_changes_the_tag_and_nothing_else(text, after):
    assert repin(text, "stable-2") == (text.replace("stable-1", "stable-2") if after is None else after)


def test_lines_are_pinned_whatever_the_file_says():
    assert pinned(lines("JITSI_IMAGE_VERSION=stable-1\nA=1\n"), "stable-2") == [
        Line("JITSI_IMAGE_VERSION", "stable-2", "jitsi.conf", 1),
        Line("A", "1", "jitsi.conf", 2),
    ]
    assert pinned(lines("A=1\n"), "stable-2")[-1] == Line("JITSI_IMAGE_VERSION", "stable-2", "jitsi.conf", 0)
