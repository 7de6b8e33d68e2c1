"""Every program that is started, with its arguments and its environment, by strace: they live for 70 ms."""
from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path
from typing import Iterator, List, Tuple

from bed.base import wait_until
from bed.host import Host

STRACE = ["strace", "-f", "-qq", "-e", "trace=execve", "-v", "-s", "100000"]


@contextlib.contextmanager
def every_program(host: Host, into: Path) -> Iterator[List[str]]:
    """Each execve of Docker's daemons and of all that they start; the list is filled when the block ends."""
    pids = []
    for process in map(int, (entry.name for entry in Path("/proc").glob("[0-9]*"))):
        with contextlib.suppress(OSError):
            inside = Path(f"/proc/{process}/ns/pid").readlink() == Path(f"/proc/{host.init}/ns/pid").readlink()
            if inside and Path(f"/proc/{process}/comm").read_text().startswith(("dockerd", "containerd")):
                pids += ["-p", str(process)]
    found: List[str] = []
    tracer = subprocess.Popen([*STRACE, "-o", str(into), *pids], stderr=subprocess.DEVNULL)
    try:
        traced = [pid for pid in pids if pid != "-p"]
        wait_until(lambda: all("TracerPid:\t0\n" not in Path(f"/proc/{pid}/status").read_text() for pid in traced),
                   "strace to attach", 10)
        yield found
    finally:
        tracer.terminate()
        tracer.wait(20)
        found += into.read_text(errors="replace").splitlines()


def traced(host: Host, into: Path, words: List[str], said: str = "") -> Tuple[str, List[str]]:
    """Run a verb with `said` on its standard input; its output, and each execve of it and of what it starts."""
    done = subprocess.run([*STRACE, "--seccomp-bpf", "-o", str(into), *host.argv(words)], input=said, text=True,
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout, into.read_text(errors="replace").splitlines()
