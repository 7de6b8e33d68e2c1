"""What each kind of step that touches an installation made by hand does and undoes (see change/steps.py)."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional, Sequence, Union

from jitsictl.change.journal import Journal, Saved
from jitsictl.change.tools import Event, Tools
from jitsictl.doors import files, http
from jitsictl.doors.clock import wait_until
from jitsictl.types import change as kinds
from jitsictl.types.failure import Failure
from jitsictl.types.site import PROJECT

PAGE_SECONDS = 60.0
PROBE_SECONDS = 3.0


def save(step: kinds.Foreign, tools: Tools, _journal: Journal, _index: int) -> Saved:
    """Who runs, and with which policy. Failure: one of them is gone since the plan was made."""
    states = tools.foreign.states(step.containers)
    gone = [id[:12] for id in step.containers if id not in states]
    if gone:
        raise Failure(f"expected the containers {', '.join(gone)}, found that they were removed; plan it again")
    return {
        "run": [id for id in step.containers if states[id][0]],
        "policies": [states[id][1] for id in step.containers],
    }


def do(step: kinds.Foreign, tools: Tools) -> None:
    for call in tools.touching:
        call()
    if step.run:
        tools.foreign.remove_networks(_ours(tools))
    _bring_to(step.containers, step.policies, step.run, tools)
    if step.page and step.run:
        reason = _page(step.page)
        if reason is not None:
            raise Failure(f"expected {step.page} to answer within {PAGE_SECONDS:g} s, found: {reason}")


def undo(step: kinds.Foreign, saved: Saved, tools: Tools, _journal: Journal) -> None:
    """Each container runs again that ran, the very same. One that is gone cannot, and the others must.

    All are stopped first: a signal ends the `docker stop` of `do`, while the daemon goes on with it, and would stop
    what was just found running.
    """
    tools.foreign.remove_networks(_ours(tools))
    states = tools.foreign.states(step.containers)
    here = [id for id in step.containers if id in states]
    tools.foreign.stop(here, tools.keep)
    policies = dict(zip(step.containers, saved["policies"]))
    _bring_to(here, [policies[id] for id in here], [id for id in saved["run"] if id in here], tools)
    if step.page and saved["run"]:
        reason = _page(step.page)
        if reason is not None:
            tools.tell(Event("note", f"{step.page} does not answer yet: {reason}"))


def _bring_to(ids: Sequence[str], policies: Sequence[str], run: Sequence[str], tools: Tools) -> None:
    """Policies first: a container must not come back by itself while it is being stopped."""
    states = tools.foreign.states(ids)
    for id, policy in zip(ids, policies):
        if states[id][1] != policy:
            tools.foreign.keep_at_boot(id, policy)
    tools.foreign.stop([id for id in ids if id not in run and states[id][0]], tools.keep)
    for id in run:
        if not states[id][0]:
            tools.foreign.start(id, tools.keep)


def _ours(tools: Tools) -> List[str]:
    """Our own project's networks, when none of our containers is left: it is the old site that has one then."""
    return [] if tools.docker.containers() else tools.foreign.networks(PROJECT)


def _page(url: str) -> Optional[str]:
    """Wait until the page answers; why it does not."""
    found = [""]

    def answers() -> bool:
        try:
            reply = http.get(url, deadline=PROBE_SECONDS)
        except Failure as failure:
            found[0] = failure.what
            return False
        found[0] = f"HTTP {reply.status}"
        return reply.status == 200

    try:
        wait_until(answers, deadline=PAGE_SECONDS)
    except TimeoutError:
        return found[0]
    return None


def save_transfer(step: kinds.Transfer, _tools: Tools, _journal: Journal, _index: int) -> Saved:
    return {"there": files.exists(Path(step.path))}


def transfer(step: kinds.Transfer, tools: Tools) -> None:
    path = Path(step.path)
    if not step.out:
        if files.exists(path):
            tools.foreign.put(step.container, path, step.inside)
    elif not tools.foreign.take(step.container, step.inside, path, step.owner):
        tools.tell(Event("note", f"the old container has no {step.inside}"))


def undo_transfer(step: kinds.Transfer, saved: Saved, _tools: Tools, _journal: Journal) -> None:
    if step.out and not saved["there"]:
        files.remove(Path(step.path))


def discard(step: kinds.Discard, tools: Tools) -> None:
    tools.foreign.remove(step.containers)
    for name in tools.foreign.remove_networks(step.networks):
        tools.tell(Event("note", f"the network {name} stays, since other containers use it"))


def title(step: Union[kinds.Foreign, kinds.Transfer, kinds.Discard]) -> str:
    """The step in a few words."""
    if isinstance(step, kinds.Transfer):
        way = ("from", "to") if step.out else ("to", "from")
        return f"copy {way[0]} the old container, {step.inside} {way[1]} {step.path}"
    if isinstance(step, kinds.Discard):
        return f"remove the {len(step.containers)} old containers"
    if step.run:
        return f"start the {len(step.run)} old containers"
    return f"stop the {len(step.containers)} old containers"
