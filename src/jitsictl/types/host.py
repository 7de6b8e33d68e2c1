"""What the rules of the settings must know of this host; doors/host.py finds it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class HostFacts:
    """None: not known, and then nothing is said of it."""

    kernel_ipv6: Optional[bool] = None  # the kernel has IPv6 at all
    docker_ipv6: Optional[bool] = None  # /etc/docker/daemon.json gives containers IPv6
