"""Look at the host: what is applied, what runs, what is there of the paths a plan asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional

from jitsictl.change import generations
from jitsictl.doors import files
from jitsictl.doors.docker import Docker
from jitsictl.plan import build
from jitsictl.plan.generation import LINKED, Places
from jitsictl.types.paths import Paths
from jitsictl.types.site import Applied, ByHand, Desired, Observed


def observe(paths: Paths, docker: Docker, desired: Desired, places: Places) -> Observed:
    """What a plan towards `desired` needs to know. Nothing is changed."""
    applied: Optional[Applied] = generations.current(paths)
    watched = build.watched_paths(desired, applied.release if applied else None, places)
    seen = {path: files.kept(Path(path)) for path in watched}
    return Observed(
        applied=applied,
        containers=docker.containers(),
        images=tuple(image for image in set(desired.images.values()) if docker.image(image) is not None),
        paths={path: kept for path, kept in seen.items() if kept is not None},
        newest_generation=max(generations.numbers(paths), default=0),
        strays=_strays(paths) if applied else {},
    )


def _strays(paths: Paths) -> Dict[str, ByHand]:
    """Files where the project's links belong. Whatever is in them must not keep them from being replaced."""
    found = {}
    for name in LINKED:
        path = paths.project / name
        kept = files.kept(path)
        if kept is not None and not kept.directory and files.link_target(path) is None:
            text = (files.read_bytes(path) or b"").decode("utf-8", "replace")
            found[name] = ByHand(text, files.changed(path))
    return found
