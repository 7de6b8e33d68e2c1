"""Stand-ins run one by one on a host, without Compose: what tests of the images themselves need."""
from __future__ import annotations

import functools
import json
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from bed.base import wait_until
from bed.host import Host
from bed.images.catalog import RELEASES
from bed.inside import Answer

# Folder of CONFIG -> folder in the container.
_MOUNTS: Dict[str, Dict[str, Dict[str, str]]] = {
    "rootful": {
        "web": {"web": "/config"},
        "prosody": {"prosody/config": "/config", "prosody/prosody-plugins-custom": "/prosody-plugins-custom"},
        "jicofo": {"jicofo": "/config"}, "jvb": {"jvb": "/config"}},
    "rootless": {
        "web": {"web": "/config", "storage/web": "/storage"},
        "prosody": {"prosody/config": "/config", "prosody/prosody-plugins-custom": "/prosody-plugins-custom",
                    "storage/prosody": "/var/lib/prosody"},
        "jicofo": {"jicofo": "/config"}, "jvb": {"jvb": "/config"}},
}
_READ_ONLY = ["--read-only", "--tmpfs", "/run:size=16M,mode=1750,exec", "--tmpfs", "/tmp:size=16M,mode=1777,noexec"]
WRITABLE = ("storage/web", "storage/prosody")
PASSWORDS = {"JICOFO_AUTH_PASSWORD": "focus-secret", "JVB_AUTH_PASSWORD": "bridge-secret"}
_HEALTH = {"jicofo": "http://127.0.0.1:8888/about/health", "jvb": "http://127.0.0.1:8080/about/health",
           "prosody": "http://127.0.0.1:5280/health"}


class Ended(NamedTuple):
    """A container that ended by itself: exit code and both streams."""

    code: int
    said: str


class BareStack:
    """Containers of one release on `host`, in a Docker network and a CONFIG folder of their own."""

    def __init__(self, host: Host, name: str, release: str) -> None:
        self.host, self.name, self.release = host, name, release
        self.layout = RELEASES[release]
        self.rootful = self.layout == "rootful"
        self.config = f"/srv/{name}"
        folders = {folder for mounts in _MOUNTS[self.layout].values() for folder in mounts}
        writable = folders & set(WRITABLE)
        lines = [f"docker network create {name}", f"mkdir -p {self.config} && cd {self.config}",
                 f"mkdir -p {' '.join(sorted(folders))}", *(f"chown 1000:1000 {folder}" for folder in sorted(writable))]
        host.run(" && ".join(lines))

    def image(self, service: str) -> str:
        registry = "" if self.rootful else "ghcr.io/"
        return f"{registry}jitsi/{service}:{self.release}"

    def container(self, name: str) -> str:
        return f"{self.name}-{name}"

    def _command(self, service: str, name: str, env: Dict[str, str], options: Sequence[str]) -> List[str]:
        words = ["--name", self.container(name), "--network", self.name, "--network-alias", name]
        if name == "prosody":
            words += ["--network-alias", "xmpp.meet.jitsi"]
        for folder, target in _MOUNTS[self.layout][service].items():
            words += ["-v", f"{self.config}/{folder}:{target}"]
        for key, value in env.items():
            words += ["-e", f"{key}={value}"]
        return [*words, *([] if self.rootful else _READ_ONLY), *options, self.image(service)]

    def start(self, service: str, env: Optional[Dict[str, str]] = None, *, name: Optional[str] = None,
              options: Sequence[str] = ()) -> str:
        """Start a container of `service` as `name` (its alias in the network, too) and leave it running."""
        name = name or service
        self.host.run(["docker", "run", "-d", *self._command(service, name, env or {}, options)], timeout=120)
        return name

    def run(self, service: str, env: Optional[Dict[str, str]] = None, *, options: Sequence[str] = ()) -> Ended:
        """Run a container that is expected to end by itself."""
        done = self.host.run(["docker", "run", "--rm", *self._command(service, "once", env or {}, options)],
                             timeout=30, check=False)
        return Ended(done.returncode, done.stdout + done.stderr)

    def execute(self, name: str, command: str, check: bool = True, user: str = "") -> str:
        """The output of a line for bash in a container."""
        as_user = ["-u", user] if user else []
        return self.host.run(["docker", "exec", *as_user, self.container(name), "bash", "-c", command],
                             check=check).stdout

    def curl(self, name: str, url: str, *options: str) -> Answer:
        """What curl in container `name` gets from `url`; status 0 when nothing answers."""
        done = self.host.run(["docker", "exec", self.container(name), "curl", "-s", "-m", "5", *options,
                              "-w", "\n%{http_code}", url], check=False)
        body, _, status = done.stdout.rpartition("\n")
        return Answer(int(status or 0), body if status != "000" else done.stderr)

    def page(self, path: str) -> Answer:
        """A path of web, as the container itself gets it."""
        return self.curl("web", f"http://127.0.0.1:{80 if self.rootful else 8000}{path}")

    def logs(self, name: str) -> str:
        done = self.host.run(["docker", "logs", self.container(name)])
        return done.stdout + done.stderr

    def inspect(self, name: str) -> Dict[str, Any]:
        found: Dict[str, Any] = json.loads(self.host.run(["docker", "inspect", self.container(name)]).stdout)[0]
        return found

    def healthy(self, name: str, service: Optional[str] = None) -> bool:
        return self.curl(name, _HEALTH[service or name]).status == 200

    def wait_healthy(self, *names: str) -> None:
        for name in names:
            wait_until(functools.partial(self.healthy, name), f"{name} of {self.release} to be healthy", every=0.1)

    def remove(self, *names: str) -> None:
        self.host.run(["docker", "rm", "-f", *map(self.container, names)])

    def down(self) -> None:
        """Take all its containers and its network away; CONFIG stays on the host."""
        self.host.run(f"docker ps -aq --filter network={self.name} | xargs -r docker rm -fv && "
                      f"docker network rm {self.name}")
