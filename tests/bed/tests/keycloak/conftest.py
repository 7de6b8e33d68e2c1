"""A Keycloak, and the adapters' stand-ins as processes of this machine's Node.js on ports of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest
from bed import fake_keycloak
from bed.images import catalog

from .people import REALM

# Any port for what asks for one, and which it was.
_ANY_PORT = """
const {Server} = require('http');
const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
    this.once('listening', () => console.log(`PORT ${this.address().port}`));
    return listen.call(this, 0, ...rest);
};
"""


@pytest.fixture(scope="module")
def keycloak() -> Iterator[fake_keycloak.Server]:
    with fake_keycloak.serve() as fake:
        yield fake


@pytest.fixture(scope="module")
def realm(keycloak: fake_keycloak.Server) -> str:
    return f"{keycloak.url}/realms/{REALM}"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """`started(trees, file, env, config)`: what a program said, and its address, or the code with which it ended."""
    running: List[subprocess.Popen[str]] = []

    def start(trees: List[str], file: str, env: Dict[str, str], config: str = "") -> Any:
        top = tmp_path_factory.mktemp("adapter")
        source = os.environ.get("ADAPTER")  # by hand: the folder `app` of the real one
        for folder in [Path(source)] if source else [catalog.ROOTFS / tree / "app" for tree in trees]:
            shutil.copytree(folder, top / "app", dirs_exist_ok=True, symlinks=True)
        if config:
            (top / "config").mkdir()
            (top / "config/keycloak.json").write_text(config)
        (top / "any-port.js").write_text(_ANY_PORT)
        process = subprocess.Popen(["node", "-r", top / "any-port.js", file], cwd=top / "app", text=True,
                                   env={"PATH": os.environ["PATH"], **env}, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)  # fmt: skip
        running.append(process)
        assert process.stdout is not None
        said: List[str] = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("PORT "):
                return "".join(said), f"http://localhost:{line.split()[1]}"
        return "".join(said), process.wait()

    yield start
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()
