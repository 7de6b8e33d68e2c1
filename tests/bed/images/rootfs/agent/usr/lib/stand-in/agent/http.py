"""The little of HTTP that an agent serves: a request line in, one answer out, connection closed."""
from __future__ import annotations

import asyncio
import json
from typing import Callable, NamedTuple


class Answer(NamedTuple):
    """One HTTP answer."""

    status: int
    body: str = ""
    kind: str = "text/plain"


Routes = Callable[[str, str], Answer]

NOT_FOUND = Answer(404)
_REASONS = {200: "OK", 404: "Not Found", 500: "Internal Server Error"}


def as_json(value: object) -> Answer:
    return Answer(200, json.dumps(value), "application/json")


def metrics(prefix: str, gauges: dict[str, float]) -> Answer:
    """Prometheus' text form, every name with `prefix` before it."""
    lines = [f"# TYPE {prefix}{name} gauge\n{prefix}{name} {float(value)}\n"
             for name, value in gauges.items()]
    return Answer(200, "".join(lines), "text/plain; version=0.0.4")


async def _serve_one(routes: Routes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        method, target, *_ = head.decode("latin-1").split()
        answer = routes(method, target.partition("?")[0])
        body = answer.body.encode()
        writer.write(f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}\r\nContent-Type: {answer.kind}\r\n"
                     f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
    except (OSError, ValueError, EOFError, asyncio.TimeoutError, asyncio.LimitOverrunError):
        pass  # half a request, or a client that left: nobody is there to be told
    finally:
        writer.close()


async def serve(host: str, port: int, routes: Routes) -> None:
    """Listen on `host`:`port` and answer by `routes(method, path)`."""
    await asyncio.start_server(lambda reader, writer: _serve_one(routes, reader, writer), host, port)
