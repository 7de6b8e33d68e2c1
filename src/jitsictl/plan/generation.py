"""A generation on the host: where it lies, its files, and the links to it that a bare `docker compose` works by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional

from jitsictl.plan import manifest
from jitsictl.types.change import Copy, Dir, File, Link, Step
from jitsictl.types.site import Desired, Observed, SetAside

LINKED = ("compose.yaml", ".env", "env")


@dataclass(frozen=True)
class Places:
    """Absolute paths as text, as steps hold them, and the change's own id."""

    generations: str
    current: str
    project: str
    id: str


def steps(
    desired: Desired, observed: Observed, places: Places, number: int, aside: Optional[SetAside] = None
) -> List[Step]:
    """The files of a new generation; `aside` is what a restore replaces with it."""
    where = f"{places.generations}/{number}"
    before = observed.applied.number if observed.applied else None
    made: List[Step] = [Dir(places.generations, 0o700), Dir(where, 0o700), Dir(f"{where}/env", 0o700)]
    for name, text in desired.files.items():
        secret = name in ("secrets.conf", ".env") or name.startswith("env/")
        made.append(File(f"{where}/{name}", text, 0o600, secret))
    made.append(File(f"{where}/{manifest.NAME}", manifest.dump(desired, before, aside), 0o600, secret=True))
    return made


def links(observed: Observed, places: Places) -> List[Link]:
    """Those of the project's links that are missing, or in whose place a file stands."""
    return [
        Link(f"{places.project}/{name}", f"{places.current}/{name}")
        for name in LINKED
        if name in observed.strays or f"{places.project}/{name}" not in observed.paths
    ]


def set_aside(observed: Observed, places: Places) -> List[Step]:
    """What stands where a link of ours belongs goes to the generation that it was an edit of; the link replaces it."""
    number = observed.applied.number if observed.applied else 0
    return [
        Copy(f"{places.project}/{name}", f"{places.generations}/{number}/{name}.{places.id}")
        for name in observed.strays
        if observed.applied
    ]
