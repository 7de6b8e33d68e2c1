"""What runs, from looking at it now: for people, for --json, and for rc.jitsi start, which waits for it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Dict, List, Optional

from jitsictl import releases
from jitsictl.change import conferences, generations, intent, probes, recover
from jitsictl.change.tools import Tools
from jitsictl.doors import files
from jitsictl.doors.clock import wait_until
from jitsictl.plan import compose
from jitsictl.types.failure import Exit
from jitsictl.types.site import Applied


@dataclass(frozen=True)
class Status:
    """`services`: why each is not ready, None when it is. `notes`: what the admin may want to do."""

    release: str
    url: str
    services: Dict[str, Optional[str]]
    notes: List[str] = field(default_factory=list)

    @property
    def exit(self) -> Exit:
        if all(reason is None for reason in self.services.values()):
            return Exit.DONE
        stopped = all(reason in ("no container", "exited", "created") for reason in self.services.values())
        return Exit.STOPPED if stopped else Exit.FAILED


def status(tools: Tools, wait_seconds: float = 0.0) -> Optional[Status]:
    """The applied site's state, after waiting at most `wait_seconds` for it to be ready. None: nothing is applied."""
    applied = generations.current(tools.paths)
    if applied is None:
        return None
    settings = generations.settings_of(applied)
    services = list(compose.digests(applied.files["compose.yaml"]))
    found = probes.states(tools, settings, services)

    def ready() -> bool:
        found.update(probes.states(tools, settings, [s for s in services if found[s] is not None]))
        return all(reason is None for reason in found.values())

    if wait_seconds:
        with contextlib.suppress(TimeoutError):  # what was found says the rest
            wait_until(ready, deadline=wait_seconds)
    return Status(applied.release, settings["PUBLIC_URL"], found, _notes(tools, applied))


def _notes(tools: Tools, applied: Applied) -> List[str]:
    notes = []
    conf = files.read_text(tools.paths.conf)
    if conf is not None and conf != applied.files["jitsi.conf"]:
        notes.append("jitsi.conf differs from what is applied: see jitsictl plan, apply with /etc/rc.d/rc.jitsi reload")
    if conf is not None:
        wanted = intent.wanted_release(tools.paths)
        if wanted != applied.release:
            notes.append(f"{wanted} is wanted, {applied.release} is applied: /etc/rc.d/rc.jitsi upgrade")
    newest = releases.newest().tag
    if releases.order(applied.release) < releases.order(newest) and not any(newest in note for note in notes):
        notes.append(f"{newest} is at hand, {applied.release} is applied: /etc/rc.d/rc.jitsi upgrade {newest}")
    notes += _bridge(tools)
    if files.exists(tools.paths.adopted):
        notes.append("the containers of the site that was adopted are kept: jitsictl adopt --finish, or --undo")
    if recover.pending(tools.paths):
        notes.append("a change was cut off; /etc/rc.d/rc.jitsi start finishes or undoes it")
    return notes


def _bridge(tools: Tools) -> List[str]:
    pid = conferences.closed_by(tools.paths)
    if pid is None:
        return []
    if pid == conferences.LEFT:
        return ["the bridge takes no new meetings, since a wait for their end was cut off: /etc/rc.d/rc.jitsi reload"]
    return [f"the bridge takes no new meetings: process {pid} waits for the end of those that run, to upgrade"]
