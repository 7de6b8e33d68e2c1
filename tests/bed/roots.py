"""The two root file systems, shared read-only by all hosts as an overlay's lower layers.

`ensure(name)` gives the userland: half a minute of download and unpacking once, then a cached tar.zst.
`shape(name)` gives the thin layer over it that makes it look like Slackware: rc scripts, package database,
pkgtools.
"""
from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Iterator, List

from bed import userland
from bed.base import CACHE, HERE, BedError, command, locked, need_root

NAMES = tuple(userland.RECIPES)
PKGTOOLS = ("makepkg", "installpkg", "upgradepkg", "removepkg", "explodepkg")


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def recipe_key(name: str) -> str:
    """The cache key of a root: changes with its packages, its pins and the code that puts it together."""
    files = ("apt.py", "userland.py", "wheels.py", f"{name}.txt", "test-python.txt")
    return _key(*((HERE / file).read_text() for file in files))


def ensure(name: str, cache: Path = CACHE) -> Path:
    """The unpacked root `name` ("slackware15" or "newest"); made or unpacked first when it is not there.

    Raises BedError for an unknown name, or where packages cannot be had.
    """
    if name not in NAMES:
        raise BedError(f"no root {name!r}: expected one of {', '.join(NAMES)}")
    need_root()
    root = cache / f"root-{name}-{recipe_key(name)}"
    archive = root.with_suffix(".tar.zst")
    with locked(cache / f"root-{name}.lock"):
        if root.is_dir():
            return root
        with tempfile.TemporaryDirectory(dir=cache, prefix=f"making-{name}-") as scratch:
            fresh = Path(scratch) / "root"
            fresh.mkdir(mode=0o755)
            if archive.is_file():
                command(["tar", "-C", fresh, "--zstd", "--xattrs", "-xpf", archive], timeout=300)
            else:
                userland.build(name, fresh, Path(scratch) / "work")
                half = archive.with_suffix(".part")
                command(["tar", "-C", fresh, "-I", "zstd -T0 -3", "--xattrs", "-cpf", half, "."], timeout=300)
                half.rename(archive)
            fresh.rename(root)
        _forget_others(cache, f"root-{name}-", root.name)
    return root


def shape(name: str, cache: Path = CACHE) -> Path:
    """The thin layer over root `name` with Slackware's paths; made anew whenever rc/ or pkgtools/ changed."""
    tools = _pkgtools()
    version = userland.RECIPES[name].slackware
    sources = [HERE / "roots.py", *sorted((HERE / "rc").iterdir()), *tools]
    key = _key(version, *(f"{path.name} {path.read_bytes().hex()}" for path in sources))
    layer = cache / f"shape-{name}-{key}"
    with locked(cache / f"shape-{name}.lock"):
        if layer.is_dir():
            return layer
        with tempfile.TemporaryDirectory(dir=cache, prefix=f"making-{name}-") as scratch:
            fresh = Path(scratch) / "layer"
            _lay_out(fresh, version, tools)
            fresh.rename(layer)
        _forget_others(cache, f"shape-{name}-", layer.name)
    return layer


@contextlib.contextmanager
def in_use(*layers: Path) -> Iterator[None]:
    """Keep layers from being removed by a run of another version of the bed."""
    with contextlib.ExitStack() as stack:
        for layer in layers:
            handle = os.open(layer, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_SH)
        yield


def _forget_others(cache: Path, prefix: str, keep: str) -> None:
    """Remove older layers and archives, except those that a running host stands on."""
    for path in cache.glob(f"{prefix}*"):
        if path.name.startswith(keep):
            continue
        if path.is_file():
            path.unlink()
            continue
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
        os.close(handle)


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
