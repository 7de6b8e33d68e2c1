"""When somebody who logs in uses the token."""

from __future__ import annotations

import ctypes
import time

from jitsictl.sso.chain import person


def test_a_token_is_used_when_prosodys_clock_has_come_to_its_start() -> None:
    """Which is C's time(): some milliseconds behind the one that Python asks."""
    begins = int(time.time() + 0.9)
    person._begin(begins)
    assert ctypes.CDLL(None).time(None) >= begins
