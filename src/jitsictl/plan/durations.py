"""How long a change usually takes: from what its steps took here before, else from the package's own figures."""

from __future__ import annotations

from typing import List, Mapping, Optional, Sequence, Tuple

from jitsictl import releases
from jitsictl.types.change import Change, Recreate, Remove, Step, Stop, Verify
from jitsictl.types.preview import ServiceChange, Usual

_RECREATED = "recreate "

Past = Mapping[str, Sequence[float]]  # seconds, by a step's title in the log


def usual(services: Sequence[str], past: Past) -> Usual:
    """How long services that are recreated together take until all are ready."""
    times = past.get(f"{_RECREATED}{', '.join(services)}") or _of_more(services, past)
    if times:
        return Usual(round(_median(times), 1), len(times))
    return Usual(max(releases.services()[service].usual_seconds for service in services), 0)


def _of_more(services: Sequence[str], past: Past) -> Sequence[float]:
    """The times of the fewest that they were among, which took no less."""
    groups = {title: title[len(_RECREATED) :].split(", ") for title in past if title.startswith(_RECREATED)}
    found = [title for title, group in groups.items() if set(services) <= set(group)]
    return past[min(found, key=lambda title: len(groups[title]))] if found else ()


def whole(change: Change, past: Past) -> Optional[float]:
    """Seconds from the first service that is touched to the end; None when none is. Fetching images is not in it."""
    seconds = [_step(step, past) for step in change.steps]
    known = [value for value in seconds if value is not None]
    return round(sum(known), 1) if known else None


def source(services: Tuple[ServiceChange, ...]) -> str:
    """Where the figures come from, in words."""
    timed = [change for change in services if change.usual is not None]
    here = [change.service for change in timed if change.usual and change.usual.times]
    guessed = [change.service for change in timed if change.usual and not change.usual.times]
    if not guessed:
        return "by the median of past changes here"
    if not here:
        return "by the package's own figures, since none were recorded here yet"
    return f"by past changes here, for {_and(guessed)} by the package's own figures"


def _step(step: Step, past: Past) -> Optional[float]:
    if isinstance(step, Recreate):
        return usual(step.services, past).seconds
    if isinstance(step, Remove):
        return _median(past.get(f"remove {step.service}", ()))
    if isinstance(step, Stop):
        return _median(past.get(f"stop {', '.join(step.services)}", ()))
    return _median(past.get("verify", ())) if isinstance(step, Verify) else None


def _median(times: Sequence[float]) -> float:
    """Of nothing it is 0. The standard library's takes longer to import than all of this to run."""
    ordered = sorted(times)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2 if ordered else 0.0


def _and(names: List[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
