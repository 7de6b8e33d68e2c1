"""Input that is read twice: a file as it is, a pipe by way of memory."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO, Optional

from jitsictl.types.failure import Exit, Failure

_CHUNK = 1 << 16


def opened(path: Optional[Path]) -> int:
    """A descriptor of a file, or of standard input, that can go back to its beginning; no disk sees what a pipe brings.

    Failure (exit 2): it cannot be read.
    """
    try:
        descriptor = os.dup(0) if path is None else os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        try:
            return _in_memory(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Failure(f"expected to read {path or 'standard input'}, found: {error.strerror}", Exit.USAGE) from None


def text(descriptor: int) -> IO[str]:
    """What is in it from the beginning, line ends as they are, bytes that are no UTF-8 as surrogates."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.fdopen(os.dup(descriptor), encoding="utf-8", errors="surrogateescape", newline="")


def _in_memory(descriptor: int) -> int:
    memory = os.memfd_create("jitsictl", os.MFD_CLOEXEC)
    while chunk := os.read(descriptor, _CHUNK):
        os.write(memory, chunk)
    return memory
