"""A file of accounts: CSV with the columns name, password, key, in this order or in that of its first line. Pure.

Also what `user export` writes and what an import reports.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Dict, Iterable, Iterator, List, Optional, Sequence

from jitsictl.accounts import names, passwords, scram
from jitsictl.accounts.scram import Key

COLUMNS = ("name", "password", "key")
IGNORED = ("result",)  # of a report, which can be imported elsewhere
WIDEST = 8192  # characters of a field
BOM = "\ufeff"


@dataclass(frozen=True)
class Row:
    """One account that is wanted, on this line. `wrong`: why not, in a few words that show no password.

    `was`: the name as it stands there.
    """

    line: int
    name: str
    password: Optional[str] = None
    key: Optional[Key] = None
    wrong: str = ""
    was: str = ""

    @property
    def bare(self) -> bool:
        """Whether a password is to be made."""
        return self.password is None and self.key is None


def parse(lines: Iterable[str], fold: bool) -> Iterator[Row]:
    """The rows of a file, those that are wrong as well. Empty lines are none.

    `fold`: a name that XMPP would take for another one is taken for that; without it such a name is wrong.
    Lines come with their ends; bytes that are no UTF-8 as surrogates.
    """
    csv.field_size_limit(WIDEST)
    reader = csv.reader(_plain(lines), strict=True)
    columns: Optional[Sequence[str]] = None
    while True:
        first = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(first, "", wrong=f"it is no CSV: {error}")
            continue
        if not fields:
            continue
        if columns is None:
            columns = _header(fields)
            if columns:
                continue
            columns = COLUMNS
        yield _row(first, fields, columns, fold)


def line(*fields: str) -> str:
    """A line of CSV with its end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(fields)
    return text.getvalue()


def _plain(lines: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(lines):
        yield text[len(BOM) :] if number == 0 and text.startswith(BOM) else text


def _header(fields: List[str]) -> Optional[Sequence[str]]:
    """The columns that a first line names, None when it is an account already."""
    found = [field.strip().lower() for field in fields]
    known = set(found) <= {*COLUMNS, *IGNORED} and len(set(found)) == len(found)
    return found if known and "name" in found else None


def _row(number: int, fields: List[str], columns: Sequence[str], fold: bool) -> Row:
    if len(fields) > len(columns):
        return Row(number, "", wrong=f"it has {len(fields)} columns, expected {', '.join(columns)}{_other(fields)}")
    found: Dict[str, str] = dict(zip(columns, fields))
    was = found.get("name", "")
    try:
        name = _name(was, fold)
        return Row(number, name, _password(found), _key(found), was=was)
    except ValueError as error:
        return Row(number, "", wrong=str(error), was=was)


def _other(fields: List[str]) -> str:
    return "; a password with a comma stands in double quotes" if len(fields) > len(COLUMNS) else ""


def _name(was: str, fold: bool) -> str:
    try:
        name = names.prepare(was)
    except ValueError as error:
        hint = "; columns are separated by commas" if ";" in was or "\t" in was else ""
        raise ValueError(f"{was!r} is no name: {error}{hint}") from None
    if name != was and not fold:
        raise ValueError(f"XMPP takes {was!r} for {name!r}; write that, or give --fold")
    return name


def _password(found: Dict[str, str]) -> Optional[str]:
    password = found.get("password", "")
    if not password:
        return None
    if found.get("key"):
        raise ValueError("it has a password and a key; one of them is enough")
    wrong = passwords.problem(password)
    if wrong is not None:
        raise ValueError(f"expected a password{wrong}")
    return password


def _key(found: Dict[str, str]) -> Optional[Key]:
    key = found.get("key", "")
    return scram.parsed(key) if key else None
