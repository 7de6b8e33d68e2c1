"""The change that takes over an installation made by hand, and those that give it back or let it go."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from jitsictl.plan import build, migrate, passwords, snapshot
from jitsictl.plan.generation import LINKED, Places
from jitsictl.plan.migrate import Crossing
from jitsictl.types.adoption import OldSite, Record
from jitsictl.types.change import (
    Change,
    Copy,
    Delete,
    Dir,
    Discard,
    File,
    Foreign,
    Move,
    Recreate,
    Remove,
    Rendered,
    Return,
    Step,
    Transfer,
    Verify,
)
from jitsictl.types.failure import Failure
from jitsictl.types.release import Layout
from jitsictl.types.settings import Catalogue
from jitsictl.types.site import Desired, Observed

VERB, UNDO, FINISH = "adopt", "adopt --undo", "adopt --finish"
# Where every image of Etherpad keeps pads unless it is told otherwise; nothing is mounted there upstream.
DIRTY_DB = "/opt/etherpad-lite/var/dirty.db"
FORMAT = 1


@dataclass(frozen=True)
class Taken:
    """An installation to be taken over; its page as this host reaches it, or ""; where the record goes."""

    site: OldSite
    page: str
    record: str


def adoption(
    desired: Desired, observed: Observed, catalogue: Catalogue, places: Places, taken: Taken, files: Tuple[Step, ...]
) -> Change:
    """A first configuration, with the old site's end and the move of its data where nothing would be to return to.

    observed.paths holds what there is of `watched` too.
    """
    config, where = desired.settings["CONFIG"], snapshot.path(desired, places)
    store, pads = f"{config}/{desired.release.layout.store}", snapshot.pads_file(desired)
    unseen = {path: kept for path, kept in observed.paths.items() if path not in (store, pads)}
    first = build.plan(desired, replace(observed, paths=unseen), catalogue, places, VERB, files)
    cut = next(index for index, step in enumerate(first.steps) if isinstance(step, Return))
    old = f"{config}/{taken.site.layout.store}"
    crossing = Crossing(taken.site.layout, desired.release.layout, config, where, observed.paths)
    moved = [
        *_pads(desired, observed, taken.site, where),
        *_store(desired, observed, taken.site.layout, where),
        *migrate.data(crossing),
        *_rendered(crossing),
    ]
    ids = tuple(container.id for container in taken.site.containers)
    middle = [
        Dir(f"{config}/.snapshots", 0o700),
        Dir(where, 0o700),
        Foreign(ids, ("no",) * len(ids), (), taken.page),
        *moved,
        File(taken.record, dump(_record(taken, observed, old, moved))),
    ]
    after: List[Step] = []
    for step in first.steps[cut + 1 :]:
        after.append(_verified(step, where, store, moved))
        if step == Recreate(("prosody",), new=("prosody",)) and old in observed.paths:
            after += passwords.changed(desired, _with_store(observed, store, old), catalogue)
    steps = (*first.steps[:cut], *middle, *after)
    release = taken.site.release or "an unknown release"
    why = (f"{taken.site.directory}: {release} -> {desired.release.tag}",)
    commit = len(steps) - len(first.steps) + first.commit
    return replace(first, steps=steps, commit=commit, why=why)


def watched(desired: Desired, layout: Layout) -> Tuple[str, ...]:
    """The paths of the old site whose state `adoption` asks for."""
    return migrate.watched(desired.settings["CONFIG"], layout, desired.release.layout)


def giving_back(
    record: Record,
    crossing: Crossing,
    services: Tuple[str, ...],
    places: Places,
    conf: str,
    file: str,
    own: Tuple[Step, ...] = (),
) -> Change:
    """The change that takes our site down and starts the old containers again, with the accounts and pads of today.

    `crossing` goes from the applied layout to the old one, `services` are those that run, `conf` is jitsi.conf, which
    is kept under another name, so that no start brings our site up beside the old one; `file` is the record; `own`
    are the admin's files that lose our lines.
    """
    config, where = crossing.config, crossing.snapshot
    steps: List[Step] = [Dir(f"{config}/.snapshots", 0o700), Dir(where, 0o700), Return(services)]
    steps += [Remove(service) for service in reversed(services)]
    steps += [
        Move(f"{config}/{crossing.before.store}", f"{where}/store"),
        Copy(f"{where}/store", record.store, owner=record.owner),
        *migrate.data(crossing),
    ]
    if record.pads is not None:
        steps.append(Transfer(record.pads[0], record.pads[1], f"{config}/etherpad/dirty.db", out=False))
    steps += [*own, *(Delete(f"{places.project}/{name}") for name in LINKED)]
    steps += [
        Delete(places.current),
        Move(conf, f"{conf}.{places.id}"),
        Foreign(record.containers, record.policies, record.running, record.page),
        Delete(file),
    ]
    return Change(UNDO, tuple(steps), len(steps), record.release, services)


def letting_go(record: Record, file: str) -> Change:
    """The change that removes the old containers. It has no way back, so it is committed before its first step."""
    return Change(FINISH, (Discard(record.containers, record.networks), Delete(file)), 0, record.release)


def dump(record: Record) -> str:
    """The text of adopted.json. No secret is in it."""
    return json.dumps({"format": FORMAT, **asdict(record)}, indent=1) + "\n"


def load(text: str) -> Record:
    """Read it back. Failure: a newer package wrote it, or it is damaged."""
    try:
        data: Dict[str, Any] = json.loads(text)
        if data.pop("format") > FORMAT:
            raise Failure("adopted.json was written by a newer package; install that package again")
        fields: Dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items()}
        return Record(**fields)
    except (ValueError, KeyError, TypeError):
        raise Failure("expected a whole adopted.json, found it damaged; restore it from a backup") from None


def _record(taken: Taken, observed: Observed, store: str, moved: Sequence[Step]) -> Record:
    containers, kept = taken.site.containers, observed.paths.get(store)
    pads = next(((step.container, step.inside) for step in moved if isinstance(step, Transfer)), None)
    return Record(
        directory=taken.site.directory,
        release=taken.site.release,
        layout=taken.site.layout.name,
        containers=tuple(c.id for c in containers),
        names=tuple(c.name for c in containers),
        policies=tuple(c.policy for c in containers),
        running=tuple(c.id for c in containers if c.running),
        networks=taken.site.networks,
        store=store,
        owner=(kept.uid, kept.gid) if kept else None,
        pads=pads,
        page=taken.page,
    )


def _pads(desired: Desired, observed: Observed, site: OldSite, where: str) -> List[Step]:
    """Pads out of a container that kept them in itself, or in a volume; it is down by then, so no line is missed."""
    live = snapshot.pads_file(desired)
    owner = next((each.owner for each in desired.directories if each.path == live.rpartition("/")[0]), None)
    container = site.service("etherpad")
    if container is None or "etherpad" not in desired.digests or _keeps_in(container.mounts, live):
        return []
    steps: List[Step] = [Transfer(container.id, DIRTY_DB, f"{where}/dirty.db", out=True, owner=owner)]
    if live in observed.paths:
        steps.append(Move(live, f"{where}/replaced-dirty.db"))
    return [*steps, Copy(f"{where}/dirty.db", live)]


def _keeps_in(mounts: Mapping[str, str], live: str) -> bool:
    """Whether a container's pads are already in the very file that ours will have."""
    inside = DIRTY_DB.rpartition("/")[0]
    return mounts.get(inside) == live.rpartition("/")[0]


def _store(desired: Desired, observed: Observed, before: Layout, where: str) -> List[Step]:
    """The old store is set aside whole, and the new prosody gets a copy: the way back has it as it was.

    Also where the place stays the same, since another Prosody writes into it then.
    """
    config, layout = desired.settings["CONFIG"], desired.release.layout
    old, new = f"{config}/{before.store}", f"{config}/{layout.store}"
    if old not in observed.paths:
        return []
    steps: List[Step] = [Move(old, f"{where}/store")]
    if new != old and new in observed.paths:
        steps.append(Move(new, f"{where}/replaced-store"))
    # One that holds the new place was moved away with it.
    steps += [each for each in desired.directories if each.path == old or each.path.startswith(f"{old}/")]
    return [*steps, Copy(f"{where}/store", new, owner=_owner(layout, observed, old, new))]


def _with_store(observed: Observed, store: str, old: str) -> Observed:
    """As it will be when prosody runs: a store is there whose service accounts have passwords of unknown age."""
    return replace(observed, paths={**observed.paths, store: observed.paths[old]})


def _owner(layout: Layout, observed: Observed, old: str, new: str) -> Optional[Tuple[int, int]]:
    """As the layout says, else whose the directory is that the store lies in; its own where it stays."""
    directory = observed.paths.get(new.rpartition("/")[0])
    if layout.store_owner is not None or directory is None or new == old:
        return layout.store_owner
    return directory.uid, directory.gid


def _rendered(crossing: Crossing) -> List[Step]:
    """What the old images rendered is set aside, also for the same layout: its owners are the old images'.

    `Rendered` stands behind, so that its undo has deleted what the new images made before the old files come back.
    """
    steps = [
        Move(f"{crossing.config}/{path}", f"{crossing.snapshot}/{path.replace('/', '_')}")
        for path in (*crossing.before.rendered, *_left(crossing))
        if f"{crossing.config}/{path}" in crossing.paths
    ]
    return [*steps, Rendered(tuple(f"{crossing.config}/{path}" for path in crossing.after.rendered))]


def _left(crossing: Crossing) -> Tuple[str, ...]:
    return () if crossing.before.name == crossing.after.name else crossing.before.left


def _verified(step: Step, where: str, store: str, moved: Sequence[Step]) -> Step:
    """What is compared is what was set aside."""
    if not isinstance(step, Verify):
        return step
    accounts = any(isinstance(each, Copy) and each.target == store for each in moved)
    pads = any(isinstance(each, Transfer) for each in moved)
    return replace(
        step,
        snapshot=f"{where}/store" if accounts else None,
        store=store if accounts else None,
        pads=f"{where}/dirty.db" if pads else None,
    )
