"""Waiting ends when the condition holds, and never later than the deadline."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from jitsictl.doors.clock import seconds_until, wait_until


def test_returns_what_the_probe_found_at_last():
    answers = iter([None, False, "there"])
    assert wait_until(lambda: next(answers), deadline=5, pause=0.001) == "there"


def test_deadline_0_is_one_try():
    calls = []
    with pytest.raises(TimeoutError):
        wait_until(lambda: calls.append(1), deadline=0)
    assert len(calls) == 1


def test_gives_up_at_the_deadline_not_at_a_multiple_of_the_pause():
    started = time.monotonic()
    with pytest.raises(TimeoutError, match="not within 0.2 s"):
        wait_until(lambda: None, deadline=0.2, pause=60)
    assert 0.2 <= time.monotonic() - started < 2


def test_what_comes_true_during_the_last_pause_is_still_seen():
    until = time.monotonic() + 0.1
    assert wait_until(lambda: time.monotonic() >= until, deadline=0.15, pause=60)


def test_what_the_probe_raises_ends_the_wait():
    def crashed() -> None:
        raise ValueError("no use in waiting")

    with pytest.raises(ValueError, match="no use"):
        wait_until(crashed, deadline=60)


@pytest.mark.parametrize(("hour", "seconds"), [("22:30", 1800.0), ("22:00", 86400.0), ("06:00", 28800.0)])
def test_seconds_until_a_time_of_today_or_tomorrow(hour, seconds):
    assert seconds_until(hour, datetime(2026, 11, 24, 22, 0)) == seconds


def test_what_is_no_time_of_the_day():
    with pytest.raises(ValueError):
        seconds_until("25:00")
