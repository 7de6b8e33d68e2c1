"""Docker Compose: finding one that works, and the few commands of it that are used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from jitsictl.doors import docker, explain, process
from jitsictl.doors.process import Done
from jitsictl.types.failure import Failure
from jitsictl.types.site import PROJECT

# One program under two names with SlackBuilds.org's package. By its own name first: docker starts a plug-in twice, the
# first time to ask what it is, which is 50 of the 80 ms of each command.
CANDIDATES = (("docker-compose",), ("docker", "compose"))
PACKAGES = "install the packages docker-cli and docker-compose (SlackBuilds.org)"
UP_SECONDS = 300.0
STOP_SECONDS = 30.0  # on top of what the containers themselves are given

_VERSION = re.compile(r"v?(\d+)\.\d+")
_DRY_RUN = re.compile(rf"DRY-RUN MODE -\s+Container (?:[0-9a-f]{{12}}_)?{PROJECT}-(\S+)-\d+\s+(\w+)")


@dataclass(frozen=True)
class Compose:
    """A Compose that this host's Docker accepts. `program` is how it is called."""

    program: Tuple[str, ...]
    version: str

    def up(
        self,
        directory: Path,
        services: Sequence[str],
        *,
        override: Optional[Path] = None,
        recreate: Optional[bool] = None,
        deps: bool = False,
        keep: Sequence[int] = (),
        deadline: float = UP_SECONDS,
        line: Optional[Callable[[str], None]] = None,
    ) -> Done:
        """Bring services up as the directory's compose.yaml says; returns when their containers are started.

        A crash loop is no failure to Compose: whoever wants to know asks the services' own probes.
        """
        argv = up_argv(self.program, directory, services, override=override, recreate=recreate, deps=deps)
        return self._run(argv, directory, deadline, keep, line)

    def stop(
        self,
        directory: Path,
        services: Sequence[str],
        *,
        timeout: int,
        override: Optional[Path] = None,
        keep: Sequence[int] = (),
    ) -> Done:
        """Stop services, each within `timeout` seconds before it is killed. The containers stay."""
        argv = stop_argv(self.program, directory, services, timeout, override=override)
        return self._run(argv, directory, timeout + STOP_SECONDS, keep)

    def remove(
        self,
        directory: Path,
        services: Sequence[str],
        *,
        timeout: int,
        override: Optional[Path] = None,
        keep: Sequence[int] = (),
    ) -> Done:
        """Stop services and remove their containers; volumes stay."""
        self.stop(directory, services, timeout=timeout, override=override, keep=keep)
        argv = remove_argv(self.program, directory, services, override=override)
        return self._run(argv, directory, STOP_SECONDS, keep)

    def config(self, directory: Path, *, override: Optional[Path] = None) -> str:
        """The merged project as YAML, secrets of .env in it. Failure: Compose finds it wrong."""
        argv = [*base_argv(self.program, directory, override), "config"]
        return self._run(argv, directory, STOP_SECONDS).out

    def dry_run(
        self, directory: Path, services: Sequence[str] = (), *, override: Optional[Path] = None
    ) -> Dict[str, str]:
        """What a plain `up` would do to each service's container: Running, Created, Recreate, Recreated ..."""
        argv = dry_run_argv(self.program, directory, services, override=override)
        done = self._run(argv, directory, STOP_SECONDS)
        return dict(_DRY_RUN.findall(done.err + done.out))

    def _run(
        self,
        argv: Sequence[str],
        directory: Path,
        deadline: float,
        keep: Sequence[int] = (),
        line: Optional[Callable[[str], None]] = None,
    ) -> Done:
        try:
            return process.run(argv, deadline=deadline, cwd=directory, keep=keep, line=line)
        except process.CommandFailed as failure:
            raise explain.translated(failure) from None


def base_argv(program: Sequence[str], directory: Path, override: Optional[Path] = None) -> List[str]:
    """How every command begins: the project's name, its directory and its files, none left to be searched for."""
    extra = ["-f", str(override)] if override is not None else []
    return [
        *program,
        "-p",
        PROJECT,
        "--project-directory",
        str(directory),
        "-f",
        str(directory / "compose.yaml"),
        *extra,
        "--env-file",
        str(directory / ".env"),
    ]


def up_argv(
    program: Sequence[str],
    directory: Path,
    services: Sequence[str],
    *,
    override: Optional[Path] = None,
    recreate: Optional[bool] = None,
    deps: bool = False,
) -> List[str]:
    """`recreate`: True always, False never, None where Compose sees a difference. `deps`: what they depend on, too."""
    flags = [] if deps else ["--no-deps"]
    if recreate is not None:
        flags.append("--force-recreate" if recreate else "--no-recreate")
    return [*base_argv(program, directory, override), "up", "-d", *flags, "--pull", "missing", *services]


def stop_argv(
    program: Sequence[str], directory: Path, services: Sequence[str], timeout: int, *, override: Optional[Path] = None
) -> List[str]:
    return [*base_argv(program, directory, override), "stop", "--timeout", str(timeout), *services]


def remove_argv(
    program: Sequence[str], directory: Path, services: Sequence[str], *, override: Optional[Path] = None
) -> List[str]:
    return [*base_argv(program, directory, override), "rm", "--force", *services]


def dry_run_argv(
    program: Sequence[str], directory: Path, services: Sequence[str], *, override: Optional[Path] = None
) -> List[str]:
    return [*base_argv(program, directory, override), "--dry-run", "up", "-d", "--no-deps", *services]


def find(*, deadline: float = docker.LOOK_SECONDS) -> Compose:
    """The first Compose of this host that is v2 or newer and that Docker accepts.

    Failure: there is none, with the reason for each that was tried. Docker must run.
    """
    reasons = []
    for program in CANDIDATES:
        try:
            return _try(program, deadline)
        except _Refused as reason:
            reasons.append(f"`{' '.join(program)}` {reason}")
    raise Failure(f"expected Docker Compose 2 or newer, found: {'; '.join(reasons)}; {PACKAGES}")


class _Refused(Exception):
    """Why one candidate will not do."""


def _try(program: Tuple[str, ...], deadline: float) -> Compose:
    try:
        done = process.run([*program, "version", "--short"], deadline=deadline, check=False)
    except process.NotFound:
        raise _Refused("is not installed") from None
    version = done.out.strip()
    number = _VERSION.match(version)
    if done.code != 0 or number is None:
        raise _Refused("is not installed" if done.code else f"says version {version!r}")
    if int(number.group(1)) < 2:
        raise _Refused(f"is {version}, which does not know today's compose files")
    # One harmless question: a client that is too old for the daemon is refused at the first, not by its version.
    asked = process.run([*program, "ls", "--quiet"], deadline=deadline, check=False)
    if asked.code != 0:
        if "is too old" in asked.err:
            raise _Refused(f"is {version}: {explain.explain(asked.err)}")
        raise explain.translated(process.CommandFailed(asked))
    return Compose(program, version)
