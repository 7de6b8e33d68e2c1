"""File systems that are small enough to fill."""

from __future__ import annotations

import subprocess

import pytest


@pytest.fixture
def small(tmp_path):
    """A file system of 64 kB."""
    point = tmp_path / "small"
    point.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", point], check=True)
    yield point
    subprocess.run(["umount", point], check=True)
