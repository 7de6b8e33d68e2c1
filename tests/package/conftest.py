"""The package is built once for all tests that only read it; every test has a root directory of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from package import build
from package.slackware import Machine


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The .txz as the SlackBuild makes it inside the repository."""
    return build.from_repository(tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="session")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SlackBuilds.org's flat directory; the source tarball lies beside it."""
    return build.lay_out_flat(tmp_path_factory.mktemp("dist"))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")
