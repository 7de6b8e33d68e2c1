"""The machine that Apache's file is put on."""

from __future__ import annotations

import pytest

from jitsictl.doors import ports
from jitsictl.front import graceful, install
from unit.front.machine import Machine


@pytest.fixture
def machine(tmp_path, monkeypatch):
    made = Machine(tmp_path)
    monkeypatch.setattr(ports, "holder", made.holder)
    monkeypatch.setattr(install.httpd, "children", made.children)
    monkeypatch.setattr(graceful, "TAKEN_SECONDS", 0.2)
    return made
