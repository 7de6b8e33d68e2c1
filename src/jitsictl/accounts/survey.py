"""A file of accounts held against those that exist: everything that is wrong, or what an import would do."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Set

from jitsictl.accounts import passwords, rows, store
from jitsictl.accounts.home import Home
from jitsictl.accounts.report import PENDING, REFUSED, SKIPPED, Before
from jitsictl.accounts.rows import Row
from jitsictl.doors import spool
from jitsictl.types.failure import Exit, Failure

SHOWN = 20  # accounts that exist already; of what is wrong, everything is shown


@dataclass(frozen=True)
class Wish:
    """What is asked for. Neither `update` nor `skip`: an account that exists keeps anything from being done.

    `fold`: names that XMPP would change are taken as it takes them. `report`: where to write what was made.
    """

    update: bool = False
    skip: bool = False
    fold: bool = False
    report: Optional[Path] = None


@dataclass
class Outcome:
    """How many accounts were, or would be, made and so on; `before`: by an earlier run of the same import."""

    created: int = 0
    changed: int = 0
    skipped: int = 0
    before: int = 0
    generated: int = 0  # passwords
    short: List[int] = field(default_factory=list)  # lines of passwords that are short
    hashes: Set[str] = field(default_factory=set)  # of keys that the file has
    proved: int = 0  # logins afterwards
    unproved: str = ""  # why nobody could log in

    @property
    def total(self) -> int:
        return self.created + self.changed


class Source:
    """A file of accounts that is read twice. `file`: as it is named in messages."""

    def __init__(self, file: str, descriptor: int) -> None:
        self.file = file
        self._descriptor = descriptor

    def rows(self, fold: bool) -> Iterator[Row]:
        with spool.text(self._descriptor) as text:
            yield from rows.parse(text, fold)


def look(home: Home, given: Source, wish: Wish, before: Mapping[str, Before]) -> Outcome:
    """What the import would do. Failure: all that is wrong with the file (2), or which accounts exist (9)."""
    wrong: List[str] = []
    taken: List[str] = []
    seen = array("Q")
    outcome = Outcome()
    for row in given.rows(wish.fold):
        if row.wrong:
            wrong.append(f"{given.file}:{row.line}: {row.wrong}")
            continue
        seen.append(_digest(row.name))
        if row.password and passwords.weakness(row.password):
            outcome.short.append(row.line)
        if row.key is not None:
            outcome.hashes.add(row.key.hash)
        if done_before(home, row, wish, before):
            outcome.before += 1
            continue
        exists = home.has(row.name)
        outcome.created += not exists
        outcome.changed += exists and wish.update
        outcome.skipped += exists and wish.skip
        outcome.generated += row.bare and not (exists and wish.skip)
        if exists and not wish.update and not wish.skip:
            taken.append(f"{given.file}:{row.line}: {row.name}")
    wrong += _twice(given, wish, seen)
    if wrong:
        raise Failure(
            "\n".join(
                [
                    *wrong,
                    f"expected an account in every line of {given.file}, found {len(wrong)} that "
                    "are wrong; nothing was done",
                ]
            ),
            Exit.USAGE,
        )
    if taken:
        more = [f"... and {len(taken) - SHOWN} more"] if len(taken) > SHOWN else []
        summary = (
            f"expected accounts that do not exist yet, found {len(taken)} that do; nothing was done; --skip "
            "leaves those as they are, --update sets their passwords"
        )
        raise Failure("\n".join([*taken[:SHOWN], *more, summary]), Exit.ACCOUNT_EXISTS)
    if not seen:
        raise Failure(f"expected accounts in {given.file}, found none", Exit.USAGE)
    if wish.report is None and outcome.generated:
        raise Failure(
            f"expected a file for the {outcome.generated} passwords that are to be made, found none named; "
            "give --report FILE",
            Exit.USAGE,
        )
    return outcome


def done_before(home: Home, row: Row, wish: Wish, before: Mapping[str, Before]) -> bool:
    """Whether an earlier run of this import did all that the row asks for."""
    earlier = before.get(row.name)
    if earlier is None or earlier.result == SKIPPED or not home.has(row.name):
        return False
    if row.key is not None:
        kept = store.read(home, row.name)
        return kept is not None and kept.key == row.key
    if earlier.result in (PENDING, REFUSED):  # it may have been cut off after the account was made
        kept = store.read(home, row.name)
        return kept is not None and kept.key is not None and kept.key.fits(row.password or earlier.password)
    return not wish.update or row.password is None


def _digest(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")


def _twice(given: Source, wish: Wish, seen: array[int]) -> List[str]:
    """A line for every name that stands there again. Digests take a tenth of the room of a hundred thousand names."""
    digests = sorted(seen)
    double: Set[int] = {one for one, other in zip(digests, digests[1:]) if one == other}
    if not double:
        return []
    wrong = []
    first: Dict[str, int] = {}
    for row in given.rows(wish.fold):
        if row.wrong or _digest(row.name) not in double:
            continue
        if row.name in first:
            wrong.append(f"{given.file}:{row.line}: {row.name} stands in line {first[row.name]} already")
        first.setdefault(row.name, row.line)
    return wrong
