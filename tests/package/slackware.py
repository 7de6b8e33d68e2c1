"""Slackware's package tools for tests: the real ones where they are, else the bed's stand-ins.

Trees are dicts of path -> content: text is a regular file, None a directory, ("->", target) a symlink.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path
from typing import Any, Dict, List, Optional

REPOSITORY = Path(__file__).resolve().parents[2]
STAND_INS = REPOSITORY / "tests/bed/pkgtools"
WITH_PKGTOOLS = str(STAND_INS / "with-pkgtools")

Tree = Dict[str, Any]


def run(argv: List[str], **options: Any) -> subprocess.CompletedProcess:
    """A finished process with text output; it gets no input and at most two minutes."""
    settings = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 120, **options}
    return subprocess.run(argv, **settings)


def tool(name: str) -> str:
    real = Path("/sbin") / name
    return str(real if real.exists() else STAND_INS / name)


def lay(tree: Tree, directory: Path) -> None:
    """Make `tree` below `directory`, with the modes a SlackBuild under umask 022 gives."""
    for path, content in tree.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            target.mkdir()
        elif isinstance(content, tuple):
            target.symlink_to(content[1])
        else:
            target.write_text(content)
            target.chmod(0o644)


class Machine:
    """A root directory with packages in it, and a workshop beside it where they are made."""

    def __init__(self, directory: Path) -> None:
        self.root = directory / "root"
        self.shop = directory / "shop"
        self.root.mkdir(parents=True)
        self.shop.mkdir()

    def make(self, name: str, tree: Tree, *options: str, **environment: str) -> Path:
        """makepkg's result for `tree`; `name` is the file name, NAME-VERSION-ARCH-BUILD.txz."""
        source = self.shop / f"tree.{name}"
        source.mkdir()
        lay(tree, source)
        package = self.shop / name
        made = run(
            [tool("makepkg"), "-l", "y", "-c", "n", *options, str(package)],
            cwd=source,
            env={**os.environ, **environment},
        )
        assert made.returncode == 0, made.stdout + made.stderr
        return package

    def install(self, package: Path) -> subprocess.CompletedProcess:
        done = run([tool("installpkg"), "--root", str(self.root), str(package)])
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def upgrade(self, package: Path, *options: str) -> subprocess.CompletedProcess:
        done = self.try_upgrade(package, *options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def try_upgrade(self, package: Path, *options: str) -> subprocess.CompletedProcess:
        environment = {**os.environ, "ROOT": str(self.root)}
        return run([tool("upgradepkg"), *options, str(package)], env=environment)

    def remove(self, name: str) -> subprocess.CompletedProcess:
        return run([tool("removepkg"), name], env={**os.environ, "ROOT": str(self.root)})

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def has(self, path: str) -> bool:
        return os.path.lexists(self.root / path)

    def write(self, path: str, text: str, mode: Optional[int] = None) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        if mode is not None:
            target.chmod(mode)

    def mode(self, path: str) -> int:
        return (self.root / path).stat().st_mode & 0o7777

    def entry(self, name: str) -> List[str]:
        """The lines of the database entry with that full name."""
        return self.read(f"var/lib/pkgtools/packages/{name}").splitlines()

    def files(self) -> Dict[str, str]:
        """Every file and symlink but pkgtools' own records: path -> mode and content, or the target."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            of_a_package = name.startswith("var/lib/pkgtools/setup/setup.")
            if name.startswith(("var/lib/pkgtools/", "var/log/")) and not of_a_package:
                continue
            if path.is_symlink():
                found[name] = f"-> {path.readlink()}"
            elif path.is_file():
                found[name] = f"{path.stat().st_mode & 0o7777:o} {path.read_bytes()!r}"
        return found


def members(package: Path) -> List[tarfile.TarInfo]:
    with tarfile.open(package) as archive:
        return archive.getmembers()
