"""Finish or undo a change that a crash or a power cut left half done. It needs no network."""

from __future__ import annotations

from typing import List

from jitsictl.change import journal as journals
from jitsictl.change import log, run
from jitsictl.change.tools import Tools
from jitsictl.doors import trees
from jitsictl.types.paths import Paths


def pending(paths: Paths) -> bool:
    """Whether there is a change that did not end."""
    return bool(journals.interrupted(paths.changes))


def recover(tools: Tools) -> List[str]:
    """Bring every interrupted change to its end; returns a sentence for each. The caller holds the lock.

    Failure: one could not be undone, or a newer package wrote it.
    """
    said = []
    for directory in journals.interrupted(tools.paths.changes):
        journal = journals.read(directory)
        if journal is None or journal.ended:
            trees.remove_tree(directory)
            continue
        verb = journal.change.verb
        if journal.committed:
            run.finish(journal, tools)
            log.ended_later(tools.paths, journal.id, verb, "did not end by itself; finished later")
            said.append(f"the {verb} that was interrupted is finished")
        else:
            run.undo(journal, tools)
            log.ended_later(tools.paths, journal.id, verb, "did not end by itself; undone later")
            said.append(f"the {verb} that was interrupted is undone; what ran before it is applied")
    return said
