"""How much the property tests try: a hundred examples each, a hundred times that with --hypothesis-profile=long.

`few` is for the other Pythons, on which the same tests run once more.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from jitsictl.doors import process

# Nothing that goes by the clock: the machine that runs the tests may be busy.
UNTIMED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("few", max_examples=20, **UNTIMED)
settings.register_profile("short", max_examples=100, **UNTIMED)
settings.register_profile("long", max_examples=10_000, **UNTIMED)
settings.load_profile("short")


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """What one test masks must not be missing from what another one reads."""
    process._secrets.clear()
