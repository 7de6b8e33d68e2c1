"""What old states may go: snapshots, generations, images. Nothing that a way back still needs."""

from __future__ import annotations

from typing import AbstractSet, Iterable, List, Mapping, Optional, Set, Tuple

from jitsictl.types.change import Prune
from jitsictl.types.settings import Settings

SETTING = "SNAPSHOTS_KEPT"
CHAIN = 2  # generations before the current one that always stay, for a rollback and one more


def step(settings: Settings, also: Tuple[str, ...] = ()) -> Prune:
    """The step that ends a change of a site with these settings; `also` are paths that only the change needed."""
    return Prune(f"{settings['CONFIG']}/.snapshots", int(settings[SETTING]), also)


def generations(before: Mapping[int, Optional[int]], current: int, kept: int) -> List[int]:
    """Those to delete. `before` has every one that can be read, with the one that it took over from.

    The current one stays, the chain of those before it, and the newest `kept` whatever became of them: after a
    rollback the newer one is no part of the chain.
    """
    stay: Set[int] = set(sorted(before)[-kept:]) if kept else set()
    number: Optional[int] = current
    for _ in range(max(CHAIN, kept - 1) + 1):
        if number is None or number not in before:
            break
        stay.add(number)
        number = before[number]
    return sorted(set(before) - stay)


def snapshots(names: Iterable[str], kept: int, needed: AbstractSet[str]) -> List[str]:
    """Those to delete of names that sort by time; `needed` ones stay and do not count."""
    others = sorted(set(names) - needed)
    return others[: max(0, len(others) - kept)]
