"""What a run of the bed leaves on the machine, so that all of it can be taken away, by itself or by the next run.

A run is a folder RUNS/ID whose `owner` file stays flocked as long as its process lives. All namespaces are named
after the ID (jbID, jbIDh1, ...), and so are its cgroups; a process belongs to the run when its network namespace does.
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

from bed.base import RUNS, command, need_root, wait_until

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
    RUNS.mkdir(mode=0o755, parents=True, exist_ok=True)
    while True:
        ident = os.urandom(2).hex()
        folder = RUNS / ident
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o711)
            break
    owner = open(folder / "owner", "w+b")
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
    swept: List[str] = []
    for folder in sorted(RUNS.glob("*")):
        owner: Optional[IO[bytes]] = None
        try:
            owner = open(folder / "owner", "r+b")
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        except FileNotFoundError:
            continue  # being made or being removed by another run
        finally:
            if owner is not None and folder.name in _alive:
                owner.close()
        _remove(folder.name, folder)
        owner.close()
        swept.append(folder.name)
    return swept


def _remove(ident: str, folder: Path) -> None:
    for name in netns_names(f"jb{ident}"):
        remove_netns(name)
    remove_cgroups(f"bed-{ident}")
    shutil.rmtree(folder, ignore_errors=True)


def netns_names(prefix: str) -> List[str]:
    return sorted(path.name for path in NETNS.glob(f"{prefix}*"))


def processes_in(netns: str) -> Set[int]:
    """Process ids (outer numbering) whose network namespace is `netns`."""
    try:
        inode = (NETNS / netns).stat().st_ino
    except FileNotFoundError:
        return set()
    found = set()
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                if os.stat(f"/proc/{entry}/ns/net").st_ino == inode:
                    found.add(int(entry))
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
        # A link's other end would live on for a moment and block a name that is used again: remove it by hand.
        command(["nsenter", f"--net={NETNS / netns}", "ip", "link", "del", "eth0"], check=False)
        command(["ip", "netns", "del", netns], check=False)


def remove_cgroups(prefix: str) -> None:
    """Remove the cgroups (v1 and v2) whose names begin with `prefix`, children first."""
    for top in [*CGROUPS.glob(f"{prefix}*"), *CGROUPS.glob(f"*/{prefix}*")]:
        for folder, _, _ in os.walk(top, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
