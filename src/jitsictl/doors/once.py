"""A container for one question, without a network, that is gone afterwards."""

from __future__ import annotations

from typing import Sequence

from jitsictl.doors import process
from jitsictl.doors.process import Done

_CLOSED = ("--rm", "-i", "--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")


def run(image: str, program: str, *, stdin: str, writable: Sequence[str] = (), deadline: float) -> Done:
    """What a program of an image says to `stdin`, whatever its exit code; `writable` are folders in memory.

    At the deadline Docker's client is killed, which does not end the container: the program has to end by itself.
    """
    folders = [word for path in writable for word in ("--tmpfs", path)]
    return process.run(
        ["docker", "run", *_CLOSED, *folders, "--entrypoint", program, image, "-"],
        stdin=stdin,
        deadline=deadline,
        check=False,
    )
