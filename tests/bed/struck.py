"""Runs inside a host: jitsictl, with a shell command before one of its calls of a door.

python3 struck.py LOOKS WHERE COMMAND LIST ARGUMENT...

WHERE is a call's number, counting from 0; or `+N`, N calls after the first one of Compose, since what comes before
depends on what is there already; or a pattern that its words begin with, such as `Compose.up jvb`. A pattern is also
held against the programs it starts, right after their start: `spawned docker compose .* up`. COMMAND finds the
helper's process id in $HELPER: `kill -9 $HELPER` is a crash. LOOKS are names of doors' functions that only look, and
are no calls. LIST is a file that gets the words of all calls, in order, when the helper ends by itself.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, List

TREE = "/usr/libexec/docker-jitsi-meet/python"
LOOKS, WHERE, COMMAND, LIST = sys.argv[1].split(","), *sys.argv[2:5]
CALLS: List[str] = []
STATE = {"struck": False, "inside": False}


def strike() -> None:
    if not STATE["struck"]:
        STATE["struck"] = True
        # Not os.system, which keeps SIGINT from whoever waits for it.
        os.spawnl(os.P_WAIT, "/bin/sh", "sh", "-c", f"HELPER={os.getpid()}; {COMMAND}")


def here(words: str) -> bool:
    """Whether WHERE is the call that was just added."""
    if WHERE.isdigit():
        return len(CALLS) - 1 == int(WHERE)
    if WHERE.startswith("+"):
        first = next((n for n, call in enumerate(CALLS) if call.startswith("Compose.")), len(CALLS))
        return len(CALLS) - 1 == first + int(WHERE)
    return re.match(WHERE, words) is not None


def spoken(name: str, args: Any) -> str:
    """The call in words: the paths, services or command that it is about, never a content."""
    about = next((arg for arg in args[:2] if isinstance(arg, (list, tuple))), args[0] if args else "")
    return f"{name} {' '.join(map(str, about)) if isinstance(about, (list, tuple)) else about}"


def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """What the function calls inside is a part of it. How often a probe asks is chance: it is no call."""

    def call(*args: Any, **options: Any) -> Any:
        words = spoken(name, args[1:] if "Compose" in name or "Docker" in name else args)
        if STATE["inside"] or "healthcheck" in words:
            return function(*args, **options)
        CALLS.append(words)
        if here(words):
            strike()
        STATE["inside"] = True
        try:
            return function(*args, **options)
        finally:
            STATE["inside"] = False

    return call


def count(holder: Any, prefix: str) -> None:
    """Every public function of a module, or of a class."""
    for name, function in inspect.getmembers(holder, inspect.isfunction):
        own = function.__module__ == getattr(holder, "__module__", holder.__name__)
        if own and not name.startswith("_") and name not in LOOKS:
            setattr(holder, name, counting(f"{prefix}.{name}", function))


class Watched(subprocess.Popen):  # type: ignore[type-arg]
    def __init__(self, argv: Any, *args: Any, **options: Any) -> None:
        super().__init__(argv, *args, **options)
        words = spoken("spawned", [argv])
        if WHERE.startswith("spawned") and here(words):
            strike()


def main() -> int:
    sys.path[:0] = [TREE, f"{TREE}/bundle"]
    from jitsictl.cli.__main__ import main as verb
    from jitsictl.doors import compose, docker, files, trees

    for holder, prefix in ((files, "files"), (trees, "trees"), (compose.Compose, "Compose"), (docker.Docker, "Docker")):
        count(holder, prefix)
    subprocess.Popen = Watched  # type: ignore[misc]
    sys.argv = ["jitsictl", *sys.argv[5:]]
    code = verb()
    Path(LIST).write_text("".join(f"{call}\n" for call in CALLS))
    return code


if __name__ == "__main__":
    sys.exit(main())
