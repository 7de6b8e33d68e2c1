"""An applied site in a directory, whose Prosody is its store: what the account verbs find on a host."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

import pytest

from jitsictl.accounts import bulk, home, prosodyctl, scram, users
from jitsictl.accounts import shell as shells
from jitsictl.accounts.home import Home
from jitsictl.accounts.record import parse
from jitsictl.accounts.scram import Key
from jitsictl.accounts.shell import Found, Hashing
from jitsictl.change import generations
from jitsictl.doors import docker
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.site import Applied, Container
from unit import site

ROUNDS = 2  # of PBKDF2: these are tests


def record(key: Optional[Key], **more: str) -> bytes:
    """A record as Prosody writes it; `more` are Lua values."""
    fields = {"created": "1700000000", "updated": "1700000001", **more}
    if key is not None:
        salt = "".join(chr(byte) if byte >= 32 and byte not in b'"\\' else f"\\{byte:03d}" for byte in key.salt)
        fields.update(stored_key=f'"{key.stored.hex()}"', server_key=f'"{key.server.hex()}"', salt=f'"{salt}"',
                      iteration_count=str(key.rounds))
    text = "".join(f'\t["{name}"] = {value};\n' for name, value in fields.items())
    return f"return {{\n{text}}};\n".encode("latin-1")


class World:
    """The site; `settings` and `container` may be changed."""

    def __init__(self, root: Path) -> None:
        self.paths = Paths(root)
        self.conf(site.CONF)
        self.container: Optional[Container] = Container("prosody", "c1", "running", "", "jitsi/prosody:x", "")
        self.lost = False  # Prosody says that it stored something, and did not
        self.full_after: Optional[int] = None  # its disk has room for so many more
        self.interrupted_after: Optional[int] = None  # batches until somebody types ^C
        self.orders: List[str] = []
        self.paths.state.mkdir(parents=True)
        self.paths.current.symlink_to("generations/1")
        self.home.records.mkdir(parents=True)
        self.put("alien", "old")

    def conf(self, text: str) -> None:
        self.settings = site.settings(f"{text}CONFIG={self.paths.root}/config\n", "stable-11031")

    @property
    def home(self) -> Home:
        return Home(self.settings, self.paths.root / "config/prosody/config/data", "/config/prosody.cfg.lua")

    def put(self, name: str, password: str) -> None:
        self.put_key(name, scram.made(password, "SHA-1", ROUNDS))

    def put_key(self, name: str, key: Optional[Key], **more: str) -> None:
        self.home.record(name).write_bytes(record(key, **more))

    def has(self, name: str, password: str) -> bool:
        found = self.keys([name]).get(name)
        return found is not None and found.key is not None and found.key.fits(password)

    # -- its Prosody

    hashing = Hashing("SHA-1", ROUNDS)

    def keys(self, names: Sequence[str]) -> Dict[str, Found]:
        found = {name: self.home.record(name) for name in names if self.home.has(name)}
        return {name: Found(parse(path.read_bytes()).key, False) for name, path in found.items()}

    def delete(self, names: Sequence[str]) -> List[str]:
        gone = [name for name in names if self.home.has(name)]
        for name in gone:
            self.home.record(name).unlink()
        return gone

    def store(self, rows: Sequence[Tuple[str, Key]], *, update: bool) -> Tuple[str, str]:
        letters = ""
        for name, key in rows:
            if self.full_after == 0:
                return letters, "No space left on device"
            exists = self.home.has(name)
            if not exists or update:
                self.put_key(name, key)
                self.full_after = None if self.full_after is None else self.full_after - 1
            letters += ("u" if update else "e") if exists else "c"
        if self.interrupted_after is not None:
            self.interrupted_after -= 1
            if self.interrupted_after < 0:
                self.interrupted_after = None
                raise KeyboardInterrupt
        return letters, ""

    def refused(self, name: str, why: str) -> Failure:
        return prosodyctl.explained(f"Error: {why}", "/config/prosody.cfg.lua", f"{name}@meet.jitsi")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A running site of stable-11031 with the account alien."""
    made = World(tmp_path)

    def order(_container: Container, config: str, jid: str, password: str) -> None:
        made.orders.append(f"{config} {jid}")
        if not made.lost:
            made.put(jid.rpartition("@")[0], password)

    @contextlib.contextmanager
    def shell(_running: home.Running) -> Iterator[World]:
        yield made

    monkeypatch.setattr(generations, "current", lambda _: Applied(1, "stable-11031", {}))
    monkeypatch.setattr(generations, "settings_of", lambda _: made.settings)
    monkeypatch.setattr(docker, "service", lambda _: made.container)
    monkeypatch.setattr(prosodyctl, "adduser", order)
    monkeypatch.setattr(prosodyctl, "passwd", order)
    monkeypatch.setattr(users, "shell", shell)
    monkeypatch.setattr(shells, "shell", shell)
    monkeypatch.setattr(bulk.proof, "login", lambda _home, name, password: made.has(name, password))
    return made
