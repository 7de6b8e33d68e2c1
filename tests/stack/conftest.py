"""Sites on the bed: bare (installed and set up, Docker off), and running ones copied from one that was made once."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Dict, Iterator

import bed
import pytest
from bed.site import NEW, OLD, Site


@pytest.fixture
def bare(host: Callable[..., bed.Host], txz: Path) -> Site:
    """The package installed and set up, nothing started: not even Docker."""
    site = Site(host(name="darkstar"))
    site.install(txz)
    site.setup("--no-etherpad")
    return site


@pytest.fixture(scope="module")
def both(prepared_new: bed.Kept, prepared_old: bed.Kept) -> Iterator[Dict[str, Site]]:
    """Running sites of both layouts by release, with user alien (WelcomeBOB!), shared by the tests of a module."""
    sites = {NEW: _switched_on(prepared_new), OLD: _switched_on(prepared_old)}
    for site in sites.values():
        site.rc("start")
    yield sites
    for site in sites.values():
        site.host.down()


def _switched_on(prepared: bed.Kept) -> Site:
    twin = prepared.fork().boot()
    twin.dockerd_start()
    return Site(twin)


@pytest.fixture
def stopped(prepared_new: bed.Kept) -> Iterator[Site]:
    """A site of the newest release with user alien (WelcomeBOB!), stopped; Docker runs."""
    site = _switched_on(prepared_new)
    yield site
    site.host.down()


@pytest.fixture(scope="module")
def refused(prepared_new: bed.Kept) -> Iterator[Site]:
    """A running site that a whole module shares, for what must not change anything."""
    site = _switched_on(prepared_new)
    site.rc("start")
    yield site
    site.host.down()


@pytest.fixture
def running(stopped: Site) -> Site:
    """The same, started."""
    stopped.rc("start")
    return stopped


@pytest.fixture
def running_old(prepared_old: bed.Kept) -> Iterator[Site]:
    """A started site of the last root release, stable-11031."""
    site = _switched_on(prepared_old)
    site.rc("start")
    yield site
    site.host.down()
