"""Generations on disk: complete applied states below /var/lib/jitsi-meet/generations, one of them current."""

from __future__ import annotations

import hashlib
import json
from typing import Dict, List, Optional

from jitsictl import releases
from jitsictl.doors import files
from jitsictl.plan.desired import MANIFEST, MANIFEST_FORMAT, edited
from jitsictl.settings import catalogue, check
from jitsictl.settings.pin import pinned
from jitsictl.settings.read import parse
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings
from jitsictl.types.site import Applied


def current(paths: Paths) -> Optional[Applied]:
    """The applied generation, or None when nothing was ever applied. Failure: it cannot be read."""
    target = files.link_target(paths.current)
    return None if target is None else read(paths, int(target.rsplit("/", 1)[-1]))


def read(paths: Paths, number: int) -> Applied:
    """One generation with all its files. Failure: it is not whole, or of a format that is too new."""
    where = paths.generations / str(number)
    text = files.read_text(where / MANIFEST)
    if text is None:
        raise Failure(
            f"expected a generation in {where}, found no {MANIFEST}; restore the directory from a backup, "
            f"or remove the link {paths.current} and run: jitsictl reseed"
        )
    data = json.loads(text)
    if data["format"] > MANIFEST_FORMAT:
        raise Failure(
            f"{where} was written by a newer package (format {data['format']}, this one knows "
            f"{MANIFEST_FORMAT}); start, stop and status work, changes need that package"
        )
    contents: Dict[str, str] = {}
    for name in data["files"]:
        content = files.read_text(where / name)
        contents[name] = "" if content is None else content
    hashes = {name: hashlib.sha256(content.encode()).hexdigest() for name, content in contents.items()}
    return Applied(number, data["release"], contents, edited(text, hashes), data["before"])


def numbers(paths: Paths) -> List[int]:
    """The generations that are on disk, whole or not, oldest first."""
    return sorted(int(name) for name in files.names(paths.generations) if name.isdigit())


def settings_of(applied: Applied) -> Settings:
    """The settings a generation was made from. Failure: this package finds them wrong."""
    conf, _ = parse(applied.files["jitsi.conf"], "jitsi.conf")
    secrets, _ = parse(applied.files["secrets.conf"], "secrets.conf")
    settings, problems = check.settle(pinned(conf, applied.release), secrets, catalogue.load(), releases.tags())
    if settings is None:
        raise Failure("the settings as applied are not valid any more:\n" + "\n".join(map(str, problems)))
    return settings


def applied_settings(paths: Paths) -> Optional[Settings]:
    """The settings of the applied generation, or None when nothing was applied."""
    applied = current(paths)
    return None if applied is None else settings_of(applied)
