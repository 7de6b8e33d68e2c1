"""Two profiles of stringprep (RFC 3454): what XMPP makes of names and of passwords. Pure.

ValueError: the text is not allowed; it says why in a few words.
"""

from __future__ import annotations

import re
import stringprep as tables
from typing import Callable, Tuple
from unicodedata import ucd_3_2_0 as unicode  # the version that RFC 3454 is bound to: a later one knows more letters

NODE_FORBIDDEN = "\"&'/:<>@"  # RFC 6122 appendix A.5
# What both profiles leave as it is, but for upper case in names: spares a long file of accounts half a second.
_SIMPLE_NODE = re.compile(r"[!#-%(-.0-9;=?A-Z\[-~]*")
_SIMPLE_PASSWORD = re.compile(r"[ -~]*")

_ALWAYS: Tuple[Callable[[str], bool], ...] = (
    tables.in_table_c12,
    tables.in_table_c21_c22,
    tables.in_table_c3,
    tables.in_table_c4,
    tables.in_table_c5,
    tables.in_table_c6,
    tables.in_table_c7,
    tables.in_table_c8,
    tables.in_table_c9,
    tables.in_table_a1,
)


def nodeprep(name: str) -> str:
    """RFC 6122 appendix A: the form in which servers keep a name: lower case, look-alikes made one."""
    if _SIMPLE_NODE.fullmatch(name):
        return name.lower()
    kept = "".join(tables.map_table_b2(char) for char in name if not tables.in_table_b1(char))
    prepared = unicode.normalize("NFKC", kept)
    for char in prepared:
        if char == " ":
            raise ValueError("it has a blank")
        if char in NODE_FORBIDDEN or any(is_in(char) for is_in in _ALWAYS):
            raise ValueError(f"it has the character {char!r}, which XMPP does not allow")
    _one_direction(prepared)
    return prepared


def saslprep(password: str) -> str:
    """RFC 4013: the form in which a password is hashed. The reason names no character of it."""
    if _SIMPLE_PASSWORD.fullmatch(password):
        return password
    blanks = "".join(" " if tables.in_table_c12(char) else char for char in password)
    prepared = unicode.normalize("NFKC", "".join(char for char in blanks if not tables.in_table_b1(char)))
    if any(is_in(char) for char in prepared for is_in in _ALWAYS):
        raise ValueError("it has a character that XMPP does not allow")
    _one_direction(prepared)
    return prepared


def _one_direction(text: str) -> None:
    """RFC 3454 section 6: with a letter from right to left all letters are such, the first and the last, too."""
    if any(tables.in_table_d1(char) for char in text):
        ends = tables.in_table_d1(text[0]) and tables.in_table_d1(text[-1])
        if not ends or any(tables.in_table_d2(char) for char in text):
            raise ValueError("it mixes writing from right to left with writing from left to right")
