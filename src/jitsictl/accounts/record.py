"""The store's files: names of accounts in names of files, and what a record says. Pure.

Prosody writes a record as a Lua table, the same since 0.11. It is read here, not run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Optional, Union

from jitsictl.accounts.scram import Key

SUFFIX = ".dat"

Value = Union[str, float, bool]

_BYTES = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_TABLE = re.compile(rb"return \{.*\};\s*", re.DOTALL)
# One field of the outermost table a line; a quote inside a text is escaped, so no text can look like one.
_FIELD = re.compile(
    rb'^\t\["([a-z_]+)"\] = (?:"((?:[^"\\\n]|\\.)*)"|(-?[0-9.e+]+)|(true|false));$', re.DOTALL | re.MULTILINE
)
_ESCAPE = re.compile(rb"\\(\d{1,3}|.)", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


@dataclass(frozen=True)
class Record:
    """What Prosody keeps of an account. Times are seconds since the epoch, None where an old store has none."""

    created: Optional[float]
    password_set: Optional[float]
    disabled: bool
    key: Optional[Key]  # None: nobody can log in, or the password itself is stored


def name_of(file: str) -> Optional[str]:
    """The account whose record a file of the store is, None for what is no record."""
    if not file.endswith(SUFFIX):
        return None
    encoded = file[: -len(SUFFIX)]
    if "%" not in encoded:
        return encoded
    try:
        return _BYTES.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode(), encoded)
    except UnicodeDecodeError:
        return None


def parse(data: bytes) -> Record:
    """A record. ValueError: it is damaged, or holds what Prosody does not write."""
    fields = _fields(data)
    key = None
    if "stored_key" in fields:
        try:
            stored, server = (bytes.fromhex(str(fields[name])) for name in ("stored_key", "server_key"))
            salt = str(fields["salt"]).encode("latin-1")
            key = Key(_BY_SIZE[len(stored)], int(fields["iteration_count"]), salt, stored, server)
        except (KeyError, ValueError):
            raise ValueError("its key is damaged") from None
    times = [fields.get(name) for name in ("created", "updated")]
    created, updated = (None if isinstance(found, (str, type(None))) else float(found) for found in times)
    return Record(created, updated, fields.get("disabled") is True, key)


_BY_SIZE = {20: "SHA-1", 32: "SHA-256"}


def _fields(data: bytes) -> Dict[str, Value]:
    """The table's fields; text is one character a byte."""
    if _TABLE.fullmatch(data) is None:
        raise ValueError("it is no record of Prosody's")
    found: Dict[str, Value] = {}
    for name, text, number, truth in _FIELD.findall(data):
        if number:
            found[name.decode()] = float(number)
        elif truth:
            found[name.decode()] = truth == b"true"
        else:
            found[name.decode()] = _ESCAPE.sub(_escaped, text).decode("latin-1")
    return found


def _escaped(match: re.Match[bytes]) -> bytes:
    what = match[1]
    return bytes([int(what) & 255]) if what.isdigit() else _NAMED.get(what, what)
