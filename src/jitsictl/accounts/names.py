"""What may be an account's name: the local part of a JID (RFC 6122, nodeprep). Pure."""

from __future__ import annotations

import stringprep
import unicodedata
from typing import Optional

from jitsictl.types.change import VERIFY_ACCOUNT
from jitsictl.types.failure import Exit, Failure

LONGEST = 1023  # bytes of a local part (RFC 6122 section 2.1)
FORBIDDEN = "\"&'/:<>@"  # nodeprep's own, RFC 6122 appendix A.5

_TABLES = (
    stringprep.in_table_c11_c12, stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4,
    stringprep.in_table_c5, stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8,
    stringprep.in_table_c9, stringprep.in_table_a1,
)


def check(name: str) -> str:
    """The name, if Prosody keeps it as it is written. Failure (exit 2): why not, and what would do.

    A name that Prosody would change, such as Alien to alien, is refused with the changed one as a
    suggestion: the account would otherwise have another name than the one that was handed out.
    """
    wrong = _wrong(name)
    if wrong is not None:
        raise Failure(f"expected an account's name, found {name!r}: {wrong}", Exit.USAGE)
    prepared = nodeprep(name)
    if prepared != name:
        raise Failure(f"expected an account's name, found {name!r}, which XMPP takes for {prepared!r}; "
                      f"write {prepared!r}", Exit.USAGE)
    return name


def nodeprep(name: str) -> str:
    """The form in which servers keep and compare a name: lower case, compatible characters made one."""
    mapped = "".join(stringprep.map_table_b2(char) for char in name if not stringprep.in_table_b1(char))
    return unicodedata.normalize("NFKC", mapped)


def _wrong(name: str) -> Optional[str]:
    if not name:
        return "it is empty"
    if name.startswith("-"):
        return "prosodyctl would take it for an option; begin with a letter or digit"
    user, at, _ = name.partition("@")
    if at and user:
        return f"the host is not part of it; write {user!r}"
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "it is not UTF-8"
    if size > LONGEST:
        return f"it has {size} bytes, at most {LONGEST} are allowed"
    for char in name:
        if char == " ":
            return "it has a blank"
        if char in FORBIDDEN or any(is_in(char) for is_in in _TABLES):
            return f"it has the character {char!r}, which XMPP does not allow"
    if not _one_direction(name):
        return "it mixes writing from right to left with writing from left to right"
    if not nodeprep(name):
        return "nothing of it is left when XMPP has removed what cannot be seen"
    if name == VERIFY_ACCOUNT:
        return "jitsictl makes and deletes an account of this name when it verifies a change; choose another"
    return None


def _one_direction(name: str) -> bool:
    """RFC 3454 section 6: with a right-to-left character, all letters are such, the first and last included."""
    if not any(stringprep.in_table_d1(char) for char in name):
        return True
    ends = stringprep.in_table_d1(name[0]) and stringprep.in_table_d1(name[-1])
    return ends and not any(stringprep.in_table_d2(char) for char in name)
