"""What was meant: near names, likely repairs; nothing of a secret, nothing that raises, every message one line."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from jitsictl import releases
from jitsictl.settings import catalogue, check, kinds
from jitsictl.settings.repair import value_meant
from jitsictl.settings.suggest import Suggestions, distance, successor
from jitsictl.types.host import HostFacts
from jitsictl.types.settings import Line

NAMES = sorted(catalogue.load())
IN_USE = [name for name in NAMES if not catalogue.load()[name].replaced_by]


def plain_distance(one: str, other: str) -> int:
    """The textbook's table, whole."""
    table = [[max(i, j) if not min(i, j) else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            same = one[i - 1] == other[j - 1]
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (not same))
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@given(st.text("ABC_", max_size=12), st.text("ABC_", max_size=12), st.integers(0, 4))
def test_the_narrow_table_says_what_the_whole_one_says(one, other, most):
    assert distance(one, other, most) == min(plain_distance(one, other), most + 1)


@given(st.sampled_from([name for name in IN_USE if len(name) > 8]), st.data())
@settings(max_examples=300, deadline=None)
def test_one_slip_of_the_finger_is_seen_through(name, data):
    """A letter left out, doubled or swapped: the name is among what is offered, unless the slip made another one."""
    place = data.draw(st.integers(1, len(name) - 2))
    slips = [name[:place] + name[place + 1 :], name[:place] + name[place] + name[place:]]
    slips.append(name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :])
    slip = data.draw(st.sampled_from(slips))
    if slip not in catalogue.load():
        words, _ = Suggestions(catalogue.load()).advice(Line(slip, "x", "f", 1))
        assert name in words or "did you mean" in words


@given(st.text(min_size=1, max_size=30), st.text(max_size=30))
@settings(deadline=None)
def test_any_name_has_an_answer(name, value):
    words, suggestion = Suggestions(catalogue.load()).advice(Line(name, value, "f", 1))
    assert words and suggestion.partition("=")[0] in ("", *NAMES)


@given(st.sampled_from(NAMES), st.text(max_size=40))
@settings(max_examples=500, deadline=None)
def test_a_repair_is_a_right_value(name, value):
    entry = catalogue.load()[name]
    meant = value_meant(entry, value)
    assert meant is None or (not entry.secret and kinds.normalise(entry.type, meant) is not None)


@example([("TRANSLATION_LANGUAGES", "\r#")], "stable-10741")
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=20)), max_size=12), st.sampled_from(releases.tags()))
@settings(max_examples=300, deadline=None)
def test_any_values_together_are_settled_and_every_message_is_one_line(pairs, tag):
    lines = [Line(name, value, "jitsi.conf", number) for number, (name, value) in enumerate(pairs, start=1)]
    lines = [*lines, Line("JITSI_IMAGE_VERSION", tag, "jitsi.conf", 99)]
    _, problems = check.settle(lines, [], catalogue.load(), releases.tags(), host=HostFacts(False, False))
    assert [str(problem) for problem in problems if len(str(problem).splitlines()) != 1] == []


def test_the_successor_is_a_name_that_there_is():
    assert successor("write JVB_ADVERTISE_IPS instead", catalogue.load()) == "JVB_ADVERTISE_IPS"
    assert successor("the bridge takes UDP only; delete the line", catalogue.load()) == ""
