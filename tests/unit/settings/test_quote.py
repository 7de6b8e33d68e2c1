"""What is written comes back: through our own reader, and through Lua's rules for strings."""

from __future__ import annotations

import re
import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jitsictl.settings.quote import conf_line, env_line, lua, shell
from jitsictl.settings.read import parse

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
WRITABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"))
TRAPS = st.text(st.sampled_from("\\'\"$#\n \tan={}"), max_size=12)


def read_back(line: str) -> str:
    lines, problems = parse(line, "f")
    assert problems == [] and len(lines) == 1, (line, problems)
    return lines[0].value


@given(st.one_of(WRITABLE, TRAPS))
@example("it's")
@example("ends in \\")
@example(" # $HOME ${X} $$ \\")
def test_conf_lines_come_back(value):
    line = conf_line("NAME", value)
    assert "\n" not in line
    assert read_back(line) == value


@given(st.one_of(WRITABLE, TRAPS))
def test_env_lines_come_back_through_our_reader_too(value):
    assert read_back(env_line("NAME", value)) == value


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("", "N=''"),
        ("plain", "N='plain'"),
        ("$HOME # x", "N='$HOME # x'"),
        ('say "yes"', "N='say \"yes\"'"),
        ("it's $5", 'N="it\'s \\$5"'),
        ("ends in \\", 'N="ends in \\\\"'),
        ("two\nlines", 'N="two\\nlines"'),
        ("a\r\nb", 'N="a\\r\\nb"'),
    ],
)
def test_env_lines_as_measured(value, line):
    assert env_line("N", value) == line


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("https://meet.example.com/{room}", "N=https://meet.example.com/{room}"),
        ("", "N=''"),
        ("two words", "N='two words'"),
        ("it's", 'N="it\'s"'),
    ],
)
def test_conf_lines_are_as_plain_as_can_be(value, line):
    assert conf_line("N", value) == line


def test_what_no_line_can_hold():
    with pytest.raises(ValueError, match="N has a NUL byte"):
        env_line("N", "a\0b")
    with pytest.raises(ValueError, match="N has a control character"):
        conf_line("N", "a\rb")
    with pytest.raises(ValueError, match="N has a control character"):
        conf_line("N", "a\x7fb")


def lua_value(literal: str) -> str:
    """A decoder of Lua's short strings (reference manual, 3.1), as far as `lua` uses them."""
    assert literal[0] == literal[-1] == '"'
    inside = literal[1:-1]
    assert re.fullmatch(r'(?:[^"\\\n]|\\[0-9]{3})*', inside), literal
    data = re.sub(rb"\\([0-9]{3})", lambda m: bytes([int(m.group(1))]), inside.encode("ascii"))
    return data.decode()


@given(TEXT)
@example('"]] .. os.exit() .. [["')
@example("1\n2")
@example("\\065")
def test_lua_strings_come_back(text):
    assert lua_value(lua(text)) == text


def test_lua_escapes_all_but_printable_ascii():
    assert lua(' ~\x1f\x7f"\\ü') == '" ~\\031\\127\\034\\092\\195\\188"'


def test_lua_keeps_digits_apart_from_escapes():
    assert lua('\n1"') == '"\\0101\\034"'


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=30))
@example(["", "-n", "$(id) `id` $HOME", "'", "\\", "a\nb", "EOF", "!!", "*", "~"])
def test_a_shell_takes_each_for_one_word(words):
    line = f"printf '%s\\0' {' '.join(map(shell, words))}"
    said = subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=True)
    assert said.stdout.decode().split("\0")[:-1] == words
