"""A host for the stand-ins, and sites on it. One host for all tests here: a site has a network and a CONFIG of its
own, so that they do not meet."""
from __future__ import annotations

import time
from typing import Iterator

import bed
import pytest
from bed.images.bare import PASSWORDS, BareStack

RELEASES = ["stable-11031", "stable-11146-2"]
SETTINGS = {**PASSWORDS, "ENABLE_AUTH": "1", "ENABLE_GUESTS": "1", "DISABLE_HTTPS": "1",
            "PUBLIC_URL": "https://meet.example.org", "JICOFO_ENABLE_HEALTH_CHECKS": "1", "JICOFO_ENABLE_REST": "1"}


@pytest.fixture(scope="package")
def machine(lan: bed.Lan) -> Iterator[bed.Host]:
    """A host with its dockerd running."""
    with bed.Host(lan, name="images") as host:
        host.dockerd_start()
        yield host


@pytest.fixture(scope="module", params=RELEASES)
def stack(machine: bed.Host, request: pytest.FixtureRequest) -> Iterator[BareStack]:
    """All four services of one release, up and logged in."""
    made = BareStack(machine, request.param, request.param)
    for service in ("prosody", "jvb", "jicofo", "web"):
        made.start(service, SETTINGS)
    made.wait_healthy("prosody", "jvb", "jicofo")
    yield made
    made.down()


@pytest.fixture
def site(machine: bed.Host, request: pytest.FixtureRequest) -> Iterator[BareStack]:
    """An empty site for the test's own containers; the release is the indirect parameter."""
    made = BareStack(machine, f"own{time.monotonic_ns()}", request.param)
    yield made
    made.down()
