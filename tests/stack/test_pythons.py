"""The helper's own tests on the Pythons it will meet: Slackware 15.0's, with its stock versions, and the newest.

Without the grids, which try every point of a change with files and processes and take half of the time: they are
the same on every Python, and run on the machine's own. The bed's own tests run there alone, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import bed
import pytest
from bed import roots

pytestmark = pytest.mark.bed

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("root", roots.NAMES)
def test_unit_tests_pass_on_the_hosts_own_python(host: Callable[..., bed.Host], root: str) -> None:
    made = host(root)
    for name in ("src", "tests/unit", "tests/bed"):
        made.put(REPOSITORY / name, f"/root/tree/{name}")
    made.put(REPOSITORY / "pyproject.toml", "/root/tree/pyproject.toml")
    done = made.run(
        ["python3", "-B", "-m", "pytest", "-p", "no:cacheprovider", "-m", "not grid", "--tb=short",
         "--disable-warnings", "--hypothesis-profile=few", "tests/unit"],
        cwd="/root/tree", env={"PYTHONPATH": "/opt/test-python"}, timeout=400, check=False,
    )  # fmt: skip
    failures = done.stdout.partition("= FAILURES =")[2]
    assert done.returncode == 0, failures[:20_000] + done.stdout[-2000:] + done.stderr[-1000:]
    assert " passed" in done.stdout
