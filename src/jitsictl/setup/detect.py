"""Answers that the host itself can give. No outside service is asked."""

from __future__ import annotations

import ipaddress
from typing import Optional

from jitsictl.doors import files, network
from jitsictl.types.paths import Paths

ZONE_LINKS = ("etc/localtime-copied-from", "etc/localtime")  # Slackware's timeconfig keeps the first one


def time_zone(paths: Paths) -> str:
    """The host's time zone; UTC when none is set."""
    for name in ZONE_LINKS:
        target = files.link_target(paths.root / name)
        if target and "zoneinfo/" in target:
            return target.split("zoneinfo/", 1)[1]
    return "UTC"


def address() -> Optional[str]:
    """The address this host sends from, None without a network."""
    return network.own_address()


def behind_nat(text: str) -> bool:
    """Whether an address is one that nobody outside can reach."""
    try:
        return ipaddress.ip_address(text).is_private
    except ValueError:
        return False
