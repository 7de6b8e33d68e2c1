"""Where a password comes from: typed twice, one line of standard input, or made here. Never argv or environment."""

from __future__ import annotations

import secrets
import sys
from typing import BinaryIO, Optional

from jitsictl.accounts.prep import saslprep
from jitsictl.doors.process import secret
from jitsictl.types.failure import Exit, Failure

SHORT = 8  # characters below which a warning is given
LONGEST = 1023  # bytes; a terminal cuts a line at 4095, and prosodyctl is asked on one
GROUPS, GROUP = 4, 6  # 24 characters of 31: 118 bits
ALPHABET = "abcdefghijkmnpqrstuvwxyz3456789"  # without l, o, 0, 1, 2, which are read for each other or for z


def ask(name: str) -> str:
    """Ask on the terminal, twice, without echo. Failure: there is no terminal, or the two differ."""
    import getpass

    if not sys.stdin.isatty():
        raise Failure("expected a terminal to ask for the password on, found none; "
                      "give it with --password-stdin, or have one made with --generate", Exit.USAGE)
    first = check(getpass.getpass(f"New password for {name}: "))
    if getpass.getpass("Once more: ") != first:
        raise Failure("expected the same password twice, found two; nothing was changed")
    return first


def read(stream: BinaryIO) -> str:
    """The one line of standard input; its newline is not part of it. Failure (exit 2): it is no password."""
    data = stream.read(LONGEST + 3)
    line, _, more = data.partition(b"\n")
    if more:
        raise Failure("expected one line on standard input, found more", Exit.USAGE)
    try:
        return check(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise Failure("expected the password in UTF-8, found other bytes", Exit.USAGE) from None


def generate() -> str:
    """A password of 24 letters and digits in groups, 118 bits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return secret("-".join(groups))


def check(password: str) -> str:
    """The password, registered to be masked everywhere. Failure (exit 2): empty, too long, or nothing for XMPP.

    What XMPP forbids is found here and not by Prosody 13, which would leave an account without a password.
    """
    secret(password)
    if not password:
        raise Failure("expected a password, found none", Exit.USAGE)
    if any("\ud800" <= char <= "\udfff" for char in password):  # what a terminal makes of other bytes
        raise Failure("expected the password in UTF-8, found other bytes", Exit.USAGE)
    if len(password.encode()) > LONGEST:
        raise Failure(f"expected a password of at most {LONGEST} bytes, found a longer one", Exit.USAGE)
    try:
        prepared = saslprep(password)
    except ValueError as error:
        raise Failure(f"expected a password that XMPP allows, found another: {error}; choose another one", Exit.USAGE
                      ) from None
    if not prepared:
        raise Failure("expected a password, found only what cannot be seen", Exit.USAGE)
    return password


def weakness(password: str) -> Optional[str]:
    """A warning, or None."""
    if len(password) < SHORT:
        return f"the password has fewer than {SHORT} characters"
    return None
