"""Files as the helper writes them: whole or not at all, never through a link that was planted.

Whole trees are in trees.py, the lock is in lock.py, what the host says of its file systems in host.py.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import stat
from pathlib import Path
from typing import BinaryIO, Iterator, List, Optional, Union

from jitsictl.doors._atomic import PREFIX, Owner, create, discard, explained, sync_directory, temporary_name
from jitsictl.types.failure import Failure
from jitsictl.types.site import Kept


def write(path: Path, text: Union[str, bytes], mode: int, owner: Optional[Owner] = None) -> None:
    """Replace a whole file by one rename; after it returns, the text survives a power cut.

    Readers see the old text or the new one. On any failure, a full disk included, the old file is as
    it was and nothing half-written is left. A link at `path` is replaced, not followed.
    """
    with explained(f"write {path}"), temporary_name(path) as temporary:
        with os.fdopen(create(temporary), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
            file.flush()
            if owner is not None:
                os.fchown(file.fileno(), *owner)
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_directory(path.parent)


@contextlib.contextmanager
def destination(path: Path, replace: bool) -> Iterator[BinaryIO]:
    """A file to write that only shows at `path` when it is whole; 0600. Failure: it is there, or cannot be written.

    It is written as PATH.part. One that a killed backup left is removed, one that is being written is not.
    """
    part = path.with_name(f"{path.name}.part")
    if not replace and os.path.lexists(path):
        raise Failure(f"expected no {path} yet, found one; give another name, or --force to replace it")
    with explained(f"write {path}"):
        _remove_left(part)
        with os.fdopen(create(part), "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                part.replace(path)
                sync_directory(path.parent)
            except BaseException:
                discard(part)
                raise


def _remove_left(part: Path) -> None:
    try:
        descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        discard(part)
    except BlockingIOError:
        raise Failure(f"expected nobody to write {part}, found another backup at it; wait for its end") from None
    finally:
        os.close(descriptor)


def append_line(path: Path, line: str, sync: bool = True) -> None:
    """Add one line, 0600 when the file is new. With `sync` it survives a power cut.

    When the disk is full the file is as it was. Half a line, as a power cut leaves it, is ended first.
    """
    with explained(f"add a line to {path}"):
        new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            _append(descriptor, f"{line}\n".encode())
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new and sync:
            sync_directory(path.parent)


def _append(descriptor: int, data: bytes) -> None:
    before = os.fstat(descriptor).st_size
    if before and os.pread(descriptor, 1, before - 1) != b"\n":
        data = b"\n" + data
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError:
        os.ftruncate(descriptor, before)
        raise


def link(path: Path, target: str) -> None:
    """Make `path` a symbolic link, replacing a link or a file of that name by one rename."""
    with explained(f"make the link {path}"), temporary_name(path) as temporary:
        temporary.symlink_to(target)
        temporary.replace(path)
        sync_directory(path.parent)


def directory(path: Path, mode: int, owner: Optional[Owner] = None) -> None:
    """Make a directory, or give the one that is there this mode and owner. Missing parents get 0755."""
    with explained(f"make the directory {path}"):
        if path.exists() and not path.is_dir():
            raise Failure(f"expected a directory at {path}, found something else; move it away")
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        if owner is not None:
            os.chown(path, *owner)
        path.chmod(mode)
        sync_directory(path.parent)


def copy_file(source: Path, target: Path) -> bool:
    """Copy a file whole, with mode, owner and times; False when there is none to copy."""
    if not source.is_file():
        return False
    with explained(f"copy {source} to {target}"), temporary_name(target) as temporary:
        descriptor = create(temporary)
        with source.open("rb") as original, os.fdopen(descriptor, "wb") as copy:
            shutil.copyfileobj(original, copy)
            copy.flush()
            found = os.fstat(original.fileno())
            os.fchown(copy.fileno(), found.st_uid, found.st_gid)
            os.fsync(copy.fileno())
        shutil.copystat(source, temporary)
        temporary.replace(target)
        sync_directory(target.parent)
    return True


def rename(source: Path, target: Path) -> None:
    """Move within one file system; the parent of the target is made. Failure: they are on two."""
    with explained(f"rename {source} to {target}"):
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        source.rename(target)
        sync_directory(target.parent)
        sync_directory(source.parent)


def remove(path: Path) -> None:
    """Remove a file or a link, if it is there."""
    with explained(f"remove {path}"), contextlib.suppress(FileNotFoundError):
        path.unlink()
        sync_directory(path.parent)


def remove_empty(path: Path) -> None:
    """Remove a directory if it is there and empty."""
    with contextlib.suppress(OSError):
        path.rmdir()


def read_text(path: Path) -> Optional[str]:
    """A file's text as UTF-8; None when there is no such file. Failure: it is not text or may not be read."""
    data = read_bytes(path)
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1 if data else 1
        raise Failure(f"{path}:{line}: expected UTF-8, found other bytes") from None


def read_bytes(path: Path) -> Optional[bytes]:
    """A file's content; None when there is no such file. Failure: it may not be read or is no file."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise Failure(f"expected to read {path}, found that this user may not; run this as root") from None
    except IsADirectoryError:
        raise Failure(f"expected a file at {path}, found a directory; move it away") from None


def unfinished(path: Path) -> Path:
    """A name in a directory for something of ours that is taken away again; `names` leaves it out."""
    return path / f"{PREFIX}{secrets.token_hex(8)}"


def names(path: Path) -> List[str]:
    """What is in a directory, sorted; empty when there is none. Our own unfinished files are left out."""
    try:
        return sorted(entry.name for entry in path.iterdir() if not entry.name.startswith(PREFIX))
    except (FileNotFoundError, NotADirectoryError):
        return []


def entries(path: Path) -> List[str]:
    """What is in a directory, in no order and whatever it is; empty when there is none. For large ones: 20 ms."""
    try:
        return os.listdir(path)  # noqa: PTH208 - a third of the time that Path.iterdir takes
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError:
        raise Failure(f"expected to read {path}, found that this user may not; run this as root") from None


def exists(path: Path) -> bool:
    """Whether anything is at the path; a link that leads nowhere is nothing."""
    return path.exists()


def is_file(path: Path) -> bool:
    """Whether a file is at the path, links followed."""
    return path.is_file()


def resolved(path: Path) -> Path:
    """Where the path leads, links followed."""
    return path.resolve()


def readable(path: Path) -> bool:
    """Whether this user may read the file, or would find out that it does not exist."""
    try:
        path.stat()
    except PermissionError:
        return False
    except OSError:
        return True
    return os.access(path, os.R_OK)


def kept(path: Path) -> Optional[Kept]:
    """Owner, permission bits and kind of what is at the path, links followed; None for nothing."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Kept(found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode), stat.S_ISDIR(found.st_mode))


def changed(path: Path) -> float:
    """When what is at the path was last changed, renamed to it or given other bits, seconds since the epoch.

    Not the time that a program may set. When the file is gone: its directory's.
    """
    for place in (path, path.parent):
        try:
            return place.lstat().st_ctime
        except OSError:
            continue
    return 0.0


def mode_of(path: Path) -> int:
    """The permission bits of a file; 0600 for one that is not there."""
    found = kept(path)
    return 0o600 if found is None else found.mode


def link_target(path: Path) -> Optional[str]:
    """Where a symbolic link points, as it is written; None when there is no link."""
    try:
        return str(path.readlink())
    except OSError:
        return None
