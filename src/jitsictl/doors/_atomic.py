"""What files.py and trees.py share: unfinished work beside its target, and saying what went wrong."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
from pathlib import Path
from typing import Iterator, Optional, Tuple

from jitsictl.types.failure import Failure

Owner = Tuple[int, int]  # uid, gid
PREFIX = ".jitsi-"  # of everything unfinished


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn what the system refuses into a Failure that begins with what was expected."""
    try:
        yield
    except OSError as error:
        raise Failure(f"expected to {what}, found: {error.strerror}; {_remedy(error.errno)}") from None


def _remedy(number: Optional[int]) -> str:
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "make room on its file system"
    if number in (errno.EACCES, errno.EPERM):
        return "run this as root"
    if number == errno.EROFS:
        return "mount its file system for writing"
    if number == errno.ELOOP:
        return "somebody put a symbolic link there; remove it"
    if number in (errno.ENOENT, errno.ENOTDIR):
        return "make the directory first"
    return "nothing was left half done"


@contextlib.contextmanager
def temporary_name(path: Path) -> Iterator[Path]:
    """An unused name in the same directory, hence on the same file system; what is left there is removed."""
    name = path.with_name(f"{PREFIX}{secrets.token_hex(8)}")
    try:
        yield name
    finally:
        discard(name)


def discard(path: Path) -> None:
    """Remove a file, link or tree, if it is there."""
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(kind):
        shutil.rmtree(path)
    else:
        path.unlink()


def create(path: Path) -> int:
    """Make a file that does not exist yet and open it for writing; 0600 until `finish`."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def sync_directory(path: Path) -> None:
    """Make a rename in this directory survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
