"""What a rule between settings sees, and how it says what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterator, Mapping, Optional

from jitsictl import releases
from jitsictl.types.host import HostFacts
from jitsictl.types.settings import Catalogue, Line, Problem, Settings

Found = Iterator[Problem]


@dataclass(frozen=True)
class Case:
    """What a rule sees. `lines` holds every name that stands in a file, also those whose value is wrong.

    `lenient_secrets`: secrets.conf could not be read, so a secret that is missing may well be there.
    """

    settings: Settings
    lines: Mapping[str, Line]
    catalogue: Catalogue
    conf_file: str = "jitsi.conf"
    lenient_secrets: bool = False
    host: HostFacts = field(default_factory=HostFacts)

    def error(self, name: str, what: str, right: Optional[str] = None) -> Problem:
        """`right` is the value that would be right, where it is known; never one of a secret."""
        return self._problem(name, what, right, warning=False)

    def warning(self, name: str, what: str, right: Optional[str] = None) -> Problem:
        return self._problem(name, what, right, warning=True)

    def lacks(self, name: str) -> bool:
        """Not set and not derived. A wrong value is a problem already, not a second one."""
        return name not in self.settings and name not in self.lines

    def said(self, name: str) -> bool:
        return name in self.lines and name in self.settings

    def said_on(self, name: str) -> bool:
        return self.said(name) and self.settings.on(name)

    def wrong(self, name: str) -> bool:
        """Its line is wrong by itself, so that nothing is known of its value."""
        return name in self.lines and name not in self.settings

    def off(self, name: str) -> bool:
        """Known to be off: a switch whose line is wrong is neither on nor off."""
        return self.settings.get(name) == "0"

    def runs(self, service: str) -> bool:
        """Whether this site runs the service: the package has it, and its switch is on."""
        known = releases.services().get(service)
        return known is not None and known.runs(self.settings)

    def _problem(self, name: str, what: str, right: Optional[str], warning: bool) -> Problem:
        line = self.lines.get(name)
        file, number = (line.file, line.number) if line else (self.conf_file, None)
        suggestion = "" if right is None else f"{name}={right}"
        return Problem(f"{name}: {what}", file, number, warning, name, suggestion)
