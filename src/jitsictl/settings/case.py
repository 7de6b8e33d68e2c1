"""What a rule between settings sees, and how it says what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Mapping

from jitsictl.types.settings import Line, Problem, Settings

Found = Iterator[Problem]


@dataclass(frozen=True)
class Case:
    """What a rule sees. `lines` holds every name that stands in a file, also those whose value is wrong."""

    settings: Settings
    lines: Mapping[str, Line]
    conf_file: str
    lenient_secrets: bool

    def error(self, name: str, what: str) -> Problem:
        return self._problem(name, what, warning=False)

    def warning(self, name: str, what: str) -> Problem:
        return self._problem(name, what, warning=True)

    def lacks(self, name: str) -> bool:
        """Not set and not derived. A wrong value is a problem already, not a second one."""
        return name not in self.settings and name not in self.lines

    def said(self, name: str) -> bool:
        return name in self.lines and name in self.settings

    def _problem(self, name: str, what: str, warning: bool) -> Problem:
        line = self.lines.get(name)
        if line is None:
            return Problem(f"{name}: {what}", self.conf_file, None, warning)
        return Problem(f"{name}: {what}", line.file, line.number, warning)
