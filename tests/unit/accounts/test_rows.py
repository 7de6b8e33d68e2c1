"""A file of accounts as people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jitsictl.accounts import passwords, rows, scram
from jitsictl.types.change import VERIFY_ACCOUNT

KEY = scram.written(scram.derived("pencil", "SHA-1", 1, b"salt"))


def parsed(text: str, fold: bool = False):
    return list(rows.parse(text.splitlines(True), fold))


def accounts(text: str, fold: bool = False):
    return [(row.name, row.password, row.key and scram.written(row.key)) for row in parsed(text, fold) if not row.wrong]


@pytest.mark.parametrize("text, found", [
    ("alien,secret word\n", [("alien", "secret word", None)]),
    ("alien,one\neva,two", [("alien", "one", None), ("eva", "two", None)]),
    ("name,password\nalien,one\n", [("alien", "one", None)]),
    ("Password, Name\none,alien\n", [("alien", "one", None)]),
    ("\ufeffname,password\r\nalien,one\r\n\r\n", [("alien", "one", None)]),
    ("alien\neva,\n", [("alien", None, None), ("eva", None, None)]),
    ("name\nalien\n", [("alien", None, None)]),
    ('alien,"with "" , and \'"\n', [("alien", "with \" , and '", None)]),
    ('alien,pa"ss\n', [("alien", 'pa"ss', None)]),
    (f"alien,,{KEY}\n", [("alien", None, KEY)]),
    (f"name,key\nalien,{KEY}\n", [("alien", None, KEY)]),
    ("name,password,result\nalien,one,created\n", [("alien", "one", None)]),
    ("ελένη,пароль\n", [("ελένη", "пароль", None)]),
    ("alien, blank\n", [("alien", " blank", None)]),
])
def test_what_it_means(text, found):
    assert accounts(text) == found and not [row.wrong for row in parsed(text) if row.wrong]


@pytest.mark.parametrize("text, line, why", [
    ("one,good\na b,x\n", 2, "'a b' is no name: it has a blank"),
    ("Alien,x\n", 1, "XMPP takes 'Alien' for 'alien'; write that, or give --fold"),
    (",password\n", 1, "'' is no name: it is empty"),
    ("alien @x;secret word\n", 1, "columns are separated by commas"),
    ("alien,a,b,c\n", 1, "it has 4 columns, expected name, password, key; a password with a comma stands in double q"),
    ("name,password\nalien,a,b\n", 2, "it has 3 columns, expected name, password"),
    ("alien,bell\x07\n", 1, "expected a password that XMPP allows, found another"),
    ("alien,f\udcfcr\n", 1, "expected a password in UTF-8, found other bytes"),
    ("f\udcfcr,x\n", 1, "is no name: it is not UTF-8"),
    ("alien," + "x" * 1024, 1, "at most 1023 bytes"),
    ("alien," + "x" * 10_000, 1, "it is no CSV: field larger than field limit"),
    ("good,x\n\nalien,\"a\"b\n", 3, "it is no CSV: "),
    ('alien,"never closed\n', 1, "it is no CSV: unexpected end of data"),
    (f"alien,both,{KEY}\n", 1, "it has a password and a key"),
    ("alien,,SCRAM\n", 1, "its key is not of the form"),
    (f"{VERIFY_ACCOUNT},x\n", 1, "an account of this name is made and deleted"),
])
def test_what_is_wrong_with_a_line(text, line, why):
    found = [row for row in parsed(text) if row.wrong]
    assert [row.line for row in found] == [line] and why in found[0].wrong


def test_a_wrong_password_is_not_shown():
    assert "secret" not in parsed("alien,secret\x07\n")[0].wrong


def test_names_are_folded_where_that_is_asked_for():
    assert accounts("Alien,x\nStraße,y\n", fold=True) == [("alien", "x", None), ("strasse", "y", None)]


def test_lines_after_a_wrong_one_are_read():
    assert [bool(row.wrong) for row in parsed('a b,x\nfine,x\n"a"b,x\nfine2,x\n')] == [True, False, True, False]


@given(st.text(max_size=40), st.booleans())
def test_any_text_is_rows(text, fold):
    for row in parsed(text, fold):
        assert row.wrong or (row.name and (row.password is None or passwords.problem(row.password) is None))


# What both profiles take, with all that CSV and Lua read otherwise.
CHARACTERS = st.sampled_from("abcxyz059-_.=;,%$#!()[]{}|\\^~`*+?äéλñ中я")
NAMES = st.text(CHARACTERS, min_size=1, max_size=12).filter(lambda name: not _wrong(name))
PASSWORDS = st.text(CHARACTERS | st.sampled_from(" \"'&/:<>@AZ€"), min_size=1, max_size=20)


def _wrong(name: str) -> bool:
    try:
        return rows.names.prepare(name) != name or name == "name"
    except ValueError:
        return True


@given(NAMES, PASSWORDS)
def test_a_line_that_was_written_is_read_back(name, password):
    assert accounts(rows.line(name, password)) == [(name, password, None)]
