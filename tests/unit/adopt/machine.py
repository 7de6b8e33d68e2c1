"""The host in a directory of unit/change/machine.py with the tutorial's site on it, remembered as our own is."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Dict

import pytest

from jitsictl.adopt import prepare, take
from jitsictl.adopt.prepare import Request
from jitsictl.change import foreign as handlers
from jitsictl.change.tools import Tools
from unit.adopt.site import DIRTY_DB, ENV, SERVICES, Foreign, container
from unit.change.machine import Machine

PADS = b'{"key":"pad:minutes","val":{}}\n'
RENDERED = ("web/config.js", "web/nginx/site-confs/default", "prosody/config/certs/meet.key", "jvb/jvb.conf")


class OldMachine(Machine):
    """A host with the tutorial's site, running, and this package freshly installed."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        super().__init__(root, patch)
        self.paths.conf.unlink()
        self.paths.secrets.unlink()
        (self.config / "etherpad/dirty.db").unlink()
        (self.config / "etherpad").rmdir()
        self.config.chmod(0o755)
        for name in RENDERED:
            (self.config / name).parent.mkdir(parents=True, exist_ok=True)
            (self.config / name).write_text("rendered by the old image")
        (self.config / "transcripts").mkdir()
        (self.config / "transcripts/meeting.txt").write_text("what was said")
        self.folder = root / "usr/local/docker-jitsi-meet-stable-6826"
        self.folder.mkdir(parents=True)
        env = {**ENV, "CONFIG": str(self.config)}
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in env.items()))
        (self.folder / "docker-compose.yml").write_text("services: {}\n")
        self.foreign = Foreign(*(container(s, str(self.folder), str(self.config)) for s in SERVICES))
        self.foreign.files[f"id-etherpad:{DIRTY_DB}"] = PADS
        patch.setattr(prepare, "_answers", lambda _: True)
        patch.setattr(handlers, "_page", lambda _: None)
        patch.setattr(take, "_not_ready", lambda *_: [])

    def tools(self, *_: object) -> Tools:
        made = super().tools()
        made.foreign = self.doors.counted(self.foreign)
        return made

    def picture(self) -> Dict[str, object]:
        old = {"old": dict(self.foreign.there), "inside": dict(self.foreign.files), "nets": list(self.foreign.nets)}
        return {**super().picture(), **old}

    def state(self, keep: Path) -> Any:
        return super().state(keep), copy.deepcopy((self.foreign.there, self.foreign.files, self.foreign.nets))

    def put_back(self, state: Any) -> None:
        mine, old = state
        super().put_back(mine)
        self.foreign.there, self.foreign.files, self.foreign.nets = copy.deepcopy(old)

    def adopt(self) -> object:
        return take.adopt(self.paths, Request(str(self.folder)))
