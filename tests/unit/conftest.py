"""How much the property tests try: a hundred examples each, a hundred times that with --hypothesis-profile=long."""

from __future__ import annotations

from hypothesis import settings

# No deadline: the machine that runs the tests may be busy.
settings.register_profile("short", max_examples=100, deadline=None)
settings.register_profile("long", max_examples=10_000, deadline=None)
settings.load_profile("short")
