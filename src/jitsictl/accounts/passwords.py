"""Where a password comes from: typed twice, one line of standard input, or made here. Never argv or environment."""

from __future__ import annotations

import secrets
import sys
from typing import BinaryIO, List, Optional

from jitsictl.accounts.prep import saslprep
from jitsictl.doors.process import secret
from jitsictl.types.failure import Exit, Failure

SHORT = 8  # characters below which a warning is given
LONGEST = 1023  # bytes; a terminal cuts a line at 4095, and prosodyctl is asked on one
GROUPS, GROUP = 4, 6  # 24 characters of 31: 118 bits
ALPHABET = "abcdefghijkmnpqrstuvwxyz3456789"  # without l, o, 0, 1, 2, which are read for each other or for z


def ask(name: str, *, once: bool = False) -> str:
    """Ask on the terminal without echo, twice for a new one. Failure: there is no terminal, or the two differ."""
    import getpass

    if not sys.stdin.isatty():
        remedy = "" if once else ", or have one made with --generate"
        raise Failure(
            f"expected a terminal to ask for the password on, found none; give it with --password-stdin{remedy}",
            Exit.USAGE,
        )
    if once:
        return check(getpass.getpass(f"Password of {name}: "))
    first = check(getpass.getpass(f"New password for {name}: "))
    if getpass.getpass("Once more: ") != first:
        raise Failure("expected the same password twice, found two; nothing was changed")
    return first


def read(stream: BinaryIO, count: int = 1) -> List[str]:
    """One password a line of standard input, `count` of them; newlines are not part of them.

    Failure (exit 2): one is none, or there are more or fewer.
    """
    lines = stream.read((LONGEST + 1) * count + 2).split(b"\n")
    if lines[-1] == b"" and len(lines) > 1:
        del lines[-1]
    if len(lines) != count:
        expected = "one line" if count == 1 else f"{count} lines, one a name,"
        found = "more" if len(lines) > count else f"{len(lines)}"
        raise Failure(f"expected {expected} on standard input, found {found}", Exit.USAGE)
    try:
        return [check(line.decode("utf-8")) for line in lines]
    except UnicodeDecodeError:
        raise Failure("expected the password in UTF-8, found other bytes", Exit.USAGE) from None


def generate() -> str:
    """A password that was made here, masked everywhere."""
    return secret(made())


def made() -> str:
    """A password of 24 letters and digits in groups, 118 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def check(password: str) -> str:
    """The password, registered to be masked everywhere. Failure (exit 2): it is none.

    What XMPP forbids is found here and not by Prosody 13, which would leave an account without a password.
    """
    secret(password)
    wrong = problem(password)
    if wrong is not None:
        raise Failure(f"expected a password{wrong}", Exit.USAGE)
    return password


def problem(password: str) -> Optional[str]:
    """What goes on after "expected a password", for one that is none; it shows no piece of it."""
    if not password:
        return ", found none"
    if any("\ud800" <= char <= "\udfff" for char in password):  # what a terminal makes of other bytes
        return " in UTF-8, found other bytes"
    if len(password.encode()) > LONGEST:
        return f" of at most {LONGEST} bytes, found a longer one"
    try:
        prepared = saslprep(password)
    except ValueError as error:
        return f" that XMPP allows, found another: {error}; choose another one"
    return None if prepared else ", found only what cannot be seen"


def weakness(password: str) -> Optional[str]:
    """A warning, or None."""
    if len(password) < SHORT:
        return f"the password has fewer than {SHORT} characters"
    return None
