"""Docker's daemon: what runs, which images are here, fetching one, running a command in a container.

Looking is done with the SDK, which is imported only here and only when asked for (108 ms). Fetching
and running go through the `docker` command: a process can be killed at its deadline, while the SDK's
pull has none and its exec leaves framing and half-closing of the socket to the caller.
"""

from __future__ import annotations

import json
import re
import socket as sockets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

from jitsictl.doors import explain, inspected, process
from jitsictl.doors.inspected import SERVICE_LABEL, ImageInfo, Network, Running
from jitsictl.doors.process import Done
from jitsictl.types.failure import Failure
from jitsictl.types.site import PROJECT, Container

OLDEST_API = (1, 41)  # Docker 20.10, the oldest that was run
LOOK_SECONDS = 30.0
REMOVE_SECONDS = 120.0
START = "start it with: /etc/rc.d/rc.docker start"

Away = explain.Away

_PROJECT_LABEL = "com.docker.compose.project"
_ONEOFF_LABEL = "com.docker.compose.oneoff"  # "True": `docker compose run`, no part of the site


@dataclass(frozen=True)
class Docker:
    """A daemon that answered. `version` is its own, such as "20.10.24", `api` that of its interface.

    `architecture` is the machine's, in the registries' word: amd64, arm64.
    """

    socket: Path
    version: str
    api: str
    architecture: str
    _client: Any

    def containers(self) -> Dict[str, Container]:
        """The containers of our project by service, running or not.

        Found by Compose's labels: after a crash of Docker a container may keep a name like
        8fc41948da63_docker-jitsi-meet-prosody-1. Of two for one service the running one counts.
        """
        return self._containers()

    def container(self, service: str) -> Optional[Container]:
        """One service's, None when it has none."""
        return self._containers(f"{SERVICE_LABEL}={service}").get(service)

    def image(self, ref: str) -> Optional[ImageInfo]:
        """An image that is here, None when it is not."""
        from docker.errors import NotFound

        try:
            found = self._ask(f"look for the image {ref}", self._client.inspect_image, ref)
        except NotFound:
            return None
        digests: List[str] = found.get("RepoDigests") or [""]
        config = found.get("Config") or {}
        command = (*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ()))
        return ImageInfo(found["Id"], digests[0].rpartition("@")[2], int(found["Size"]), command)

    def digest(self, ref: str) -> str:
        """What a tag means: the digest of the image that is here, else the registry's; "" when nobody can tell."""
        from docker.errors import NotFound

        here = self.image(ref)
        if here is not None:
            return here.digest
        try:
            return str(self._ask(f"ask for {ref}", self._client.inspect_distribution, ref)["Descriptor"]["digest"])
        except (Failure, NotFound, KeyError):
            return ""

    def network(self, name: str) -> Optional[Network]:
        """A network by its name, None when there is none."""
        from docker.errors import NotFound

        try:
            found = self._ask(f"look for the network {name}", self._client.inspect_network, name)
        except NotFound:
            return None
        pools = (found.get("IPAM") or {}).get("Config") or ()
        subnets = tuple(str(pool["Subnet"]) for pool in pools if "Subnet" in pool)
        taken = {c["Name"]: str(c["IPv4Address"]).partition("/")[0] for c in (found.get("Containers") or {}).values()}
        return Network(subnets, taken)

    def offered(self, ref: str) -> List[str]:
        """The architectures for which the registry has an image, asked without fetching it.

        Failure: it has no such image, or cannot be reached.
        """
        from docker.errors import NotFound

        try:
            found = self._ask(f"ask for the image {ref}", self._client.inspect_distribution, ref)
        except NotFound as error:
            text = str(error.explanation or error)
            raise Failure(f"{ref}: {explain.explain(text) or process.mask(text)}") from None
        except Failure as failure:
            raise Failure(f"{ref}: {failure.what}") from None
        return [str(platform["architecture"]) for platform in found.get("Platforms") or ()]

    def running(self, id: str) -> Running:
        """What a container runs with. Failure: it is gone."""
        from docker.errors import NotFound

        try:
            found = self._ask("look at a container", self._client.inspect_container, id)
        except NotFound:
            raise Failure("expected a container, found that it is gone; try again") from None
        ports = (found["NetworkSettings"].get("Ports") or {}).values()
        return Running(
            dict(entry.split("=", 1) for entry in found["Config"].get("Env") or () if "=" in entry),
            tuple(f"{bound['HostIp']}:{bound['HostPort']}" for each in ports for bound in each or ()),
        )

    def data_root(self) -> Path:
        """Where Docker keeps its images."""
        return Path(self._ask("tell where its images are", self._client.info)["DockerRootDir"])

    def pull(self, ref: str, *, deadline: float, progress: Callable[[str], None]) -> ImageInfo:
        """Fetch an image; `progress` is told in a few words each time a layer is there.

        Failure: there is no such image, the registry cannot be reached, the disk is full, or the
        time is up.
        """
        layers = inspected.Layers(ref, progress)
        try:
            process.run(["docker", "pull", ref], deadline=deadline, line=layers.line)
        except process.CommandFailed as failure:
            reason = explain.explain(failure.done.err)
            raise (failure if reason is None else Failure(f"{ref}: {reason}")) from None
        image = self.image(ref)
        if image is None:
            raise Failure(f"expected {ref} to be here after fetching it, found that it is not; try again")
        return image

    def remove_image(self, ref: str) -> None:
        """Remove one name of an image, and what nothing else refers to. Failure: something still uses it."""
        if self.image(ref) is None:
            return
        try:
            process.run(["docker", "image", "rm", ref], deadline=REMOVE_SECONDS)
        except process.CommandFailed as failure:
            reason = failure.done.last_lines.strip() or failure.what
            raise Failure(f"expected to remove the image {ref}, found: {reason}") from None

    def execute(self, container: str, argv: Sequence[str], *, stdin: Optional[str] = None, deadline: float) -> Done:
        """Run a command in a container and return how it ended, whatever its code."""
        return execute(container, argv, stdin=stdin, deadline=deadline)

    def logs(self, container: str, lines: int) -> str:
        """The last lines that a container wrote, masked."""
        raw: bytes = self._ask("read the log", self._client.logs, container, tail=lines)
        return process.mask(raw.decode("utf-8", "replace"))

    def _containers(self, *labels: str) -> Dict[str, Container]:
        filters = {"label": [f"{_PROJECT_LABEL}={PROJECT}", *labels]}
        found: Dict[str, Container] = {}
        for listed in self._ask("list the containers", self._client.containers, all=True, filters=filters):
            if listed["Labels"].get(_ONEOFF_LABEL) == "True":
                continue
            seen = self._inspect(listed["Id"])
            if seen is not None and (seen.service not in found or seen.state == "running"):
                found[seen.service] = seen
        return found

    def _inspect(self, id: str) -> Optional[Container]:
        from docker.errors import NotFound

        try:
            return inspected.container(self._ask("look at a container", self._client.inspect_container, id))
        except NotFound:  # it went between the list and the look
            return None

    def _ask(self, what: str, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call the SDK. Its NotFound errors pass, everything else becomes a Failure."""
        from docker.errors import APIError, DockerException, NotFound
        from requests.exceptions import ConnectionError as Refused
        from requests.exceptions import RequestException, Timeout

        try:
            return call(*args, **options)
        except NotFound:
            raise
        except APIError as error:
            text = str(error.explanation or error)
            raise Failure(explain.explain(text) or f"expected Docker to {what}, found: {process.mask(text)}") from None
        except Timeout:
            raise Away(
                f"expected Docker to {what} within {self._client.timeout:g} s, found no answer; see /var/log/docker.log"
            ) from None
        except Refused:
            raise Away(explain.NO_DAEMON) from None
        except (RequestException, DockerException) as error:
            raise Failure(f"expected Docker to {what}, found: {process.mask(str(error))}") from None


def connect(socket: Path, *, deadline: float = LOOK_SECONDS) -> Docker:
    """The daemon behind a socket; each later look at it has `deadline` seconds, too.

    Away: the socket is missing, refuses, or is silent. Failure: the daemon is too old.
    """
    _knock(socket, deadline)
    import docker
    from docker.errors import DockerException
    from requests.exceptions import RequestException, Timeout

    def client(api: str) -> Any:
        return docker.APIClient(base_url=f"unix://{socket}", version=api, timeout=deadline)

    try:
        # Once, and not with version="auto": Docker starts two programs to answer.
        version = client(".".join(map(str, OLDEST_API))).version(api_version=False)
    except (DockerException, RequestException) as error:
        if isinstance(error, Timeout) or "timed out" in str(error).lower():
            raise Away(
                f"expected Docker to answer on {socket} within {deadline:g} s, found silence; "
                "see /var/log/docker.log, or run: /etc/rc.d/rc.docker restart"
            ) from None
        raise Away(f"expected Docker to answer on {socket}, found: {error}; {START}") from None
    api = str(version["ApiVersion"])
    if tuple(int(part) for part in api.split(".")) < OLDEST_API:
        wanted = ".".join(str(part) for part in OLDEST_API)
        raise Failure(
            f"expected Docker 20.10 or newer (API {wanted}), found {version['Version']} (API {api}); "
            "upgrade the package docker"
        )
    return Docker(socket, str(version["Version"]), api, str(version.get("Arch", "")), client(api))


def _knock(socket: Path, deadline: float) -> None:
    """Open and close the socket, to tell apart what the SDK reports as one error."""
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as probe:
        probe.settimeout(deadline)
        try:
            probe.connect(str(socket))
        except FileNotFoundError:
            raise Away(f"expected Docker's socket {socket}, found none: Docker does not run; {START}") from None
        except ConnectionRefusedError:
            raise Away(
                f"expected Docker to listen on {socket}, found that nobody does: it was ended or crashed; {START}"
            ) from None
        except PermissionError:
            raise Away(
                f"expected to use Docker's socket {socket}, found that this user may not; run this as root"
            ) from None
        except (sockets.timeout, BlockingIOError):
            raise Away(
                f"expected Docker to accept a connection on {socket} within {deadline:g} s, found none; "
                "see /var/log/docker.log"
            ) from None


def service(name: str, *, deadline: float = LOOK_SECONDS) -> Optional[Container]:
    """One service's container, from `docker ps`: a third of the time that importing the SDK takes.

    For the account verbs. `restarts` and `address` are not looked up. Away: Docker does not answer.
    """
    argv = ["docker", "ps", "--all", "--no-trunc", "--format", "{{json .}}"]
    for label in (f"{_PROJECT_LABEL}={PROJECT}", f"{SERVICE_LABEL}={name}", f"{_ONEOFF_LABEL}=False"):
        argv += ["--filter", f"label={label}"]
    try:
        lines = process.run(argv, deadline=deadline).out.splitlines()
    except process.CommandFailed as failure:
        raise explain.translated(failure) from None
    found = [json.loads(line) for line in lines]
    found.sort(key=lambda container: container["State"] == "running", reverse=True)
    if not found:
        return None
    health = re.search(r"\((?:health: )?(healthy|unhealthy|starting)\)", found[0]["Status"])
    return Container(name, found[0]["ID"], found[0]["State"], health.group(1) if health else "", found[0]["Image"], "")


def execute(container: str, argv: Sequence[str], *, stdin: Optional[str] = None, deadline: float) -> Done:
    """Run a command in a container and return how it ended, whatever its code.

    At the deadline the client is killed; what it started in the container ends with its input.
    """
    interactive = ["-i"] if stdin is not None else []
    return process.run(["docker", "exec", *interactive, container, *argv], stdin=stdin, deadline=deadline, check=False)
