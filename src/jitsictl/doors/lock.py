"""The one lock of the helper: changes take it alone, account verbs share it, readers take none."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path
from typing import Callable, Iterator, Optional

from jitsictl.doors._atomic import explained
from jitsictl.doors.clock import wait_until
from jitsictl.types.failure import Exit, Failure


@contextlib.contextmanager
def lock(
    path: Path, *, exclusive: bool, deadline: float, verb: str, waiting: Callable[[str], None] = lambda _: None
) -> Iterator[int]:
    """Hold the lock for the block; yields its descriptor.

    The descriptor is to be handed to every child (`process.run(keep=...)`): a `docker compose` that
    outlives a killed helper by a second or more then still holds the lock, and recovery waits for it.
    `deadline` 0 tries once. `waiting` is told, once, that there is a wait and for whom. Failure with
    Exit.BUSY names who holds it: pid, verb, since when.
    """
    with explained(f"open the lock {path}"):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        try:
            if deadline and not _taken(file.fileno(), kind):
                waiting(f"waiting at most {deadline:g} s for the lock {path}, held{_holder(path)}")
            wait_until(lambda: _taken(file.fileno(), kind), deadline=deadline)
        except TimeoutError:
            raise Failure(_busy(path, deadline), Exit.BUSY) from None
        os.pwrite(descriptor, f"{os.getpid()} {int(time.time())} {verb}\n".encode(), 0)
        # Never unlinked: two processes could then lock two files of one name.
        yield descriptor


def _taken(descriptor: int, kind: int) -> Optional[bool]:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    return True


def _busy(path: Path, waited: float) -> str:
    after = f" after {waited:g} s" if waited else ""
    to_do = "wait for it to end" if _holder(path) else "wait for the other change to end"
    return f"expected the lock {path} to be free, found it held{after}{_holder(path)}; {to_do}"


def _holder(path: Path) -> str:
    """Who holds the lock, from what the last holder wrote: the record is one line, the rest of it is old."""
    try:
        record = path.read_text(encoding="utf-8").split("\n", 1)[0]
        pid, since, verb = record.split(" ", 2)
        clock = time.strftime("%H:%M:%S", time.localtime(int(since)))
    except (OSError, ValueError):
        return ""
    if not Path(f"/proc/{pid}").exists():
        return f" by what `{verb}` (process {pid}, since {clock}) left running when it was killed"
    return f" by `{verb}`, process {pid}, since {clock}"
