"""What the host's own network says, without sending a packet."""

from __future__ import annotations

import socket
from typing import Optional

_ELSEWHERE = ("192.0.2.1", 9)  # documentation network (RFC 5737): only the route to it is looked up


def own_address() -> Optional[str]:
    """The IPv4 address of the interface that leads outside; None when there is no route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)  # connecting a datagram socket sends nothing
        except OSError:
            return None
        return str(probe.getsockname()[0])
