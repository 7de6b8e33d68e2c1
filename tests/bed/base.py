"""What every part of the bed uses: where things are, commands with a deadline, bounded waits, a file lock."""
from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import time
from pathlib import Path
from typing import Callable, Iterator, List, Optional, Sequence, TypeVar, Union

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("JITSI_BED_CACHE") or Path.home() / ".cache" / "docker-jitsi-meet-bed")
MEMORY = Path("/dev/shm")


def _runs() -> Path:
    """Where the hosts' disks are: in memory where there is plenty (fsync costs a third of the stack tests' time).

    Told by the sizes, not by what is free now, so that every run and `sweep` of a machine look in one place.
    """
    here = os.statvfs(MEMORY) if MEMORY.is_mount() else None
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    plenty = here is not None and min(here.f_blocks * here.f_frsize, total) >= 16e9
    return (MEMORY if plenty else Path("/var/tmp")) / "docker-jitsi-meet-bed"


SHARED = "JITSI_BED_SHARED"  # in the environment of pytest's workers: a folder in which they keep hosts for each other
RUNS = Path(os.environ.get("JITSI_BED_RUNS") or _runs())

T = TypeVar("T")
Argument = Union[str, "os.PathLike[str]"]


class BedError(Exception):
    """The bed itself failed (not what is tested on it): what was expected, what was found."""


def command(argv: Sequence[Argument], *, timeout: float = 60, check: bool = True,
            stdin: Optional[str] = None) -> subprocess.CompletedProcess[str]:
    """Run a command of the outer machine; BedError with its last words when it fails or takes too long."""
    words = [os.fspath(word) for word in argv]
    try:
        done = subprocess.run(words, input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                              capture_output=True, text=True, errors="replace", timeout=timeout)
    except FileNotFoundError as error:
        raise BedError(f"{words[0]} is not installed: run tests/bed/needs.sh as root") from error
    except subprocess.TimeoutExpired as error:
        raise BedError(f"`{' '.join(words[:6])}` was not done after {timeout:g} s") from error
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise BedError(f"`{' '.join(words[:6])}` ended with {done.returncode}: {said}")
    return done


def wait_until(probe: Callable[[], T], what: str, timeout: float = 20, every: float = 0.02) -> T:
    """Call `probe` until it gives something true, return that; BedError naming `what` after `timeout` s.

    A probe that takes long, as one that starts Docker's client, is called less often: what is waited for needs the
    processor, too.
    """
    end = time.monotonic() + timeout
    while True:
        began = time.monotonic()
        found = probe()
        now = time.monotonic()
        if found:
            return found
        if now > end:
            raise BedError(f"waited {timeout:g} s for {what}")
        time.sleep(max(every, 2 * (now - began)))


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold flock on `path` (made when absent), so that two runs do not prepare the same thing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def processes(field: int, value: int) -> List[int]:
    """Pids whose /proc/PID/stat has `value` in a field (numbered as in proc(5): 4 parent, 5 process group)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[field - 3]) == value:
                found.append(int(stat.parent.name))
    return found


def need_root() -> None:
    if os.geteuid() != 0:
        raise BedError("the bed needs root (namespaces, mounts): run it as root")
