"""Past changes out of the log, whatever is in it."""

from __future__ import annotations

import gzip
import json

import pytest
from click.testing import CliRunner

from jitsictl.change import history, log
from jitsictl.change.tools import Event
from jitsictl.cli import history as verb
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths


@pytest.fixture
def paths(tmp_path):
    made = Paths(tmp_path)
    made.log.parent.mkdir(parents=True)
    return made


def logged(paths, id, *events, verb="reseed"):
    listen = log.logging_to(paths, id, verb, lambda _: None)
    for event in events:
        listen(event)


def lines_of(id, ended=True):
    texts = [("begin", "recreate web"), *([("end", "done, release x")] if ended else [])]
    rows = [{"time": 1, "change": id, "verb": "reseed", "event": event, "text": text} for event, text in texts]
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def test_what_was_logged_is_found_again(paths):
    logged(paths, "a", Event("begin", "recreate web"), Event("done", "recreate web", 1.0),
           Event("note", "away for: page 0.8 s"), Event("end", "done, release stable-11031", 2.5))  # fmt: skip
    logged(paths, "b", Event("begin", "recreate web"), verb="upgrade")
    first, second = history.past(paths)
    assert (first.id, first.verb, first.result, first.seconds) == ("a", "reseed", "done, release stable-11031", 2.5)
    assert first.away == "away for: page 0.8 s" and first.events[0] == Event("begin", "recreate web")
    assert (second.verb, second.result, second.seconds) == ("upgrade", history.NO_END, None)


def test_what_the_next_start_made_of_one_that_was_cut_off_is_its_end(paths):
    logged(paths, "a", Event("begin", "recreate web"), verb="upgrade")
    log.ended_later(paths, "a", "upgrade", "cut off; undone later")
    assert [each.result for each in history.past(paths)] == ["cut off; undone later"]


def test_a_verb_that_changed_nothing_is_no_change(paths):
    logged(paths, "a", Event("warning", "jitsi.conf:1: ..."), Event("note", "waiting"))
    assert history.past(paths) == []


def test_as_many_as_were_asked_for_and_each_whole_over_a_rotation(paths):
    one, two = lines_of("b").splitlines(keepends=True)
    paths.log.with_name("jitsi-meet.log.3.gz").write_bytes(gzip.compress(lines_of("damaged"))[:-9])
    paths.log.with_name("jitsi-meet.log.2.gz").write_bytes(gzip.compress(lines_of("a") + one))
    paths.log.with_name("jitsi-meet.log.1").write_bytes(two + lines_of("c"))
    paths.log.write_bytes(lines_of("d"))
    paths.log.with_name("jitsi-meet.log.old").write_bytes(lines_of("none of ours"))
    assert [each.id for each in history.past(paths)] == ["a", "b", "c", "d"]
    assert [each.id for each in history.past(paths, 1)] == ["d"]
    assert [(each.id, each.result) for each in history.past(paths, 3)][0] == ("b", "done, release x")


@pytest.mark.parametrize("line", [
    b"", b"{", b"[]", b"null", b"\xff", b'{"change": "a"}',
    b'{"time": "1", "change": "a", "verb": "reseed", "event": "begin", "text": "x"}',
    b'{"time": 1, "change": ["a"], "verb": "reseed", "event": "begin", "text": "x"}',
    b'{"time": 1, "change": "a", "verb": "reseed", "event": "begin", "text": "x", "seconds": "soon"}',
])  # fmt: skip
def test_lines_of_somebody_else_are_passed_over(line):
    assert history.changes([line]) == []
    assert [each.id for each in history.changes([line, *lines_of("b").splitlines()])] == ["b"]


def test_one_by_its_name_or_the_last(paths):
    with pytest.raises(Failure, match="expected a change in .*, found none"):
        history.one(paths, "last")
    paths.log.write_bytes(lines_of("a") + lines_of("b"))
    assert history.one(paths, "a").id == "a" and history.one(paths, "last").id == "b"
    with pytest.raises(Failure, match="expected the change c in .*jitsi-meet.log, found none; see: jitsictl history"):
        history.one(paths, "c")


def test_how_it_is_shown(paths, monkeypatch):
    monkeypatch.setattr(verb, "Paths", lambda: paths)
    run = CliRunner().invoke
    assert run(verb.history).output == "no change was made yet\n"
    logged(paths, "20261124-101500-7", Event("plan", "release: a -> b"), Event("begin", "recreate web"),
           Event("done", "recreate web", 1.04), Event("begin", "verify"), Event("failed", "expected a\nfound b"),
           Event("end", "failed: expected a", 3.0), verb="upgrade")  # fmt: skip
    listed = run(verb.history).output
    assert listed.startswith("20261124-101500-7") and "upgrade: failed: expected a, after 3.0 s\n" in listed
    shown = run(verb.history, ["last"]).output.splitlines()
    assert shown[1:] == ["  plan      release: a -> b", "  done      recreate web (1.0 s)", "  begin     verify",
                         "  failed    expected a", "            found b", "  end       failed: expected a (3.0 s)"]
    facts = json.loads(run(verb.history, ["--json"]).output)
    assert [each["change"] for each in facts] == ["20261124-101500-7"] and facts[0]["seconds"] == 3.0
    assert json.loads(run(verb.history, ["last", "--json"]).output)["events"][0]["kind"] == "plan"
