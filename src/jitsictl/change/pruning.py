"""Old snapshots, generations and images go at the end of a change. What cannot be deleted is told, no more."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Set

from jitsictl.change import generations
from jitsictl.change.tools import Event, Tools
from jitsictl.doors import files, trees
from jitsictl.plan import compose, prune
from jitsictl.plan.differences import interpolated
from jitsictl.types.change import Prune
from jitsictl.types.failure import Failure
from jitsictl.types.site import Applied


def do(step: Prune, tools: Tools) -> None:
    """Delete what nobody needs; done again after a crash it goes on."""
    with _told(tools):
        for path in step.also:
            trees.remove_tree(Path(path))
        stay = _generations(step.kept, tools)
        where = Path(step.snapshots)
        _snapshots(where, step.kept, _needed(stay, where), tools)


def _generations(kept: int, tools: Tools) -> List[Applied]:
    """Delete old generations and the images that they alone name; returns those that stay."""
    current = generations.current(tools.paths)
    if current is None:
        return []
    known = {number: _read(number, tools) for number in generations.numbers(tools.paths)}
    here = {number: found for number, found in known.items() if found is not None}
    gone = prune.generations({number: found.before for number, found in here.items()}, current.number, kept)
    stay = [found for number, found in here.items() if number not in gone]
    if gone:  # most changes delete none, and to read what images they name takes longer than all the rest
        used = set().union(*map(_images, stay))
        for image in sorted(set().union(*(_images(here[number]) for number in gone)) - used):
            with _told(tools):
                tools.docker.remove_image(image)
    for number in gone:
        with _told(tools):
            trees.remove_tree(tools.paths.generations / str(number))
    return stay


def _read(number: int, tools: Tools) -> Optional[Applied]:
    """None for one that this package cannot judge: it stays."""
    with contextlib.suppress(Failure):
        return generations.read(tools.paths, number)
    return None


def _images(applied: Applied) -> Set[str]:
    try:
        named = compose.images(applied.files["compose.yaml"])
    except (KeyError, TypeError, AttributeError, ValueError):
        return set()
    values: Dict[str, str] = dict(interpolated(applied.files))
    return {compose.filled(image, values) for image in named.values()}


def _needed(stay: List[Applied], where: Path) -> Set[str]:
    """Names of snapshots that a rollback of a restore would put back."""
    set_aside = [applied.aside for applied in stay if applied.aside is not None]
    paths = [Path(path) for aside in set_aside for path in (*aside.moved.values(), *aside.files.values())]
    return {path.relative_to(where).parts[0] for path in paths if where in path.parents}


def _snapshots(where: Path, kept: int, needed: Set[str], tools: Tools) -> None:
    trees.sweep(where)
    unfinished = files.names(tools.paths.changes)  # this change, too
    for name in prune.snapshots(files.names(where), kept, needed):
        if name not in unfinished:
            with _told(tools):
                trees.remove_tree(where / name)


@contextlib.contextmanager
def _told(tools: Tools) -> Iterator[None]:
    try:
        yield
    except Failure as failure:
        tools.tell(Event("note", f"not deleted: {failure.what}"))
