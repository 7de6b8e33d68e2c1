"""Accounts as a file that `user import` takes back, on this server or another one. Prosody need not run."""

from __future__ import annotations

from typing import List, NamedTuple

from jitsictl.accounts import rows, scram, store
from jitsictl.accounts.home import find
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths


class Exported(NamedTuple):
    """`lines` with their ends, the first of them names the columns. `left_out`: an account and why, a sentence each."""

    lines: List[str]
    left_out: List[str]


def names(paths: Paths) -> Exported:
    return Exported([rows.line("name"), *(rows.line(name) for name in store.names(find(paths)))], [])


def keys(paths: Paths) -> Exported:
    """With the stored keys. An account that nobody can log in with is left out, lest it is open elsewhere."""
    made = Exported([rows.line("name", "key")], [])
    home = find(paths)
    for name in store.names(home):
        try:
            kept = store.read(home, name)
        except Failure as failure:
            made.left_out.append(failure.what)
            continue
        if kept is None:  # deleted meanwhile
            continue
        if kept.disabled or kept.key is None:
            made.left_out.append(f"{name}: it {'is disabled' if kept.disabled else 'has no key'}")
        else:
            made.lines.append(rows.line(name, scram.written(kept.key)))
    return made
