"""What a run of the bed leaves on the machine, so that all of it can be taken away, by itself or by the next.

A run is a folder RUNS/ID whose `owner` file stays flocked as long as its process lives. All its namespaces
are named after the ID (jbID, jbIDh1, ...), and so are its cgroups (bed-ID-1, ...); a process belongs to the
run when its network namespace does.
"""
from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import IO, Dict, List, Optional, Set

from bed.base import RUNS, command, locked, need_root, wait_until

NETNS = Path("/run/netns")
CGROUPS = Path("/sys/fs/cgroup")


class Run:
    """One run: its id, its folder, the lock that says it is alive."""

    def __init__(self, ident: str, folder: Path, owner: IO[bytes]) -> None:
        self.id = ident
        self.folder = folder
        self.owner = owner
        self.pid = os.getpid()


_alive: Dict[str, Run] = {}


def _end_all() -> None:
    for run in list(_alive.values()):
        if run.pid == os.getpid():  # a forked child has inherited the list, not the duty
            end(run)


def _on_term(number: int, frame: object) -> None:
    sys.exit(128 + number)  # so that atexit runs


def begin() -> Run:
    """Start a run; it is ended at exit and on SIGTERM even when nobody calls `end`."""
    need_root()
    sweep()
    with locked(RUNS / ".lock"):
        ident = next(name for name in iter(lambda: os.urandom(2).hex(), "") if not (RUNS / name).exists())
        folder = RUNS / ident
        folder.mkdir(mode=0o711)
        owner = (folder / "owner").open("w+b")
        fcntl.flock(owner, fcntl.LOCK_EX)
    run = Run(ident, folder, owner)
    if not _alive:
        atexit.register(_end_all)
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _on_term)
    _alive[ident] = run
    return run


def end(run: Run) -> None:
    """Take away everything of the run: processes, namespaces, links, cgroups, folder."""
    _remove(run.id, run.folder)
    run.owner.close()
    _alive.pop(run.id, None)
    if not _alive:
        atexit.unregister(_end_all)


def sweep() -> List[str]:
    """Remove what runs that died left behind; their ids."""
    with contextlib.ExitStack() as owners:
        with locked(RUNS / ".lock"):  # so that no run is met half made
            dead = [folder for folder in sorted(RUNS.iterdir()) if folder.is_dir() and _owned(folder, owners)]
        for folder in dead:
            _remove(folder.name, folder)
    return [folder.name for folder in dead]


def _owned(folder: Path, owners: contextlib.ExitStack) -> bool:
    """Take over a run whose process has ended; the lock is held until `owners` is closed."""
    try:
        owner = owners.enter_context((folder / "owner").open("r+b"))
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return folder.is_dir()  # half removed
    return True


def _remove(ident: str, folder: Path) -> None:
    for name in netns_names(f"jb{ident}"):
        remove_netns(name)
    remove_cgroups(f"bed-{ident}-*")
    shutil.rmtree(folder, ignore_errors=True)


def inside(netns: str, *argv: str) -> List[str]:
    """The command line that runs `argv` in a network namespace.

    Not `ip netns exec`, which mounts a fresh /sys without cgroups: a dockerd started by it ends at once.
    """
    return ["nsenter", f"--net={NETNS / netns}", *argv]


def netns_names(prefix: str) -> List[str]:
    return sorted(path.name for path in NETNS.glob(f"{prefix}*"))


def processes_in(netns: str) -> Set[int]:
    """Process ids (outer numbering) whose network namespace is `netns`."""
    try:
        inode = (NETNS / netns).stat().st_ino
    except FileNotFoundError:
        return set()
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "ns/net").stat().st_ino == inode:
                found.add(int(entry.name))
    return found


def _kill_all(netns: str) -> bool:
    pids = processes_in(netns)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return not pids


def remove_netns(netns: str) -> None:
    """End every process in a network namespace, then remove it with the links it holds."""
    wait_until(lambda: _kill_all(netns), f"the processes in {netns} to end", 20)
    if (NETNS / netns).exists():
        # A link's other end lives on for a moment and would block its name, needed again at a reboot.
        command(inside(netns, "ip", "link", "del", "eth0"), check=False)
        command(["ip", "netns", "del", netns], check=False)


def cgroups(pattern: str) -> List[Path]:
    """The top cgroups with a name, in every hierarchy (v1: one a controller; v2: the only one)."""
    return [*CGROUPS.glob(pattern), *CGROUPS.glob(f"*/{pattern}")]


def capped(name: str, size: int) -> Optional[Path]:
    """A new cgroup that has at most `size` bytes of memory: where to write a pid. None where nobody may make one."""
    for top, limit in ((CGROUPS / "memory", "memory.limit_in_bytes"), (CGROUPS, "memory.max")):
        if (top / "cgroup.procs").exists():
            (top / name).mkdir()
            with contextlib.suppress(OSError):
                (top / name / limit).write_text(str(size))
                return top / name / "cgroup.procs"
    return None


def remove_cgroups(pattern: str) -> None:
    """Remove cgroups with all below them, waiting for their last processes (killed before) to be gone."""
    def removed() -> bool:
        for top in cgroups(pattern):
            for folder, _, _ in os.walk(top, topdown=False):
                with contextlib.suppress(OSError):
                    Path(folder).rmdir()
        return not cgroups(pattern)

    wait_until(removed, f"the processes in cgroup {pattern} to end", 20)
