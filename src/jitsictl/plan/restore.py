"""A checked backup against what is on the host -> the Change that makes them equal; and the one that takes it back.

All that a backup holds is replaced as a whole: accounts, pads, the admin's own files. Everything is ready beside it
before the first service stops; then it is renaming alone.
"""

from __future__ import annotations

import functools
import posixpath
from dataclasses import dataclass, replace
from typing import AbstractSet, Dict, FrozenSet, Iterable, List, Mapping, Optional, Tuple

from jitsictl import releases
from jitsictl.plan import build, compose, edits, generation, migrate, prune, snapshot
from jitsictl.plan.archive import units
from jitsictl.plan.generation import Places
from jitsictl.types.backup import CONFIG, HOST, Manifest
from jitsictl.types.change import (
    VERIFY_ACCOUNT,
    Account,
    Change,
    Copy,
    Dir,
    File,
    Link,
    Move,
    Remove,
    Rendered,
    Return,
    Step,
    Stop,
    Unpack,
    Verify,
)
from jitsictl.types.site import Desired, Observed, SetAside


@dataclass(frozen=True)
class Source:
    """The checked archive. `texts` are the admin's files in it, `where` those of this host, by their names."""

    path: str
    digest: str
    manifest: Manifest
    texts: Mapping[str, str]
    where: Mapping[str, str]

    @functools.cached_property
    def names(self) -> FrozenSet[str]:
        """Of its members: there are tens of thousands."""
        return frozenset(member.name for member in self.manifest.members)


def watched(desired: Desired, observed_release: Optional[str], source: Source) -> Tuple[str, ...]:
    """Paths whose state `plan` asks for besides those of plan/build."""
    config = desired.settings["CONFIG"]
    below = _replaced(desired, observed_release, source)
    return (*(f"{config}/{path}" for path in (*below, *_parents(below))), *source.where.values())


def plan(desired: Desired, observed: Observed, places: Places, source: Source) -> Change:
    """The steps in order; `observed` has the paths of `watched`, too."""
    config = desired.settings["CONFIG"]
    where = snapshot.path(desired, places)
    unpacked, before, compared = f"{where}/unpacked", f"{where}/before", f"{where}/compared"
    aside = _aside(desired, observed, source, before)
    something = bool(aside.moved) or any(aside.files.values())
    number = observed.newest_generation + 1
    steps: List[Step] = [
        *build.pulls(desired, observed),
        Dir(config, 0o700),
        Dir(f"{config}/.snapshots", 0o700),
        Dir(where, 0o700),
        *_missing(desired, observed, aside),
        Unpack(source.path, source.digest, unpacked),
        *_compared(desired, source, f"{unpacked}/{CONFIG}", compared),
        *([Dir(before, 0o700), Dir(f"{before}/{HOST}", 0o700)] if something else []),
        *(Copy(path, kept) for path, kept in aside.files.items() if kept),
        *generation.set_aside(observed, places),
        *generation.steps(desired, observed, places, number, aside),
    ]
    swap: List[Step] = [
        *_crossing(desired, observed, where, set(aside.moved)),
        *(Move(path, kept) for path, kept in aside.moved.items()),
        *_empty(desired, aside, f"{unpacked}/{CONFIG}"),
        *(Move(f"{unpacked}/{CONFIG}{path[len(config) :]}", path) for path in aside.placed),
        *desired.directories,
    ]
    own: List[Step] = [
        File(path, source.texts[name], 0o600, secret=True)
        for name, path in source.where.items()
        if name in source.texts
    ]
    own += [
        Move(path, f"{path}.before-{places.id}")
        for name, path in source.where.items()
        if name not in source.texts and path in observed.paths
    ]
    verify = Verify(
        VERIFY_ACCOUNT,
        snapshot=f"{compared}/store",
        store=f"{config}/{desired.release.layout.store}",
        pads=f"{compared}/{posixpath.basename(snapshot.pads_file(desired))}" if _dirty(source) else None,
    )
    if not _holds(source, desired.release.layout.store):
        verify = Verify(VERIFY_ACCOUNT, pads=verify.pads)
    steps += _switch(desired, observed, places, number, swap, own, verify)
    no_more = (unpacked, compared) if something else (where,)
    return _change("restore", steps, desired, no_more, _why(desired, observed, source))


def back(
    desired: Desired, observed: Observed, number: int, places: Places, texts: Mapping[str, Optional[str]]
) -> Change:
    """Take a restore back: generation `number`, with the data and files that the applied generation set aside.

    `texts` are the kept files, by where they were, None for one that was not there. What the archive brought and
    what was made since is set aside in turn.
    """
    applied = observed.applied
    if applied is None or applied.aside is None:
        raise ValueError("the applied generation was not made by a restore")
    config = desired.settings["CONFIG"]
    where = snapshot.path(desired, places)
    aside = applied.aside
    before = f"{where}/before"
    steps: List[Step] = [*build.pulls(desired, observed), Dir(config, 0o700), Dir(f"{config}/.snapshots", 0o700)]
    steps += [Dir(where, 0o700), Dir(before, 0o700), *generation.set_aside(observed, places)]
    swap: List[Step] = [
        *_crossing(desired, observed, where, set(aside.placed) | set(aside.moved)),
        *(Move(path, f"{before}/{index}") for index, path in enumerate(aside.placed)),
        *(Move(kept, path) for path, kept in aside.moved.items()),
        *desired.directories,
    ]
    own: List[Step] = [File(path, text, 0o600, secret=True) for path, text in texts.items() if text is not None]
    own += [Move(path, f"{path}.before-{places.id}") for path, text in texts.items() if text is None]
    steps += _switch(desired, observed, places, number, swap, own, Verify(VERIFY_ACCOUNT))
    why = (f"release: {applied.release} -> {desired.release.tag}, with all that the restore set aside",)
    return _change("rollback", steps, desired, (), why)


def _change(verb: str, steps: List[Step], desired: Desired, also: Tuple[str, ...], why: Tuple[str, ...]) -> Change:
    after: List[Step] = [Account(VERIFY_ACCOUNT, present=False), prune.step(desired.settings, also)]
    return Change(verb, (*steps, *after), len(steps), desired.release.tag, tuple(desired.digests), why)


def _switch(
    desired: Desired,
    observed: Observed,
    places: Places,
    number: int,
    swap: List[Step],
    own: List[Step],
    verify: Verify,
) -> List[Step]:
    """Everything from the first service that stops: it is all of them, since all read what is replaced."""
    defined = set(compose.digests(observed.applied.files["compose.yaml"])) if observed.applied else set()
    there = tuple(sorted(defined & set(observed.containers)))
    steps: List[Step] = [Return(there), *([Stop(there)] if there else []), *swap]
    steps += [Remove(service) for service in there if service not in desired.digests]
    steps += own
    steps.append(Link(places.current, f"{places.generations}/{number}"))
    steps += generation.links(observed, places)
    by_hand = edits.touched(observed)
    steps += build.together(desired.digests, defined, by_hand)
    return [*steps, Account(VERIFY_ACCOUNT, present=True), verify]


def _replaced(desired: Desired, observed_release: Optional[str], source: Source) -> List[str]:
    """Units of the archive's layout, and of the applied one: nothing of the site before stays between."""
    layouts = [desired.release.layout]
    if observed_release is not None:
        layouts.append(releases.layout_of(observed_release))
    found: Dict[str, None] = {}
    for layout in layouts:
        found.update(dict.fromkeys(units(layout, source.manifest.held.recordings)))
    return list(found)


def _aside(desired: Desired, observed: Observed, source: Source, before: str) -> SetAside:
    config, layout = desired.settings["CONFIG"], desired.release.layout
    release = observed.applied.release if observed.applied else None
    there = [unit for unit in _replaced(desired, release, source) if f"{config}/{unit}" in observed.paths]
    mounted = {d.path[len(config) + 1 :] for d in desired.directories if d.path != config}
    placed = {unit for unit in units(layout, True) if _holds(source, unit)} | (mounted & set(there))
    return SetAside(
        tuple(f"{config}/{unit}" for unit in sorted(placed)),
        {f"{config}/{unit}": f"{before}/{unit.replace('/', '_')}" for unit in there},
        {path: f"{before}/{HOST}/{name}" if path in observed.paths else "" for name, path in source.where.items()},
    )


def _parents(paths: Iterable[str]) -> List[str]:
    """The directories that relative paths lie in, those nearest to the top first."""
    found = {"/".join(path.split("/")[:depth]) for path in paths for depth in range(1, path.count("/") + 1)}
    return sorted(found)


def _missing(desired: Desired, observed: Observed, aside: SetAside) -> List[Dir]:
    """Directories that what is brought will lie in: made as steps, so that an undo takes them away again."""
    config = desired.settings["CONFIG"]
    mounted = {directory.path: directory for directory in desired.directories}
    needed = [f"{config}/{path}" for path in _parents(path[len(config) + 1 :] for path in aside.placed)]
    needed += [path for path in mounted if path != config and path not in (*aside.placed, *needed)]
    return [mounted.get(path, Dir(path)) for path in sorted(needed) if path not in observed.paths]


def _holds(source: Source, unit: str) -> bool:
    return f"{CONFIG}/{unit}" in source.names


def _dirty(source: Source) -> bool:
    """Whether the pads are in a dirty.db, which can be compared."""
    return source.manifest.held.pads > 0


def _compared(desired: Desired, source: Source, unpacked: str, compared: str) -> List[Step]:
    """What verification holds the running site against: what was unpacked is moved to its place."""
    layout = desired.release.layout
    steps: List[Step] = [Dir(compared, 0o700)]
    if _holds(source, layout.store):
        steps.append(Copy(f"{unpacked}/{layout.store}", f"{compared}/store", links=True))
    if _dirty(source):
        name = posixpath.basename(snapshot.pads_file(desired))
        steps.append(Copy(f"{unpacked}/{layout.pads}/{name}", f"{compared}/{name}"))
    return steps


def _empty(desired: Desired, aside: SetAside, unpacked: str) -> List[Step]:
    """A mounted directory that goes aside and is not in the archive is made empty, with the owner that it needs."""
    config = desired.settings["CONFIG"]
    return [
        Dir(f"{unpacked}{directory.path[len(config) :]}", directory.mode, directory.owner)
        for directory in desired.directories
        if directory.path in aside.placed
    ]


def _crossing(desired: Desired, observed: Observed, where: str, stays: AbstractSet[str]) -> List[Step]:
    """What the layouts keep in different places and is no part of the archive moves: recordings and transcripts.

    What images of another layout rendered is set aside; what these will render goes when all is undone. `stays` are
    places of recordings that are replaced themselves.
    """
    config, after = desired.settings["CONFIG"], desired.release.layout
    if observed.applied is None:
        return [Rendered(tuple(f"{config}/{path}" for path in after.rendered))]
    before = releases.layout_of(observed.applied.release)
    ours = {what: place for what, place in before.data.items() if _among(place.path, before.recordings)}
    data = {what: place for what, place in ours.items() if not any(f"{config}/{u}" in stays for u in before.recordings)}
    crossing = migrate.Crossing(replace(before, data=data), after, config, where, observed.paths)
    return [*migrate.data(crossing), *migrate.set_aside(crossing)]


def _among(path: str, units: Tuple[str, ...]) -> bool:
    return any(path == unit or path.startswith(f"{unit}/") for unit in units)


def _why(desired: Desired, observed: Observed, source: Source) -> Tuple[str, ...]:
    held = source.manifest.held
    applied = observed.applied
    lines = [f"from {source.path}, made {held.made}"]
    if applied is not None and applied.release != desired.release.tag:
        lines.append(f"release: {applied.release} -> {desired.release.tag}")
    return tuple(lines)
