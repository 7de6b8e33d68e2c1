"""What moves when a release of another layout takes over. A store is copied whole, never merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Mapping, Optional, Tuple

from jitsictl.types.change import Copy, Move, Rendered, Step, Stop
from jitsictl.types.release import Layout
from jitsictl.types.site import Kept

Owner = Tuple[int, int]  # uid, gid


@dataclass(frozen=True)
class Crossing:
    """From one layout to another, equal ones included: then nothing moves.

    `snapshot` is this change's own directory, for what is set aside; `paths` is what there is.
    """

    before: Layout
    after: Layout
    config: str
    snapshot: str
    paths: Mapping[str, Kept]


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
    steps += [
        Copy(source, target, owner=_store_owner(crossing, target)),
        Move(source, f"{crossing.snapshot}/store"),
    ]
    return steps


def _store_owner(crossing: Crossing, target: str) -> Optional[Owner]:
    """Who must own the store: as the layout says, else whoever owns the directory it lies in.

    Images up to stable-11031 give /config to their own prosody user, whose number differs by image, and
    leave what is in it alone once it is theirs.
    """
    directory = crossing.paths.get(target.rpartition("/")[0])
    if crossing.after.store_owner is not None or directory is None:
        return crossing.after.store_owner
    return directory.uid, directory.gid


def rendered(crossing: Crossing) -> List[Step]:
    """Set aside what images of the old layout rendered: the new ones would trip over it. Admins' own files stay."""
    if crossing.before.name == crossing.after.name:
        return []
    made = tuple(f"{crossing.config}/{path}" for path in crossing.after.rendered)
    return [
        Rendered(made),
        *(
            Move(f"{crossing.config}/{path}", f"{crossing.snapshot}/{path.replace('/', '_')}")
            for path in crossing.before.rendered
            if f"{crossing.config}/{path}" in crossing.paths
        ),
    ]
