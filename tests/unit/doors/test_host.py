"""What the host tells of itself."""

from __future__ import annotations

from jitsictl.doors import host


def test_time_zones_are_names_not_files_of_the_list():
    zones = host.time_zones()
    assert zones is not None, "this machine has no tzdata"
    assert "Europe/Amsterdam" in zones
    assert not [name for name in zones if name.startswith(("posix/", "right/"))]
