"""Run a change: journal every step, commit once, and go back by itself when something fails or a signal comes."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import Iterator

from jitsictl.change import journal as journals
from jitsictl.change.journal import Journal
from jitsictl.change.steps import HANDLERS, title
from jitsictl.change.tools import Event, Tools
from jitsictl.types.change import Change, Step
from jitsictl.types.failure import Failure

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # HUP: an ssh session that was lost


class Interrupted(Failure):
    """A signal asked for the end; the change goes back as on any failure."""


def run(change: Change, id: str, tools: Tools) -> None:
    """Do all steps of the change. The caller holds the lock.

    Failure: a step before the commit point failed and everything was undone, so what ran before still
    runs; or one after it failed and is finished by the next start, reload or upgrade.
    """
    journal = journals.start(tools.paths.changes, id, change)
    with signals():
        try:
            _forward(journal, tools, 0, change.commit)
            with signals(ignore=True):
                journal.commit()
                finish(journal, tools)
        except Exception as error:  # also one that nobody thought of: the site goes back all the same
            if journal.committed:
                raise
            tools.tell(Event("failed", error.what if isinstance(error, Failure) else repr(error)))
            undo(journal, tools)
            raise


def finish(journal: Journal, tools: Tools) -> None:
    """Do what comes after the commit point; begun ones are done again. Signals wait until it is over."""
    with signals(ignore=True):
        _forward(journal, tools, journal.change.commit, len(journal.change.steps))
        journal.end("done")


def undo(journal: Journal, tools: Tools) -> None:
    """Put everything back, last step first.

    It stops at the first step that cannot be put back: what comes before it relies on it, as data
    moved under a service relies on that service being stopped. Failure: then; the journal stays, and
    the next start goes on where this one stopped.
    """
    with signals(ignore=True):
        for index in sorted(set(journal.saved) - set(journal.undone), reverse=True):
            step = journal.change.steps[index]
            started = time.monotonic()
            try:
                HANDLERS[type(step)].undo(step, journal.saved[index], tools, journal)
            except Failure as failure:
                raise Failure(
                    f"not everything could be put back; {title(step)}: {failure.what}\n"
                    "the next /etc/rc.d/rc.jitsi start goes on with it"
                ) from None
            journal.put_back(index)
            tools.tell(Event("undone", title(step), time.monotonic() - started))
        journal.end("undone")


def _forward(journal: Journal, tools: Tools, first: int, last: int) -> None:
    for index in range(first, last):
        step = journal.change.steps[index]
        _one(journal, tools, index, step)


def _one(journal: Journal, tools: Tools, index: int, step: Step) -> None:
    handler = HANDLERS[type(step)]
    journal.begin(index, handler.save(step, tools, journal, index))
    tools.tell(Event("begin", title(step)))
    started = time.monotonic()
    handler.do(step, tools)
    journal.finish(index)
    tools.tell(Event("done", title(step), time.monotonic() - started))


@contextmanager
def signals(ignore: bool = False) -> Iterator[None]:
    """Turn signals into Interrupted, or keep them away while things are put back."""

    def interrupt(number: int, _frame: object) -> None:
        raise Interrupted(f"interrupted by {signal.Signals(number).name}")

    before = {number: signal.signal(number, signal.SIG_IGN if ignore else interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
