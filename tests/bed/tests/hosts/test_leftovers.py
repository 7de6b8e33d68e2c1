"""The bed leaves nothing of itself on the machine underneath, however it ends."""
from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Dict, Iterator, List, Set

import bed
import pytest
from bed import runs, tiny
from bed.base import HERE, RUNS

pytestmark = pytest.mark.bed

OWN_RUNS = RUNS.with_name(f"{RUNS.name}-of-test-{os.getpid()}")


def _leftovers(ident: str) -> List[str]:
    """What is left of a run on the machine: network namespaces, cgroups, mounts with processes, folders."""
    left = [f"netns {name}" for name in runs.netns_names(f"jb{ident}")]
    left += [f"cgroup {path}" for path in runs.cgroups(f"bed-{ident}-*")]
    left += [f"folder {path}" for path in (RUNS / ident, OWN_RUNS / ident) if path.exists()]
    for entry in Path("/proc").glob("[0-9]*/mountinfo"):  # ours, and every process that sees a host's disk
        with contextlib.suppress(OSError):
            if f"/{ident}/" in entry.read_text():
                left.append(f"mount seen by process {entry.parent.name}")
    return left


def _links() -> Set[str]:
    return {path.name for path in Path("/sys/class/net").iterdir()}


def test_down_leaves_nothing_even_with_a_container_running(own_lan: bed.Lan) -> None:
    links = _links()
    with bed.Lan(own_lan.storage) as lan:
        host = bed.Host(lan).up()
        host.dockerd_start()
        host.run(tiny.FOREVER)
        assert runs.cgroups(f"{host.cgroup}")  # else the next lines would prove nothing
        assert _leftovers(lan.run.id)
        host.down()
        assert not runs.cgroups(f"bed-{lan.run.id}-*")
        assert runs.netns_names(f"jb{lan.run.id}") == [lan.netns]
        host.down()  # twice does no harm
    assert _leftovers(lan.run.id) == []
    assert _links() == links


_CHILD = """
import time
import bed
lan = bed.Lan().up()
bed.Host(lan).up().dockerd_start()
print(lan.run.id, flush=True)
time.sleep(600)
"""


@pytest.fixture
def own_runs() -> Iterator[Dict[str, str]]:
    """The environment of runs that no other run on this machine sweeps."""
    env = {**os.environ, "JITSI_BED_RUNS": str(OWN_RUNS)}
    yield env
    _sweep(env)  # what a failed test has left
    shutil.rmtree(OWN_RUNS)


def _sweep(env: Dict[str, str]) -> str:
    """`python3 -m bed sweep` in an environment; what it says."""
    return subprocess.run([sys.executable, "-m", "bed", "sweep"], env=env, cwd=HERE.parent, timeout=60,
                          capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_by_a_signal_leaves_nothing(own_runs: Dict[str, str], number: signal.Signals) -> None:
    """SIGTERM and SIGINT clean up themselves; after SIGKILL the next run, or sweep, does."""
    with subprocess.Popen([sys.executable, "-c", _CHILD], env=own_runs, cwd=HERE.parent, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            assert child.stdout is not None
            ident = child.stdout.readline().strip()
            assert _leftovers(ident)
            assert ident not in _sweep(own_runs), "a living run was swept"
            assert _leftovers(ident)
            child.send_signal(number)
            child.wait(30)
        finally:
            child.kill()
    if number == signal.SIGKILL:
        assert _leftovers(ident)
        assert _sweep(own_runs) == f"{ident}\n"
    assert _leftovers(ident) == []
