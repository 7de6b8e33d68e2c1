"""A change from plan to end, and the verbs that are little more than that: reseed, rollback. See upgrade.py too."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Callable, ContextManager, Dict, Iterator, Optional, Sequence, Tuple

from jitsictl import releases
from jitsictl.change import adapter, conferences, generations, intent, log, observe, outage, preflight, recover, run
from jitsictl.change.customised import customised
from jitsictl.change.prepare import Prepared, places, prepare
from jitsictl.change.tools import Event, Tools, open_tools, silent
from jitsictl.doors import files, lock
from jitsictl.plan import build, custom, edits, restore, show
from jitsictl.plan.desired import as_applied
from jitsictl.settings import catalogue
from jitsictl.settings.pin import repin
from jitsictl.types.change import File, Step
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import NewLines, Settings
from jitsictl.types.site import Applied, Desired, SetAside

LOCK_SECONDS = 10.0
Listener = Callable[[Event], None]


@contextmanager
def locked(paths: Paths, verb: str, tell: Listener = silent) -> Iterator[Tools]:
    """The site for this process alone, with any interrupted change brought to its end first."""
    files.directory(paths.state, 0o700)
    with lock.lock(
        paths.lock, exclusive=True, deadline=LOCK_SECONDS, verb=verb, waiting=lambda text: tell(Event("note", text))
    ) as descriptor:
        tools = open_tools(paths, tell)
        tools.keep = (descriptor,)
        for sentence in recover.recover(tools):
            tell(Event("note", sentence))
            log.announce(verb, sentence)
        if conferences.reopen_left(paths, generations.current(paths)):
            tell(Event("note", "the bridge, which a wait that was cut off had closed, takes new meetings again"))
        yield tools


@contextmanager
def begun(paths: Paths, verb: str, tell: Listener) -> Iterator[Tuple[str, Tools]]:
    """A change of its own: its id, by which the log has it, and the site, for this process alone."""
    id = new_id()
    with locked(paths, verb, log.logging_to(paths, id, verb, tell)) as tools:
        yield id, tools


def reseed(paths: Paths, tell: Listener = silent, verb: str = "reseed", *, fresh: bool = False) -> Prepared:
    """Apply jitsi.conf at the release that is applied; `fresh` has every file made anew that images render."""
    return apply(paths, verb, None, tell, fresh=fresh)


def apply(
    paths: Paths,
    verb: str,
    tag: Optional[str],
    tell: Listener,
    *,
    force: bool = False,
    renew: Sequence[str] = (),
    fresh: bool = False,
    pads: bool = False,
    also: Sequence[Step] = (),
    put: NewLines = NewLines(),  # noqa: B008 - it cannot be changed
    agree: Callable[[Tools], None] = lambda _: None,
    last: Optional[Callable[[], None]] = None,
) -> Prepared:
    """Take the lock, work the change out and make it. `agree` is asked when services restart; a Failure refuses.

    `last` is called when all else is ready, before the first service is touched; it is not where nothing differs.
    The other options are prepare's.
    """
    id = new_id()
    listen = log.logging_to(paths, id, verb, tell)
    with locked(paths, verb, listen) as tools:
        prepared = prepare(
            paths, tools.docker, verb, tag, force=force, id=id, renew=renew, fresh=fresh, pads=pads, also=also, put=put
        )
        if prepared.change.restarts:
            agree(tools)
        for warning in prepared.warnings:
            listen(Event("warning", warning))
        if last is not None:
            tools.touching.append(last)
        return carry_out(prepared, id, tools)


def rollback(paths: Paths, tell: Listener = silent) -> Prepared:
    """Make the generation current again that ran before the applied one. Accounts made since are kept."""
    with begun(paths, "rollback", tell) as (id, tools):
        applied = generations.current(paths)
        if applied is None or applied.before is None:
            raise Failure("expected an earlier generation to go back to, found none; nothing was changed")
        before, target = _earlier(paths, applied.before)
        where = places(paths, id)
        observed = observe.observe(paths, tools.docker, target, where)
        if applied.aside is not None:
            change = restore.back(target, observed, before.number, where, _texts(applied.aside))
        else:
            own = (*_unpin(paths, applied.release, before.release), *_custom(before, target))
            change = build.return_to(target, observed, before.number, catalogue.load(), where, own)
        return carry_out(Prepared(change, target, observed, where), id, tools)


def _earlier(paths: Paths, number: int) -> Tuple[Applied, Desired]:
    """A generation to go back to, and it as something to want. Failure: it is gone, damaged, or not run any more."""
    try:
        before = generations.read(paths, number)
        release = releases.get(before.release, force=True)
        return before, as_applied(before, generations.settings_of(before), release)
    except Failure as failure:
        what = f"expected to go back to generation {number}, found that this cannot be; nothing was changed"
        raise Failure(f"{what}\n{failure.what}", failure.exit) from None


def new_id() -> str:
    """Names of changes sort by time; the process number keeps two of one second apart."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}"


def carry_out(prepared: Prepared, id: str, tools: Tools) -> Prepared:
    """Make a change that was worked out; the caller holds the lock. Failure: as in preflight and run."""
    if not prepared.change:
        return prepared
    preflight.preflight(prepared.change, prepared.desired, prepared.observed, tools.paths, tools.docker)
    verb = prepared.change.verb
    for line in prepared.change.why:
        tools.tell(Event("plan", line))
    image = adapter.unproved(prepared.desired, prepared.observed.applied)
    if image is not None:
        tools.touching.insert(0, lambda: adapter.prove(image, tools))
    where = prepared.places
    for edit in edits.edits(prepared.observed, where.generations, where.project, catalogue.load()):
        tools.tell(Event("plan", "\n".join(show.diff(edit))))
    tools.touching.append(lambda: _cut_off_told(prepared, tools))
    done = f"done, release {prepared.desired.release.tag}"
    with log.announced(verb, done, tools.tell), _outage_told(prepared, tools):
        run.run(prepared.change, id, tools)
    return prepared


def _cut_off_told(prepared: Prepared, tools: Tools) -> None:
    if any(releases.services()[service].interrupts_calls for service in prepared.change.restarts):
        conferences.cut_off(conferences.running(prepared.observed.applied), tools.tell)


def _outage_told(prepared: Prepared, tools: Tools) -> ContextManager[None]:
    """Nobody is without a site that did not run, or that stays as it is."""
    before = prepared.observed.applied
    if before is None or not prepared.change.restarts:
        return nullcontext()
    return outage.told((_settings_of(before), prepared.desired.settings), tools)


def _settings_of(applied: Applied) -> Optional[Settings]:
    """None where this package finds them wrong: a change that mends them must not fail for it."""
    try:
        return generations.settings_of(applied)
    except Failure:
        return None


def _texts(aside: SetAside) -> Dict[str, Optional[str]]:
    """The admin's files that a restore set aside, None for one that was not there. Failure: one was deleted since."""
    texts = {path: files.read_text(Path(kept)) if kept else None for path, kept in aside.files.items()}
    lost = [kept for path, kept in aside.files.items() if kept and texts[path] is None]
    if lost:
        raise Failure(f"expected {', '.join(lost)}, which the restore set aside, found none; nothing was changed")
    return texts


def _custom(before: Applied, target: Desired) -> Tuple[Step, ...]:
    """Our lines in the admin's custom-*.js go back, too; what the admin wrote there since stays."""
    lines = {path: before.files.get(custom.name_of(path), "") for path in custom.FILES.values()}
    return customised(Path(target.settings["CONFIG"]), lines).steps


def _unpin(paths: Paths, applied: str, before: str) -> Tuple[Step, ...]:
    """When jitsi.conf pins the release that is left, the pin goes back with it."""
    text = files.read_text(paths.conf)
    if text is None or intent.wanted_release(paths) != applied:
        return ()
    edited = repin(text, before)
    return () if edited == text else (File(str(paths.conf), edited, files.mode_of(paths.conf)),)
