"""The time of day, and waiting for a condition, bounded."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable, Optional, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

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


def seconds_until(hour: str, now: Optional[datetime] = None) -> float:
    """Seconds until a time of the day such as 06:30, today or tomorrow. ValueError: it is none."""
    from datetime import datetime, timedelta  # 3 ms that only this needs

    here = now or datetime.now()
    wanted = datetime.strptime(hour, "%H:%M")
    end = here.replace(hour=wanted.hour, minute=wanted.minute, second=0, microsecond=0)
    return ((end if end > here else end + timedelta(days=1)) - here).total_seconds()
