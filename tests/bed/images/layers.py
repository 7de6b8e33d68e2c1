"""One image layer: a tar with fixed order, times and owners; the same sources give the same digest.

It is not compressed: the registry is next door, and unpacking is most of what a pull costs a host.
"""
from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path
from typing import IO, Any, Callable, Dict, NamedTuple, Tuple, Union

Content = Union[bytes, Path, None]
Owner = Tuple[int, int]  # uid, gid
ROOT = (0, 0)
_CHUNK = 1 << 20


class Blob(NamedTuple):
    """A layer as a file: its digest (hex) and size in bytes."""

    path: Path
    digest: str
    size: int


class _Hashing(io.RawIOBase):
    """Passes writes on and hashes them."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target, self.sha256, self.size = target, hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self.sha256.update(view)
        self.size += len(view)
        return self.target.write(view)


class Layer:
    """Collects members, later ones replacing earlier ones of the same path; `write` makes the file."""

    def __init__(self) -> None:
        self._members: Dict[str, Tuple[tarfile.TarInfo, Content]] = {}

    def _put(self, path: str, kind: bytes, mode: int, owner: Owner, content: Content = None) -> tarfile.TarInfo:
        info = tarfile.TarInfo(path.strip("/"))
        info.type, info.mode, (info.uid, info.gid) = kind, mode, owner
        if content is not None:
            info.size = content.stat().st_size if isinstance(content, Path) else len(content)
        self._members[info.name] = (info, content)
        return info

    def folder(self, path: str, mode: int = 0o755, owner: Owner = ROOT) -> None:
        self._put(path, tarfile.DIRTYPE, mode, owner)

    def file(self, path: str, content: Union[bytes, Path], mode: int = 0o644, owner: Owner = ROOT) -> None:
        self._put(path, tarfile.REGTYPE, mode, owner, content)

    def link(self, path: str, target: str, owner: Owner = ROOT) -> None:
        self._put(path, tarfile.SYMTYPE, 0o777, owner).linkname = target

    def tree(self, source: Path, at: str = "", owner: Owner = ROOT) -> None:
        """All of a folder; of the modes only whether a file may be executed is kept."""
        for folder, folders, names in os.walk(source):
            folders.sort()
            here = Path(folder)
            for name in sorted(names + [entry for entry in folders if (here / entry).is_symlink()]):
                path = here / name
                if path.suffix == ".pyc":
                    continue
                inside = f"{at}/{path.relative_to(source)}"
                if path.is_symlink():
                    self.link(inside, str(path.readlink()), owner)
                else:
                    self.file(inside, path, 0o755 if os.access(path, os.X_OK) else 0o644, owner)
            folders[:] = [entry for entry in folders
                          if not (here / entry).is_symlink() and entry != "__pycache__"]
            if at or here != source:
                self.folder(f"{at}/{here.relative_to(source)}", owner=owner)

    def add_tar(self, stream: IO[bytes], wanted: Callable[[str], bool]) -> None:
        """Members of a tar (a package's files) whose path, without a leading ./, is wanted; owners stay."""
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for info in tar:
                path = os.path.normpath(info.name)
                if path == "." or not wanted(path):
                    continue
                handle = tar.extractfile(info) if info.isfile() else None
                info.name, info.mtime, info.uname, info.gname = path, 0, "", ""
                info.pax_headers = {}
                self._members[path] = (info, handle.read() if handle else None)

    def has(self, path: str) -> bool:
        return path in self._members

    def read(self, path: str) -> bytes:
        """The content of a file that is in the layer."""
        content = self._members[path][1]
        assert isinstance(content, bytes)
        return content

    def write(self, target: Path) -> Blob:
        """Write the layer as tar; folders come before what is in them, since paths are sorted."""
        with target.open("wb") as raw:
            hashing = _Hashing(raw)
            with tarfile.open(fileobj=hashing, mode="w|", format=tarfile.GNU_FORMAT, bufsize=_CHUNK) as tar:
                for name in sorted(self._members):
                    _add(tar, *self._members[name])
        return Blob(target, hashing.sha256.hexdigest(), hashing.size)


def _add(tar: tarfile.TarFile, info: tarfile.TarInfo, content: Content) -> None:
    if isinstance(content, Path):
        with content.open("rb") as stream:
            tar.addfile(info, stream)
    elif content is not None:
        tar.addfile(info, io.BytesIO(content))
    else:
        tar.addfile(info)
