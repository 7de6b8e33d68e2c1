"""A host of its own for each test: nothing there but the directories that setup writes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from jitsictl.types.paths import Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    root = tmp_path / "root"
    (root / "etc/jitsi-meet").mkdir(parents=True)
    return Paths(root)
