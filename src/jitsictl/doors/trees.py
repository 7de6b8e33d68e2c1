"""Whole directory trees: copied, compared, removed."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import List, Optional

from jitsictl.doors._atomic import PREFIX, Owner, discard, explained, sync_directory, temporary_name
from jitsictl.types.failure import Failure

_CHUNK = 1 << 20


def copy_tree(
    source: Path, target: Path, *, links: bool = False, owner: Optional[Owner] = None, durable: bool = True
) -> None:
    """Copy a tree to a path that does not exist yet, with modes, times and owners.

    `links`: files become hard links of the originals where both are on one file system, which is
    right only for files that are replaced, never written in place. `owner`: everything belongs to it
    instead; files are then copied in any case, since a hard link shares its owner. The copy is made
    under another name and renamed, so that what is at `target` is whole. `durable` False: a power cut may lose it.
    """
    if os.path.lexists(target):
        raise Failure(f"expected nothing at {target} yet, found something; move it away")
    share = links and owner is None
    with explained(f"copy {source} to {target}"):
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with temporary_name(target) as temporary:
            _copy_directory(source, temporary, share, owner)
            if durable:
                os.sync()  # one call for all: an fsync for each of 40,000 accounts takes minutes
            temporary.rename(target)
        sync_directory(target.parent)


def remove_tree(path: Path) -> None:
    """Remove a directory with all that is in it, if it is there. It is renamed first: half of it never shows."""
    if not os.path.lexists(path):
        return
    with explained(f"remove {path}"):
        with temporary_name(path) as temporary:
            path.rename(temporary)
        sync_directory(path.parent)


def sweep(path: Path) -> None:
    """Remove what unfinished work of ours left in a directory when it was cut off. Nobody may be at work there."""
    if not path.is_dir():
        return
    with explained(f"remove what was left in {path}"):
        for left in sorted(path.iterdir()):
            if left.name.startswith(PREFIX):
                discard(left)


def give(path: Path, owner: Owner) -> None:
    """Make a file, or a directory with all that is in it, belong to somebody. Links themselves, not where they lead."""
    with explained(f"give {path} to {owner[0]}:{owner[1]}"):
        os.chown(path, *owner, follow_symlinks=False)
        for where, directories, found in os.walk(path):
            for name in (*directories, *found):
                os.chown(Path(where, name), *owner, follow_symlinks=False)


def hash_file(path: Path) -> str:
    """SHA-256 of a file, or of all names and contents below a directory, in hexadecimal."""
    digest = hashlib.sha256()
    for name in tree(path) if path.is_dir() else [""]:
        digest.update(name.encode() + b"\0")
        with (path / name if name else path).open("rb") as file:
            for chunk in iter(lambda: file.read(_CHUNK), b""):
                digest.update(chunk)
    return digest.hexdigest()


def hash_bytes(data: bytes) -> str:
    """What `hash_file` says of a file with this content."""
    return hashlib.sha256(b"\0" + data).hexdigest()


def same(one: Path, other: Path) -> bool:
    """Whether two files have the same bytes. False when one is missing."""
    try:
        if one.stat().st_size != other.stat().st_size:
            return False
        return one.samefile(other) or one.read_bytes() == other.read_bytes()
    except FileNotFoundError:
        return False


def size(path: Path) -> int:
    """Bytes of a file, or of all files below a directory; 0 when there is nothing."""
    names = tree(path) if path.is_dir() else [""]
    return sum((path / name).lstat().st_size for name in names if os.path.lexists(path / name))


def tree(path: Path) -> List[str]:
    """All files below a directory, relative to it, sorted; empty when there is none."""
    return sorted(str(Path(where, name).relative_to(path)) for where, _, found in os.walk(path) for name in found)


def _copy_directory(source: Path, target: Path, share: bool, owner: Optional[Owner]) -> None:
    """Copy what is in a directory, then give the copy its mode, owner and times, in this order: depth first.

    Sockets and pipes are left out: they mean nothing without the process behind them.
    """
    target.mkdir(mode=0o700)
    with os.scandir(source) as entries:
        for entry in entries:
            copy = target / entry.name
            if entry.is_dir(follow_symlinks=False):
                _copy_directory(Path(entry.path), copy, share, owner)
            elif entry.is_symlink():
                copy.symlink_to(Path(entry.path).readlink())
                _take_after(Path(entry.path), copy, owner)
            elif entry.is_file() and not (share and _linked(entry.path, copy)):
                shutil.copyfile(entry.path, copy)
                _take_after(Path(entry.path), copy, owner)
    _take_after(source, target, owner)


def _linked(source: str, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:  # two file systems, too many links, or a file system without them
        return False
    return True


def _take_after(source: Path, copy: Path, owner: Optional[Owner]) -> None:
    found = source.lstat()
    uid, gid = (found.st_uid, found.st_gid) if owner is None else owner
    os.chown(copy, uid, gid, follow_symlinks=False)
    shutil.copystat(source, copy, follow_symlinks=False)
