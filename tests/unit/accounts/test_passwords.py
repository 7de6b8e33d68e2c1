"""Passwords from a pipe, from a terminal, and made here."""

from __future__ import annotations

import io
import os
import sys

import pexpect
import pytest

from jitsictl.accounts import passwords
from jitsictl.doors.process import mask
from jitsictl.types.failure import Exit, Failure

ASK = """
import sys
from jitsictl.accounts import passwords
from jitsictl.types.failure import Failure
try:
    print("got", passwords.ask("alien").encode().hex())
except Failure as failure:
    print("failure", int(failure.exit), failure.what)
"""


@pytest.mark.parametrize("data, password", [
    (b"correct horse\n", "correct horse"),
    (b"no newline", "no newline"),
    (b" blanks kept \n", " blanks kept "),
    ("hält €\n".encode(), "hält €"),
    (b"x" * 1023 + b"\n", "x" * 1023),
])
def test_one_line_of_standard_input(data, password):
    assert passwords.read(io.BytesIO(data)) == [password]


@pytest.mark.parametrize("data, what", [
    (b"", "expected a password, found none"),
    (b"\n", "expected a password, found none"),
    (b"one\ntwo\n", "expected one line on standard input, found more"),
    (b"one\n\n", "expected one line on standard input, found more"),
    (b"f\xfcr\n", "expected the password in UTF-8, found other bytes"),
    (b"x" * 1024 + b"\n", "expected a password of at most 1023 bytes, found a longer one"),
    (b"x" * 100_000, "expected a password of at most 1023 bytes, found a longer one"),
    (b"windows\r\n", "it has a character that XMPP does not allow"),
    (b"nul\0byte\n", "it has a character that XMPP does not allow"),
    (b"interrupt\x03\n", "it has a character that XMPP does not allow"),
    ("new\u0221letter\n".encode(), "it has a character that XMPP does not allow"),
    ("\u00ad\n".encode(), "found only what cannot be seen"),
])
def test_what_is_no_password(data, what):
    with pytest.raises(Failure) as wrong:
        passwords.read(io.BytesIO(data))
    assert wrong.value.exit == Exit.USAGE and what in wrong.value.what


def test_several_lines_for_several_names():
    assert passwords.read(io.BytesIO(b"one1\ntwo2\n"), 2) == ["one1", "two2"]
    for data, found in ((b"one1\n", "found 1"), (b"1\n2\n3\n", "found more")):
        with pytest.raises(Failure, match=f"expected 2 lines, one a name, on standard input, {found}"):
            passwords.read(io.BytesIO(data), 2)


def test_a_refusal_never_shows_the_password():
    with pytest.raises(Failure) as wrong:
        passwords.check("very-secret\x07")
    assert "secret" not in wrong.value.what


def test_a_password_is_masked_from_then_on():
    passwords.read(io.BytesIO(b"from a pipe 1\n"))
    assert mask("x from a pipe 1 y") == "x ******** y"
    assert passwords.generate() not in mask(passwords.generate())


def test_made_ones_differ_are_long_and_free_of_look_alikes():
    made = {passwords.generate() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        groups = password.split("-")
        assert [len(group) for group in groups] == [6, 6, 6, 6]
        assert set("".join(groups)) <= set(passwords.ALPHABET)
        assert passwords.check(password) == password
    assert not set("lo012") & set(passwords.ALPHABET)
    assert {char for password in made for char in password} == {*passwords.ALPHABET, "-"}


def test_a_short_one_is_warned_of_not_refused():
    assert passwords.weakness(passwords.check("seven77")) == "the password has fewer than 8 characters"
    assert passwords.weakness("eight888") is None


@pytest.fixture
def terminal():
    """A process that asks for a password on a terminal of its own."""
    child = pexpect.spawn(sys.executable, ["-c", ASK], encoding="utf-8", timeout=15, dimensions=(24, 500),
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C.UTF-8"})
    yield child
    child.close(force=True)


def typed(child: pexpect.spawn, first: str, second: str) -> str:
    """What the process printed from its first question on."""
    child.expect_exact("New password for alien: ")
    child.sendline(first)
    if child.expect_exact(["Once more: ", pexpect.EOF]) == 0:
        child.sendline(second)
        child.expect_exact(pexpect.EOF)
    return child.before


def test_typed_twice_without_echo(terminal):
    said = typed(terminal, "tüped word", "tüped word")
    assert f"got {'tüped word'.encode().hex()}" in said
    assert "tüped" not in said


def test_typed_differently(terminal):
    said = typed(terminal, "one1", "two2")
    assert "failure 1 expected the same password twice, found two; nothing was changed" in said


def test_an_empty_one_is_not_asked_for_twice(terminal):
    assert "failure 2 expected a password, found none" in typed(terminal, "", "")


def test_without_a_terminal_the_options_are_named(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("piped\n"))
    with pytest.raises(Failure, match="found none; give it with --password-stdin, or have one made with --generate"):
        passwords.ask("alien")
