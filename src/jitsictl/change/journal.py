"""The journal of a running change: what it is, what was there before, how far it came.

/var/lib/jitsi-meet/change/ID/journal holds one JSON object a line, each on disk before what it
announces is done. The first line is the whole change, so that another version of the package can
finish or undo it. Contents of replaced files are kept beside it.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional

from jitsictl.doors import files, trees
from jitsictl.types.change import FORMAT, Change, from_data, to_data
from jitsictl.types.failure import Failure

Saved = Dict[str, Any]


@dataclass
class Journal:
    """An open journal. `saved` is what each begun step found; `undone` are those that were put back."""

    directory: Path
    change: Change
    saved: Dict[int, Saved] = field(default_factory=dict)
    undone: List[int] = field(default_factory=list)
    committed: bool = False
    ended: bool = False

    @property
    def id(self) -> str:
        return self.directory.name

    def begin(self, index: int, saved: Saved) -> None:
        self._write({"begin": index, "saved": saved})
        self.saved[index] = saved

    def finish(self, index: int) -> None:
        self._write({"done": index})

    def put_back(self, index: int) -> None:
        """The disk may be full: what is not noted as put back is put back once more after a crash, without harm."""
        with contextlib.suppress(Failure):
            self._write({"undone": index})
        self.undone.append(index)

    def commit(self) -> None:
        self._write({"commit": True})
        self.committed = True

    def end(self, result: str) -> None:
        """Close the journal and remove its directory: nothing is left to recover. On a full disk the latter will do."""
        with contextlib.suppress(Failure):
            self._write({"end": result})
        self.ended = True
        trees.remove_tree(self.directory)

    def keep_file(self, index: int, path: Path) -> Optional[str]:
        """Put a copy of a file beside the journal; None when there is no such file."""
        name = str(index)
        return name if files.copy_file(path, self.directory / name) else None

    def _write(self, record: Dict[str, Any]) -> None:
        files.append_line(self.directory / "journal", json.dumps(record))


def start(changes: Path, id: str, change: Change) -> Journal:
    directory = changes / id
    files.directory(directory, 0o700)
    journal = Journal(directory, change)
    journal._write({"format": FORMAT, "change": to_data(change)})
    return journal


def interrupted(changes: Path) -> List[Path]:
    """Directories of changes that did not end, oldest first (their names begin with the time)."""
    return [changes / name for name in sorted(files.names(changes))]


def read(directory: Path) -> Optional[Journal]:
    """The journal as far as it was written; a half-written line is as good as none: what it announces was not begun.

    None: not even the first line is whole, so no step was begun. Failure: its format is too new.
    """
    text = files.read_text(directory / "journal") or ""
    head, *records = _whole(text.split("\n")[:-1]) or [{}]
    if "format" not in head:
        return None
    if head["format"] > FORMAT:
        raise Failure(
            f"{directory} is a change that a newer package began (format {head['format']}, this one knows "
            f"{FORMAT}); install that package again to finish it. start, stop and status work meanwhile"
        )
    journal = Journal(directory, from_data(head["change"]))
    for record in records:
        if "begin" in record:
            journal.saved[record["begin"]] = record["saved"]
        elif "undone" in record:
            journal.undone.append(record["undone"])
        elif "commit" in record:
            journal.committed = True
        elif "end" in record:
            journal.ended = True
    return journal


def _whole(lines: List[str]) -> List[Dict[str, Any]]:
    found = []
    for line in lines:
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found
