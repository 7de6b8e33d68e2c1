"""Measuring, and a figure's line in the table of RESULTS.md."""

from __future__ import annotations

import json
import statistics
import time
from typing import Callable, Dict, List, NamedTuple, TypeVar

from bed.site import Site

ROUNDS = 7
HEAD = "| what | target, s | median, s | spread, s |\n|---|---|---|---|"

T = TypeVar("T")

# The helper in a process that says afterwards what it took: kB of itself, and of the biggest that it started.
_MEASURED = """
import json, resource, runpy, sys, time
sys.argv = ["launcher.py", "jitsictl", *sys.argv[1:]]
started = time.monotonic()
try:
    runpy.run_path("/usr/libexec/docker-jitsi-meet/launcher.py", run_name="__main__")
except SystemExit as end:
    code = end.code or 0
peak = {who: resource.getrusage(getattr(resource, f"RUSAGE_{who}")).ru_maxrss for who in ("SELF", "CHILDREN")}
print(json.dumps([code, time.monotonic() - started, peak["SELF"] / 1024, peak["CHILDREN"] / 1024]), file=sys.stderr)
"""


class Measured(NamedTuple):
    """What one call of the helper took: seconds; MB of itself, and of the biggest program that it started."""

    seconds: float
    own: float
    started: float
    said: str


def measured(site: Site, *words: str) -> Measured:
    """`jitsictl WORDS`, which must succeed."""
    done = site.host.run(["python3", "-I", "-c", _MEASURED, *words], timeout=400, check=False)
    code, *figures = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stdout + done.stderr
    return Measured(*figures, done.stdout)


def seconds(work: Callable[..., object], *arguments: object, **more: object) -> float:
    started = time.monotonic()
    work(*arguments, **more)
    return time.monotonic() - started


def rounds(works: Dict[str, Callable[[int], T]], times: int = ROUNDS) -> Dict[str, List[T]]:
    """What each gave in so many rounds, one after the other in each; they are told the round's number, from 0."""
    found: Dict[str, List[T]] = {name: [] for name in works}
    for number in range(times):
        for name, work in works.items():
            found[name].append(work(number))
    return found


def row(what: str, target: str, values: List[float]) -> float:
    """Prints the line; returns the median."""
    median = statistics.median(values)
    print(f"| {what} | {target} | {median:.2f} | {min(values):.2f} to {max(values):.2f} |", flush=True)
    return median
