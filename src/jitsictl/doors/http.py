"""HTTP requests, each bounded as a whole."""

# http.client and not requests: it is imported in 25 ms, requests in 70, which is felt in every verb that asks a
# service how it is. Redirects, cookies and proxies, which requests would add, must not happen here.

from __future__ import annotations

import contextlib
import functools
import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from jitsictl.types.failure import Failure

_PARTIAL_CHAIN = 0x80000  # X509_V_FLAG_PARTIAL_CHAIN, which Python names since 3.10
LARGEST = 8 << 20  # bytes of a body; config.js and /metrics have some 10 kB


class Unreachable(Failure):
    """Nobody answered, or not in time, or not in HTTP."""


class Untrusted(Unreachable):
    """The server's certificate is none that this host trusts for its name; `why` is OpenSSL's word for it."""

    def __init__(self, server: str, why: str) -> None:
        super().__init__(f"expected a certificate that this host trusts from {server}, found: {why}")
        self.why = why


@dataclass(frozen=True)
class Reply:
    """An answer, whatever its status. Header names are in lower case; `cookies` are all that it sets, as it does."""

    status: int
    headers: Mapping[str, str]
    text: str
    cookies: Tuple[str, ...] = ()


class Connection:
    """A kept-alive connection to the server of a URL; all requests together end within `deadline` seconds.

    `authority`: a file with more certificates that sign what this host trusts. Failure: it has none. `at`: the address
    to connect to, whatever the name's own is.
    """

    def __init__(self, url: str, *, deadline: float, authority: Optional[Path] = None, at: str = "") -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Failure(f"expected a URL like http://127.0.0.1:8440/, found {url!r}")
        self._server = f"{parts.scheme}://{parts.netloc}"
        self._deadline = deadline
        self._until = time.monotonic() + deadline
        if parts.scheme == "https":
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=deadline, context=_trust(authority)
            )
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=deadline)
        if at:
            self._connection._create_connection = functools.partial(_connected, at)  # type: ignore[attr-defined]

    def request(
        self, method: str, path: str, body: Optional[str] = None, headers: Optional[Mapping[str, str]] = None
    ) -> Reply:
        """One request on the connection. Raises Unreachable."""
        url = f"{self._server}{path}"
        try:
            self._connection.timeout = self._left()
            if self._connection.sock is not None:
                self._connection.sock.settimeout(self._left())
            data = None if body is None else body.encode()
            self._connection.request(method, path, data, dict(headers or {}))
            response = self._connection.getresponse()
            cookies = tuple(response.headers.get_all("Set-Cookie", ()))
            return Reply(response.status, _lower(response), self._body(response), cookies)
        except (TimeoutError, socket.timeout):  # two classes until Python 3.10
            raise Unreachable(f"expected an answer from {url} within {self._deadline:g} s, found none") from None
        except ssl.SSLCertVerificationError as error:
            raise Untrusted(self._server, error.verify_message) from None
        except OSError as error:
            raise Unreachable(f"expected an answer from {url}, found: {error.strerror or error}") from None
        except http.client.HTTPException as error:
            found = str(error) or type(error).__name__
            raise Unreachable(f"expected an answer in HTTP from {url}, found: {found}") from None

    def close(self) -> None:
        """Close the connection; a later request would open it again."""
        self._connection.close()

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _body(self, response: http.client.HTTPResponse) -> str:
        """The body, read piece by piece so that a server that drips bytes does not outlast the deadline."""
        body = bytearray()
        while response.length != 0 and len(body) < LARGEST:
            if self._connection.sock is not None:
                self._connection.sock.settimeout(self._left())
            chunk = _some(response)
            if not chunk:
                break
            body += chunk
        if response.length and len(body) < LARGEST:
            raise http.client.IncompleteRead(bytes(body), response.length)
        response.close()
        return body.decode("utf-8", "replace")


def get(url: str, *, deadline: float, headers: Optional[Mapping[str, str]] = None) -> Reply:
    """GET within `deadline` seconds, any status. Raises Unreachable."""
    with opened(url, deadline=deadline) as connection:
        return connection.request("GET", _target(url), None, headers)


def post(url: str, body: str, *, deadline: float, headers: Optional[Mapping[str, str]] = None) -> Reply:
    """POST a text within `deadline` seconds, any status. Raises Unreachable."""
    with opened(url, deadline=deadline) as connection:
        return connection.request("POST", _target(url), body, headers)


@contextlib.contextmanager
def opened(url: str, *, deadline: float, authority: Optional[Path] = None, at: str = "") -> Iterator[Connection]:
    """A Connection for the block."""
    connection = Connection(url, deadline=deadline, authority=authority, at=at)
    try:
        yield connection
    finally:
        connection.close()


def _connected(at: str, address: Tuple[str, int], *more: Any) -> socket.socket:
    return socket.create_connection((at, address[1]), *more)


@functools.lru_cache(maxsize=4)
def _trust(authority: Optional[Path]) -> ssl.SSLContext:
    """What this host trusts, and those that one of these signed: as Node and Deno take theirs.

    It takes 25 ms to read, and Keycloak is asked several times in one verb.
    """
    context = ssl.create_default_context()
    context.verify_flags |= _PARTIAL_CHAIN  # one in `authority` need not have signed itself
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # Python 3.13 began to want more of a certificate than browsers do
    if authority is not None:
        try:
            context.load_verify_locations(authority)
        except ssl.SSLError:
            raise Failure(
                f"expected certificates in PEM form in {authority}, found none; give the authority's file"
            ) from None
        except OSError as error:
            raise Failure(f"expected certificates in {authority}, found: {error.strerror}") from None
    return context


def _some(response: http.client.HTTPResponse) -> bytes:
    """What one recv gives. read1, made for this, does not count a body of known length before Python 3.10."""
    if response.chunked:
        return response.read1(65536)
    return response.read(len(response.peek(1)) or 1)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _lower(response: http.client.HTTPResponse) -> Dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}
