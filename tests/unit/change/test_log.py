"""What past changes took, read from the log whatever is in it."""

from __future__ import annotations

import json

import pytest

from jitsictl.change import log
from jitsictl.change.tools import Event
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths


@pytest.fixture
def paths(tmp_path):
    made = Paths(tmp_path)
    made.log.parent.mkdir(parents=True)
    return made


def test_what_was_logged_is_found_again(paths):
    listen = log.logging_to(paths, "id", "reseed", lambda event: None)
    for event in (Event("begin", "recreate web"), Event("done", "recreate web", 1.25), Event("done", "verify", 0.5)):
        listen(event)
    assert log.past(paths) == {"recreate web": [1.25], "verify": [0.5]}


def test_undone_steps_and_lines_of_somebody_else_are_passed_over(paths):
    lines = [
        json.dumps({"event": "undone", "text": "recreate web", "seconds": 9.0}),
        json.dumps({"event": "done", "text": "recreate web", "seconds": "soon"}),
        json.dumps(["done", "seconds"]),
        '{"seconds": ',
        json.dumps({"event": "done", "text": "recreate web", "seconds": 2.0}),
    ]
    paths.log.write_bytes("\n".join(lines).encode() + b'\n\xff"seconds"\n')
    assert log.past(paths) == {"recreate web": [2.0]}


def test_the_log_before_the_last_rotation_counts_and_the_last_times_only(paths):
    def write(path, seconds):
        rows = [json.dumps({"event": "done", "text": "verify", "seconds": each}) for each in seconds]
        path.write_text("".join(f"{row}\n" for row in rows))

    write(paths.log.with_name("jitsi-meet.log.1"), range(log.PAST_TIMES))
    write(paths.log, [100.0, 101.0])
    assert log.past(paths)["verify"] == [*map(float, range(2, log.PAST_TIMES)), 100.0, 101.0]


def test_no_log_is_no_past(tmp_path):
    assert log.past(Paths(tmp_path)) == {}


def test_a_log_that_cannot_be_written_keeps_nobody_from_being_told(paths):
    paths.log.mkdir()
    told = []
    log.logging_to(paths, "id", "reseed", told.append)(Event("begin", "recreate web"))
    assert told == [Event("begin", "recreate web")]


def test_one_line_says_how_it_ended(monkeypatch):
    said, told = [], []
    monkeypatch.setattr(log, "announce", lambda *words: said.append(words))
    with log.announced("reseed", "done, release stable-11146-2", told.append):
        assert said == []
    with pytest.raises(Failure), log.announced("reseed", "done", told.append):
        raise Failure("expected web to answer, found nothing\nsee its log")
    assert said == [
        ("reseed", "done, release stable-11146-2"), ("reseed", "failed: expected web to answer, found nothing"),
    ]  # fmt: skip
    with pytest.raises(KeyError), log.announced("reseed", "done", told.append):
        raise KeyError("web")
    assert said[-1] == ("reseed", "failed: KeyError('web')")
    assert [(event.kind, event.text) for event in told] == [("end", text) for _, text in said]
    assert all(event.seconds is not None for event in told)
