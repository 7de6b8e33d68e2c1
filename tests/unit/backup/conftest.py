"""A site to back up."""

from __future__ import annotations

import os

import pytest

from unit.change.world import World, answering

PADS = '{"key":"pad:minutes","val":{"atext":{"text":"hello\\n"}}}\n{"key":"pad:minutes:revs:0","val":{}}\n'


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A site of a root release with accounts, pads, own files; services are ready and verification succeeds."""
    answering(monkeypatch)
    monkeypatch.setattr(World, "_data", lambda _: None)  # `fill` has its own
    made = World(tmp_path)
    made.docker.here |= set(made.before.images.values())
    fill(made)
    return made


def fill(world):
    config = world.root / "cfg"
    record = config / "prosody/config/data/meet%2ejitsi/accounts/alien.dat"
    record.chmod(0o640)
    for path in (record, *list(record.parents)[:3]):
        os.chown(path, 101, 102)
    for name, text in {
        "etherpad/dirty.db": PADS,
        "web/custom-config.js": "config.x = 1;\n",
        "web/config.js": "// rendered\n",
        "web/nginx-custom/a b.conf": "# mine\n",
        "prosody/config/conf.d/jitsi-meet.cfg.lua": "-- rendered\n",
        "prosody/config/conf.d/mine.cfg.lua": "-- mine\n",
        "prosody/prosody-plugins-custom/mod_mine.lua": "-- mine\n",
        "web/keys/cert.key": "a private key\n",
        "transcripts/t.json": "{}\n",
        "jibri/recordings/r.mp4": "a film " * 20_000,
    }.items():
        path = config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (config / "web/keys/cert.key").chmod(0o600)
    (config / "web/keys/old.key").symlink_to("cert.key")
    os.chown(config / "etherpad", 5001, 0)
    os.chown(config / "etherpad/dirty.db", 5001, 0)
    world.paths.secrets.write_text("JICOFO_AUTH_PASSWORD=aaaa1111aaaa1111\nJVB_AUTH_PASSWORD=bbbb2222bbbb2222\n")
    for path in (world.paths.conf, world.paths.secrets):
        path.chmod(0o600)
    world.paths.override.write_text("services: {}\n")
    world.paths.state.chmod(0o700)
