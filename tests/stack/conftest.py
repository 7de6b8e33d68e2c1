"""Sites on the bed: bare (installed and set up, Docker off), and running ones copied from one that was made once."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Dict, Iterator

import bed
import pytest
from bed.site import NEW, OLD, Site, copied


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
    with copied(prepared_new) as new, copied(prepared_old) as old:
        new.rc("start")
        old.rc("start")
        yield {NEW: new, OLD: old}


@pytest.fixture
def stopped(prepared_new: bed.Kept) -> Iterator[Site]:
    """A site of the newest release with user alien (WelcomeBOB!), stopped; Docker runs."""
    with copied(prepared_new) as site:
        yield site


@pytest.fixture(scope="module")
def refused(prepared_new: bed.Kept) -> Iterator[Site]:
    """A running site that a whole module shares, for what must not change anything."""
    with copied(prepared_new) as site:
        site.rc("start")
        yield site


@pytest.fixture
def running(stopped: Site) -> Site:
    """The same, started."""
    stopped.rc("start")
    return stopped


@pytest.fixture
def running_old(prepared_old: bed.Kept) -> Iterator[Site]:
    """A started site of the last root release, stable-11031."""
    with copied(prepared_old) as site:
        site.rc("start")
        yield site
