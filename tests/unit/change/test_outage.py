"""How long something was away is what a visitor would have waited."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Dict

import pytest

from jitsictl.change import outage
from jitsictl.doors.clock import wait_until
from jitsictl.types.failure import Failure


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
    watch = outage.Watch({"page": [thing]})
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
    watch = outage.Watch({"page": [thing]})
    assert watch.stop() == {}
    assert thing.asked == 0


def test_the_sentence():
    away: Dict[str, float] = {"page": 0.62, "login": 1.5}
    assert outage.sentence(away) == "away for: page 0.6 s, login 1.5 s"
    assert outage.sentence({}) is None


def test_a_question_that_hangs_keeps_nobody_from_asking_the_next_one():
    thing, hanging, once = Thing(), threading.Event(), iter([True])

    def hangs_once() -> bool:
        if not thing.there and next(once, False):
            hanging.wait(10)
            return False
        return thing()

    watch = outage.Watch({"page": [hangs_once]})
    watch.start()
    thing.asked_again()
    thing.there = False
    thing.asked_again()
    thing.there = True
    thing.asked_again()  # while the first one still hangs
    hanging.set()
    assert 2 * outage.POLL_SECONDS < watch.stop()["page"] < 5


def test_where_all_hang_no_more_are_asked():
    hanging, asked = threading.Event(), []

    def hangs() -> bool:
        asked.append(1)
        return len(asked) == 1 or hanging.wait(10) and False

    watch = outage.Watch({"page": [hangs]})
    watch.start()
    wait_until(lambda: len(asked) > outage.HANGING, deadline=10)
    begun = time.monotonic()
    wait_until(lambda: time.monotonic() > begun + 3 * outage.POLL_SECONDS, deadline=10)
    assert len(asked) == 1 + outage.HANGING
    hanging.set()
    watch.stop()


def test_of_two_ways_to_ask_one_answer_is_enough():
    watch = outage.Watch({"login": [lambda: False, Thing()]})
    watch.start()
    assert watch.stop() == {"login": 0.0}


def test_gaps_are_from_the_last_answer_to_the_next_or_to_the_end():
    seen = {1.0: True, 2.0: False, 3.0: False, 4.0: True, 5.0: True, 6.0: False, 7.0: False}
    assert outage.away(seen) == 3.0 + 2.0


def test_settings_that_are_asked_alike_are_asked_once():
    base = {"HTTP_PORT": "127.0.0.1:8440", "JICOFO_AUTH_PASSWORD": "one", "XMPP_AUTH_DOMAIN": "auth.meet.jitsi"}
    other = {**base, "JICOFO_AUTH_PASSWORD": "other"}
    assert len(outage._each(outage._page, [base, other], outage._WEB)) == 1
    assert len(outage._each(outage._login, [base, other], (*outage._WEB, *outage._LOGIN))) == 2


def test_it_is_told_also_of_what_failed_and_only_once_something_was_touched(monkeypatch):
    monkeypatch.setattr(outage, "of_site", lambda sites: outage.Watch({"page": [Thing() for _ in sites]}))
    said = []
    tools = SimpleNamespace(touching=[], tell=said.append)
    with outage.told((None,), tools):
        pass
    assert said == []
    with pytest.raises(Failure), outage.told((None,), tools):
        tools.touching[-1]()
        raise Failure("expected oidc to answer, found nothing")
    assert [(event.kind, event.text) for event in said] == [("note", "away for: page 0.0 s")]
