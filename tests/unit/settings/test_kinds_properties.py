"""What holds for every type and any value: written once is written for good, and no file is broken by it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.settings.values import TAKEN

from jitsictl.settings import catalogue
from jitsictl.settings.kinds import KINDS, normalise

ALL = catalogue.load()
TYPES = sorted({entry.type for entry in ALL.values()} | {kind for kind, *_ in TAKEN})
GOOD = {kind: [value for other, value, _ in TAKEN if other.split()[0] == kind.split()[0]] for kind in TYPES}
SPECIAL = "\"'`\\$;&|<>()*?[]{}!#~^:,.=/@%-_ \n\r\t\x00\x7f\x85\u2028\ud800é1aZ"


def attempts(random):
    """(type, value) for every type: what it takes with some characters put in, taken out or changed, or anything."""
    for kind in TYPES:
        value = random.choice([*GOOD[kind], "".join(random.choices(SPECIAL, k=random.randrange(9)))])
        for _ in range(random.randrange(4)):
            place = random.randrange(len(value) + 1)
            new = random.choice(["", *SPECIAL, "<!--", "</script>", random.choice(GOOD[kind])])
            value = value[:place] + new + value[place + random.randrange(2) :]
        yield kind, value


def taken(random):
    """(type, what the services get) of those that are taken."""
    for kind, value in attempts(random):
        try:
            yield kind, normalise(kind, value)
        except ValueError as error:
            assert ";" in str(error), "what is wrong; what would be right"


EVERY_TYPE = given(st.integers().map(Random))


@EVERY_TYPE
def test_a_value_is_refused_or_stays_as_it_was_made(random):
    """No other error than ValueError, and writing a value twice is writing it once."""
    for kind, once in taken(random):
        assert normalise(kind, once) == once, (kind, once)


# What may stand in a value, by where upstream's templates put it.
QUOTING = {
    "header", "line", "lua", "hocon", "javascript", "comment", "array", "properties", "prose", "pem", "dn", "filter",
}  # fmt: skip
SHELL = {"path", "email", "authority", "bool", "int", "port", "host", "memory", "timezone", "release"}
NGINX = {"base", "resolver", "folder", "origin"}


@EVERY_TYPE
def test_nothing_that_breaks_a_file_gets_through(random):
    for kind, value in taken(random):
        word = kind.split()[0]
        if word not in QUOTING and kind != "secret line":
            assert not set(value) & set("\"'`\\"), (kind, value)  # ends a string in Lua, HOCON or JavaScript
        if word not in ("prose", "pem"):  # which no file holds but one that is made by a program for them
            assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", value), (kind, value)  # a second line
            assert not re.search("<!--|</script", value, re.IGNORECASE), (kind, value)  # ends the page's script
        value.encode()


@EVERY_TYPE
def test_a_word_for_a_shell_stays_one_word(random):
    """Start scripts hand these on without quotes, or inside a `bash -c`."""
    for kind, value in taken(random):
        if value and (kind.split()[0] in SHELL or kind == "secret word"):
            assert shlex.split(value) == [value], (kind, value)
            assert not set(value) & set("*?["), (kind, value)  # would be taken for names of files
        if kind.split()[0] in SHELL - {"authority"}:
            assert not set(value) & set("$;&|<>(){}#~"), (kind, value)


@EVERY_TYPE
def test_a_piece_of_nginx_stays_in_its_directive(random):
    for kind, value in taken(random):
        if kind.split()[0] in NGINX:
            assert not set(value) & set("$;{}"), (kind, value)
            assert kind == "resolver" or not re.search(r"\s", value), (kind, value)
            assert not value.endswith("/"), (kind, value)  # would double the slash behind it
        if kind == "header":
            assert not set(value) & set('"\\$'), (kind, value)


def test_the_attempts_get_through_often_enough():
    """A type whose every attempt is refused would make the tests above empty."""
    found = Counter(kind.split()[0] for seed in range(100) for kind, _ in taken(Random(seed)))
    assert set(found) == set(KINDS)
    assert min(found.values()) >= 5


CLOSES = {"}": "{", "]": "[", ")": "("}


def closed(text):
    """Whether brackets pair and strings end on their line; a reader of its own, for Lua and HOCON alike."""
    quote, stack = "", []
    for char in text:
        if quote:
            if char == "\n":
                return False
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "{[(":
            stack.append(char)
        elif char in CLOSES and (not stack or stack.pop() != CLOSES[char]):
            return False
    return not quote and not stack


@given(
    st.sampled_from(["lua commas", "lua lines", "lua items", "hocon", "hocon items"]),
    st.lists(
        st.sampled_from(["a", " = ", "=", '"b"', "'c'", "{", "}", "[", "]", ";", ",", "\\n", "1", "--", "end", "/*"])
    ),
)
def test_a_fragment_closes_what_it_opens(kind, parts):
    try:
        value = normalise(kind, "".join(parts))
    except ValueError:
        return
    split = {"lua commas": ",", "lua lines": "\\n", "lua items": "\\n"}.get(kind)
    assert closed(value.replace(split, "\n") if split else value)
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", value)
    assert not re.search("--" if kind.startswith("lua") else "//|#", bare), "a comment swallows what is behind it"


def test_javascript_is_javascript():
    """What config.js gets, read by a real engine inside upstream's kind of line."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not here")
    lines = ["var config = {};"]
    for number, (kind, value, _) in enumerate(TAKEN):
        made = normalise(kind, value)
        if kind.split()[0] in ("array", "javascript"):
            lines.append(f"config.x{number} = {made};")
        elif kind.split()[0] in ("text", "url", "words", "word", "regex", "site", "hosts", "language", "list"):
            lines.append(f"config.x{number} = '{made}'; if (config.x{number} !== {json.dumps(made)}) throw {number};")
        elif kind == "comment":
            lines += made.split("\\n")
    lines.append("process.stdout.write('read');")
    run = subprocess.run([node, "-"], input="\n".join(lines).encode(), capture_output=True, timeout=60, check=False)
    assert (run.stdout, run.stderr) == (b"read", b"")
