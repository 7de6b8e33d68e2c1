"""A file that grows by whole batches and whose last batch may be marked in place, for root alone."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path
from typing import IO

from jitsictl.doors._atomic import explained, sync_directory
from jitsictl.types.failure import Failure


class Ledger:
    """Open until `close`; nobody else can open it meanwhile. What `append` returned from is on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with explained(f"write {path}"):
            self.new = not os.path.lexists(path)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            self._check()
            if self.new:
                sync_directory(path.parent)
        except BaseException:
            os.close(self._file)
            raise

    def append(self, text: str) -> int:
        """Add text; returns where it begins, for `mark`."""
        with explained(f"write {self.path}"):
            where = os.lseek(self._file, 0, os.SEEK_END)
            self._put(text, where)
        return where

    def mark(self, where: int, text: str) -> None:
        """Write over what stands there with text of the same length, so that no moment has half of it."""
        with explained(f"write {self.path}"):
            self._put(text, where)

    def reader(self) -> IO[str]:
        """What is in it, from its beginning."""
        with explained(f"read {self.path}"):
            os.lseek(self._file, 0, os.SEEK_SET)
            return os.fdopen(os.dup(self._file), "r", encoding="utf-8", newline="")

    def close(self) -> None:
        os.close(self._file)

    def _check(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(
                f"expected nobody to write {self.path}, found another import at it; wait for its end"
            ) from None
        found = os.fstat(self._file)
        if not stat.S_ISREG(found.st_mode):
            raise Failure(f"expected a file at {self.path}, found something else; give another name")
        if stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.geteuid():
            raise Failure(
                f"expected {self.path} to be readable by its owner alone, since passwords are written to it, "
                f"found mode {stat.S_IMODE(found.st_mode):04o}; "
                "give it with: chmod 600, or give another name"
            )

    def _put(self, text: str, where: int) -> None:
        data = text.encode()
        while data:
            written = os.pwrite(self._file, data, where)
            data, where = data[written:], where + written
        os.fsync(self._file)
