"""Containers of other Compose projects: looked at, stopped, started and removed by their ids, never by their names.

By the `docker` command, which is enough here: an adoption is made once. What a container's environment holds is secret
and is never in a message.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, BinaryIO, Dict, List, Mapping, Optional, Sequence, Tuple

from jitsictl.doors import explain, process
from jitsictl.doors._atomic import Owner, explained, sync_directory, temporary_name
from jitsictl.types.adoption import OldContainer
from jitsictl.types.failure import Failure
from jitsictl.types.site import PROJECT

LOOK_SECONDS = 30.0
START_SECONDS = 60.0
COPY_SECONDS = 300.0
STOP_SECONDS = 60
ANSWER_SECONDS = 5.0

_LABEL = "com.docker.compose."
_CHUNK = 1 << 16

State = Tuple[bool, str]  # whether it runs, its restart policy


class Foreign:
    """What is done with them. It holds nothing; tests have one that only remembers."""

    def containers(self) -> List[OldContainer]:
        """Those of all Compose projects but ours, running or not."""
        listed = _docker("ps", "-aq", "--no-trunc", "--filter", f"label={_LABEL}project").split()
        found = [_container(data) for data in _inspect(listed) if not _once(data)]
        return [container for container in found if container.project != PROJECT]

    def networks(self, project: str) -> List[str]:
        """The networks that Compose made for a project."""
        words = ("network", "ls", "--format", "{{.Name}}", "--filter", f"label={_LABEL}project={project}")
        return _docker(*words).split()

    def states(self, ids: Sequence[str]) -> Dict[str, State]:
        """By id, of those that are there."""
        return {data["Id"]: (_runs(data), _policy(data)) for data in _inspect(ids)}

    def keep_at_boot(self, id: str, policy: str) -> None:
        """Give a container a restart policy; with "no" it stays down when Docker or the machine starts."""
        _docker("update", f"--restart={policy}", id)

    def stop(self, ids: Sequence[str], keep: Sequence[int] = ()) -> None:
        """Stop all at once, each within a minute before it is killed; they stay. One that is down is no failure."""
        if ids:
            _docker("stop", "-t", str(STOP_SECONDS), *ids, deadline=STOP_SECONDS + LOOK_SECONDS, keep=keep)

    def start(self, id: str, keep: Sequence[int] = ()) -> None:
        """Start the very container again. One that runs is no failure."""
        _docker("start", id, deadline=START_SECONDS, keep=keep)

    def take(self, id: str, inside: str, target: Path, owner: Optional[Owner]) -> bool:
        """Copy a file out of a container, running or not, cut at its last newline; False when it has none."""
        with explained(f"write {target}"), temporary_name(target) as temporary:
            done = _try("cp", f"{id}:{inside}", str(temporary))
            if done.code != 0 and _no_such_path(done.err):
                return False
            if done.code != 0:
                raise _failed(done)
            with temporary.open("r+b") as file:
                file.truncate(_whole(file))
                if owner is not None:
                    os.fchown(file.fileno(), *owner)
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
            temporary.replace(target)
            sync_directory(target.parent)
        return True

    def put(self, id: str, source: Path, inside: str) -> None:
        """Copy a file into a container, running or not, with its owner."""
        # Not with --archive: it gives the file to the container's user, whom it looks for among the host's.
        _docker("cp", str(source), f"{id}:{inside}", deadline=COPY_SECONDS)

    def read_url(self, id: str, url: str) -> str:
        """What a service answers inside its own container, where Jitsi's images have curl; "" for no answer."""
        try:
            done = process.run(["docker", "exec", id, "curl", "-fsS", url], deadline=ANSWER_SECONDS, check=False)
        except process.DeadlineExceeded:
            return ""
        return done.out if done.code == 0 else ""

    def remove(self, ids: Sequence[str]) -> None:
        """Remove stopped containers; their volumes stay. One that is gone is no failure."""
        there = list(self.states(ids))
        if there:
            _docker("rm", *there, deadline=COPY_SECONDS)

    def remove_networks(self, names: Sequence[str]) -> List[str]:
        """Remove networks; returns those that are still in use, and stay."""
        left = []
        for name in names:
            done = _try("network", "rm", name)
            if done.code != 0 and "not found" not in done.err and "No such network" not in done.err:
                left.append(name)
        return left

    def described(self, program: Sequence[str], directory: Path, files: Sequence[str]) -> Mapping[str, Any]:
        """The services of a Compose project as Compose reads it today; values are as a container gets them.

        Failure: it cannot be read.
        """
        chosen = [word for file in files for word in ("-f", file)]
        argv = [*program, "--project-directory", str(directory), *chosen, "config", "--format", "json"]
        done = process.run(argv, deadline=LOOK_SECONDS, cwd=directory, check=False)
        if done.code != 0:
            # Compose quotes values in its messages; the first words say enough.
            raise Failure(f"Docker Compose could not read {directory} (exit code {done.code})")
        services: Mapping[str, Any] = json.loads(done.out).get("services") or {}
        return services


def _whole(file: BinaryIO) -> int:
    """Up to where the last whole line ends: the last one of a dirty.db may be half written."""
    place = file.seek(0, os.SEEK_END)
    while place > 0:
        start = max(0, place - _CHUNK)
        file.seek(start)
        newline = file.read(place - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        place = start
    return 0


def _docker(*words: str, deadline: float = LOOK_SECONDS, keep: Sequence[int] = ()) -> str:
    try:
        return process.run(["docker", *words], deadline=deadline, keep=keep).out
    except process.CommandFailed as failure:
        raise explain.translated(failure) from None


def _try(*words: str) -> process.Done:
    return process.run(["docker", *words], deadline=COPY_SECONDS, check=False)


def _failed(done: process.Done) -> Failure:
    return explain.translated(process.CommandFailed(done))


def _no_such_path(text: str) -> bool:
    return "Could not find the file" in text or "no such file or directory" in text.lower()


def _inspect(ids: Sequence[str]) -> List[Mapping[str, Any]]:
    """What Docker knows of each; one that is gone is left out."""
    if not ids:
        return []
    done = _try("inspect", "--type", "container", *ids)
    if done.code != 0 and "no such container" not in done.err.lower():
        raise _failed(done)
    found: List[Mapping[str, Any]] = json.loads(done.out or "[]")
    return found


def _labels(data: Mapping[str, Any]) -> Mapping[str, str]:
    labels: Mapping[str, str] = data["Config"].get("Labels") or {}
    return labels


def _once(data: Mapping[str, Any]) -> bool:
    """`docker compose run`: no part of a site."""
    return _labels(data).get(f"{_LABEL}oneoff") == "True"


def _runs(data: Mapping[str, Any]) -> bool:
    return data["State"]["Status"] in ("running", "restarting", "paused")


def _policy(data: Mapping[str, Any]) -> str:
    policy = data["HostConfig"]["RestartPolicy"]
    name: str = policy.get("Name") or "no"
    most = policy.get("MaximumRetryCount", 0)
    return f"{name}:{most}" if name == "on-failure" and most else name


def _container(data: Mapping[str, Any]) -> OldContainer:
    labels = _labels(data)
    ports: Mapping[str, Any] = data["HostConfig"].get("PortBindings") or {}
    bound = {inside: entries[0] for inside, entries in ports.items() if entries}
    return OldContainer(
        id=data["Id"],
        name=data["Name"].lstrip("/"),
        service=labels.get(f"{_LABEL}service", ""),
        project=labels.get(f"{_LABEL}project", ""),
        directory=labels.get(f"{_LABEL}project.working_dir", ""),
        files=tuple(name for name in labels.get(f"{_LABEL}project.config_files", "").split(",") if name),
        image=data["Config"]["Image"],
        running=_runs(data),
        policy=_policy(data),
        environment=dict(entry.split("=", 1) for entry in data["Config"].get("Env") or [] if "=" in entry),
        mounts={mount["Destination"]: mount["Source"] for mount in data.get("Mounts") or []},
        published={inside: f"{entry.get('HostIp', '')}:{entry['HostPort']}" for inside, entry in bound.items()},
    )
