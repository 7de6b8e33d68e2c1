"""The two root file systems, shared read-only by all hosts as an overlay's lower layers.

`ensure(name)` gives the userland: half a minute of download and unpacking once, then a cached tar.zst.
`shape(name)` gives the thin layer over it that makes it look like Slackware: rc scripts, package database,
pkgtools.
"""
from __future__ import annotations

import shutil
from pathlib import Path
from typing import List

from bed import cached, userland
from bed.base import CACHE, HERE, BedError, command, need_root

NAMES = tuple(userland.RECIPES)
PKGTOOLS = ("makepkg", "installpkg", "upgradepkg", "removepkg", "explodepkg")


def recipe_key(name: str) -> str:
    """The cache key of a root: changes with its packages, its pins and the code that puts it together."""
    files = ("apt.py", "userland.py", "wheels.py", f"{name}.txt", "test-python.txt")
    return cached.key(*((HERE / file).read_text() for file in files))


def ensure(name: str, cache: Path = CACHE) -> Path:
    """The unpacked root `name` ("slackware15" or "newest"); made or unpacked first when it is not there.

    Raises BedError for an unknown name, or where packages cannot be had.
    """
    if name not in NAMES:
        raise BedError(f"no root {name!r}: expected one of {', '.join(NAMES)}")
    need_root()
    key = recipe_key(name)
    archive = cache / f"root-{name}-{key}.tar.zst"

    def make(fresh: Path, work: Path) -> None:
        if archive.is_file():
            command(["tar", "-C", fresh, "--zstd", "--xattrs", "-xpf", archive], timeout=300)
            return
        userland.build(name, fresh, work)
        half = archive.with_suffix(".part")
        command(["tar", "-C", fresh, "-I", "zstd -T0 -3", "--xattrs", "-cpf", half, "."], timeout=300)
        half.rename(archive)

    return cached.folder(cache, f"root-{name}", key, make)


def shape(name: str, cache: Path = CACHE) -> Path:
    """The thin layer over root `name` with Slackware's paths; made anew whenever rc/ or pkgtools/ changed."""
    tools = _pkgtools()
    version = userland.RECIPES[name].slackware
    sources = [HERE / "roots.py", *sorted((HERE / "rc").iterdir()), *tools]
    key = cached.key(version, *(f"{path.name} {path.read_bytes().hex()}" for path in sources))
    return cached.folder(cache, f"shape-{name}", key, lambda fresh, _: _lay_out(fresh, version, tools))


def _pkgtools() -> List[Path]:
    """The real tools on a Slackware machine, the stand-ins elsewhere (as many as there are)."""
    folder = Path("/sbin") if Path("/sbin/installpkg").exists() else HERE / "pkgtools"
    return [folder / tool for tool in PKGTOOLS if (folder / tool).is_file()]


def _lay_out(layer: Path, version: str, tools: List[Path]) -> None:
    for name in ("etc/rc.d", "etc/default", "etc/logrotate.d", "var/lib/pkgtools/packages",
                 "var/lib/pkgtools/scripts", "var/lib/pkgtools/setup", "var/log", "usr/sbin"):
        (layer / name).mkdir(parents=True)
    for folder in (layer, *(path for path in layer.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    (layer / "etc/slackware-version").write_text(version + "\n")
    for name in ("packages", "scripts", "setup"):
        (layer / "var/log" / name).symlink_to(f"../lib/pkgtools/{name}")
    copies = [(HERE / "rc" / name, f"etc/rc.d/{name}", 0o755) for name in ("rc.docker", "rc.local")]
    copies.append((HERE / "rc" / "docker.default", "etc/default/docker", 0o644))
    copies += [(tool, f"usr/sbin/{tool.name}", 0o755) for tool in tools]
    for source, target, mode in copies:
        shutil.copyfile(source, layer / target)
        (layer / target).chmod(mode)
