"""Who listens on a port of this host. Read from /proc, as ss does; nothing is connected to."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional

_LISTEN = {"tcp": "0A", "udp": "07"}
_EVERYWHERE = {"00000000", "0" * 32}


def holder(address: str, port: int, protocol: str) -> Optional[str]:
    """The program that holds the port on this IPv4 address, such as "nginx (pid 812)"; None: it is free.

    An empty address, 0.0.0.0 and a listener on all addresses collide with any other.
    """
    for suffix in ("", "6"):
        for inode, local in _sockets(f"{protocol}{suffix}", _LISTEN[protocol], port).items():
            everywhere = local in _EVERYWHERE or address in ("", "0.0.0.0")  # noqa: S104
            if everywhere or local == _hex(address):
                return _program(inode)
    return None


def _sockets(table: str, state: str, port: int) -> Dict[str, str]:
    try:
        lines = Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return {}
    found = {}
    for line in lines:
        fields = line.split()
        local, _, hex_port = fields[1].rpartition(":")
        if fields[3] == state and int(hex_port, 16) == port:
            found[fields[9]] = local
    return found


def _hex(address: str) -> str:
    """An IPv4 address as /proc/net writes it; "" for anything else."""
    parts = address.split(".")
    return "".join(f"{int(part):02X}" for part in reversed(parts)) if len(parts) == 4 else ""


def _program(inode: str) -> str:
    wanted = f"socket:[{inode}]"
    for directory in Path("/proc").iterdir():
        if not directory.name.isdigit():
            continue
        try:
            if any(str(fd.readlink()) == wanted for fd in (directory / "fd").iterdir()):
                return f"{(directory / 'comm').read_text().strip()} (pid {directory.name})"
        except OSError:
            continue
    return "another program"
