"""Two people of one conference, as the bed's bridge counts them: datagrams that keep coming."""

from __future__ import annotations

import contextlib
import subprocess
from typing import Callable, Iterator

from bed.base import wait_until
from bed.host import Host

_PEOPLE = """
import socket, time
people = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
while True:
    for each in people:
        each.sendto(b"standup hello", ("127.0.0.1", 10000))
    time.sleep(0.2)
"""


@contextlib.contextmanager
def meeting(host: Host, counted: Callable[[], bool]) -> Iterator[None]:
    """A meeting as long as the block, which begins when it is counted."""
    held = host.spawn(["python3", "-c", _PEOPLE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(counted, "the meeting")
        yield
    finally:
        held.kill()
        held.wait(10)
