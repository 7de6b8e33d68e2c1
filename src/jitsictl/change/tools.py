"""What a running change works with: the doors, opened once, and somebody to tell what happens."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple

from jitsictl.doors import compose, docker, files
from jitsictl.doors.compose import Compose
from jitsictl.doors.docker import Docker
from jitsictl.doors.foreign import Foreign
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.site import Container

DOCKER_SECONDS = 30.0  # how long a Docker socket that answers slowly is waited for


@dataclass(frozen=True)
class Event:
    """One thing that happened, for the terminal, the log and the tests.

    `kind`: "plan", "begin", "progress", "done", "undone", "note", "warning", "failed", and "end" for the whole of it.
    `seconds` is how long it took, where that is known.
    """

    kind: str
    text: str
    seconds: Optional[float] = None


def silent(event: Event) -> None:
    """A listener for those who want none."""


def unfailing(tell: Callable[[Event], None]) -> Callable[[Event], None]:
    """A listener that cannot be told, as one on a lost terminal, must not end a change, let alone its undo."""

    def told(event: Event) -> None:
        with contextlib.suppress(Failure, OSError):
            tell(event)

    return told


@dataclass
class Tools:
    """`find_compose` is called when the first command of Compose is."""

    paths: Paths
    docker: Docker
    find_compose: Callable[[], Compose]
    tell: Callable[[Event], None] = silent
    passwords: Dict[str, str] = field(default_factory=dict)  # of throw-away accounts; in memory only
    keep: Tuple[int, ...] = ()  # descriptors that children inherit: the lock
    foreign: Foreign = field(default_factory=Foreign)  # containers of other projects
    touching: List[Callable[[], None]] = field(default_factory=list)  # called before the first service is touched

    @functools.cached_property
    def compose(self) -> Compose:
        return self.find_compose()

    def override(self) -> Optional[Path]:
        """As it was applied. The admin's file may be another by now, which an undo must not give to a container."""
        applied = self.paths.current / self.paths.override.name
        return applied if files.exists(applied) else None

    def container(self, service: str) -> Container:
        """The container of a service. Failure: there is none."""
        found = self.docker.container(service)
        if found is None:
            raise Failure(f"expected a container of {service}, found none; start the site: /etc/rc.d/rc.jitsi start")
        return found


def looking(paths: Paths, tell: Callable[[Event], None] = silent) -> Tools:
    """Connect to Docker. Failure: it does not run, is too old or does not answer."""
    daemon = docker.connect(paths.docker_socket, deadline=DOCKER_SECONDS)
    return Tools(paths, daemon, functools.partial(compose.find, deadline=DOCKER_SECONDS), unfailing(tell))


def open_tools(paths: Paths, tell: Callable[[Event], None] = silent) -> Tools:
    """Connect to Docker and find Compose, before anything is touched. Failure: one of them will not do."""
    tools = looking(paths, tell)
    tools.compose  # noqa: B018 - found here
    return tools
