"""A Change before it is made, as data that people and programs can read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Optional, Tuple

from jitsictl import releases
from jitsictl.plan import differences, durations, edits, reasons
from jitsictl.plan.durations import Past
from jitsictl.plan.generation import Places
from jitsictl.plan.upgrade import upgrade
from jitsictl.types.change import Change, Command, Dir, File, Link, Pull, Recreate, Remove
from jitsictl.types.preview import Calls, DirectoryChange, FileChange, Preview, ServiceChange, Usual
from jitsictl.types.settings import Catalogue
from jitsictl.types.site import Desired, Kept, Observed


@dataclass(frozen=True)
class Around:
    """What is known besides the plan: the admin's files that the verb edits, past changes, the meetings of now."""

    files: Tuple[FileChange, ...] = ()
    past: Past = field(default_factory=dict)
    calls: Optional[Calls] = None


def preview(
    change: Change, desired: Desired, observed: Observed, catalogue: Catalogue, places: Places, around: Around
) -> Preview:
    """All that `change` would do. An empty change gives an empty preview, but for what another release means."""
    applied = observed.applied
    crossing = applied is not None and applied.release != desired.release.tag
    return Preview(
        verb=change.verb,
        release=desired.release.tag,
        generation=applied.number if applied else None,
        settings=differences.settings(desired, observed, catalogue) if change else (),
        edits=edits.edits(observed, places.generations, places.project, catalogue),
        files=(*_files(change, desired, observed, places), *around.files),
        directories=_directories(change, desired, observed),
        services=_services(change, desired, observed, around.past),
        fetched=tuple(step.image for step in change.steps if isinstance(step, Pull)),
        upgrade=upgrade(desired, observed, catalogue) if crossing else None,
        calls=around.calls,
        seconds=durations.whole(change, around.past),
    )


def _files(change: Change, desired: Desired, observed: Observed, places: Places) -> List[FileChange]:
    """The new generation, and the links to it that are missing or that an editor replaced."""
    found = []
    made = [step for step in change.steps if isinstance(step, File) and step.path.startswith(f"{places.generations}/")]
    if made:
        where = f"{places.generations}/{observed.newest_generation + 1}"
        found.append(FileChange(where, _generation(desired, observed)))
    for step in change.steps:
        if isinstance(step, Link) and step.path.startswith(f"{places.project}/"):
            stray = step.path.rpartition("/")[2] in observed.strays
            found.append(FileChange(step.path, "the link is put back" if stray else "a link to what is applied"))
    return found


def _generation(desired: Desired, observed: Observed) -> str:
    applied = observed.applied
    if applied is None:
        return "the first generation"
    before = {**applied.files, **{name: by_hand.text for name, by_hand in applied.edited.items()}}
    names = [name for name in {**desired.files, **before} if before.get(name) != desired.files.get(name)]
    return f"a new generation; new in it: {', '.join(names)}" if names else "a new generation with the same files"


def _directories(change: Change, desired: Desired, observed: Observed) -> Tuple[DirectoryChange, ...]:
    wanted = set(desired.directories)
    steps = [step for step in change.steps if isinstance(step, Dir) and step in wanted]
    return tuple(DirectoryChange(step.path, _directory(step, observed.paths.get(step.path))) for step in steps)


def _directory(wanted: Dir, there: Optional[Kept]) -> str:
    owner = None if wanted.owner is None else "{}:{}".format(*wanted.owner)
    if there is None:
        return f"made, owner {owner}" if owner else "made"
    if not there.directory:
        return "expected a directory, found something else"
    found = []
    if owner is not None and (there.uid, there.gid) != wanted.owner:
        found.append(f"owner {there.uid}:{there.gid} -> {owner}")
    if there.mode != wanted.mode:
        found.append(f"mode {there.mode:04o} -> {wanted.mode:04o}")
    return ", ".join(found)


def _services(change: Change, desired: Desired, observed: Observed, past: Past) -> Tuple[ServiceChange, ...]:
    """What happens to services, in the order in which it does."""
    why = reasons.restarts(desired, observed) if change else {}
    known = releases.services()
    found = []
    for step in change.steps:
        if isinstance(step, Remove):
            found.append(ServiceChange(step.service, "removed", ("switched off",)))
        elif isinstance(step, Recreate):
            usual = durations.usual(step.services, past)
            found += [_recreated(service, why[service], observed, usual) for service in step.services]
        elif isinstance(step, Command):
            peers = [s for s in change.restarts if s in known[step.service].reload_after]
            found.append(ServiceChange(step.service, "reloaded", (f"{', '.join(peers)} may get another address",)))
    return tuple(found)


def _recreated(name: str, why: Tuple[str, ...], observed: Observed, usual: Usual) -> ServiceChange:
    service = releases.services()[name]
    container = observed.containers.get(name)
    if container is None:
        return ServiceChange(name, "new", why, usual=usual)
    if container.state != "running":
        action = "started" if len(why) == 1 else "recreated"  # Compose starts a container in which nothing differs
        return ServiceChange(name, action, why, usual=usual)
    return ServiceChange(name, "recreated", why, service.cost, service.interrupts_calls, usual)
