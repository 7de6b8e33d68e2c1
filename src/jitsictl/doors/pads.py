"""Etherpad's files, copied while it writes them: dirty.db up to its last whole line, a SQLite database page by page."""

from __future__ import annotations

import contextlib
import json
import os
import re
from pathlib import Path
from typing import Set
from urllib.parse import quote

from jitsictl.doors import trees
from jitsictl.doors._atomic import explained
from jitsictl.types.failure import Failure

DIRTY = "dirty.db"
_SQLITE = b"SQLite format 3\0"
_BESIDE_SQLITE = ("-wal", "-shm", "-journal")
_KEY = re.compile(rb'\{"key":("pad:(?:[^"\\]|\\.)*")(\})?')
_CHUNK = 1 << 16


def copy(source: Path, target: Path) -> None:
    """Copy Etherpad's directory to a path that does not exist yet; a crash may leave half of it."""
    trees.copy_tree(source, target, durable=False)
    with explained(f"copy the pads in {source}"):
        for path in sorted(target.iterdir()):
            if path.is_symlink() or not path.is_file():
                continue
            if path.name.endswith(_BESIDE_SQLITE):
                path.unlink()
            elif _is_sqlite(path):
                _copy_sqlite(source / path.name, path)
            elif path.name == DIRTY:
                _cut(path)


def names(dirty_db: Path) -> Set[str]:
    """The pads in a dirty.db: one JSON object a line, a later one counts; the last line may be half written."""
    found: Set[str] = set()
    with contextlib.suppress(FileNotFoundError), dirty_db.open("rb") as file:
        for line in file:
            match = _KEY.match(line) if line.endswith(b"\n") else None
            key = _text(match.group(1)) if match else ""
            if match is None or key.count(":") != 1:
                continue  # a revision, a chat, an author
            name = key[len("pad:") :]
            if match.group(2):
                found.discard(name)  # it was deleted
            else:
                found.add(name)
    return found


def _text(quoted: bytes) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:
        return ""


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _copy_sqlite(source: Path, copy: Path) -> None:
    """Through SQLite itself, into the copy that has the right owner and bits already."""
    import sqlite3

    os.truncate(copy, 0)
    try:
        live = sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=10)
        with contextlib.closing(live), contextlib.closing(sqlite3.connect(copy)) as made:
            live.backup(made)
    except sqlite3.Error as error:
        raise Failure(f"expected to copy the database {source}, found: {error}; try again") from None


def _cut(path: Path) -> None:
    """End a file after its last line feed."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        end = size
        while end:
            start = max(0, end - _CHUNK)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                end = start + found + 1
                break
            end = start
        if end != size:
            file.truncate(end)
