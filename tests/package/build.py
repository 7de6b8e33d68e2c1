"""Builds of the package for tests: from the repository, and from SlackBuilds.org's flat form."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict

from package.slackware import REPOSITORY, WITH_PKGTOOLS, run

NAME = "docker-jitsi-meet"
VERSION = "11146_2"
TARBALL = f"{NAME}-{VERSION}.tar.gz"
PACKAGE = f"{NAME}-{VERSION}-noarch-1_SBo"


def environment(**settings: str) -> Dict[str, str]:
    """This process's environment with the tests' own Python, which has the helper's modules, as python3."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, **settings}


def try_build(script: Path, work: Path, **settings: str) -> subprocess.CompletedProcess:
    """Run a SlackBuild with its temporary files and its result below `work`."""
    places = {"TMP": str(work / "tmp"), "OUTPUT": str(work)}
    return run([WITH_PKGTOOLS, "bash", str(script)], env=environment(**{**places, **settings}), cwd="/")


def build(script: Path, work: Path, **settings: str) -> Path:
    """The package that a SlackBuild made below `work`."""
    done = try_build(script, work, **settings)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    (package,) = work.glob("*.t?z")
    return package


def from_repository(work: Path, **settings: str) -> Path:
    return build(REPOSITORY / "SlackBuild" / f"{NAME}.SlackBuild", work, **settings)


def lay_out_flat(directory: Path, umask: int = 0o022, **settings: str) -> Path:
    """SlackBuilds.org's flat directory, which dist.sh makes below `directory`."""
    script = REPOSITORY / "SlackBuild/dist.sh"
    done = run(["sh", str(script), str(directory)], env=environment(**settings), umask=umask)
    assert done.returncode == 0, done.stderr
    return directory / NAME


def with_sources(flat: Path, directory: Path) -> Path:
    """A copy, below `directory`, of a flat directory to which its source tarball was downloaded."""
    copy = directory / NAME
    shutil.copytree(flat, copy)
    shutil.copy(flat.parent / TARBALL, copy)
    return copy


def change_sources(flat: Path, added: Dict[str, str]) -> None:
    """Make another release's sources of a flat directory: append to files of its tarball, or add some."""
    tree = flat / f"{NAME}-{VERSION}"
    subprocess.run(["tar", "-xzf", TARBALL], cwd=flat, check=True)
    for path, text in added.items():
        with (tree / path).open("a") as file:
            file.write(text)
    subprocess.run(["tar", "-czf", TARBALL, tree.name], cwd=flat, check=True)
    shutil.rmtree(tree)
