"""A host in a directory: real files, and a Docker that only remembers which generation each service runs.

The real Docker is asked in tests/stack; here every point at which a change can break is tried.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Dict, Optional, Tuple

import pytest

from jitsictl.change import probes, services
from jitsictl.change.steps import HANDLERS
from jitsictl.change.tools import Tools
from jitsictl.doors.process import Done
from jitsictl.plan import manifest
from jitsictl.plan.build import plan, watched_paths
from jitsictl.plan.generation import LINKED, Places
from jitsictl.settings import catalogue
from jitsictl.types import change as kinds
from jitsictl.types.change import Change
from jitsictl.types.paths import Paths
from jitsictl.types.site import Applied, Container, Desired, Kept, Observed
from unit.site import wanted

OLD, NEW = "stable-11031", "stable-11146-2"
ID = "20260101-000000-1"


class PowerCut(BaseException):
    """Nothing catches it: the process is gone, with no chance to put anything back."""


def answering(patch: pytest.MonkeyPatch) -> None:
    """Services are ready and verification succeeds; Prosody's accounts are not asked for."""
    patch.setattr(probes, "wait_ready", lambda *_: None)
    patch.setitem(HANDLERS, kinds.Verify, HANDLERS[kinds.Verify]._replace(do=lambda *_: None))
    patch.setattr(services, "_delete", lambda *_: None)
    patch.setattr(services.prosodyctl, "create_piped", lambda *_: None)


def breaking(patch: pytest.MonkeyPatch, at: int, how: BaseException, after: bool) -> None:
    """Make step number `at` raise `how` before or after it did its work, once."""
    steps = count()
    for kind, handler in list(HANDLERS.items()):

        def do(step, tools, handler=handler):
            now = next(steps)
            if now == at and not after:
                raise how
            handler.do(step, tools)
            if now == at:
                raise how

        patch.setitem(HANDLERS, kind, handler._replace(do=do))


class Docker:
    """Containers and images by what was done to them; every command inside one succeeds."""

    def __init__(self) -> None:
        self.runs: Dict[str, int] = {}  # service -> generation
        self.stopped: set[str] = set()
        self.here: set[str] = set()

    def containers(self) -> Dict[str, Container]:
        return {s: Container(s, f"id-{s}", "exited" if s in self.stopped else "running", "", "", "") for s in self.runs}

    def container(self, service: str) -> Optional[Container]:
        return self.containers().get(service)

    def image(self, ref: str) -> Optional[object]:
        return ref if ref in self.here else None

    def execute(self, _id: str, argv: Tuple[str, ...], **_more: object) -> Done:
        return Done(tuple(argv), 0, "", "", 0.0)


class Compose:
    """Brings up what the project's compose.yaml link leads to, as the real one does."""

    def __init__(self, docker: Docker, store: Path) -> None:
        self.docker = docker
        self.store = store

    def up(self, directory: Path, services: list[str], **_more: object) -> None:
        generation = int((directory / "compose.yaml").resolve().parent.name)
        if "prosody" in services and generation == 1:
            assert self.store.exists(), "the old prosody would start with an empty store"
        for service in services:
            self.docker.runs[service] = generation
            self.docker.stopped.discard(service)

    def stop(self, _directory: Path, services: list[str], **_more: object) -> None:
        self.docker.stopped.update(services)

    def remove(self, _directory: Path, services: list[str], **_more: object) -> None:
        for service in services:
            self.docker.runs.pop(service, None)


class World:
    """A site at stable-11031 with accounts, and the change that takes it to stable-11146-2."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = Paths(root)
        self.conf = f"PUBLIC_URL=https://meet.example.org\nJVB_ADVERTISE_IPS=192.0.2.10\nTZ=UTC\nETHERPAD=1\nCONFIG={root}/cfg\n"
        self.docker = Docker()
        self.before, self.after = wanted(self.conf, OLD), wanted(self.conf, NEW)
        self._lay_out()
        self.change = self._change()

    def applied(self) -> Applied:
        return Applied(1, OLD, self.before.files)

    def tools(self) -> Tools:
        compose = Compose(self.docker, self.root / "cfg/prosody/config/data")
        return Tools(self.paths, self.docker, lambda: compose)  # type: ignore[arg-type, return-value]

    def picture(self) -> Dict[str, object]:
        """All that a user has: files with content, links, and what runs. The lock and the log are not part of it."""
        seen: Dict[str, object] = {"runs": dict(self.docker.runs), "stopped": sorted(self.docker.stopped)}
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            if name.startswith("var/log"):
                continue
            if path.is_symlink():
                seen[name] = f"-> {path.readlink()}"
            elif path.is_file():
                seen[name] = path.read_bytes()
            elif name != "var/lib/jitsi-meet/change":
                seen[name] = oct(path.stat().st_mode)
        return seen

    def _lay_out(self) -> None:
        self._generation(1, self.before)
        self.paths.current.symlink_to(self.paths.generations / "1")
        store = self.root / "cfg/prosody/config/data/meet%2ejitsi/accounts"
        store.mkdir(parents=True)
        (store / "alien.dat").write_text("scram keys of alien")
        self._data()
        (self.root / "cfg").chmod(0o700)
        self.paths.project.mkdir(parents=True)
        for name in LINKED:
            (self.paths.project / name).symlink_to(self.paths.current / name)
        self.paths.conf.parent.mkdir(parents=True)
        self.paths.conf.write_text(self.conf)
        self.docker.runs = dict.fromkeys(self.before.digests, 1)
        self.docker.here = set(self.after.images.values())

    def _data(self) -> None:
        """Transcripts, recordings, keys, and what acme.sh keeps for itself."""
        made = ("transcripts/a/a.txt", "jibri/recordings/b/b.mp4", "web/keys/cert.key", "web/acme.sh/account.conf")
        for path in made:
            file = self.root / "cfg" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"content of {path}")

    def _generation(self, number: int, desired: Desired) -> None:
        where = self.paths.generations / str(number)
        for name, text in {
            **desired.files,
            manifest.NAME: manifest.dump(desired, None),
        }.items():
            (where / name).parent.mkdir(parents=True, exist_ok=True)
            (where / name).write_text(text)

    def _change(self) -> Change:
        store = f"{self.root}/cfg/prosody/config/data"
        observed = Observed(
            applied=self.applied(),
            containers={s: Container(s, f"id-{s}", "running", "", "", d) for s, d in self.before.digests.items()},
            images=tuple(self.after.images.values()),
            paths={
                path: Kept(0, 0, 0o755, True)
                for path in (store, *watched_paths(self.after, OLD, Places("", "", str(self.paths.project), "")))
                if Path(path).exists()
            },
            newest_generation=1,
        )
        places = Places(
            str(self.paths.generations),
            str(self.paths.current),
            str(self.paths.project),
            ID,
        )
        return plan(self.after, observed, catalogue.load(), places, "upgrade")
