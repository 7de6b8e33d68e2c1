"""What going to another release means, forwards or back: from the catalogue and releases.yaml alone."""

from __future__ import annotations

from typing import Dict, List, Tuple

from jitsictl import releases
from jitsictl.plan import differences
from jitsictl.settings.catalogue import reads, span, titles
from jitsictl.settings.show import masked
from jitsictl.types.preview import Move, SettingChange, Upgrade
from jitsictl.types.release import Layout, Release
from jitsictl.types.settings import Catalogue
from jitsictl.types.site import Desired, Observed


def upgrade(desired: Desired, observed: Observed, catalogue: Catalogue) -> Upgrade:
    """What differs between the applied release and the wanted one. Failure: the applied tag is no release."""
    if observed.applied is None:
        return Upgrade("", desired.release.tag)
    before, after = releases.get(observed.applied.release, force=True), desired.release
    added = tuple(name for name, e in catalogue.items() if reads(e, after.tag) and not reads(e, before.tag))
    dropped = tuple(name for name, e in catalogue.items() if reads(e, before.tag) and not reads(e, after.tag))
    written = differences.written(desired.files)
    crosses = before.layout.name != after.layout.name
    return Upgrade(
        before.tag,
        after.tag,
        added,
        dropped,
        lost={name: _successor(name, catalogue) for name in dropped if name in written},
        gained=tuple(name for name in added if name in written),
        defaults=tuple(d for d in _defaults(before, after, catalogue) if d.name not in written),
        layout=after.layout.about if crosses else "",
        moves=_moves(before.layout, after.layout, desired, observed) if crosses else (),
    )


def _successor(name: str, catalogue: Catalogue) -> str:
    entry = catalogue[name]
    return entry.replaced_by or f"only {span(entry)} read it"


def _defaults(before: Release, after: Release, catalogue: Catalogue) -> List[SettingChange]:
    """The images' own defaults that differ, over all releases between the two; ours of today stay what they are."""
    tags = {tag: number for number, tag in enumerate(releases.tags())}
    here, there = tags.get(before.tag, len(tags)), tags.get(after.tag, len(tags))
    between = releases.known()[min(here, there) + 1 : max(here, there) + 1]
    changed: Dict[str, Tuple[str, str]] = {}
    for release in between:
        for name, (old, new) in release.defaults.items():
            changed[name] = (changed.get(name, (old, new))[0], new)
    if there < here:
        changed = {name: (new, old) for name, (old, new) in changed.items()}
    return [
        SettingChange(
            name,
            masked(name, old, catalogue),
            masked(name, new, catalogue),
            after.tag,
            titles()[catalogue[name].group],
        )
        for name, (old, new) in changed.items()
        if catalogue[name].default is None
    ]


def _moves(before: Layout, after: Layout, desired: Desired, observed: Observed) -> Tuple[Move, ...]:
    moves = []
    if before.store != after.store:
        moves.append(Move("accounts", before.store, after.store))
    for what, place in before.data.items():
        if what in after.data and f"{desired.settings['CONFIG']}/{place.path}" in observed.paths:
            moves.append(Move(what, place.path, after.data[what].path))
    if before.rendered:
        rendered = f"{len(before.rendered)} files and directories"
        moves.append(Move("what the old images rendered", rendered, ".snapshots"))
    return tuple(moves)
