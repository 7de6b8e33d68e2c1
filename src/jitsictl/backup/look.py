"""jitsictl backup --list: what snapshots there are, and what an archive holds."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import List, Optional

from jitsictl.backup.site import site
from jitsictl.doors import files, trees, untar
from jitsictl.types.backup import Held, Snapshot
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths

SNAPSHOTS = ".snapshots"
# What a change keeps, by the beginning of its name in the snapshot's directory.
_HOLDS = {
    "store": "accounts",
    "dirty.db": "pads",
    "before": "all that a restore replaced",
    "replaced-store": "a store that was in the way",
}
_ID = re.compile(r"(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-\d+")


def snapshots(paths: Paths, config: Optional[Path] = None) -> List[Snapshot]:
    """The snapshots of the applied site, or of another CONFIG, oldest first. Failure: nothing is applied."""
    where = (config or site(paths).config) / SNAPSHOTS
    return [_snapshot(where / name) for name in files.names(where)]


def archive(path: Path) -> Held:
    """What an archive holds, after every hash was checked. Failure: it is damaged, or no backup."""
    checked = untar.check(there(path))
    return replace(checked.manifest.held, bytes=checked.size)


def there(path: Path) -> Path:
    """The absolute path of a file that is to be read. Failure: it is none."""
    if not path.is_file():
        raise Failure(f"expected a backup in {path}, found no such file")
    return path.absolute()


def _snapshot(where: Path) -> Snapshot:
    match = _ID.fullmatch(where.name)
    made = "{}-{}-{} {}:{}:{} UTC".format(*match.groups()) if match else "at an unknown time"
    names = files.names(where)
    holds = [what for name, what in _HOLDS.items() if name in names]
    return Snapshot(where.name, made, trees.size(where), tuple(holds))
