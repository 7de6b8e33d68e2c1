"""What archive.py and untar.py share."""

from __future__ import annotations

import tarfile
from typing import BinaryIO, Iterator

from jitsictl.types.backup import DIRECTORY, FILE, LINK

TYPES = {FILE: tarfile.REGTYPE, DIRECTORY: tarfile.DIRTYPE, LINK: tarfile.SYMTYPE}
_CHUNK = 1 << 20


def chunks(file: BinaryIO, size: int) -> Iterator[bytes]:
    """`size` bytes of a file, bit by bit. EOFError: it has fewer."""
    left = size
    while left:
        chunk = file.read(min(_CHUNK, left))
        if not chunk:
            raise EOFError
        left -= len(chunk)
        yield chunk


def forget(tar: tarfile.TarFile) -> None:
    """tarfile keeps every member it saw; there may be tens of thousands."""
    tar.members = []  # type: ignore[attr-defined]
