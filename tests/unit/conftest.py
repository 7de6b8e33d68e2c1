"""How much the property tests try: a hundred examples each, a hundred times that with --hypothesis-profile=long.

`few` is for the other Pythons, on which the same tests run once more.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Iterator

import pytest
from bed import fake_keycloak, tls
from hypothesis import HealthCheck, settings

from jitsictl.doors import process

# Nothing that goes by the clock: the machine that runs the tests may be busy.
UNTIMED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("few", max_examples=20, **UNTIMED)
settings.register_profile("short", max_examples=100, **UNTIMED)
settings.register_profile("long", max_examples=10_000, **UNTIMED)
settings.load_profile("short")


@pytest.fixture(scope="session")
def _running_keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[fake_keycloak.Server]:
    made = tls.ensure(tmp_path_factory.mktemp("tls"), "localhost")
    with fake_keycloak.serve("/auth", files=(made.certificate, made.key)) as server:
        server.authority = made.ca  # type: ignore[attr-defined]
        yield server


@pytest.fixture
def keycloak(_running_keycloak: fake_keycloak.Server) -> fake_keycloak.Server:
    """A small one with TLS at keycloak.url, below /auth; keycloak.authority is the file to trust. Realms are as new."""
    realms = _running_keycloak.realms
    _running_keycloak.realms = fake_keycloak.realms(realms[fake_keycloak.REALM].key.file.parent)
    _running_keycloak.asked.clear()
    return _running_keycloak


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory in memory, since a thousand changes with their journals would wait for a disk."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as made:
        yield Path(made)


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """What one test masks must not be missing from what another one reads."""
    process._secrets.clear()
