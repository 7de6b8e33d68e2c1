"""The bed: throw-away Slackware-shaped hosts with their own dockerd, on a LAN of their own.

`Lan` is a bridge and a registry in a network namespace, `Host` a machine on it. Nothing of the machine
underneath is touched: no interface, no firewall rule, no Docker. Needs root. See README.md.
"""
from __future__ import annotations

from bed.base import BedError
from bed.host import Host, Kept
from bed.lan import Lan
from bed.runs import sweep

__all__ = ["BedError", "Host", "Kept", "Lan", "sweep"]
