"""Talking to real programs: one that answers, one that ends, one that says nothing."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from jitsictl.doors.clock import wait_until
from jitsictl.doors.conversation import conversation
from jitsictl.doors.process import CommandFailed, DeadlineExceeded, NotFound

ECHO = ("sh", "-c", 'while read -r line; do echo "[$line]"; done; echo bye')
ANSWER = re.compile(r"\[(.*)\]")


def test_many_questions_to_one_process():
    with conversation(ECHO) as talk:
        assert [talk.ask(f"line {n}", ANSWER, deadline=5) for n in range(100)] == [f"line {n}" for n in range(100)]
        done = talk.end()
    assert done.code == 0 and done.out.endswith("bye\n")


def test_a_line_longer_than_a_pipe_holds():
    with conversation(("cat",)) as talk:
        assert talk.ask("[" + "x" * 1_000_000 + "]", ANSWER, deadline=20) == "x" * 1_000_000


def test_a_program_that_ends_instead():
    with conversation(("sh", "-c", "echo no; echo why >&2; exit 3")) as talk, pytest.raises(CommandFailed) as failed:
        talk.ask("x", ANSWER, deadline=5)
    assert failed.value.done.code == 3 and "no" in failed.value.done.out and "why" in failed.value.done.out


def test_a_program_that_does_not_answer_is_ended_and_its_words_told():
    started = time.monotonic()
    with conversation(("sh", "-c", "echo hmm; cat >/dev/null")) as talk, pytest.raises(
            DeadlineExceeded, match=r"did not answer within 0.2 s. It said:\n  hmm"):
        talk.ask("x", ANSWER, deadline=0.2)
    assert time.monotonic() - started < 5


def test_nothing_of_it_is_left_when_the_block_ends():
    with conversation(("sh", "-c", "sleep 100 & echo [$!]; wait")) as talk:
        pid = talk.ask("x", ANSWER, deadline=5)
    wait_until(lambda: not Path(f"/proc/{pid}/exe").exists(), deadline=5)


def test_no_such_program():
    with pytest.raises(NotFound), conversation(("no-such-program",)):
        pass
