"""What moves when a release of another layout takes over. One store is authoritative and copied whole, never merged."""

from __future__ import annotations

from typing import List, Mapping

from jitsictl.types.change import Copy, Move, Step, Stop
from jitsictl.types.release import Layout
from jitsictl.types.site import Kept


def store(before: Layout, after: Layout, config: str, snapshot: str, paths: Mapping[str, Kept]) -> List[Step]:
    """Move Prosody's accounts to where the next layout looks for them. Empty when both look in one place.

    Upstream's own copy at stable-11146 fails silently on the old owner's directories, so it is done
    here, with prosody stopped and the owner the next images need. The old store is set aside rather
    than left: it lies below prosody/config, which rootless images copy into 16 MB of /run.
    """
    source, target = f"{config}/{before.store}", f"{config}/{after.store}"
    if source == target or source not in paths:
        return []
    steps: List[Step] = [Stop(("prosody",))]
    if target in paths:
        steps.append(Move(target, f"{snapshot}/replaced-store"))
    steps += [
        Copy(source, target, owner=after.store_owner),
        Move(source, f"{snapshot}/store"),
    ]
    return steps


def rendered(before: Layout, after: Layout, config: str, snapshot: str, paths: Mapping[str, Kept]) -> List[Step]:
    """Set aside what images of the old layout rendered: the new ones would trip over it. Admins' own files stay."""
    if before.name == after.name:
        return []
    return [
        Move(f"{config}/{path}", f"{snapshot}/{path.replace('/', '_')}")
        for path in before.rendered
        if f"{config}/{path}" in paths
    ]
