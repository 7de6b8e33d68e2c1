"""What Docker, Compose and the kernel say when something is wrong, in words that help.

One table: a pattern of their text, what it means, what to do. The texts were seen from Docker 20.10,
28.5 and Compose 2.26 and 2.40, unless a line says otherwise.
"""

from __future__ import annotations

import re
from typing import Dict, NamedTuple, Optional, Pattern

from jitsictl.doors import ports
from jitsictl.doors.process import CommandFailed
from jitsictl.types.failure import Failure


class Known(NamedTuple):
    """`pattern` is searched, whatever the case; `text` may use its named groups."""

    pattern: Pattern[str]
    text: str


def _known(pattern: str, text: str) -> Known:
    return Known(re.compile(pattern, re.IGNORECASE), text)


FIREWALL = (
    "expected Docker's firewall chains, found them gone, as after a restart of the firewall; "
    "make them anew with: /etc/rc.d/rc.docker restart (this restarts all containers of this host)"
)
NO_DAEMON = "expected Docker to run, found that it does not answer; start it with: /etc/rc.d/rc.docker start"

# The first that matches is taken: a lost chain and a taken port come in the same outer sentence.
TABLE = (
    _known(r"No chain/target/match|Unable to enable (SKIP )?DNAT( rule)?|Chain 'DOCKER[^']*' does not exist", FIREWALL),
    _known(
        r"(?:listen |bind for )(?P<proto>tcp|udp)?[46]?\s*(?P<address>[\d.:\[\]]*?):(?P<port>\d+)"
        r"(?:: bind: address already in use| failed: port is already allocated)",
        "expected port {port} to be free, found it held by {holder}; "
        "stop that program, or choose another port in jitsi.conf",
    ),
    _known(
        r"address already in use|port is already allocated",
        "expected a free port, found it taken; see which with: ss -lntup",
    ),
    _known(
        r"pool overlaps with other one on this address space",
        "expected a free address range for the network, found it used by another Docker network; "
        "see them with: docker network ls, and remove the unused ones with: docker network prune",
    ),
    _known(
        r"could not find an available.*address pool|all predefined address pools have been fully subnetted",
        "expected a free address range for the network, found that Docker has none left; "
        "remove unused networks with: docker network prune",
    ),
    _known(
        r"no space left on device|disk quota exceeded",
        "expected room on the disk, found it full; make room (docker image prune removes unused images)",
    ),
    _known(
        r"manifest for (?P<image>\S+) not found|manifest unknown|(?P<image2>\S+): not found$",
        "expected {image} in its registry, found that it has none of that name and tag; "
        "check JITSI_IMAGE_REPO and JITSI_IMAGE_VERSION in jitsi.conf",
    ),
    _known(
        r"pull access denied for (?P<image>[^\s,]+)|unauthorized: authentication required|denied: ",
        "expected to fetch {image}, found that the registry refuses it; "
        "check JITSI_IMAGE_REPO in jitsi.conf, or log in with: docker login",
    ),
    _known(
        r"no such host|server misbehaving|temporary failure in name resolution|network is unreachable"
        r"|no route to host"
        r"|dial tcp [^\n]*(?:connection refused|i/o timeout)|TLS handshake timeout|Client\.Timeout exceeded"
        r"|request canceled while waiting for connection",
        "expected to reach the registry of the images, found: {found}; check this host's network and name server",
    ),
    _known(
        r"Cannot connect to the Docker daemon|Is the docker daemon running|error during connect|"
        r"dial unix [^\n]*(?:no such file|connection refused)",
        NO_DAEMON,
    ),
    _known(
        r"permission denied while trying to connect to the (?:Docker daemon|docker API)",
        "expected to use Docker, found that this user may not; run this as root",
    ),
    _known(
        r"client version (?P<client>[\d.]+) is too old\. Minimum supported API version is (?P<server>[\d.]+)",
        "expected a Docker client for API {server} or newer, found one for {client}; "
        "upgrade the packages docker-cli and docker-compose to go with Docker's own version",
    ),
    _known(
        r"container (?P<name>\S+) is unhealthy|dependency failed to start: container (?P<name2>\S+)",
        "expected {name} to become healthy, found that it does not; see why with: docker logs {name}",
    ),
)


class Away(Failure):
    """Docker does not answer, so nothing can be known of the containers."""


def explain(text: str) -> Optional[str]:
    """What the text of Docker or Compose means and what to do; None when it is not known."""
    for known in TABLE:
        match = known.pattern.search(text)
        if match is not None:
            return known.text.format(**_words(match, text))
    return None


def translated(failure: CommandFailed) -> Failure:
    """The same failure in words that help where its text is known, else as it is."""
    text = explain(f"{failure.done.err}\n{failure.done.out}")
    if text is None:
        return failure
    return Away(text) if text == NO_DAEMON else Failure(text)


def _words(match: re.Match[str], text: str) -> Dict[str, str]:
    """The named groups, alternatives such as `image2` under the first name, and what only we know."""
    words = {"image": "the image", "found": _line(match, text)}
    for name, value in match.groupdict().items():
        if value:
            words[name.rstrip("2")] = value
    if "port" in words:
        words["holder"] = ports.holder(words.get("address", ""), int(words["port"]), words.get("proto", "tcp")) or (
            "another program"
        )
    return words


def _line(match: re.Match[str], text: str) -> str:
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    return text[start : end if end >= 0 else len(text)].strip()
