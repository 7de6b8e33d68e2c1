"""The report of an import: what was made, with the passwords that were made for it; and where an import goes on.

A row is on disk, `pending`, before Prosody is told of its account, so that no generated password is ever lost; the
word is then written over in place. All words have one length.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Dict, NamedTuple, Sequence, Tuple

from jitsictl.accounts import rows
from jitsictl.doors.ledger import Ledger
from jitsictl.types.failure import Failure

CREATED, CHANGED, SKIPPED, PENDING, REFUSED = "created", "changed", "skipped", "pending", "refused"
WORDS = (CREATED, CHANGED, SKIPPED, PENDING, REFUSED)
HEADER = rows.line("name", "password", "result")


class Before(NamedTuple):
    """What an earlier run of the same import did. `password`: the one that it made, "" where the file had one."""

    password: str
    result: str


class Report:
    """An open report; `before` holds what an earlier run wrote into it."""

    def __init__(self, path: Path) -> None:
        self._ledger = Ledger(path)
        self.path = path
        self.before: Dict[str, Before] = {}
        try:
            if self._ledger.new:
                self._ledger.append(HEADER)
            else:
                self._read()
        except BaseException:
            self._ledger.close()
            raise

    def begin(self, accounts: Sequence[Tuple[str, str]]) -> int:
        """Write down names and passwords that were made before anything is done with them; returns where."""
        return self._ledger.append(_lines(accounts, [PENDING] * len(accounts)))

    def finish(self, where: int, accounts: Sequence[Tuple[str, str]], results: Sequence[str]) -> None:
        """Say what became of them."""
        self._ledger.mark(where, _lines(accounts, results))

    def confirm(self, name: str) -> None:
        """Say that an account which an earlier run left open was made."""
        self._ledger.append(rows.line(name, self.before[name].password, CREATED))

    def close(self) -> None:
        self._ledger.close()

    def _read(self) -> None:
        with self._ledger.reader() as file:
            reader = csv.reader(file, strict=True)
            try:
                for fields in reader:
                    if reader.line_num == 1 and rows.line(*fields) == HEADER:
                        continue
                    if reader.line_num == 1 or len(fields) != 3 or fields[2] not in WORDS:
                        raise ValueError
                    self.before[fields[0]] = Before(fields[1], fields[2])  # the last word on a name counts
            except (csv.Error, ValueError):
                raise Failure(
                    f"expected a report of an import in {self.path}, found something else in line "
                    f"{reader.line_num}; give another name with --report"
                ) from None


def _lines(accounts: Sequence[Tuple[str, str]], results: Sequence[str]) -> str:
    return "".join(rows.line(name, password, result) for (name, password), result in zip(accounts, results))
