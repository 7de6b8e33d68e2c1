"""File systems that are small enough to fill, servers that say what they are told to."""

from __future__ import annotations

import socket
import subprocess
import threading
import time

import pytest


@pytest.fixture
def small(tmp_path):
    """A file system of 64 kB."""
    point = tmp_path / "small"
    point.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", point], check=True)
    yield point
    subprocess.run(["umount", point], check=True)


@pytest.fixture
def server():
    """`server(b"...", ...)` answers each connection with these pieces; returns its URL and the requests it saw."""
    listeners = []

    def serve(*pieces: bytes, pause: float = 0.0):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        seen = []

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    while b"\r\n\r\n" not in (data := connection.recv(65536)) and data:
                        pass
                    seen.append(data.decode())
                    try:
                        for piece in pieces:
                            connection.sendall(piece)
                            time.sleep(pause)
                    except OSError:  # the client had enough
                        continue

        threading.Thread(target=answer, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}", seen

    yield serve
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
