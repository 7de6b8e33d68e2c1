"""Names as they are typed, and what is said of each."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jitsictl.accounts import names, prep
from jitsictl.accounts.prep import nodeprep
from jitsictl.types.change import VERIFY_ACCOUNT
from jitsictl.types.failure import Exit, Failure

GOOD = ["alien", "a", "eric.hameleers", "a-b_c+d", "42", "älien", "ελένη", "наташа", "x" * 250, "ä" * 41, "=,;%",
        "נחום"]

WRONG = [
    ("", "it is empty"),
    ("Alien", "XMPP takes it for 'alien'; write that"),
    ("ÄLIEN", "XMPP takes it for 'älien'; write that"),
    ("ａlien", "XMPP takes it for 'alien'; write that"),
    ("ﬁ", "XMPP takes it for 'fi'; write that"),
    ("straße", "XMPP takes it for 'strasse'; write that"),
    ("soft\u00adhyphen", "XMPP takes it for 'softhyphen'; write that"),
    ("\u00ad", "it is empty"),
    ("two words", "it has a blank"),
    ("no\u00a0break", "it has a blank"),
    ("alien@meet.jitsi", "the host is not part of it; write 'alien'"),
    ("@alien", "it has the character '@'"),
    *((f"a{char}b", f"it has the character {char!r}") for char in "\"&'/:<>"),
    ("tab\t", "it has the character '\\t'"),
    ("line\n", "it has the character '\\n'"),
    ("nul\0", "it has the character '\\x00'"),
    ("\u200ehidden", "it has the character '\\u200e'"),
    ("\u1d45", "it has the character 'ᵅ'"),  # likewise: a later Unicode makes a Latin letter of it
    ("\u0221", "it has the character 'ȡ'"),  # not assigned in Unicode 3.2, which RFC 3454 is bound to
    ("-x", "prosodyctl would take it for an option"),
    ("--help", "prosodyctl would take it for an option"),
    ("x" * 251, "it takes 251 bytes in Prosody's store; at most 250 are allowed"),
    ("ä" * 42, "it takes 252 bytes in Prosody's store"),
    ("\udcfc", "it is not UTF-8"),
    ("aנ", "it mixes writing from right to left"),
    ("נ1", "it mixes writing from right to left"),
    (VERIFY_ACCOUNT, "an account of this name is made and deleted"),
]


@pytest.mark.parametrize("name", GOOD)
def test_a_name_is_returned_as_it_is(name):
    assert names.check(name) == name


@pytest.mark.parametrize("name, why", WRONG)
def test_a_name_that_is_none(name, why):
    with pytest.raises(Failure) as wrong:
        names.check(name)
    assert wrong.value.exit == Exit.USAGE == 2
    assert wrong.value.what.startswith(f"expected an account's name, found {name!r}: ")
    assert why in wrong.value.what
    wrong.value.what.encode()  # it can be printed


@given(st.text(max_size=20))
def test_whatever_is_accepted_stays_as_it_is_and_holds_nothing_forbidden(name):
    try:
        names.check(name)
    except Failure:
        return
    assert nodeprep(name) == name
    assert not set(name) & set(" \"&'/:<>@\n\0") and not name.startswith("-")


@given(st.text(max_size=20))
def test_a_suggestion_is_itself_accepted_by_nodeprep(name):
    try:
        prepared = nodeprep(name)
    except ValueError:
        return
    assert nodeprep(prepared) == prepared


def test_of_several_names_all_that_are_wrong_are_told():
    with pytest.raises(Failure) as wrong:
        names.check_all(["fine", "a b", "Alien", "fine"])
    assert wrong.value.exit == Exit.USAGE
    assert [line.split(", ", 1)[1] for line in wrong.value.what.splitlines()] == [
        "found 'a b': it has a blank", "found 'Alien': XMPP takes it for 'alien'; write that", "found fine twice",
    ]


@given(st.text(st.characters(max_codepoint=0x7f), max_size=20))
def test_ascii_is_prepared_as_everything_is(name):
    """There is a short way for it."""
    def slow(prepare, text):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(prep, "_SIMPLE_NODE", NEVER)
            patch.setattr(prep, "_SIMPLE_PASSWORD", NEVER)
            return outcome(prepare, text)

    for prepare in (prep.nodeprep, prep.saslprep):
        assert outcome(prepare, name) == slow(prepare, name)


NEVER = re.compile("(?!)")


def outcome(prepare, text):
    try:
        return prepare(text)
    except ValueError as error:
        return str(error)
