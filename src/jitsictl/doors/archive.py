"""Backups written: a .tar.xz whose first member, the manifest, names every other one with hash, size, bits and owner.

untar.py reads them.
"""

from __future__ import annotations

import hashlib
import io
import stat
import tarfile
from pathlib import Path
from typing import IO, BinaryIO, Collection, Iterator, NamedTuple, Sequence, Union, cast

from jitsictl.doors._tar import TYPES, chunks, forget
from jitsictl.doors._xz import Writer
from jitsictl.plan import archive as manifests
from jitsictl.types.backup import DIRECTORY, FILE, LINK, Member
from jitsictl.types.failure import Failure


class Entry(NamedTuple):
    """A member, and where its content is: a path, or the bytes themselves. `stored`: not compressed."""

    member: Member
    source: Union[Path, bytes]
    stored: bool = False


def described(name: str, source: Union[Path, bytes], stored: bool = False) -> Entry:
    """The entry of a file, directory or link as it is now. Of a file that grows, what is there by now is taken.

    Bits and owner are the file's own; bytes are root's, 0600.
    """
    if isinstance(source, bytes):
        return Entry(Member(name, FILE, 0o600, 0, 0, len(source), 0, hashlib.sha256(source).hexdigest()), source)
    found = source.lstat()
    bits, time = stat.S_IMODE(found.st_mode), int(found.st_mtime)
    if stat.S_ISLNK(found.st_mode):
        target = str(source.readlink())
        return Entry(Member(name, LINK, 0o777, found.st_uid, found.st_gid, 0, time, "", target), source)
    if stat.S_ISDIR(found.st_mode):
        return Entry(Member(name, DIRECTORY, bits, found.st_uid, found.st_gid, 0, time), source)
    digest = hashlib.sha256()
    with source.open("rb") as file:
        for chunk in chunks(file, found.st_size):
            digest.update(chunk)
    member = Member(name, FILE, bits, found.st_uid, found.st_gid, found.st_size, time, digest.hexdigest())
    return Entry(member, source, stored)


def scan(source: Path, name: str, without: Collection[str] = (), stored: bool = False) -> Iterator[Entry]:
    """The entries of a file or a tree, parents first. Members named in `without` are left out, and what is neither
    file, directory nor link; what goes while it is looked at is passed over."""
    if name in without:
        return
    try:
        kind = stat.S_IFMT(source.lstat().st_mode)
        if kind not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
            return
        entry = described(name, source, stored)
        below = sorted(path.name for path in source.iterdir()) if kind == stat.S_IFDIR else []
    except FileNotFoundError:
        return
    yield entry
    for part in below:
        yield from scan(source / part, f"{name}/{part}", without, stored)


def write(file: BinaryIO, manifest: str, entries: Sequence[Entry]) -> None:
    """Write an archive of `entries` in their order, the stored ones last. Failure: one changed since described."""
    writer = Writer(file)
    with tarfile.open(fileobj=cast(IO[bytes], writer), mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8") as tar:
        _add(tar, described(manifests.NAME, manifest.encode()))
        stored = False
        for entry in entries:
            if entry.stored and not stored:
                writer.store()
                stored = True
            _add(tar, entry)
    writer.close()


def _add(tar: tarfile.TarFile, entry: Entry) -> None:
    member = entry.member
    info = tarfile.TarInfo(member.name)
    info.type, info.linkname = TYPES[member.kind], member.target
    info.mode, info.uid, info.gid = member.mode, member.uid, member.gid
    info.size, info.mtime = member.size, member.modified
    if member.kind != FILE:
        tar.addfile(info)
    elif isinstance(entry.source, bytes):
        tar.addfile(info, io.BytesIO(entry.source))
    else:
        with entry.source.open("rb") as content:
            hashing = _Hashing(content)
            try:
                tar.addfile(info, cast(IO[bytes], hashing))
                changed = hashing.digest.hexdigest() != member.digest
            except OSError as error:
                if error.errno is not None:
                    raise
                changed = True  # tarfile: it ended too soon
            if changed:
                raise Failure(
                    f"expected {entry.source} to stay as it is while it is read, found it changed; back up once more"
                )
    forget(tar)


class _Hashing:
    """A file that notes what was read of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data
