"""What a change would do, as people and programs read it before it is made. No value in it is a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Optional, Tuple


@dataclass(frozen=True)
class SettingChange:
    """A setting whose value differs. None: not set, so that the images take their own default.

    Secrets are masked in both values. `origin` is where the new value comes from ("jitsi.conf:12",
    "default", "derived from PUBLIC_URL"), or why there is none any more.
    """

    name: str
    before: Optional[str]
    after: Optional[str]
    origin: str
    group: str  # its group's title


@dataclass(frozen=True)
class Edit:
    """A generated file that somebody changed by hand: what it is called, where it is, and a unified diff, masked."""

    name: str
    path: str
    diff: Tuple[str, ...]


@dataclass(frozen=True)
class FileChange:
    """A file that is written, and what becomes of it in a few words."""

    path: str
    what: str


@dataclass(frozen=True)
class DirectoryChange:
    """A directory that is made ("made, owner 1000:1000") or put right ("owner 0:0 -> 1000:1000")."""

    path: str
    what: str


@dataclass(frozen=True)
class Usual:
    """How long something takes, seconds: the median of `times` past ones, or with 0 the package's own figure."""

    seconds: float
    times: int


@dataclass(frozen=True)
class ServiceChange:
    """What happens to one service. `action`: new, recreated, started, removed, or reloaded (nginx goes on serving)."""

    service: str
    action: str
    why: Tuple[str, ...]
    cost: str = ""  # what people in a meeting notice
    interrupts_calls: bool = False
    usual: Optional[Usual] = None


@dataclass(frozen=True)
class Calls:
    """The meetings of this moment, as jicofo and the bridge count them."""

    conferences: int
    participants: int

    def __str__(self) -> str:
        """Such as "2 conferences with 5 people"."""
        conferences = f"{self.conferences} conference{'' if self.conferences == 1 else 's'}"
        return f"{conferences} with {self.participants} {'person' if self.participants == 1 else 'people'}"


@dataclass(frozen=True)
class Move:
    """What a change of layout moves: what it is, and both places, below CONFIG."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Upgrade:
    """What another release means, from the catalogue and releases.yaml.

    `added` and `dropped` count the settings that begin and cease to be read. `lost` are names of jitsi.conf
    that lose their effect, with what to write instead or why they went; `gained` are those that begin to have
    one. `defaults` are the images' own that differ, of names that jitsi.conf does not set.
    """

    before: str
    after: str
    added: Tuple[str, ...] = ()
    dropped: Tuple[str, ...] = ()
    lost: Mapping[str, str] = ()  # type: ignore[assignment]
    gained: Tuple[str, ...] = ()
    defaults: Tuple[SettingChange, ...] = ()
    layout: str = ""  # what the new layout is like; "" when it stays
    moves: Tuple[Move, ...] = ()


@dataclass(frozen=True)
class Preview:
    """One change before it is made. `calls` None: not known. `seconds` None: nothing restarts."""

    verb: str
    release: str
    generation: Optional[int]  # the applied one
    settings: Tuple[SettingChange, ...] = ()
    edits: Tuple[Edit, ...] = ()
    files: Tuple[FileChange, ...] = ()
    directories: Tuple[DirectoryChange, ...] = ()
    services: Tuple[ServiceChange, ...] = ()
    fetched: Tuple[str, ...] = ()
    upgrade: Optional[Upgrade] = None
    calls: Optional[Calls] = None
    seconds: Optional[float] = None
