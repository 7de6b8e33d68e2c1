"""Past changes, from the log: what each did, how it ended and how long people were without the site."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from jitsictl.change import outage
from jitsictl.change.tools import Event
from jitsictl.doors import files
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths

NO_END = "no end: it runs, or was cut off"
LAST = "last"


@dataclass(frozen=True)
class Past:
    """A change as the log has it. `began` is seconds since the epoch, `package` the version that made it.

    `result` is how it ended, `seconds` how long it took (None: it was cut off), `away` how long people were without
    what ("" where nobody was).
    """

    id: str
    verb: str
    package: str
    began: int
    result: str
    seconds: Optional[float]
    away: str
    events: Tuple[Event, ...]


def past(paths: Paths, most: Optional[int] = None) -> List[Past]:
    """The last changes, at most so many, in the order in which they began; of rotated logs, too."""
    lines: List[bytes] = []
    for path in _logs(paths.log):
        lines[:0] = _lines(path)
        # One more than asked for: the first of these may have begun in an older file.
        if most is not None and len(changes(lines)) > most:
            break
    found = changes(lines)
    return found if most is None else found[-most:]


def one(paths: Paths, id: str) -> Past:
    """The change of this id, or the LAST one. Failure: the log has none."""
    found = past(paths, 1) if id == LAST else [each for each in past(paths) if each.id == id]
    if not found:
        what = "a change" if id == LAST else f"the change {id}"
        raise Failure(f"expected {what} in {paths.log}, found none; see: jitsictl history")
    return found[0]


def changes(lines: Iterable[bytes]) -> List[Past]:
    """What began to change something, by its lines; a line that nobody of ours wrote is passed over."""
    records: Dict[str, List[Mapping[str, Any]]] = {}
    for record in filter(None, map(_record, lines)):
        records.setdefault(record["change"], []).append(record)
    return [_past(seen) for seen in records.values() if any(record["event"] == "begin" for record in seen)]


def _past(seen: List[Mapping[str, Any]]) -> Past:
    """One that was cut off has its end from whoever finished or undid it: the last word counts."""
    first, events = seen[0], tuple(Event(r["event"], r["text"], r.get("seconds")) for r in seen)
    end = next((event for event in reversed(events) if event.kind == "end"), Event("end", NO_END))
    away = next((event.text for event in events if event.text.startswith(outage.AWAY)), "")
    return Past(
        first["change"], first["verb"], first.get("package", ""), first["time"], end.text, end.seconds, away, events
    )


def _record(line: bytes) -> Optional[Mapping[str, Any]]:
    wanted: Dict[str, Any] = {"change": str, "verb": str, "time": int, "event": str, "text": str}
    more: Dict[str, Any] = {"package": str, "seconds": (int, float)}
    try:
        found = json.loads(line)
        right = all(isinstance(found[name], kind) for name, kind in wanted.items())
        right = right and all(isinstance(found[name], kind) for name, kind in more.items() if name in found)
    except (ValueError, KeyError, TypeError):
        return None
    return found if right else None


def _logs(log: Path) -> Iterator[Path]:
    """The log and what logrotate made of it, the newest first: NAME, NAME.1, NAME.2.gz and so on."""
    yield log
    rotated = {}
    for name in files.names(log.parent):
        number = name[len(log.name) + 1 :].partition(".")[0]
        if name.startswith(f"{log.name}.") and number.isdigit():
            rotated[int(number)] = log.with_name(name)
    yield from (rotated[number] for number in sorted(rotated))


def _lines(path: Path) -> List[bytes]:
    """Of a rotated log that a power cut damaged, none."""
    content = files.read_bytes(path) or b""
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return []
    return content.splitlines()
