"""Waiting for a condition, bounded."""

from __future__ import annotations

import time
from typing import Callable, Optional, TypeVar

T = TypeVar("T")


def wait_until(probe: Callable[[], Optional[T]], *, deadline: float, pause: float = 0.05) -> T:
    """Call `probe` every `pause` seconds until it returns something true, and return that.

    It is called once more when the `deadline` (seconds) is over, so that 0 is a single try. Raises
    TimeoutError then; what the probe raises passes through and ends the wait.
    """
    until = time.monotonic() + deadline
    while True:
        last = time.monotonic() >= until
        found = probe()
        if found:
            return found
        if last:
            raise TimeoutError(f"not within {deadline:g} s")
        time.sleep(min(pause, max(0.0, until - time.monotonic())))
