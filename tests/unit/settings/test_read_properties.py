"""The reader against whatever a file may hold: never a traceback, every line accounted for under its own number.

How many lines follows hypothesis' profile: `pytest --hypothesis-profile=long` reads a hundred times as many.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Dict, List, Optional, Tuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from unit.lines import any_text, grammar_near

from jitsictl.settings.quote import conf_line
from jitsictl.settings.read import parse, read_bytes
from jitsictl.types.settings import Line, Problem

LINES_A_FILE = 1000
FILES = settings.default.max_examples  # 100: a hundred thousand lines


@pytest.mark.parametrize("kind", [grammar_near, any_text])
def test_a_file_means_what_its_lines_mean_one_by_one(kind):
    random = Random(kind.__name__)
    for _ in range(FILES // 2):
        raw = [kind(random).replace("\n", "") for _ in range(LINES_A_FILE)]
        lines, problems = parse("\n".join(raw), "f")
        alone, wrong = one_by_one(raw)
        repeated = repeats(alone)
        assert lines == alone
        assert [p for p in problems if p.line not in repeated] == wrong
        said = {p.line: p.what for p in problems if p.line in repeated}
        assert list(said) == list(repeated)
        assert all(f"in line {before};" in said[number] for number, before in repeated.items())


def one_by_one(raw: List[str]) -> Tuple[List[Line], List[Problem]]:
    """Each line read as a file of its own, then put under its number."""
    lines: List[Line] = []
    problems: List[Problem] = []
    for number, text in enumerate(raw, start=1):
        found, wrong = parse(text, "f")
        blank = not text.strip() or text.strip().startswith("#")
        assert len(found) + len(wrong) == (0 if blank else 1), text
        lines += [replace(each, number=number) for each in found]
        problems += [replace(each, line=number) for each in wrong]
    return lines, problems


def repeats(lines: List[Line]) -> Dict[int, int]:
    """Where a name stands again -> where it stood before."""
    seen: Dict[str, int] = {}
    found: Dict[int, int] = {}
    for line in lines:
        if line.name in seen:
            found[line.number] = seen[line.name]
        seen[line.name] = line.number
    return found


def test_files_of_any_bytes():
    """What is no text is said once, with the line of the first byte that is none."""
    random = Random("bytes")
    kinds = set()
    for _ in range(50 * FILES):
        data = bytes(random.choice(BYTES[random.randint(0, 2)]) for _ in range(random.randint(0, 60)))
        lines, problems = read_bytes(data, "f")
        place = first_bad_line(data)
        kinds.add(place is None)
        if place is not None:
            assert lines == [] and [p.line for p in problems] == [place], data
        else:
            assert (lines, problems) == parse(data.decode("utf-8-sig"), "f")
    assert kinds == {True, False}


BYTES = [b"A=1\n # '\"\\$", b"A=1\n\r\xef\xbb\xbf\xc3\xbc\xed\xa0\x80", bytes(range(256))]


def first_bad_line(data: bytes) -> Optional[int]:
    """By Python's own strict decoder, line by line; a NUL byte anywhere comes first."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return 1
    if b"\0" in data:
        return data.partition(b"\0")[0].count(b"\n") + 1
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return None


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NEAR = st.randoms(use_true_random=False).map(grammar_near).map(lambda line: line.replace("\0", "").replace("\r", ""))
FILE = st.lists(st.one_of(NEAR, TEXT.map(lambda text: text.replace("\n", " ").replace("\r", " "))), max_size=12)


@given(FILE)
def test_carriage_returns_and_a_byte_order_mark_change_nothing(raw):
    plain = "\n".join(["# first", *raw]).encode()
    assert read_bytes(plain.replace(b"\n", b"\r\n"), "f") == read_bytes(plain, "f")
    assert read_bytes(b"\xef\xbb\xbf" + plain, "f") == read_bytes(plain, "f")


@given(FILE, st.lists(st.sampled_from(["", "  ", "\t", "# A=1", "  #'"]), max_size=5))
def test_blank_lines_and_comments_move_the_numbers_and_nothing_else(raw, above):
    lines, _ = parse("\n".join(raw), "f")
    moved, _ = parse("\n".join([*above, *raw]), "f")
    assert moved == [replace(line, number=line.number + len(above)) for line in lines]


@given(st.dictionaries(st.sampled_from(["A", "_B", "c9", "NAME", "LONG_NAME_2"]), TEXT))
@example({"A": "it's", "B": "ends in \\", "C": " # ", "D": "$HOME ${X} $$", "E": '\n\t"`'})
def test_a_written_file_is_read_back_whole(values):
    values = {name: value for name, value in values.items() if writable(value)}
    text = "".join(f"# {name}\n{conf_line(name, value)}\n" for name, value in values.items())
    lines, problems = read_bytes(text.encode(), "f")
    assert problems == []
    assert {line.name: line.value for line in lines} == values
    assert [line.number for line in lines] == [2 * place for place in range(1, len(values) + 1)]


def writable(value: str) -> bool:
    try:
        conf_line("NAME", value)
    except ValueError:
        assert any(ord(char) < 32 or ord(char) == 127 for char in value)
        return False
    return True
