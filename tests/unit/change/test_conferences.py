"""Meetings as they are counted and waited for; that the bridge really closes is seen on the bed."""

from __future__ import annotations

import os

import pytest

from jitsictl.change import conferences
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.preview import Calls
from jitsictl.types.site import Applied

STOPPED = Applied(1, "stable-11031", {".env": "JVB_COLIBRI_PORT='1'\nJICOFO_REST_PORT='1'\n"})


def test_a_site_that_does_not_tell_is_not_called_idle():
    assert conferences.running(None) is None
    assert conferences.running(STOPPED) is None
    with pytest.raises(Failure, match="expected jicofo or the bridge to tell .*, found no answer"):
        conferences.wait_for_none(lambda: None, 5, lambda _: None)


def test_it_waits_for_the_last_one_and_tells_when_the_number_changes(monkeypatch):
    monkeypatch.setattr(conferences, "PAUSE_SECONDS", 0.0)
    answers = [Calls(2, 5), Calls(2, 5), Calls(1, 1), Calls(0, 0)]
    told = []
    conferences.wait_for_none(lambda: answers.pop(0), None, lambda event: told.append(event.text))
    assert told == ["waiting: 2 conferences with 5 people", "waiting: 1 conference with 1 person"]
    assert answers == []


def test_meetings_that_end_are_told_where_there_are_any():
    told = []
    for calls in (None, Calls(0, 0), Calls(1, 2)):
        conferences.cut_off(calls, lambda event: told.append(event.text))
    assert told == ["cuts off 1 conference with 2 people"]


def test_the_wait_has_an_end():
    with pytest.raises(Failure, match="to end in time, found 1 conference with 2 people still running"):
        conferences.wait_for_none(lambda: Calls(1, 2), 0, lambda _: None)


def test_who_closed_the_bridge_is_known_also_when_he_is_gone(tmp_path):
    paths = Paths(tmp_path)
    assert conferences.closed_by(paths) is None
    paths.state.mkdir(parents=True)
    marker = paths.state / "draining"
    marker.write_text(f"{os.getpid()}\n")
    assert conferences.closed_by(paths) == os.getpid()
    assert not conferences.reopen_left(paths, STOPPED)
    marker.write_text("999999999\n")
    assert conferences.closed_by(paths) == conferences.LEFT
    assert conferences.reopen_left(paths, STOPPED)
    assert conferences.closed_by(paths) is None


def test_a_bridge_that_cannot_be_closed_leaves_no_marker(tmp_path):
    paths = Paths(tmp_path)
    with pytest.raises(Failure), conferences.closed_to_new_ones(paths, STOPPED):
        raise AssertionError("it was not closed")
    assert conferences.closed_by(paths) is None
