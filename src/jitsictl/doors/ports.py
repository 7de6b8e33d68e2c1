"""Who listens on a port of this host, and what is connected. Read from /proc, as ss does; nothing is connected to."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Dict, FrozenSet, Iterable, Iterator, NamedTuple, Optional

_LISTEN = {"tcp": "0A", "udp": "07"}
_ESTABLISHED = "01"
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


class Connected(NamedTuple):
    """What TCP of this host has: inodes of sockets that listen, those of clients by the port they came to, and how
    many connections go to each address as `end` writes it."""

    listening: FrozenSet[str]
    clients: Dict[str, int]
    to: Dict[str, int]


def connected() -> Connected:
    """All of it from one look."""
    listening, established = {}, []
    for row in (*_rows("tcp"), *_rows("tcp6")):
        if row.state == _LISTEN["tcp"]:
            listening[row.inode] = _port(row.local)
        elif row.state == _ESTABLISHED:
            established.append(row)
    ports = set(listening.values())
    to: Dict[str, int] = {}
    for row in established:
        to[row.remote] = to.get(row.remote, 0) + 1
    clients = {row.inode: _port(row.local) for row in established if row.inode != "0" and _port(row.local) in ports}
    return Connected(frozenset(listening), clients, to)


def end(address: str) -> str:
    """ADDRESS:PORT, an IPv6 one in brackets, as /proc/net writes it."""
    host, _, port = address.rpartition(":")
    return f"{_hex(host.strip('[]'))}:{int(port):04X}"


def inodes(pid: int) -> Iterable[str]:
    """Sockets that a process has; none when it has ended or may not be looked at."""
    try:
        links = [str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []
    return [link[len("socket:[") : -1] for link in links if link.startswith("socket:[")]


class _Row(NamedTuple):
    local: str
    remote: str
    state: str
    inode: str


def _rows(table: str) -> Iterator[_Row]:
    try:
        lines = Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split()
        yield _Row(fields[1], fields[2], fields[3], fields[9])


def _port(end: str) -> int:
    return int(end.rpartition(":")[2], 16)


def _sockets(table: str, state: str, port: int) -> Dict[str, str]:
    """Addresses by inode."""
    rows = (row for row in _rows(table) if row.state == state and _port(row.local) == port)
    return {row.inode: row.local.rpartition(":")[0] for row in rows}


def _hex(address: str) -> str:
    """An address as /proc/net writes it, in words of the processor's byte order; "" for anything else."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            packed = socket.inet_pton(family, address)
        except OSError:
            continue
        return "".join(packed[at : at + 4][::-1].hex() for at in range(0, len(packed), 4)).upper()
    return ""


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
