"""Bytes to the host's own httpd as they are, and what comes back; run inside the host, which has no such client.

`python3 -I wire.py ask` reads lines [port, request] and writes a line for each, the answer, all in JSON.
`python3 -I wire.py websocket PATH` opens a websocket and writes the first line of the answer; then for each line
[count, text] it sends the text and writes that many frames: a line of JSON each, [opcode, text]. No text is a ping.
"""
from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import sys
from typing import Tuple

NAME = "meet.darkstar.lan"


def connected(port: int) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", port), 10)
    if port == 80:
        return plain
    context = ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt")
    return context.wrap_socket(plain, server_hostname=NAME)


def asked(port: int, request: str) -> str:
    """The answer to one request, up to its end; latin-1 keeps every byte."""
    answer = b""
    with connected(port) as door:
        door.sendall(request.encode("latin-1"))
        for piece in iter(lambda: door.recv(65536), b""):
            answer += piece
    return answer.decode("latin-1")


def upgraded(path: str) -> Tuple[ssl.SSLSocket, str]:
    door = connected(443)
    key = base64.b64encode(os.urandom(16)).decode()
    head = (f"GET {path} HTTP/1.1", f"Host: {NAME}", f"Origin: https://{NAME}", "Connection: Upgrade",
            "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: xmpp",
            f"Sec-WebSocket-Key: {key}", "", "")
    door.sendall("\r\n".join(head).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += door.recv(1) or b"\r\n\r\n"
    return door, answer.split(b"\r\n")[0].decode()


def send(door: socket.socket, text: str) -> None:
    """One frame with a mask of zeros, which leaves the text as it is; an empty text is a ping."""
    data = text.encode()
    size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    door.sendall(bytes([0x81 if data else 0x89]) + size + bytes(4) + data)


def received(door: socket.socket) -> Tuple[int, str]:
    """Opcode and text of the next frame; opcode -1: the connection has ended."""
    def exactly(count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = door.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    try:
        first, size = exactly(2)
        if size >= 126:
            size = int.from_bytes(exactly(2 if size == 126 else 8), "big")
        return first & 15, exactly(size).decode()
    except EOFError:
        return -1, ""


def main() -> None:
    if sys.argv[1] == "ask":
        for line in sys.stdin:
            print(json.dumps(asked(*json.loads(line))), flush=True)
        return
    door, status = upgraded(sys.argv[2])
    print(json.dumps(status), flush=True)
    for line in sys.stdin:
        count, text = json.loads(line)
        send(door, text)
        for _ in range(count):
            print(json.dumps(received(door)), flush=True)


if __name__ == "__main__":
    main()
