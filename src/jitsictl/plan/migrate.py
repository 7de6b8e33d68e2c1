"""What moves when a release of another layout takes over, forwards or back: releases.yaml says where each keeps what.

A store is copied whole, never merged; everything else is renamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterator, List, Mapping, Optional, Tuple

from jitsictl import releases
from jitsictl.types.change import Copy, Dir, Move, MoveInto, Rendered, Step, Stop
from jitsictl.types.release import Layout
from jitsictl.types.site import Desired, Kept, Observed

Owner = Tuple[int, int]  # uid, gid


@dataclass(frozen=True)
class Crossing:
    """From one layout to another, equal ones included: then nothing moves.

    `snapshot` is this change's own directory, for what is set aside; `paths` is what there is of `watched`; `runs`
    are the services that may have to be stopped.
    """

    before: Layout
    after: Layout
    config: str
    snapshot: str
    paths: Mapping[str, Kept]
    runs: Tuple[str, ...] = ()


def steps(crossing: Crossing) -> Dict[str, List[Step]]:
    """All that moves, by the service before whose recreation that is done, "" for first of all; each can be undone.

    What a service rendered is set aside as late as can be: the page is served from web's until then.
    """
    found: Dict[str, List[Step]] = {"": [*store(crossing), *data(crossing)]}
    for step in set_aside(crossing):
        path = step.source[len(crossing.config) + 1 :] if isinstance(step, Move) else ""
        rendered = path in crossing.before.rendered
        found.setdefault(_renderer(path, crossing.before) if rendered else "", []).append(step)
    return found


def watched(config: str, before: Layout, after: Layout) -> Tuple[str, ...]:
    """The paths that `steps` has to know of."""
    places = [place.path for layout in (before, after) for place in layout.data.values()]
    found = [before.store, after.store, *before.rendered, *before.left]
    for path in places:
        parts = path.split("/")
        found += ["/".join(parts[: number + 1]) for number in range(len(parts))]
    return tuple(f"{config}/{path}" for path in dict.fromkeys(found))


def store(crossing: Crossing) -> List[Step]:
    """Move Prosody's accounts to where the next layout looks for them.

    Upstream's own copy at stable-11146 fails silently on the old owner's directories, so it is done
    here, with prosody stopped and the owner the next images need. The old store is set aside rather
    than left: it lies below prosody/config, which rootless images copy into 16 MB of /run.
    """
    source = f"{crossing.config}/{crossing.before.store}"
    target = f"{crossing.config}/{crossing.after.store}"
    if source == target or source not in crossing.paths:
        return []
    steps: List[Step] = [Stop(("prosody",))]
    if target in crossing.paths:
        steps.append(Move(target, f"{crossing.snapshot}/replaced-store"))
    owner = crossing.after.store_owner or _owner_of(crossing.paths.get(target.rpartition("/")[0]))
    if target.startswith(f"{source}/"):  # stable-11146's accounts, one level higher than those of stable-11146-2
        return [
            *steps,
            Copy(source, f"{crossing.snapshot}/store", links=True),
            Dir(target, 0o755, owner),
            MoveInto(source, target, owner),
        ]
    return [*steps, Copy(source, target, owner=owner), Move(source, f"{crossing.snapshot}/store")]


def data(crossing: Crossing) -> List[Step]:
    """Rename what is in the old place into the new one, beside what is there: going back, things made since come along.

    Nobody else moves these at stable-11146.
    """
    found: List[Step] = []
    for what, old in crossing.before.data.items():
        new = crossing.after.data.get(what)
        if new is None or new.path == old.path or f"{crossing.config}/{old.path}" not in crossing.paths:
            continue
        if new.writer in crossing.runs:
            found.append(Stop((new.writer,)))
        owner = new.owner or _owner_of(crossing.paths.get(f"{crossing.config}/{new.path}"))
        made = {step.path for step in found if isinstance(step, Dir)}
        found += [step for step in _parents(crossing, new.path, owner) if step.path not in made]
        found.append(MoveInto(f"{crossing.config}/{old.path}", f"{crossing.config}/{new.path}", owner))
    return found


def _parents(crossing: Crossing, path: str, owner: Optional[Owner]) -> Iterator[Dir]:
    """The directories that lead to a place and are not there; what is there stays whose it is."""
    here = crossing.config
    for part in path.split("/"):
        here = f"{here}/{part}"
        if here not in crossing.paths:
            yield Dir(here, 0o755, owner)


def _owner_of(there: Optional[Kept]) -> Optional[Owner]:
    """Where a layout names no owner, who has what is there already, or the directory above.

    Images up to stable-11031 give /config to their own prosody user, whose number differs by image, and
    leave what is in it alone once it is theirs.
    """
    return None if there is None else (there.uid, there.gid)


def set_aside(crossing: Crossing) -> List[Step]:
    """What images of the old layout made for themselves: the new ones would trip over it. Admins' own files stay."""
    if crossing.before.name == crossing.after.name:
        return []
    made = tuple(f"{crossing.config}/{path}" for path in crossing.after.rendered)
    paths = [*crossing.before.rendered, *crossing.before.left]
    return [Rendered(made), *_moves(paths, crossing.config, crossing.snapshot, crossing.paths)]


def dropped(desired: Desired, observed: Observed, snapshot: str) -> Dict[str, List[Step]]:
    """With `fresh`, what is to be rendered anew, by the service that does so; "" for what nobody renders any more.

    The image makes each file again at its start, so an undo first has to delete that one.
    """
    config, layout = desired.settings["CONFIG"], desired.release.layout
    found: Dict[str, List[str]] = {}
    for path in every_rendered() if desired.fresh else ():
        if f"{config}/{path}" in observed.paths:
            found.setdefault(_renderer(path, layout) if path in layout.rendered else "", []).append(path)
    return {
        service: [
            *_moves(paths, config, snapshot, observed.paths),
            *([Rendered(tuple(f"{config}/{path}" for path in paths))] if service else []),
        ]
        for service, paths in found.items()
    }


def every_rendered() -> Tuple[str, ...]:
    """What images of any layout render below CONFIG."""
    return tuple(dict.fromkeys(path for layout in releases.layouts() for path in layout.rendered))


def _renderer(path: str, layout: Layout) -> str:
    """The service that has this path in one of its directories."""
    for name, service in releases.services().items():
        if any(path.startswith(f"{directory.path}/") for directory in service.directories.get(layout.name, ())):
            return name
    return ""


def _moves(paths: List[str], config: str, snapshot: str, there: Mapping[str, Kept]) -> List[Step]:
    return [
        Move(f"{config}/{path}", f"{snapshot}/{path.replace('/', '_')}")
        for path in paths
        if f"{config}/{path}" in there
    ]
