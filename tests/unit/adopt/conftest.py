"""A host with the tutorial's site."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit.adopt.machine import OldMachine


@pytest.fixture
def machine(place: Path, monkeypatch: pytest.MonkeyPatch) -> OldMachine:
    return OldMachine(place / "root", monkeypatch)
