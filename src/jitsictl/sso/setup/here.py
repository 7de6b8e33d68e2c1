"""What a change of the sign-on is on this host: lines of jitsi.conf, services, Apache's file. Worked out and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, List, NamedTuple, Sequence, Tuple

from jitsictl.change import prepare
from jitsictl.change.prepare import Prepared
from jitsictl.change.tools import DOCKER_SECONDS, Event
from jitsictl.doors import docker
from jitsictl.sso.setup import apache, lines
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Line, NewLines

VERB = "sso"
Tell = Callable[[Event], None]


@dataclass(frozen=True)
class Here:
    """What is going to be done on this host."""

    put: NewLines
    conf: List[str]  # of jitsi.conf, as lines of a difference
    prepared: Prepared
    apache: bool  # whether its file is written anew

    def __bool__(self) -> bool:
        return bool(self.prepared.change or self.apache)


class Outcome(NamedTuple):
    """`said` is of Apache's file."""

    restarted: Tuple[str, ...]
    said: List[str]


def propose(paths: Paths, conf: Sequence[Line], put: NewLines) -> Here:
    """Look at everything, touch nothing; `conf` is jitsi.conf as it is.

    Failure: the settings would be wrong, Docker does not answer, or Apache is not ready for it.
    """
    daemon = docker.connect(paths.docker_socket, deadline=DOCKER_SECONDS)
    prepared = prepare.prepare(paths, daemon, VERB, put=put)
    settings = prepared.desired.settings
    apache.must_be_possible(paths, settings)
    return Here(put, lines.shown(conf, put.conf), prepared, apache.drifts(paths, settings))


def shown(paths: Paths, here: Here) -> List[str]:
    """What is in it besides the plan of the services, for people; no line holds a secret."""
    said = [str(paths.conf), *(f"  {line}" for line in here.conf)] if here.conf else []
    if here.put.secrets:
        said += [str(paths.secrets), *(f"  + {name}, which this client asks for" for name in here.put.secrets)]
    if here.apache:
        said += [f"{paths.vhost}: written anew, and read by httpd with a graceful restart"]
    return said
