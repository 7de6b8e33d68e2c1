"""The verbs: take an installation over, give it back, let the old containers go. Each is one Change."""

from __future__ import annotations

from pathlib import Path
from typing import List, Tuple

from jitsictl import releases
from jitsictl.adopt import look
from jitsictl.adopt.prepare import Adoption, Request, prepare_adoption
from jitsictl.change import apply, conferences, generations, log, outage, prepare, probes, run
from jitsictl.change.customised import customised
from jitsictl.change.tools import Tools, open_tools, silent
from jitsictl.doors import files
from jitsictl.plan import adopt as plans
from jitsictl.plan import compose as pieces
from jitsictl.plan import custom, migrate
from jitsictl.plan.migrate import Crossing
from jitsictl.types.adoption import Record
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.release import Layout


def preview(paths: Paths, request: Request) -> Adoption:
    """What `adopt` would do. Nothing is touched, and no lock is taken."""
    return prepare_adoption(paths, open_tools(paths), request)


def adopt(paths: Paths, request: Request, tell: apply.Listener = silent) -> Adoption:
    """Take the installation over. Failure: it runs as before; or the next start sees to it."""
    with apply.begun(paths, plans.VERB, tell) as (id, tools):
        adoption = prepare_adoption(paths, tools, request, id)
        tools.touching.append(lambda: conferences.cut_off(look.calls(adoption.site, tools.foreign), tools.tell))
        # The old site's page and login are at the same port, with the same passwords, as ours.
        with outage.told((adoption.wanted.settings,), tools):
            apply.carry_out(adoption.prepared, id, tools)
    return adoption


def undo(paths: Paths, tell: apply.Listener = silent) -> Record:
    """Start the old containers again in place of our services; accounts and pads made since go with them."""
    with apply.begun(paths, plans.UNDO, tell) as (id, tools):
        record = adopted(paths)
        _all_there(record, tools)
        applied = generations.current(paths)
        settings = generations.applied_settings(paths)
        if applied is None or settings is None:
            raise Failure("expected the adopted site to be applied, found nothing applied; see jitsictl status")
        change = plans.giving_back(
            record,
            _crossing(releases.layout_of(applied.release), record, settings["CONFIG"], id),
            tuple(pieces.digests(applied.files["compose.yaml"])),
            prepare.places(paths, id),
            str(paths.conf),
            str(paths.adopted),
            customised(Path(settings["CONFIG"]), dict.fromkeys(custom.FILES.values(), "")).steps,
        )
        conferences.cut_off(conferences.running(applied), tools.tell)
        with log.announced(change.verb, f"{record.directory} runs again", tools.tell):
            run.run(change, id, tools)
    return record


def finish(paths: Paths, tell: apply.Listener = silent) -> Record:
    """Remove the old containers and their network. Failure: our site does not work, so they are still needed."""
    with apply.begun(paths, plans.FINISH, tell) as (id, tools):
        record = adopted(paths)
        wrong = _not_ready(paths, tools)
        if wrong:
            raise Failure(
                "expected every service to be ready before the way back is removed, found: "
                + "; ".join(wrong)
                + "; start the site (/etc/rc.d/rc.jitsi start), or go back: jitsictl adopt --undo"
            )
        change = plans.letting_go(record, str(paths.adopted))
        with log.announced(change.verb, f"the old containers of {record.directory} are removed", tools.tell):
            run.run(change, id, tools)
    return record


def adopted(paths: Paths) -> Record:
    """What was taken over and can still be given back. Failure: nothing."""
    text = files.read_text(paths.adopted)
    if text is None:
        raise Failure("expected an installation that was taken over and not finished, found none; nothing was changed")
    return plans.load(text)


def _crossing(applied: Layout, record: Record, config: str, id: str) -> Crossing:
    """From where the data is now to where the old images look for it."""
    old = next((layout for layout in releases.layouts() if layout.name == record.layout), None)
    if old is None:
        raise Failure(f"adopted.json names a layout that this package does not know: {record.layout}")
    seen = {path: files.kept(Path(path)) for path in migrate.watched(config, applied, old)}
    paths = {path: kept for path, kept in seen.items() if kept is not None}
    return Crossing(applied, old, config, f"{config}/.snapshots/{id}", paths)


def _all_there(record: Record, tools: Tools) -> None:
    states = tools.foreign.states(record.containers)
    gone = [name for id, name in zip(record.containers, record.names) if id not in states]
    if gone:
        raise Failure(
            f"expected the old containers, found that these were removed: {', '.join(gone)}; nothing was changed. "
            f"To run the old files again: /etc/rc.d/rc.jitsi stop, then docker-compose up -d in {record.directory}"
        )


def _not_ready(paths: Paths, tools: Tools) -> List[str]:
    applied, settings = generations.current(paths), generations.applied_settings(paths)
    if applied is None or settings is None:
        return ["nothing is applied"]
    services: Tuple[str, ...] = tuple(pieces.digests(applied.files["compose.yaml"]))
    states = probes.states(tools, settings, services)
    return [f"{service}: {state}" for service, state in states.items() if state is not None]
