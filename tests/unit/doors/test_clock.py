"""Waiting ends when the condition holds, and never later than the deadline."""

from __future__ import annotations

import time

import pytest

from jitsictl.doors.clock import wait_until


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
