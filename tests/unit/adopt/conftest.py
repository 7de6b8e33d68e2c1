"""A host with the tutorial's site, in memory, since hundreds of changes with their journals would wait for a disk."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Iterator

import pytest

from unit.adopt.machine import OldMachine


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as made:
        yield Path(made)


@pytest.fixture
def machine(place: Path, monkeypatch: pytest.MonkeyPatch) -> OldMachine:
    return OldMachine(place / "root", monkeypatch)
