"""Three people who ask every 50 ms: for the page, for a login, for what jicofo knows of a bridge.

`python -m bench.clients PASSWORD` runs in a host's network until its input ends, then prints what it saw as JSON: for
each, the times at which it asked and whether there was an answer. A question is asked on time whether the one before
was answered or hangs.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Dict, List, Tuple

from jitsictl.doors import http, xmpp
from jitsictl.types.failure import Failure

EVERY = 0.05
PATIENCE = 1.0  # who has to wait longer for an answer has none
WEB, JICOFO = "http://127.0.0.1:8440", "http://127.0.0.1:8888"

Seen = List[Tuple[float, bool]]


def page() -> bool:
    return http.get(f"{WEB}/config.js", deadline=PATIENCE).status == 200


def login(password: str) -> bool:
    xmpp.login(WEB, "meet.jitsi", "alien", password, deadline=PATIENCE)
    return True


def bridge() -> bool:
    stats = json.loads(http.get(f"{JICOFO}/stats", deadline=PATIENCE).text)
    return int(stats["bridge_selector"]["bridge_count"]) > 0


def away(seen: Seen) -> float:
    """Seconds without an answer: from the last question before a gap that was answered to the first one after it."""
    total, last, missing = 0.0, seen[0][0], False
    for asked, answered in seen:
        if answered:
            total += asked - last if missing else 0.0
            last = asked
        missing = not answered
    return total + (seen[-1][0] - last if missing else 0.0)


def watch(questions: Dict[str, Callable[[], bool]], over: threading.Event) -> Dict[str, Seen]:
    found: Dict[str, Seen] = {name: [] for name in questions}

    def ask(name: str, asked: float) -> None:
        try:
            answered = questions[name]()
        except (Failure, ValueError, KeyError):
            answered = False
        found[name].append((asked, answered))

    with ThreadPoolExecutor(3 * int(PATIENCE / EVERY) + 3) as pool:
        due = time.monotonic()
        while not over.wait(max(0.0, due - time.monotonic())):
            for name in questions:
                pool.submit(ask, name, time.monotonic())
            due += EVERY
    return {name: sorted(seen) for name, seen in found.items()}


def main() -> None:
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    print(json.dumps(watch({"page": page, "login": lambda: login(sys.argv[1]), "bridge": bridge}, over)))


if __name__ == "__main__":
    main()
