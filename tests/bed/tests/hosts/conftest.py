"""A LAN of the bed's own tests, with one tiny image that is made on it."""
from __future__ import annotations

from typing import Callable, Iterator

import bed
import pytest
from bed import tiny

Boot = Callable[..., bed.Host]


@pytest.fixture(scope="module")
def own_lan() -> Iterator[bed.Lan]:
    with bed.Lan() as made:
        tiny.publish(made)
        yield made


@pytest.fixture
def boot(own_lan: bed.Lan) -> Iterator[Boot]:
    before = list(own_lan.hosts)
    yield lambda root="slackware15", name=None: bed.Host(own_lan, root, name).up()
    for left in [each for each in own_lan.hosts if each not in before]:
        left.down()
