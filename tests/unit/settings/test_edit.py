"""Settings put into a text: what is meant is read back, and nothing else has changed."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit import lines as some

from jitsictl.settings.edit import edited
from jitsictl.settings.read import parse

NAMES = ("A", "NAME", "SSO", "N1")
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=8) | st.text(
    st.sampled_from("\\'\"$#\n \tan={}"), max_size=8
)
EDITS = st.dictionaries(st.sampled_from(NAMES), st.none() | VALUES)
LINES = st.lists(st.randoms(use_true_random=False).map(lambda random: some.grammar_near(Random(random.random()))))
TEXTS = st.tuples(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans()).map(
    lambda parts: parts[1].join([*parts[0], ""] if parts[2] else parts[0])
)


def read(text):
    return {line.name: line.value for line in parse(text, "f")[0]}


@given(TEXTS, EDITS)
@example("A='1'\t# why", {"A": "2"})
@example("\ufeffA=1", {"A": "2", "N1": "x"})
@example("A=", {"A": "2"})
@example("A=1\nA=2\n", {"A": "3"})
@example("", {})
def test_what_is_meant_is_read_back_and_no_other_line_has_changed(text, edits):
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body, after = text[len(mark):], edited(text, edits)[len(mark):]
    wanted = {**read(body), **edits}
    assert read(after) == {name: value for name, value in wanted.items() if value is not None}
    touched = {line.number - 1 for line in parse(body, "f")[0] if line.name in edits}
    others = [line for number, line in enumerate(body.split("\n")) if number not in touched]
    left = iter(line.rstrip("\r") for line in after.split("\n"))
    assert all(line.rstrip("\r") in left for line in others if line), "in their order"
    assert edited(mark + after, edits) == mark + after
    if not touched and not any(value is not None for value in edits.values()):
        assert after == body


@given(TEXTS, EDITS)
def test_putting_in_what_was_not_there_is_taken_out_again(text, edits):
    new = {name: value for name, value in edits.items() if value is not None and name not in read(text)}
    whole = text if not text or text.endswith("\n") else f"{text}\n"
    assert edited(edited(whole, new), dict.fromkeys(new)).replace("\r", "") == whole.replace("\r", "")


@pytest.mark.parametrize(
    ("text", "edits", "after"),
    [
        ("# mine\nSSO=none # for now\nB=2\n", {"SSO": "oidc"}, "# mine\nSSO=oidc # for now\nB=2\n"),
        ("  export SSO = 'none'\t# x\r\n", {"SSO": "oidc"}, "  export SSO = 'oidc'\t# x\r\n"),
        ("SSO=none\nB=2\n", {"SSO": None}, "B=2\n"),
        ("B=2", {"SSO": "oidc", "A": "a b"}, "B=2\nSSO=oidc\nA='a b'\n"),
        ("B=2\r\n", {"SSO": "oidc"}, "B=2\r\nSSO=oidc\r\n"),
        ("", {"SSO": "oidc"}, "SSO=oidc\n"),
        ("#SSO=none\n\n\n", {"SSO": "oidc"}, "#SSO=none\n\n\nSSO=oidc\n"),
        ("SSO=\n", {"SSO": "oidc"}, "SSO=oidc\n"),
        ("SSO='oidc'   # x\n", {"SSO": "oidc"}, "SSO='oidc'   # x\n"),
    ],
)
def test_lines_as_people_write_them(text, edits, after):
    assert edited(text, edits) == after


def test_what_cannot_be_written_is_refused():
    with pytest.raises(ValueError, match="control character"):
        edited("A=1\n", {"A": "\x07"})
