"""Real children: bounded, ended whole, fed and read without deadlock, masked."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from jitsictl.doors import process
from jitsictl.doors.clock import wait_until
from jitsictl.doors.process import CommandFailed, DeadlineExceeded, NotFound, mask, run, secret


def alive(pid: int) -> bool:
    """A process that is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def read_pid(path: Path) -> int:
    return int(wait_until(lambda: path.exists() and path.read_text().strip(), deadline=10))


def test_says_code_and_both_outputs():
    done = run(["sh", "-c", "echo out; echo err >&2; exit 3"], deadline=10, check=False)
    assert (done.code, done.out, done.err) == (3, "out\n", "err\n")
    assert 0 < done.seconds < 10


def test_a_failure_names_command_code_and_last_lines():
    with pytest.raises(CommandFailed) as failed:
        run(["sh", "-c", "seq 100 >&2; exit 7"], deadline=10)
    lines = failed.value.what.splitlines()
    assert lines[0] == "`sh -c 'seq 100 >&2; exit 7'` ended with exit code 7. It said:"
    assert lines[1:] == [f"  {number}" for number in range(100 - process.LAST_LINES + 1, 101)]


def test_a_failure_by_signal_says_so():
    with pytest.raises(CommandFailed, match="ended by signal 9. It said nothing."):
        run(["sh", "-c", "kill -9 $$"], deadline=10)


def test_the_whole_group_is_gone_at_the_deadline(tmp_path):
    script = f"sh -c 'echo $$ > {tmp_path}/child; exec sleep 60' & echo $$ > {tmp_path}/parent; wait"
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded, match="did not end within 0.5 s and was killed"):
        run(["sh", "-c", script], deadline=0.5)
    assert time.monotonic() - started < 5
    for name in ("parent", "child"):
        pid = read_pid(tmp_path / name)
        wait_until(lambda pid=pid: not alive(pid), deadline=5)


def test_a_grandchild_outside_the_group_does_not_hold_the_caller_up(tmp_path):
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        run(["sh", "-c", f"setsid sh -c 'echo $$ > {tmp_path}/pid; exec sleep 60' & wait"], deadline=0.5)
    assert time.monotonic() - started < 5
    os.kill(read_pid(tmp_path / "pid"), signal.SIGKILL)


def test_an_exception_ends_the_group_too(tmp_path):
    """A hangup that a handler turns into an exception while the child runs."""
    def hung_up(_signal, _frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGHUP, hung_up)
    try:
        pid_file = tmp_path / "pid"
        threading.Thread(target=lambda: (read_pid(pid_file), os.kill(os.getpid(), signal.SIGHUP))).start()
        with pytest.raises(KeyboardInterrupt):
            run(["sh", "-c", f"echo $$ > {pid_file}; exec sleep 60"], deadline=30)
    finally:
        signal.signal(signal.SIGHUP, before)
    pid = read_pid(pid_file)
    wait_until(lambda: not alive(pid), deadline=5)


def test_much_input_and_much_output_at_once():
    text = "x" * 3_000_000
    done = run([sys.executable, "-c", "import sys; d = sys.stdin.read(); sys.stderr.write(d); sys.stdout.write(d)"],
               stdin=text, deadline=30)
    assert done.out == text and done.err == text


def test_a_child_that_does_not_read_its_input_is_no_error():
    assert run(["true"], stdin="x" * 1_000_000, deadline=10).code == 0


def test_without_stdin_a_child_reads_nothing():
    assert run(["cat"], deadline=10).out == ""


def test_lines_come_masked_and_while_the_child_runs(tmp_path):
    secret("hunter22-live")
    seen = []
    flag = tmp_path / "seen"

    def line(text: str) -> None:
        seen.append(text)
        flag.touch()

    # The second line is only written when the first was seen: it deadlocks unless lines come at once.
    script = f"echo one hunter22-live; until [ -e {flag} ]; do :; done; printf 'two\\nand a half'"
    run(["sh", "-c", script], deadline=10, line=line)
    assert seen == ["one ********", "two", "and a half"]


def test_no_such_program_and_no_such_directory(tmp_path):
    with pytest.raises(NotFound, match="expected the program no-such-program, found nothing of that name"):
        run(["no-such-program"], deadline=10)
    with pytest.raises(NotFound, match=f"expected {tmp_path}/none, found nothing"):
        run(["true"], deadline=10, cwd=tmp_path / "none")


def test_descriptors_are_inherited_only_when_they_are_named(tmp_path):
    with (tmp_path / "file").open("w") as file:
        probe = [sys.executable, "-c", f"import os; os.fstat({file.fileno()})"]
        assert run(probe, deadline=10, check=False).code == 1
        assert run(probe, deadline=10, keep=(file.fileno(),)).code == 0


def test_the_environment_is_clean(monkeypatch):
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "other")
    monkeypatch.setenv("DOCKER_HOST", "tcp://elsewhere")
    monkeypatch.setenv("JICOFO_AUTH_PASSWORD", "leaked")
    names = {line.split("=")[0] for line in run(["env"], deadline=10).out.splitlines()}
    assert names - {"PWD", "SHLVL", "_"} == {"PATH", "HOME", "LC_ALL"}


def test_an_environment_without_path_still_finds_programs(monkeypatch):
    monkeypatch.delenv("PATH")
    monkeypatch.delenv("HOME", raising=False)
    assert process.clean_env() == {"PATH": process.PATH, "HOME": "/root", "LC_ALL": "C"}


def test_secrets_are_masked_in_commands_and_output_the_longest_first():
    secret("correct horse")
    secret("correct horse battery")
    assert mask("a correct horse battery, a correct horse") == "a ********, a ********"
    with pytest.raises(CommandFailed) as failed:
        run(["sh", "-c", "echo 'correct horse battery' >&2; false"], deadline=10)
    assert "correct" not in failed.value.what


def test_what_is_too_short_to_mask_garbles_nothing():
    secret("abc")
    secret("")
    assert mask("abc") == "abc"
