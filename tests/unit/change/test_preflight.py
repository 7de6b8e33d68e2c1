"""What must hold before anything is touched; ports and disks are tried on the bed."""

from __future__ import annotations

import pytest

from jitsictl.change import preflight
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from unit.site import CONF, running, wanted


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Preflight of a site whose CONFIG goes from old to new below tmp_path; ports are free."""
    monkeypatch.setattr(preflight.ports, "holder", lambda *_: None)
    before = running(wanted(f"{CONF}CONFIG={tmp_path}/old\n"))
    paths = Paths(tmp_path / "root")
    paths.state.mkdir(parents=True)
    return lambda: preflight.preflight(wanted(f"{CONF}CONFIG={tmp_path}/new\n"), before, paths)


def test_another_config_without_the_data_is_refused_with_the_command_that_moves_it(check, tmp_path):
    (tmp_path / "old/prosody").mkdir(parents=True)
    with pytest.raises(Failure, match=f"found it still in {tmp_path}/old; .*mv {tmp_path}/old {tmp_path}/new"):
        check()


def test_another_config_to_which_the_data_was_moved_is_taken(check, tmp_path):
    (tmp_path / "new/prosody").mkdir(parents=True)
    check()
