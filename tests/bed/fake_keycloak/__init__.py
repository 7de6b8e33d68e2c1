"""A small Keycloak at the root path, for tests without Java: the standard library and openssl.

It answers as 26.7 does (seen by asking one) where adapters, browsers and the Admin API's callers look. In a test:

    with fake_keycloak.serve() as fake:             # a thread; at fake.url, realms in fake.realms
        fake.realms["foundation"].client("jitsi")
    with fake_keycloak.on(host, port=8180):         # a process in a host's network; only its addresses are known

Realm `foundation`: user alien (WelcomeBOB!) and the service account `setup` (secret `setup-secret`), which may manage
clients; no client `jitsi`. Realm `master`: admin (admin), by the client admin-cli.
"""
from __future__ import annotations

import contextlib
import functools
import ssl
import subprocess
import sys
import tempfile
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Tuple

from bed import runs
from bed.base import HERE, BedError
from bed.fake_keycloak.admin import Admin
from bed.fake_keycloak.oidc import OpenIdConnect
from bed.fake_keycloak.realm import Key, Realm

if TYPE_CHECKING:
    from bed.host import Host

REALM, USER, PASSWORD = "foundation", "alien", "WelcomeBOB!"
SERVICE, SECRET = "setup", "setup-secret"
ADMIN, ADMIN_PASSWORD = "admin", "admin"
ALL = ("manage-clients", "view-clients", "query-clients", "manage-realm", "view-realm")


def realms(folder: Path) -> Dict[str, Realm]:
    """Both realms as the tests expect them; `folder` keeps the key, which is made once: 0.2 s of processor time."""
    key = _key(folder)
    foundation, master = Realm(REALM, key), Realm("master", key)
    foundation.users[USER] = {"firstName": "Al", "lastName": "Ien", "email": "alien@darkstar.lan", "password": PASSWORD}
    foundation.create({"clientId": SERVICE, "secret": SECRET, "serviceAccountsEnabled": True,
                       "standardFlowEnabled": False})
    foundation.roles[SERVICE] = ["manage-clients", "view-clients", "query-clients"]
    master.users[ADMIN] = {"password": ADMIN_PASSWORD, "roles": list(ALL)}
    for realm in (foundation, master):
        realm.create({"clientId": "admin-cli", "publicClient": True, "directAccessGrantsEnabled": True,
                      "standardFlowEnabled": False})
    return {realm.name: realm for realm in (foundation, master)}


_key = functools.lru_cache(maxsize=None)(Key)


class Server(ThreadingHTTPServer):
    """Keycloak below `base` ("" or "/auth"). `public`: the address that it tells, by default what it was asked by."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, at: Tuple[str, int], folder: Path, base: str = "", public: str = "",
                 files: Optional[Tuple[Path, Path]] = None) -> None:
        super().__init__(at, _Asked)
        self.base, self.public, self.scheme = base, public, "https" if files else "http"
        self.realms = realms(folder)
        self.waiting: Dict[str, Dict[str, str]] = {}  # logins at the form, by session code
        self.asked: List[str] = []  # "POST /realms/..." in order, without query
        if files:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*files)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.server_address[1]}{self.base}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is none of the test's business."""


class _Asked(OpenIdConnect, Admin):
    """Both halves of it."""


@contextlib.contextmanager
def serve(base: str = "", *, public: str = "", files: Optional[Tuple[Path, Path]] = None) -> Iterator[Server]:
    """One on a free port of this machine's loopback (name localhost); with `files`, certificate and key, by TLS."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fake-keycloak-"))
        server = stack.enter_context(Server(("127.0.0.1", 0), Path(folder), base, public, files))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        yield server


@contextlib.contextmanager
def on(host: Host, port: int, *options: str) -> Iterator[None]:
    """One in the network of `host`, on all its addresses; it ends with the block. `options`: see __main__."""
    words = runs.inside(host.netns, sys.executable, "-m", "bed.fake_keycloak", str(port), *options)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE.parent) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            if process.stdout.readline() != "ready\n":
                raise BedError("the fake Keycloak did not start")
            yield
        finally:
            process.stdin.close()  # which is what ends it
