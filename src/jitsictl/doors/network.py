"""What the host's own network says, without sending a packet."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path
from typing import List, Optional

_ELSEWHERE = ("192.0.2.1", 9)  # documentation network (RFC 5737): only the route to it is looked up
_GLOBAL = "00"  # the scope in /proc/net/if_inet6


def own_address() -> Optional[str]:
    """The IPv4 address of the interface that leads outside; None when there is no route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)  # connecting a datagram socket sends nothing
        except OSError:
            return None
        return str(probe.getsockname()[0])


def addresses() -> List[str]:
    """All IPv4 addresses of this host but loopback, Docker's bridges included; empty where they may not be read."""
    found: List[str] = []
    leaf = ""
    for line in _lines("/proc/net/fib_trie"):
        if "|--" in line:
            leaf = line.split()[-1]
        elif line.split() == ["/32", "host", "LOCAL"] and leaf not in found and not leaf.startswith("127."):
            found.append(leaf)
    return found


def addresses6() -> List[str]:
    """The IPv6 addresses of this host with global scope, private ones (fc00::/7) included."""
    fields = [line.split() for line in _lines("/proc/net/if_inet6")]
    return [str(ipaddress.IPv6Address(bytes.fromhex(field[0]))) for field in fields if field[3] == _GLOBAL]


def on_loopback(host: str) -> bool:
    """Whether a host's name leads to this machine's own loopback and nowhere else. Name servers may be asked."""
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(each.partition("%")[0]).is_loopback for each in found)


def host_name() -> str:
    """The kernel's name for this host; often without a domain. No name server is asked."""
    return socket.gethostname()


def _lines(path: str) -> List[str]:
    try:
        return Path(path).read_text(encoding="ascii").splitlines()
    except OSError:
        return []
