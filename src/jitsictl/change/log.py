"""What happened, for later: a JSON line a step in /var/log/jitsi-meet, one syslog line a change."""

from __future__ import annotations

import json
import syslog
import time
from typing import Callable, Dict

from jitsictl.change.tools import Event
from jitsictl.doors import files
from jitsictl.types.paths import Paths


def logging_to(paths: Paths, change: str, verb: str, tell: Callable[[Event], None]) -> Callable[[Event], None]:
    """A listener that also writes each event to the log; progress of downloads stays out of it."""
    files.directory(paths.log.parent, 0o700)

    def listen(event: Event) -> None:
        if event.kind != "progress":
            record: Dict[str, object] = {
                "time": int(time.time()),
                "change": change,
                "verb": verb,
                "event": event.kind,
                "text": event.text,
            }
            if event.seconds is not None:
                record["seconds"] = round(event.seconds, 3)
            files.append_line(paths.log, json.dumps(record, ensure_ascii=False), sync=False)
        tell(event)

    return listen


def announce(verb: str, result: str) -> None:
    """One line for syslog."""
    syslog.openlog("jitsictl")
    syslog.syslog(f"{verb}: {result}")
