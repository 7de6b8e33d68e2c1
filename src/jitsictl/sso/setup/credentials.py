"""What somebody logs in to Keycloak with: typed, a line of standard input, or a file. Never argv or environment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

from jitsictl.doors import files
from jitsictl.doors.process import secret
from jitsictl.types.failure import Exit, Failure

LONGEST = 4096  # bytes


def ask(prompt: str) -> str:
    """Ask on the terminal without echo. Failure (exit 2): there is none."""
    import getpass

    if not sys.stdin.isatty():
        raise Failure(
            "expected a terminal to ask for the password on, found none; give it with --password-file or "
            "--password-stdin",
            Exit.USAGE,
        )
    return _checked(getpass.getpass(prompt), "what was typed")


def from_file(path: Path) -> str:
    """Its first line. Failure (exit 2): others than its owner may read it, or there is nothing in it."""
    data = files.read_bytes(path)
    if data is None:
        raise Failure(f"expected the password in {path}, found no such file", Exit.USAGE)
    mode = files.mode_of(path)
    if mode & 0o077:
        found = f"found mode {mode:04o}; write: chmod 600 {path}"
        raise Failure(f"expected that nobody but its owner may read {path}, {found}", Exit.USAGE)
    return _line(data, str(path))


def from_stream(stream: BinaryIO) -> str:
    """Its one line. Failure (exit 2): there is nothing in it."""
    return _line(stream.read(LONGEST + 2), "standard input")


def _line(data: bytes, where: str) -> str:
    try:
        return _checked(data.decode("utf-8").partition("\n")[0].rstrip("\r"), where)
    except UnicodeDecodeError:
        raise Failure(f"expected the password in {where} in UTF-8, found other bytes", Exit.USAGE) from None


def _checked(password: str, where: str) -> str:
    if not password or len(password.encode("utf-8", "replace")) > LONGEST:
        found = f"a line of more than {LONGEST} bytes" if password else "an empty line"
        raise Failure(f"expected the password in {where}, found {found}", Exit.USAGE)
    if any("\ud800" <= char <= "\udfff" for char in password):  # what a terminal makes of other bytes
        raise Failure(f"expected the password in {where} in UTF-8, found other bytes", Exit.USAGE)
    return secret(password)
