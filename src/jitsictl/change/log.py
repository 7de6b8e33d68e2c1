"""What happened, for later: a JSON line a step in /var/log/jitsi-meet, one syslog line a change."""

from __future__ import annotations

import contextlib
import json
import syslog
import time
from typing import Callable, Dict, Iterator, List

from jitsictl.change.tools import Event, silent
from jitsictl.doors import files, host
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths

PAST_BYTES = 1 << 18  # some hundred changes
PAST_TIMES = 10


def logging_to(paths: Paths, change: str, verb: str, tell: Callable[[Event], None]) -> Callable[[Event], None]:
    """A listener that also writes each event to the log; progress of downloads stays out of it."""
    files.directory(paths.log.parent, 0o700)
    package = host.package(paths.root)

    def listen(event: Event) -> None:
        if event.kind != "progress":
            record: Dict[str, object] = {
                "time": int(time.time()),
                "change": change,
                "package": package,
                "verb": verb,
                "event": event.kind,
                "text": event.text,
            }
            if event.seconds is not None:
                record["seconds"] = round(event.seconds, 3)
            with contextlib.suppress(Failure):  # a full disk: whoever watches is told all the same
                files.append_line(paths.log, json.dumps(record, ensure_ascii=False), sync=False)
        tell(event)

    return listen


def past(paths: Paths) -> Dict[str, List[float]]:
    """How many seconds each kind of step took here before, by its title, the last ones; of a log that was just
    rotated, too. A line that nobody wrote is passed over."""
    found: Dict[str, List[float]] = {}
    for path in (paths.log.with_name(f"{paths.log.name}.1"), paths.log):
        for line in (files.read_bytes(path) or b"")[-PAST_BYTES:].splitlines():
            if b'"seconds"' not in line:
                continue
            try:
                record = json.loads(line)
                if record["event"] == "done":
                    found.setdefault(record["text"], []).append(float(record["seconds"]))
            except (ValueError, KeyError, TypeError):
                continue
    return {title: times[-PAST_TIMES:] for title, times in found.items()}


@contextlib.contextmanager
def announced(verb: str, done: str, tell: Callable[[Event], None]) -> Iterator[None]:
    """Say for the log and for syslog how what is inside ends: `done`, or the first line of what it failed for."""
    started = time.monotonic()

    def end(result: str) -> None:
        tell(Event("end", result, time.monotonic() - started))
        announce(verb, result)

    try:
        yield
    except Exception as error:  # also one that nobody thought of: the change was undone all the same
        end(f"failed: {error.what.splitlines()[0] if isinstance(error, Failure) else repr(error)}")
        raise
    end(done)


def ended_later(paths: Paths, change: str, verb: str, result: str) -> None:
    """Note how a change ended that was cut off, or that could not be undone at once."""
    logging_to(paths, change, verb, silent)(Event("end", result))


def announce(verb: str, result: str) -> None:
    """One line for syslog."""
    syslog.openlog("jitsictl")
    syslog.syslog(f"{verb}: {result}")
