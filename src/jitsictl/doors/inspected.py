"""What Docker's API tells of images, networks and containers, as values; and what `docker pull` says of its layers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable, Dict, Mapping, Tuple

from jitsictl.types.site import DIGEST_LABEL, Container

SERVICE_LABEL = "com.docker.compose.service"


@dataclass(frozen=True)
class ImageInfo:
    """An image that is here. `digest` is "sha256:..." as the registry knows it, "" when built here; size in bytes.

    `command` is what its containers run.
    """

    id: str
    digest: str
    size: int
    command: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Network:
    """A network of Docker's: its subnets, and the addresses that containers have, by their names."""

    subnets: Tuple[str, ...]
    taken: Mapping[str, str]


@dataclass(frozen=True)
class Running:
    """What a container runs with: its environment, secrets and all, and where it is published, as ADDRESS:PORT."""

    environment: Mapping[str, str]
    published: Tuple[str, ...]


def container(data: Mapping[str, Any]) -> Container:
    """A container from `docker inspect`'s data."""
    labels: Mapping[str, str] = data["Config"].get("Labels") or {}
    networks: Mapping[str, Mapping[str, str]] = data["NetworkSettings"].get("Networks") or {}
    return Container(
        service=labels.get(SERVICE_LABEL, ""),
        id=data["Id"],
        state=data["State"]["Status"],
        health=(data["State"].get("Health") or {}).get("Status", ""),
        image=data["Config"]["Image"],
        digest=labels.get(DIGEST_LABEL, ""),
        restarts=int(data.get("RestartCount", 0)),
        address=next((net["IPAddress"] for net in networks.values() if net.get("IPAddress")), ""),
        created=_epoch(data.get("Created", "")),
    )


def _epoch(text: str) -> float:
    """Seconds since the epoch of Docker's 2026-01-31T12:00:00.123456789Z; 0 when it is none."""
    try:
        whole = datetime.fromisoformat(text[:19]).replace(tzinfo=timezone.utc).timestamp()
        return whole + float(f"0{text[19:].rstrip('Z')}")
    except ValueError:
        return 0.0


class Layers:
    """Counts the layers that `docker pull` names; without a terminal it writes one line an event."""

    def __init__(self, ref: str, progress: Callable[[str], None]) -> None:
        self._ref = ref
        self._progress = progress
        self._seen: Dict[str, bool] = {}

    def line(self, text: str) -> None:
        layer, _, event = text.partition(": ")
        if not re.fullmatch(r"[0-9a-f]{12}", layer):
            return
        there = event.startswith(("Pull complete", "Already exists"))
        told = self._count()
        self._seen[layer] = self._seen.get(layer, False) or there
        if there and self._count() != told:
            self._progress("{}: {} of {} layers".format(self._ref, *self._count()))

    def _count(self) -> Tuple[int, int]:
        return sum(self._seen.values()), len(self._seen)
