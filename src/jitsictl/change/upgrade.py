"""upgrade: to another release, without cutting anybody off who was not asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

from jitsictl import releases
from jitsictl.change import apply, conferences, generations, intent, preflight, prepare, run, services
from jitsictl.change.apply import Listener
from jitsictl.change.prepare import Prepared
from jitsictl.change.tools import Event, Tools, open_tools, silent
from jitsictl.types.change import Pull
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.preview import Calls

HINT = "wait for their end with: jitsictl upgrade --when-idle, or cut them off with: jitsictl upgrade --yes"


@dataclass(frozen=True)
class Manners:
    """How to treat meetings that run. `cut_off` is asked with their number; `wait` is for how many seconds at most.

    `when_idle` without `wait` waits as long as it takes.
    """

    cut_off: Callable[[Calls], bool]
    when_idle: bool = False
    wait: Optional[float] = None


def upgrade(
    paths: Paths, tag: Optional[str], manners: Manners, force: bool = False, tell: Listener = silent
) -> Prepared:
    """Go to a release: the one named, else the one jitsi.conf pins, else the newest known.

    Failure: meetings run and nobody agreed to cut them off, or anything that a change may end with.
    """
    target = releases.get(tag or intent.wanted_release(paths), force).tag
    if not manners.when_idle:
        return apply.apply(paths, "upgrade", target, tell, force=force, agree=lambda tools: _ask(tools, manners))
    applied = generations.current(paths)
    if not _fetch(paths, target, force, tell):
        return apply.apply(paths, "upgrade", target, tell, force=force)
    with run.signals(), conferences.closed_to_new_ones(paths, applied):
        tell(Event("note", "the bridge takes no new meetings; waiting until there is none"))
        conferences.wait_for_none(lambda: conferences.running(applied), manners.wait, tell)
        return apply.apply(paths, "upgrade", target, tell, force=force)


def _ask(tools: Tools, manners: Manners) -> None:
    """Before anything is fetched; where there is no meeting then, it is looked again when the fetching is over."""
    calls = _calls(tools)
    if calls is None:
        tools.touching.append(lambda: _refuse(_calls(tools), "which began while images were fetched"))
    elif not manners.cut_off(calls):
        _refuse(calls)


def _calls(tools: Tools) -> Optional[Calls]:
    calls = conferences.running(generations.current(tools.paths))
    return calls if calls is not None and calls.conferences else None


def _refuse(calls: Optional[Calls], which: str = "which an upgrade would cut off") -> None:
    if calls is not None:
        raise Failure(f"expected no meeting, found {calls}, {which}; nothing was changed; {HINT}")


def _fetch(paths: Paths, tag: str, force: bool, tell: Listener) -> bool:
    """Fetch the images before the wait, so that the change itself is short. It needs no lock. Whether there is one."""
    tools = open_tools(paths, tell)
    prepared = prepare.prepare(paths, tools.docker, "upgrade", tag, force=force)
    if prepared.change:
        preflight.preflight(prepared.change, prepared.desired, prepared.observed, paths, tools.docker)
    for step in prepared.change.steps:
        if isinstance(step, Pull):
            tell(Event("begin", f"fetch {step.image}"))
            services.pull(step, tools)
    return bool(prepared.change)
