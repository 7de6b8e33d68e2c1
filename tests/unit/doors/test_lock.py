"""The lock between real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from jitsictl.doors import lock, process
from jitsictl.doors.clock import wait_until
from jitsictl.types.failure import Exit, Failure

HOLDER = """
import sys
from pathlib import Path
from jitsictl.doors import lock
with lock.lock(Path(sys.argv[1]), exclusive=sys.argv[2] == "alone", deadline=5, verb=sys.argv[3]):
    print("held", flush=True)
    sys.stdin.read()
"""

PARENT = """
import sys
from pathlib import Path
from jitsictl.doors import lock, process
with lock.lock(Path(sys.argv[1]), exclusive=True, deadline=5, verb="reseed") as kept:
    process.run(["sh", "-c", f"echo $$ > {sys.argv[1]}.pid; exec sleep 60"], deadline=60, keep=(kept,))
"""


@pytest.fixture
def hold(tmp_path):
    """`hold("alone" or "shared", verb)` starts a process that holds the lock until its input ends."""
    children = []

    def start(how: str, verb: str) -> subprocess.Popen:
        child = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path / "lock"), how, verb], text=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        children.append(child)
        assert child.stdout.readline() == "held\n"
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def take(path, exclusive, deadline=0.0):
    with lock.lock(path, exclusive=exclusive, deadline=deadline, verb="test"):
        return True


def test_a_change_excludes_all_others_and_they_learn_whose_it_is(hold, tmp_path):
    child = hold("alone", "upgrade")
    for exclusive in (True, False):
        with pytest.raises(Failure) as busy:
            take(tmp_path / "lock", exclusive)
        assert busy.value.exit == Exit.BUSY == 75
        assert f"found it held by `upgrade`, process {child.pid}, since " in busy.value.what
    child.stdin.close()
    child.wait()
    assert take(tmp_path / "lock", True)


def test_account_verbs_share_it_and_keep_a_change_out(hold, tmp_path):
    hold("shared", "user add")
    assert take(tmp_path / "lock", False)
    with pytest.raises(Failure, match="held"):
        take(tmp_path / "lock", True)


def test_waits_as_long_as_it_may(hold, tmp_path):
    child = hold("alone", "reseed")
    started = time.monotonic()
    with pytest.raises(Failure, match="found it held after 0.3 s by `reseed`"):
        take(tmp_path / "lock", True, deadline=0.3)
    assert 0.3 <= time.monotonic() - started < 3
    child.stdin.close()
    assert take(tmp_path / "lock", True, deadline=10)


def test_a_child_that_outlives_its_killed_parent_still_holds_it(tmp_path):
    """A killed helper's `docker compose` runs on; recovery must not begin beside it."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "lock")],
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    pid_file = tmp_path / "lock.pid"
    pid = int(wait_until(lambda: pid_file.exists() and pid_file.read_text().strip(), deadline=10))
    parent.kill()
    parent.wait()
    try:
        with pytest.raises(Failure, match=rf"by what `reseed` \(process {parent.pid}, since .*left running"):
            take(tmp_path / "lock", True)
    finally:
        os.kill(pid, signal.SIGKILL)
    assert take(tmp_path / "lock", True, deadline=10)


def test_children_do_not_hold_it_unless_they_are_given_it(tmp_path):
    with lock.lock(tmp_path / "lock", exclusive=True, deadline=0, verb="test") as kept:
        probe = [sys.executable, "-c", f"import os; os.fstat({kept})"]
        assert process.run(probe, deadline=10, check=False).code == 1
        assert process.run(probe, deadline=10, keep=(kept,)).code == 0


def test_a_planted_link_is_not_followed(tmp_path):
    (tmp_path / "lock").symlink_to(tmp_path / "victim")
    with pytest.raises(Failure, match="expected to open the lock .*; somebody put a symbolic link there"):
        take(tmp_path / "lock", True)
    assert not (tmp_path / "victim").exists()


def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(Failure, match=f"expected to open the lock {tmp_path}/none/lock, found: No such file"):
        take(tmp_path / "none/lock", True)


def test_a_wait_is_told_once_and_for_whom(hold, tmp_path):
    child = hold("alone", "upgrade")
    told = []

    def waiting(text):
        told.append(text)
        child.stdin.close()

    with lock.lock(tmp_path / "lock", exclusive=True, deadline=10, verb="recover", waiting=waiting):
        pass
    with lock.lock(tmp_path / "lock", exclusive=True, deadline=10, verb="recover", waiting=waiting):
        pass
    (text,) = told
    assert text.startswith(f"waiting at most 10 s for the lock {tmp_path}/lock, held by `upgrade`, process {child.pid}")
