"""Settling the text of a jitsi.conf, as every test of the settings does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional

import pytest

from jitsictl.settings import catalogue, check, read
from jitsictl.types.settings import Problem, Settings

TAGS = ["stable-10741", "stable-11031", "stable-11146-2"]
MINIMUM = "PUBLIC_URL=https://meet.example.com\nJVB_ADVERTISE_IPS=192.0.2.10\n"


@dataclass(frozen=True)
class Outcome:
    settings: Optional[Settings]
    problems: List[Problem]

    @property
    def errors(self) -> List[str]:
        return [str(p) for p in self.problems if not p.warning]

    @property
    def warnings(self) -> List[str]:
        return [str(p) for p in self.problems if p.warning]


@pytest.fixture
def settle():
    """settle(text, secrets="", ...) -> Outcome; `bare` leaves out the two lines that every site has."""

    def run(text: str = "", secrets: str = "", *, bare: bool = False, **options) -> Outcome:
        conf, problems = read.parse(text if bare else MINIMUM + text, "jitsi.conf")
        kept, more = read.parse(secrets, "secrets.conf")
        assert not problems and not more, "the texts of these tests are well formed"
        return Outcome(*check.settle(conf, kept, catalogue.load(), options.pop("tags", TAGS), **options))

    return run
