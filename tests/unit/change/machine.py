"""A whole host in a directory whose power can be cut at any call of a door: the verbs run on it from end to end.

Files are real. Docker, Compose and what is asked by HTTP are not: tests/stack has the real ones. The calls at which
the power is cut are found by running a verb, so that a new step, or a new call in an old one, needs no new test.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import pytest

from jitsictl.change import apply, intent, journal, preflight, recover, services
from jitsictl.change.steps import HANDLERS
from jitsictl.change.tools import Tools
from jitsictl.doors import files, trees
from jitsictl.doors.process import Done
from jitsictl.plan import compose as pieces
from jitsictl.plan.passwords import record
from jitsictl.types import change as kinds
from jitsictl.types.paths import Paths
from jitsictl.types.site import Container
from unit.change.world import PowerCut, answering
from unit.site import PIECES, SECRETS

OLD, NEW = "stable-11031", "stable-11146-2"
STORE = "meet%2ejitsi/accounts/alien.dat"
# Doors that only look: a cut before one of them is a cut before the next call that does something.
LOOKS = {
    *("read_text", "read_bytes", "kept", "exists", "readable", "changed", "link_target", "names", "mode_of"),
    *("hash_file", "tree", "same", "size"),
    *("container", "containers", "image", "offered", "data_root"),
    *("networks", "states", "described", "read_url"),
}


class Docker:
    """Containers by what was done to them; every command inside one succeeds, and every image can be had.

    Prosody's shell makes accounts and gives them passwords: a record in the store is the password.
    """

    architecture = "amd64"

    def __init__(self, config: Path) -> None:
        self.config = config
        self.runs: Dict[str, Tuple[str, str]] = {}  # service -> release's image, digest
        self.stopped: List[str] = []
        self.here: List[str] = []

    def containers(self) -> Dict[str, Container]:
        return {
            s: Container(s, f"id-{s}", "exited" if s in self.stopped else "running", "", image, digest)
            for s, (image, digest) in self.runs.items()
        }

    def container(self, service: str) -> Optional[Container]:
        return self.containers().get(service)

    def image(self, ref: str) -> Optional[Any]:
        return ref if ref in self.here else None

    def offered(self, _ref: str) -> List[str]:
        return ["amd64"]

    def data_root(self) -> Path:
        return Path("/")

    def execute(self, _id: str, argv: Tuple[str, ...], *, stdin: str = "", **_more: object) -> Done:
        stores = ("storage/prosody/data", "prosody/config/data")
        store = next(self.config / place for place in stores if (self.config / place).exists())
        said = []
        for what, jid, password in re.findall(r'user:(\w+)\("([^"]*)", "([^"]*)"\)', stdin):
            path = store / record(*jid.split("@"))
            if what == "create" and path.exists():
                said.append("! Error: User exists")
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".new").write_text(password)
            path.with_suffix(".new").replace(path)
            said.append("| OK: done")
        return Done(tuple(argv), 0, "\n".join(said), "", 0.0)


class Compose:
    """Brings up what the project's compose.yaml link leads to. It sees a store of the wrong layout as Prosody would."""

    program = ("docker", "compose")

    def __init__(self, docker: Docker, config: Path) -> None:
        self.docker, self.config = docker, config

    def up(self, directory: Path, names: List[str], **_more: object) -> None:
        text = (directory / "compose.yaml").read_text()
        digests, images = pieces.digests(text), pieces.images(text)
        for name in names:
            if name == "prosody":
                rootless = "/var/lib/prosody" in text
                store = self.config / ("storage/prosody/data" if rootless else "prosody/config/data") / STORE
                assert store.exists(), "prosody would start with an empty store"
            self.docker.runs[name] = (images[name], digests[name])
            if name in self.docker.stopped:
                self.docker.stopped.remove(name)

    def stop(self, _directory: Path, names: List[str], **_more: object) -> None:
        self.docker.stopped = sorted({*self.docker.stopped, *(n for n in names if n in self.docker.runs)})

    def remove(self, _directory: Path, names: List[str], **_more: object) -> None:
        for name in names:
            self.docker.runs.pop(name, None)


class Machine:
    """The host. `state` and `put_back` copy it, Docker included, so that a thousand cuts start from the same."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.config = root / "cfg"
        self.paths = Paths(root)
        self.docker = Docker(self.config)
        self.changes = 0  # of them, so far: their names tell them apart
        self.doors = Doors()
        self.doors.count_calls(patch, [files, trees])
        self._patch(patch)
        for made_by_any_verb in (self.paths.state, self.paths.log.parent):
            made_by_any_verb.mkdir(0o700, parents=True)
        shutil.copytree(PIECES, self.paths.pieces)
        self.paths.conf.parent.mkdir(parents=True)
        self.write_conf("")
        self.paths.secrets.write_text(SECRETS)
        store = self.config / "prosody/config/data"
        for path in (STORE, *(record(user, "auth.meet.jitsi") for user in ("focus", "jvb"))):
            (store / path).parent.mkdir(parents=True, exist_ok=True)
            (store / path).write_text(f"scram keys of {Path(path).stem}")
        (self.config / "etherpad").mkdir()
        (self.config / "etherpad/dirty.db").write_text('{"key":"pad:notes","val":{}}\n')

    def write_conf(self, more: str) -> None:
        self.paths.conf.write_text(
            f"PUBLIC_URL=https://meet.example.org\nJVB_ADVERTISE_IPS=192.0.2.10\nETHERPAD=1\nCONFIG={self.config}\n"
            f"JITSI_IMAGE_VERSION={OLD}\n{more}"
        )
        self.paths.conf.chmod(0o600)

    def tools(self, *_: object) -> Tools:
        compose = self.doors.counted(Compose(self.docker, self.config))
        return Tools(self.paths, self.doors.counted(self.docker), lambda: compose)

    def recover(self) -> List[str]:
        """What the next start does."""
        return recover.recover(self.tools())

    def cut_off(self) -> bool:
        return bool(journal.interrupted(self.paths.changes))

    def picture(self) -> Dict[str, object]:
        """All that a user has: files with content, owners and bits, links, and what runs; without lock and log."""
        seen: Dict[str, object] = {"runs": dict(self.docker.runs), "stopped": list(self.docker.stopped)}
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            if name.startswith(("var/log", "var/lib/jitsi-meet/lock")) or name == "var/lib/jitsi-meet/change":
                continue
            if path.is_symlink():
                seen[name] = f"-> {path.readlink()}"
            else:
                found = path.stat()
                seen[name] = (oct(found.st_mode), found.st_uid, path.read_bytes() if path.is_file() else b"")
        return seen

    def state(self, keep: Path) -> Any:
        _copied(self.root, keep)
        return keep, copy.deepcopy((self.docker.runs, self.docker.stopped, self.docker.here)), self.changes

    def put_back(self, state: Any) -> None:
        keep, (runs, stopped, here), self.changes = state
        shutil.rmtree(self.root)
        _copied(keep, self.root)
        self.docker.runs, self.docker.stopped, self.docker.here = copy.deepcopy((runs, stopped, here))

    def _patch(self, patch: pytest.MonkeyPatch) -> None:
        """What is not of this host: waiting, other programs' ports, Prosody's accounts, the clock's names."""
        answering(patch)
        patch.setattr(os, "fsync", lambda _: None)  # the directory is in memory; a cut loses nothing of it
        patch.setattr(os, "sync", lambda: None)
        patch.setattr(apply, "open_tools", self.tools)
        patch.setattr(apply, "new_id", self._new_id)
        patch.setattr(apply.log, "announce", lambda *_: None)
        patch.setattr(apply.conferences, "running", lambda _: None)
        patch.setattr(apply.outage, "told", lambda *_: contextlib.nullcontext())
        patch.setattr(preflight.ports, "holder", lambda *_: None)
        patch.setattr(preflight.host, "free_bytes", lambda _: 1 << 40)
        patch.setattr(intent, "_password", lambda: "cccc3333cccc3333")  # the same each time that a verb is run
        patch.setattr(services, "pull", self._pull)
        patch.setitem(HANDLERS, kinds.Pull, HANDLERS[kinds.Pull]._replace(do=self._pull))

    def _new_id(self) -> str:
        self.changes += 1
        return f"20260101-000000-{self.changes}"

    def _pull(self, step: kinds.Pull, _tools: Tools) -> None:
        if step.image not in self.docker.here:
            self.docker.here.append(step.image)


def _copied(source: Path, target: Path) -> None:
    """With owners, bits and times."""
    subprocess.run(["cp", "-a", source, target], check=True, timeout=60)


class Doors:
    """Counts the calls of doors that do something; the power is cut before one of them."""

    def __init__(self) -> None:
        self.calls: List[str] = []
        self._cut: Optional[int] = None
        self._inside = False

    def count_calls(self, patch: pytest.MonkeyPatch, modules: List[ModuleType]) -> None:
        """Every public function of these modules; what one of them calls inside is a part of it."""
        for module in modules:
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_") and name not in LOOKS:
                    patch.setattr(
                        module, name, self._counting(f"{module.__name__.rpartition('.')[2]}.{name}", function)
                    )

    def counted(self, thing: Any) -> Any:
        """The same thing, each of its methods counted."""
        outer = self

        class Counted:
            def __getattr__(self, name: str) -> Any:
                found = getattr(thing, name)
                if name in LOOKS or not callable(found):
                    return found
                return outer._counting(f"{type(thing).__name__}.{name}", found)

        return Counted()

    @contextlib.contextmanager
    def cut(self, number: int) -> Iterator[None]:
        """The power goes before call `number` of the block, which counts from 0."""
        self.calls, self._cut = [], number
        try:
            yield
        finally:
            self._cut = None

    @contextlib.contextmanager
    def watched(self) -> Iterator[List[str]]:
        """The names of the calls of the block."""
        self.calls = []
        yield self.calls

    def _counting(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if self._inside:
                return function(*args, **options)
            number = len(self.calls)
            self.calls.append(name)
            if self._cut == number:
                raise PowerCut(name)
            self._inside = True
            try:
                return function(*args, **options)
            finally:
                self._inside = False

        return call
