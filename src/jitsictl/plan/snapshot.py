"""The copy of accounts and pads that a change makes before it restarts their services, and holds them against after."""

from __future__ import annotations

from typing import List, Tuple

from jitsictl import releases
from jitsictl.plan import migrate
from jitsictl.plan.generation import Places
from jitsictl.types.change import VERIFY_ACCOUNT, Copy, Dir, Step, Verify
from jitsictl.types.release import Layout
from jitsictl.types.site import Desired, Observed


def steps(desired: Desired, observed: Observed, places: Places, recreated: Tuple[str, ...]) -> List[Step]:
    """A copy of the accounts and the pads, before anything that restarts their services."""
    where = path(desired, places)
    made: List[Step] = []
    store = _live_store(desired, observed)
    before, after = _layout(desired, observed), desired.release.layout
    if store in observed.paths and "prosody" in recreated and before.store == after.store:
        made.append(Copy(store, f"{where}/store", links=True))
    pads = pads_file(desired)
    if pads in observed.paths and "etherpad" in recreated:
        made.append(Copy(pads, f"{where}/dirty.db"))
    if made or before != after or migrate.dropped(desired, observed, where):
        made = [Dir(f"{desired.settings['CONFIG']}/.snapshots", 0o700), Dir(where, 0o700), *made]
    return made


def verify(desired: Desired, observed: Observed, places: Places, recreated: Tuple[str, ...]) -> Verify:
    """What is compared is what was copied before: by `steps`, or by the migration that moves the store."""
    where = path(desired, places)
    store, pads = f"{desired.settings['CONFIG']}/{desired.release.layout.store}", pads_file(desired)
    accounts = _live_store(desired, observed) in observed.paths and "prosody" in recreated
    return Verify(
        VERIFY_ACCOUNT,
        snapshot=f"{where}/store" if accounts else None,
        store=store if accounts else None,
        pads=f"{where}/dirty.db" if pads in observed.paths and "etherpad" in recreated else None,
    )


def path(desired: Desired, places: Places) -> str:
    """The change's own directory, for all that it keeps."""
    return f"{desired.settings['CONFIG']}/.snapshots/{places.id}"


def pads_file(desired: Desired) -> str:
    return f"{desired.settings['CONFIG']}/etherpad/dirty.db"


def _live_store(desired: Desired, observed: Observed) -> str:
    return f"{desired.settings['CONFIG']}/{_layout(desired, observed).store}"


def _layout(desired: Desired, observed: Observed) -> Layout:
    """The one by which the data lies now."""
    return releases.layout_of(observed.applied.release) if observed.applied else desired.release.layout
