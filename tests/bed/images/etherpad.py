"""The layer with a real Etherpad, ep_etherpad-lite from npm; it stands on the one with Node.js.

Etherpad 2 is not on npm, so the image that carries upstream's tag 2.0.3 has 1.8.14 inside: the same paths,
owner, environment names, store (dirty.db) and HTTP API.
"""
from __future__ import annotations

import json
import shutil
from pathlib import Path

from bed.base import BedError, command
from bed.images.layers import Layer
from bed.images.node import unpack

ETHERPAD = "ep_etherpad-lite@1.8.14"
HOME = "opt/etherpad-lite"
OWNER = (5001, 0)

# What nothing loads in a server whose pads are in a file or in MariaDB: most of 14,000 files, which every host unpacks.
_DRIVERS = ("cassandra-driver", "elasticsearch", "mongodb", "mssql", "nano", "pg", "redis", "rethinkdb", "sqlite3")
_STUB = "npm:semver@5.7.1"  # one that is there anyway
_UNREAD = (".cts", ".d.ts", ".map", ".markdown", ".md", ".mts")

# What most of a start's processor time goes into and nothing here looks at: a description of each of 16 versions of the
# HTTP API, compiled; a second process that minifies; a hundred languages.
_EAGER = {
    "node/hooks/express/openapi.js": ("of Object.keys(apiHandler.version)) {\n    // we support",
                                      "of ['1', apiHandler.latestApiVersion]) {\n    // we support"),
    "node/utils/Minify.js": ("('./MinifyWorker')), 2)", "('./MinifyWorker')), 1)"),
}
_LANGUAGES = ("de.json", "en.json", "en-gb.json", "nl.json")

# npm itself is replaced by a stub.
_INSTALL = ["--omit=dev", "--omit=optional", "--ignore-scripts", "--fetch-retries=0", "--no-audit",
            "--no-fund", "--loglevel=error"]


def _server(work: Path) -> Path:
    """Etherpad with what it needs *inside* its own folder: hoisted modules break its browser client."""
    source = unpack(ETHERPAD, work)
    description = source / "package.json"
    package = json.loads(description.read_text())
    package.pop("devDependencies", None)
    package["dependencies"].pop("npm", None)
    package["overrides"] = dict.fromkeys(_DRIVERS, _STUB)
    description.write_text(json.dumps(package))
    command(["npm", "--prefix", source, "install", *_INSTALL], timeout=300)
    for name, (many, few) in _EAGER.items():
        text = (source / name).read_text()
        if many not in text:
            raise BedError(f"{ETHERPAD}, {name}: expected {many!r} in it, not there")
        (source / name).write_text(text.replace(many, few))
    for path in (source / "locales").iterdir():
        if path.name not in _LANGUAGES:
            path.unlink()
    shutil.rmtree(source / "tests")
    for path in source.rglob("*"):
        if path.name.endswith(_UNREAD) and path.is_file():
            path.unlink()
    return source


def layer(work: Path) -> Layer:
    """Etherpad below /opt/etherpad-lite; fetches into the folder `work`."""
    made = Layer()
    made.folder("opt")
    made.folder(HOME, owner=OWNER)
    made.folder(f"{HOME}/var", 0o775, OWNER)
    made.folder(f"{HOME}/node_modules", owner=OWNER)
    made.tree(_server(work), f"{HOME}/src", OWNER)
    made.link(f"{HOME}/node_modules/ep_etherpad-lite", "../src", OWNER)
    made.link(f"{HOME}/node_modules/ep_health", "../plugins/ep_health", OWNER)
    return made
