"""Folders of the cache, each made once from what its key names, in the place of older ones of its name."""
from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Callable, Iterator

from bed.base import locked


def key(*parts: str) -> str:
    """12 hex digits that change with any part."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def folder(cache: Path, name: str, key: str, make: Callable[[Path, Path], None]) -> Path:
    """`name-key`; where it is not there, `make` fills a new folder, its first argument, and may work in its second."""
    made = cache / f"{name}-{key}"
    with locked(cache / f"{name}.lock"):
        if made.is_dir():
            return made
        with tempfile.TemporaryDirectory(dir=cache, prefix=f"making-{name}-") as scratch:
            fresh = Path(scratch) / "fresh"
            fresh.mkdir(mode=0o755)
            make(fresh, Path(scratch) / "work")
            fresh.rename(made)
        _forget_others(cache, f"{name}-", made.name)
    return made


@contextlib.contextmanager
def in_use(*folders: Path) -> Iterator[None]:
    """Keep these from being removed by a run of another version of the bed."""
    with contextlib.ExitStack() as stack:
        for each in folders:
            handle = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_SH)
        yield


def _forget_others(cache: Path, prefix: str, keep: str) -> None:
    """Remove older folders and archives, except those that are in use."""
    for path in cache.glob(f"{prefix}*"):
        if path.name.startswith(keep):
            continue
        if path.is_file():
            path.unlink()
            continue
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
        os.close(handle)
