"""The applied site as a backup needs to know it: without Docker, and also where a newer package applied it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Dict

from jitsictl import releases
from jitsictl.change import recover
from jitsictl.doors import files, trees
from jitsictl.plan import manifest
from jitsictl.settings.read import parse
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.release import Layout

DATABASE_SERVERS = ("postgres", "mysql", "mongodb", "redis")


@dataclass(frozen=True)
class Site:
    release: str
    layout: Layout
    config: Path
    url: str
    domain: str
    database: str  # Etherpad's DB_TYPE, "" when it is not set
    generation: Dict[str, bytes]  # every file of the applied generation


def site(paths: Paths) -> Site:
    """Failure: nothing is applied, or it cannot be read, or a change that was cut off left no accounts in place."""
    where = files.link_target(paths.current)
    if where is None:
        raise Failure("expected an applied site to back up, found none; start it first: /etc/rc.d/rc.jitsi start")
    generation = {name: files.read_bytes(Path(where, name)) or b"" for name in trees.tree(Path(where))}
    try:
        release = str(json.loads(generation[manifest.NAME])["release"])
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"expected a whole {manifest.NAME} in {where}, found it damaged ({error})") from None
    dotenv = _values(generation, ".env")
    found = Site(
        release,
        releases.layout_of(release),
        Path(dotenv.get("CONFIG", "")),
        _values(generation, "env/web.env").get("PUBLIC_URL", ""),
        _values(generation, "env/prosody.env").get("XMPP_DOMAIN", ""),
        _values(generation, "env/etherpad.env").get("DB_TYPE", ""),
        generation,
    )
    if not found.config.is_absolute():
        raise Failure(f"expected CONFIG in {where}/.env, found none; make it anew with: jitsictl reseed")
    store = found.config / found.layout.store
    if not files.exists(store):  # Prosody made it at its first start: an archive without it would be worth nothing
        why = (
            "since a change was cut off; finish or undo it first: /etc/rc.d/rc.jitsi start"
            if recover.pending(paths)
            else f"see that {found.config} is mounted, and start the site: /etc/rc.d/rc.jitsi start"
        )
        raise Failure(f"expected accounts in {store}, found none; {why}")
    return found


def _values(generation: Dict[str, bytes], name: str) -> Dict[str, str]:
    text = generation.get(name, b"").decode("utf-8", "replace")
    return {line.name: line.value for line in parse(text, name)[0]}
