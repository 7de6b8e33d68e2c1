"""How the two verbs are called: what click and the terminal decide."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[3] / "src"

CALLS = {
    "no file": (["backup"], 2, "FILE is missing"),
    "json to the same place": (["backup", "--json", "-"], 2, "which --json and --force do not go with"),
    "no such file to list": (["backup", "--list", "/nowhere/b"], 1, "expected a backup in /nowhere/b, found no such"),
    "no such file to restore": (["restore", "/nowhere/b"], 1, "expected a backup in /nowhere/b, found no such"),
    "a directory without snapshots": (["backup", "--list", "/"], 0, "no snapshots"),
}


@pytest.mark.parametrize("words, code, said", CALLS.values(), ids=CALLS)
def test_calls(words, code, said):
    done = subprocess.run(
        [sys.executable, "-m", "jitsictl.cli", *words],
        env={"PYTHONPATH": str(SOURCES), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == code and said in done.stdout, done.stdout
