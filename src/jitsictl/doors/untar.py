"""Backups read, without trust: whole archives are checked, and unpacked.

An archive is read from beginning to end each time, and what is not exactly as its manifest says is refused. Python's
tarfile leaves that to its caller, and Slackware 15.0's has no filters.
"""

from __future__ import annotations

import contextlib
import hashlib
import lzma
import os
import tarfile
from pathlib import Path
from typing import IO, BinaryIO, Callable, Dict, Iterator, List, NamedTuple, Tuple, cast

from jitsictl.doors._atomic import create, discard, explained
from jitsictl.doors._tar import TYPES, chunks, forget
from jitsictl.doors._xz import Reader
from jitsictl.plan import archive as manifests
from jitsictl.types.backup import DIRECTORY, FILE, LINK, Manifest, Member
from jitsictl.types.failure import Failure

MOST = 32 << 20  # of a manifest: some 180,000 members
_BLOCK = 10240  # tar's: the end of an archive is filled up to it with zeros


class Checked(NamedTuple):
    """An archive that is whole. `digest` is its manifest's SHA-256; `texts` are the files that were asked for."""

    manifest: Manifest
    digest: str
    texts: Dict[str, bytes]
    size: int


def check(path: Path, wanted: Callable[[str], bool] = lambda _: False, room: int = 1 << 62) -> Checked:
    """Read all of an archive; every hash, size, type, owner and bit is as its manifest says.

    `wanted` names files whose content is returned, all small ones. `room`: bytes that there is place for.
    Failure: the archive is damaged, cut short, or holds what no backup holds; nothing was written.
    """
    texts = {}
    with _opened(path) as (tar, reader):
        manifest, digest = _manifest(tar, reader)
        if manifest.total > room:
            raise Failure(f"expected {manifest.total // 10**6} MB free for {path}, found {room // 10**6} MB")
        for member, content in _members(tar, reader, manifest):
            if member.kind == FILE and wanted(member.name):
                texts[member.name] = b"".join(content)
    return Checked(manifest, digest, texts, path.stat().st_size)


def unpack(path: Path, target: Path, digest: str) -> None:
    """Unpack what is below CONFIG in an archive that was checked, into a directory that is made anew.

    Failure: it is not the archive any more whose manifest had this digest, or the disk is full.
    """
    directories: List[Tuple[Path, Member]] = []
    made = target
    with explained(f"unpack {path} into {target}"):
        discard(target)
        target.mkdir(mode=0o700)
        with _opened(path) as (tar, reader):
            manifest, found = _manifest(tar, reader)
            if found != digest:
                raise Failure(f"expected {path} as it was when it was checked, found another file; try again")
            for member, content in _members(tar, reader, manifest):
                place = target / member.name
                if place.parent != made:  # files of one directory come together
                    made = place.parent
                    made.mkdir(mode=0o700, parents=True, exist_ok=True)
                if member.kind == DIRECTORY:
                    place.mkdir(mode=0o700)
                    directories.append((place, member))
                    continue
                if member.kind == LINK:
                    place.symlink_to(member.target)
                else:
                    with os.fdopen(create(place), "wb") as file:
                        for chunk in content:
                            file.write(chunk)
                _take(place, member)
        for place, member in reversed(directories):
            _take(place, member)
        os.sync()  # one call for all


def _take(place: Path, member: Member) -> None:
    os.chown(place, member.uid, member.gid, follow_symlinks=False)
    if member.kind != LINK:
        place.chmod(member.mode)
    os.utime(place, (member.modified, member.modified), follow_symlinks=False)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Tuple[tarfile.TarFile, Reader]]:
    """An archive to read; whatever its readers trip over becomes a Failure."""
    with explained(f"read {path}"), path.open("rb") as file:
        reader = Reader(file, MOST)
        try:
            with tarfile.open(
                fileobj=cast(IO[bytes], reader), mode="r:", encoding="utf-8", errors="surrogateescape"
            ) as tar:
                yield tar, reader
        except EOFError:
            raise Failure(f"expected a whole backup in {path}, found it cut short; use another copy") from None
        except (tarfile.TarError, lzma.LZMAError, ValueError, RecursionError, OverflowError, MemoryError) as error:
            what = " ".join(str(error).split()) or type(error).__name__
            raise Failure(f"expected a backup in {path}, found it damaged ({what}); use another copy") from None


def _manifest(tar: tarfile.TarFile, reader: Reader) -> Tuple[Manifest, str]:
    info = tar.next()
    if info is None or info.name != manifests.NAME or info.type != tarfile.REGTYPE or info.sparse is not None:
        raise ValueError(f"no {manifests.NAME} at its beginning")
    reader.renew()
    data = reader.read(info.size)
    if len(data) != info.size:
        raise EOFError
    manifest = manifests.load(data.decode("ascii"))
    foul = manifests.wrong(manifest, manifests.release_of(manifest.held).layout)
    if foul:
        more = f"\nand {len(foul) - 5} more" if len(foul) > 5 else ""
        raise Failure("this is no backup that jitsictl made; nothing was unpacked:\n" + "\n".join(foul[:5]) + more)
    return manifest, hashlib.sha256(data).hexdigest()


def _members(tar: tarfile.TarFile, reader: Reader, manifest: Manifest) -> Iterator[Tuple[Member, Iterator[bytes]]]:
    """The members, each as the manifest says and in its order; contents are checked whether they are read or not."""
    for member in manifest.members:
        forget(tar)
        reader.renew()
        info = tar.next()
        if info is None:
            raise Failure(f"expected {member.name}, found the archive cut short before it; use another copy")
        differs = _differs(info, member)
        if differs is not None:
            raise Failure(f"expected {member.name} as the manifest says, found {differs}; use another copy")
        content = _content(reader, member)
        yield member, content
        for _ in content:
            pass
    forget(tar)
    reader.renew()
    if tar.next() is not None or not _ends(reader):
        raise Failure("expected the end of the archive, found more than its manifest says; use another copy")


def _differs(info: tarfile.TarInfo, member: Member) -> object:
    """What is otherwise in the archive, None when all is the same."""
    if info.type in (tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
        kinds = {tarfile.LNKTYPE: "a hard link", tarfile.FIFOTYPE: "a fifo"}
        return kinds.get(info.type, "a device")
    if info.name != member.name:
        return f"{info.name!a}"
    if info.type != TYPES[member.kind] or info.sparse is not None:
        return f"something else than a {member.kind}"
    found = (info.mode, info.uid, info.gid, info.size, info.mtime, info.linkname)
    due = (member.mode, member.uid, member.gid, member.size, member.modified, member.target)
    if found == due:
        return None
    pairs = {
        "mode": (f"{info.mode:o}", f"{member.mode:o}"),
        "owner": (f"{info.uid}:{info.gid}", f"{member.uid}:{member.gid}"),
        "size": (info.size, member.size),
        "time": (info.mtime, member.modified),
        "link": (info.linkname, member.target),
    }
    return next(f"{what} {had!a} instead of {wanted!a}" for what, (had, wanted) in pairs.items() if had != wanted)


def _content(reader: Reader, member: Member) -> Iterator[bytes]:
    """The bytes of the member that the reader stands at. EOFError: too few. Failure: another hash."""
    if member.kind != FILE:
        return
    digest = hashlib.sha256()
    for chunk in chunks(cast(BinaryIO, reader), member.size):
        digest.update(chunk)
        yield chunk
        reader.renew()
    if digest.hexdigest() != member.digest:
        raise Failure(f"expected {member.name} with the hash of its manifest, found another; use another copy")


def _ends(reader: Reader) -> bool:
    """Whether nothing but tar's own zeros comes, and the last stream ends as it should."""
    rest = reader.read(2 * _BLOCK)
    return len(rest) <= _BLOCK and not rest.strip(b"\0")
