"""Debian packages for a host of the root slackware15, put there by the few tests that need them."""
from __future__ import annotations

import shutil
from pathlib import Path
from typing import Sequence

from bed import apt, cached, roots, userland
from bed.base import CACHE

ROOT = "slackware15"


def ensure(name: str, packages: Sequence[str], cache: Path = CACHE) -> Path:
    """The files of these packages, and of what they need, that the root does not have; fetched and unpacked once."""
    suite = userland.RECIPES[ROOT].suite
    root = roots.ensure(ROOT)

    def make(fresh: Path, work: Path) -> None:
        apt.unpack(apt.download(suite, list(packages), work), fresh)
        _only_new(fresh, root)

    return cached.folder(cache, name, cached.key(suite, root.name, *packages, Path(__file__).read_text()), make)


def _only_new(fresh: Path, root: Path) -> None:
    """Drop what the root has; and what lies in /bin, /lib and the like is moved below /usr, as there."""
    for name in ("bin", "sbin", "lib", "lib64"):
        if (fresh / name).is_dir():
            shutil.copytree(fresh / name, fresh / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(fresh / name)
    for path in sorted(fresh.rglob("*"), reverse=True):
        there = root / path.relative_to(fresh)
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif there.exists() or there.is_symlink():
            path.unlink()
