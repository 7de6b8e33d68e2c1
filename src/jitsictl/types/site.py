"""The two sides of a plan: what a site should be, and what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Mapping, Optional, Tuple

from jitsictl.types.release import Release
from jitsictl.types.settings import Settings

if TYPE_CHECKING:  # a tenth of `check` would go into steps that it never makes
    from jitsictl.types.change import Dir

DIGEST_LABEL = "docker-jitsi-meet.digest"
PROJECT = "docker-jitsi-meet"  # Compose's project name, whatever the directory


@dataclass(frozen=True)
class Desired:
    """A complete applied state, not yet written.

    `files` are relative to the generation's directory; `digests` and `images` go by service, in
    the order in which services are recreated. `inputs`: by service, hashes of the admin's own files
    that it reads at start and of what compose.override.yaml says of it.
    """

    settings: Settings
    release: Release
    files: Mapping[str, str]
    directories: Tuple[Dir, ...]
    digests: Mapping[str, str]
    images: Mapping[str, str]
    inputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fresh: bool = False  # files that images render below CONFIG are to be made anew


@dataclass(frozen=True)
class Container:
    """One container of our project, found by Compose's label, never by its name."""

    service: str
    id: str
    state: str  # Docker's word: running, exited, created, restarting ...
    health: str  # healthy, unhealthy, starting, or "" without a check
    image: str
    digest: str  # our label, "" when it is missing
    restarts: int = 0
    address: str = ""  # on the project's network, reachable from this host
    created: float = 0.0  # seconds since the epoch


@dataclass(frozen=True)
class ByHand:
    """What somebody made of a generated file, "" when it was deleted, and when (seconds since the epoch)."""

    text: str
    changed: float


@dataclass(frozen=True)
class SetAside:
    """What a restore replaced, so that a rollback can put it back. All are absolute paths.

    `placed` came from the archive. `moved`: where what was there before lies now, by where it was. `files`: copies
    of the admin's own files, by where they were, "" for one that was not there.
    """

    placed: Tuple[str, ...]
    moved: Mapping[str, str]
    files: Mapping[str, str]


@dataclass(frozen=True)
class Applied:
    """A generation as it was applied: `files` are as they were made.

    `edited` are those that somebody changed since.
    `before` is the generation that it took over from, None for the first one. `inputs` as in Desired.
    """

    number: int
    release: str
    files: Mapping[str, str]
    edited: Mapping[str, ByHand] = field(default_factory=dict)
    before: Optional[int] = None
    inputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    aside: Optional[SetAside] = None  # of a generation that a restore made


@dataclass(frozen=True)
class Kept:
    """What is there of a path: owner and permission bits, and whether it is a directory."""

    uid: int
    gid: int
    mode: int
    directory: bool


@dataclass(frozen=True)
class Observed:
    """The host as it was seen. `paths` holds what exists of the paths that Desired names.

    `strays` are files that stand where the project's links into `current` belong, by name: an editor that
    writes a file anew, as `sed -i` does, replaces a link.
    """

    applied: Optional[Applied] = None
    containers: Mapping[str, Container] = field(default_factory=dict)
    images: Tuple[str, ...] = ()  # of the wanted ones, those that are here
    paths: Mapping[str, Kept] = field(default_factory=dict)
    newest_generation: int = 0
    strays: Mapping[str, ByHand] = field(default_factory=dict)
