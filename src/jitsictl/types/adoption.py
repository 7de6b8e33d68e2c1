"""An installation made by hand with upstream's own Compose files: as it was found, and what the way back needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, Optional, Tuple

from jitsictl.types.release import Layout
from jitsictl.types.settings import Line


@dataclass(frozen=True)
class OldContainer:
    """A container of somebody else's Compose project.

    `policy` is its restart policy as `docker update` takes it: "unless-stopped", "on-failure:3". `mounts`: path
    inside -> path on the host; `published`: "80/tcp" -> "ADDRESS:PORT", each port once. `files` are the Compose files
    that it was made from, `directory` the one that they were read in.
    """

    id: str
    name: str
    service: str
    project: str
    directory: str
    files: Tuple[str, ...]
    image: str
    running: bool
    policy: str
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, str] = field(default_factory=dict)
    published: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OldSite:
    """What there is of an installation made by hand.

    `containers` are Jitsi's, in the order in which they are started, prosody first; `others` are of the same project
    and none of Jitsi's: they are left alone. `release` is "" where no tag tells it. `described` is what Compose makes
    of its files today: environment by service, None for a variable that is not set; it is empty when they cannot be
    read, and then `unreadable` says why. `sso` is a jitsi-keycloak of any project.
    """

    directory: str
    project: str
    release: str
    layout: Layout
    containers: Tuple[OldContainer, ...]
    others: Tuple[OldContainer, ...] = ()
    networks: Tuple[str, ...] = ()
    described: Mapping[str, Mapping[str, Optional[str]]] = field(default_factory=dict)
    unreadable: str = ""
    sso: Optional[OldContainer] = None

    def service(self, name: str) -> Optional[OldContainer]:
        return next((container for container in self.containers if container.service == name), None)


@dataclass(frozen=True)
class Difference:
    """A setting that runs with another value than its .env has today. None: it is not set. `line` is the .env's."""

    name: str
    written: Optional[str]
    ran: Optional[str]
    services: Tuple[str, ...]
    line: Optional[Line] = None


@dataclass(frozen=True)
class Record:
    """What an adoption leaves for `adopt --undo` and `adopt --finish`; /var/lib/jitsi-meet/adopted.json.

    `store` is where the old prosody looks for accounts, `owner` whom that directory belonged to (None: there was none).
    `pads` is the container that kept pads in itself, with their file's path in it. `page` answered when it ran.
    """

    directory: str
    release: str
    layout: str  # its name
    containers: Tuple[str, ...]  # ids, in the order in which they are started
    names: Tuple[str, ...]
    policies: Tuple[str, ...]
    running: Tuple[str, ...]  # ids
    networks: Tuple[str, ...]
    store: str
    owner: Optional[Tuple[int, int]]
    pads: Optional[Tuple[str, str]]
    page: str
