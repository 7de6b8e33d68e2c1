"""Desired against Observed -> the Change that makes them equal, or an empty one."""

from __future__ import annotations

import itertools
from typing import Container, Dict, Iterable, Iterator, List, Optional, Set, Tuple

from jitsictl import releases
from jitsictl.plan import compose, differences, edits, generation, migrate, passwords, prune, reasons, snapshot
from jitsictl.plan.generation import LINKED, Places
from jitsictl.types.change import (
    VERIFY_ACCOUNT,
    Account,
    Change,
    Command,
    Dir,
    Link,
    Move,
    Pull,
    Recreate,
    Remove,
    Return,
    Step,
)
from jitsictl.types.settings import Catalogue
from jitsictl.types.site import Desired, Observed


def plan(
    desired: Desired,
    observed: Observed,
    catalogue: Catalogue,
    places: Places,
    verb: str,
    extra: Tuple[Step, ...] = (),
) -> Change:
    """The steps, in order, that take the host from what was seen to what is wanted.

    `extra` are files of the admin that the verb itself edits; they are written before the switch.
    """
    recreated, removed = _restarts(desired, observed)
    directories = _directories(desired, observed)
    applied = observed.applied
    fresh = applied is None or bool(applied.edited) or dict(desired.files) != dict(applied.files)
    dropped = migrate.dropped(desired, observed, "")
    if not (fresh or recreated or removed or directories or extra or observed.strays or dropped):
        return Change(verb, (), 0, desired.release.tag)
    number = observed.newest_generation + 1
    steps = [*_before(desired, observed, places, extra), *generation.steps(desired, observed, places, number)]
    return _change(verb, steps, desired, observed, catalogue, places, number)


def return_to(
    desired: Desired,
    observed: Observed,
    number: int,
    catalogue: Catalogue,
    places: Places,
    extra: Tuple[Step, ...] = (),
) -> Change:
    """The change that makes an earlier, complete generation the current one again."""
    steps = _before(desired, observed, places, extra)
    return _change("rollback", steps, desired, observed, catalogue, places, number)


def _before(desired: Desired, observed: Observed, places: Places, extra: Tuple[Step, ...]) -> List[Step]:
    """What is done while the site runs on, before there is another generation."""
    recreated, _ = _restarts(desired, observed)
    first: List[Step] = [*pulls(desired, observed), *_directories(desired, observed)]
    first += snapshot.steps(desired, observed, places, recreated)
    return [*first, *generation.set_aside(observed, places), *extra]


def _change(
    verb: str,
    steps: List[Step],
    desired: Desired,
    observed: Observed,
    catalogue: Catalogue,
    places: Places,
    number: int,
) -> Change:
    """The change that begins with `steps`: the switch to generation `number` after them, and the commit point."""
    recreated, removed = _restarts(desired, observed)
    before = [*steps, *_switch(desired, observed, catalogue, places, number, recreated, removed)]
    after: List[Step] = [Account(VERIFY_ACCOUNT, present=False)] if recreated else []
    after.append(prune.step(desired.settings))
    why = _why(desired, observed, catalogue, places)
    return Change(verb, (*before, *after), len(before), desired.release.tag, recreated, why)


def _why(desired: Desired, observed: Observed, catalogue: Catalogue, places: Places) -> Tuple[str, ...]:
    """What differs, the release first; secrets are masked."""
    applied = observed.applied
    if applied is None:
        return (f"first configuration, release {desired.release.tag}",)
    lines = []
    if applied.release != desired.release.tag:
        lines.append(f"release: {applied.release} -> {desired.release.tag}")
    lines += differences.sentences(differences.settings(desired, observed, catalogue))
    by_hand = edits.edits(observed, places.generations, places.project, catalogue)
    lines += [edits.sentence(edit, applied.number) for edit in by_hand]
    where = snapshot.path(desired, places)
    dropped = migrate.dropped(desired, observed, where).values()
    if dropped:
        count = sum(isinstance(step, Move) for steps in dropped for step in steps)
        lines.append(f"rendered files set aside, to be made anew where a service still does: {count}, in {where}")
    return tuple(lines)


def _switch(
    desired: Desired,
    observed: Observed,
    catalogue: Catalogue,
    places: Places,
    number: int,
    recreated: Tuple[str, ...],
    removed: Tuple[str, ...],
) -> List[Step]:
    """The part of a change during which users may notice something: migrate, switch, recreate, verify."""
    defined, aside = _defined(observed), snapshot.path(desired, places)
    steps: List[Step] = [Return(tuple(s for s in (*recreated, *removed) if s in defined))]
    moved: Dict[str, List[Step]] = {}
    if observed.applied is not None:
        before, after = releases.layout_of(observed.applied.release), desired.release.layout
        config = desired.settings["CONFIG"]
        moved = migrate.steps(migrate.Crossing(before, after, config, aside, observed.paths, tuple(defined)))
        steps += [step for service, found in moved.items() if service not in recreated for step in found]
    dropped = migrate.dropped(desired, observed, aside)
    steps += dropped.get("", [])
    steps += [Remove(service) for service in removed]
    steps.append(Link(places.current, f"{places.generations}/{number}"))
    steps += generation.links(observed, places)
    by_hand = edits.touched(observed)
    for step in together(recreated, defined, {*by_hand, *dropped}):  # in dropped, Compose sees no difference
        for service in step.services:
            steps += [*moved.get(service, []), *dropped.get(service, [])]
        steps.append(step)
        if "prosody" in step.services:  # its environment has them all, and the services that log in come after it
            steps += passwords.changed(desired, observed, catalogue)
    steps += _reload(desired, recreated)
    if recreated:
        steps += [Account(VERIFY_ACCOUNT, present=True), snapshot.verify(desired, observed, places, recreated)]
    return steps


def together(services: Iterable[str], defined: Container[str], force: Container[str]) -> Iterator[Recreate]:
    """Those of the same order in one step. `services` are in that order; what is not `defined` so far is new."""
    known = releases.services()
    for _, found in itertools.groupby(services, key=lambda service: known[service].order):
        group = tuple(found)
        new = tuple(service for service in group if service not in defined)
        yield Recreate(group, new, force=any(service in force for service in group))


def _restarts(desired: Desired, observed: Observed) -> Tuple[Tuple[str, ...], Tuple[str, ...]]:
    """Services to bring up anew, XMPP first and web last, and services that are no longer wanted."""
    recreated = reasons.restarts(desired, observed)
    # Containers that our file never named are the admin's own, from compose.override.yaml.
    removed = [service for service in _defined(observed) - set(desired.digests) if service in observed.containers]
    return tuple(recreated), tuple(sorted(removed))


def _defined(observed: Observed) -> Set[str]:
    """The services of the applied compose.yaml."""
    return set(compose.digests(observed.applied.files["compose.yaml"])) if observed.applied else set()


def pulls(desired: Desired, observed: Observed) -> List[Pull]:
    return [Pull(image) for image in sorted(set(desired.images.values()) - set(observed.images))]


def _directories(desired: Desired, observed: Observed) -> List[Dir]:
    """Those that are missing, are no directory, or belong to somebody their service cannot write as."""
    config = desired.settings["CONFIG"]

    def fits(directory: Dir) -> bool:
        there = observed.paths.get(directory.path)
        if there is None or not there.directory:
            return False
        mine = directory.owner is None or (there.uid, there.gid) == directory.owner
        return there.mode == directory.mode if directory.path == config else mine

    return [directory for directory in desired.directories if not fits(directory)]


def _reload(desired: Desired, recreated: Tuple[str, ...]) -> List[Command]:
    """nginx keeps the address of some peers from its own start; tell it when one of them moved."""
    return [
        Command(name, desired.release.layout.web_reload)
        for name, service in releases.services().items()
        if name in desired.digests and name not in recreated and set(service.reload_after) & set(recreated)
    ]


def watched_paths(desired: Desired, observed_release: Optional[str], places: Places) -> Tuple[str, ...]:
    """The paths whose state `plan` asks for."""
    config = desired.settings["CONFIG"]
    paths = [d.path for d in desired.directories] + [f"{places.project}/{name}" for name in LINKED]
    paths += [f"{config}/{desired.release.layout.store}", snapshot.pads_file(desired)]
    if observed_release is not None:
        paths += migrate.watched(config, releases.layout_of(observed_release), desired.release.layout)
    if desired.fresh:
        paths += [f"{config}/{path}" for path in migrate.every_rendered()]
    return tuple(paths)
