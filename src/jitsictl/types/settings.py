"""A site's settings as values: what a setting is, what it is set to, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, Iterator, Mapping, Optional, Tuple


@dataclass(frozen=True)
class Entry:
    """One setting of the catalogue.

    `first` and `last` are the releases (tags) between which an image reads it; None is open.
    `default` is what applies when the admin says nothing (None: the image's own default).
    `services` may see the value in their environment; an empty tuple: only we or Compose read it.
    `image_default` is what the images of the newest release take when nothing is said, for people to
    read; unlike `default` it is never written anywhere.
    """

    name: str
    type: str  # a name known to settings/kinds.py, with its argument: "bool", "int 1..65535", "enum a|b"
    services: Tuple[str, ...]
    group: str
    help: str
    first: Optional[str] = None
    last: Optional[str] = None
    default: Optional[str] = None
    secret: bool = False
    generated: bool = False  # a secret that `reseed` makes when it is missing
    compose: bool = False  # compose.yaml interpolates it, so it belongs in .env
    replaced_by: Optional[str] = None  # the name is gone: what to write instead, or why it went
    inside: Mapping[str, str] = field(default_factory=dict)  # service -> its name there, where that differs: TITLE
    image_default: Optional[str] = None
    javascript: Tuple[str, ...] = ()  # what it sets in web's files, for upstream's images have no variable for it
    example: Optional[str] = None  # for the sample, where neither default nor image_default tells enough

    def name_in(self, service: str) -> str:
        """Its name in the environment of a service."""
        return self.inside.get(service, self.name)


@dataclass(frozen=True)
class Line:
    """One assignment as it stands in a file: the value is unquoted, the line counts from 1."""

    name: str
    value: str
    file: str
    number: int


@dataclass(frozen=True)
class NewLines:
    """What a verb puts into the admin's two files: values by name; None takes a line of jitsi.conf away."""

    conf: Mapping[str, Optional[str]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the settings, printed as `file:line: NAME ...`.

    `name` is the setting it is about, where there is one. `suggestion` is what would be right, where that
    is known: a name, or NAME=value for the whole line. Neither holds a secret.
    """

    what: str
    file: str = ""
    line: Optional[int] = None
    warning: bool = False
    name: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        text = f"warning: {self.what}" if self.warning else self.what
        return f"{place}: {text}" if place else text


@dataclass(frozen=True)
class Value:
    """What a setting is, normalised (a boolean is 1 or 0), and where that comes from.

    `origin` is "jitsi.conf:12", "secrets.conf:3", "default" or "derived from PUBLIC_URL".
    """

    text: str
    origin: str


@dataclass(frozen=True)
class Settings:
    """All settings of one site at one release, valid by construction (settings.check makes it)."""

    release: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values[name].text

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def get(self, name: str, otherwise: str = "") -> str:
        value = self.values.get(name)
        return otherwise if value is None else value.text

    def on(self, name: str) -> bool:
        return self.get(name) == "1"


Catalogue = Dict[str, Entry]
