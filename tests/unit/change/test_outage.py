"""How long something was away is what a visitor would have waited."""

from __future__ import annotations

import time
from typing import Dict

from jitsictl.change import outage
from jitsictl.doors.clock import wait_until


class Thing:
    """Something that is there or not, and counts how often it was asked."""

    def __init__(self) -> None:
        self.there = True
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.there

    def asked_again(self) -> None:
        before = self.asked
        wait_until(lambda: self.asked > before + 1, deadline=10)


def watched(thing: Thing) -> outage.Watch:
    watch = outage.Watch({"page": thing})
    watch.start()
    return watch


def test_what_always_answers_was_never_away():
    thing = Thing()
    watch = watched(thing)
    thing.asked_again()
    assert watch.stop() == {"page": 0.0}


def test_two_gaps_are_added_from_the_last_answer_to_the_next_one():
    thing = Thing()
    watch = watched(thing)
    least = 0.0
    for _ in range(2):
        thing.asked_again()
        thing.there = False
        begun = time.monotonic()
        thing.asked_again()
        least += time.monotonic() - begun
        thing.there = True
        thing.asked_again()
    away = watch.stop()["page"]
    assert least - 2 * outage.POLL_SECONDS < away < least + 10 * outage.POLL_SECONDS + 1


def test_what_is_still_away_at_the_end_counts_until_then():
    thing = Thing()
    watch = watched(thing)
    thing.there = False
    begun = time.monotonic()
    thing.asked_again()
    assert watch.stop()["page"] >= time.monotonic() - begun - 2 * outage.POLL_SECONDS


def test_what_was_away_before_is_not_the_changes_doing():
    thing = Thing()
    thing.there = False
    watch = watched(thing)
    thing.there = True
    assert watch.stop() == {}


def test_a_change_that_touched_nothing_asked_nobody():
    thing = Thing()
    watch = outage.Watch({"page": thing})
    assert watch.stop() == {}
    assert thing.asked == 0


def test_the_sentence():
    away: Dict[str, float] = {"page": 0.62, "login": 1.5}
    assert outage.sentence(away) == "away for: page 0.6 s, login 1.5 s"
    assert outage.sentence({}) is None
