"""A LAN in its own network namespace: a bridge, and a registry that answers as docker.io and as ghcr.io."""
from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, List, Optional

from bed import roots, runs, tls
from bed.base import BedError, command, wait_until

if TYPE_CHECKING:
    from bed.host import Host

GATEWAY = "10.77.0.1"
REGISTRY = f"{GATEWAY}:5000"
_LISTEN = "0A"  # the state column of /proc/net/tcp

_CONFIG = """version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {storage}}}
  maintenance: {{readonly: {{enabled: {readonly}}}}}
http:
  addr: {address}
  secret: bed
{tls}"""


def _listens(pid: int, port: int) -> bool:
    """Whether something in the network namespace of `pid` listens on a TCP port."""
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == _LISTEN and int(columns[1].rpartition(":")[2], 16) == port:
                return True
    return False


class Lan:
    """10.77.0.0/24 behind bridge br0, with `storage` served by docker-registry.

    Port 5000 is a plain registry, which hosts use as the mirror of docker.io; port 443 is ghcr.io, with TLS.
    Both serve the same repositories. A given storage is read-only unless `writable`; without one an empty,
    writable one is made. Use as a context manager, or call up() and down().
    """

    def __init__(self, storage: Optional[Path] = None, *, writable: Optional[bool] = None) -> None:
        self.run = runs.begin()
        self.netns = f"jb{self.run.id}"
        self.storage = storage or self.run.folder / "registry"
        self.writable = storage is None if writable is None else writable
        self.certificates = tls.ensure()
        self.hosts: List[Host] = []
        self._numbers = 0
        self._registries: List[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Lan:
        return self.up()

    def __exit__(self, *exc: object) -> None:
        self.down()

    def up(self) -> Lan:
        command(["ip", "netns", "add", self.netns])
        self.ip("link", "set", "lo", "up")
        self.ip("link", "add", "br0", "type", "bridge")
        self.ip("addr", "add", f"{GATEWAY}/24", "dev", "br0")
        self.ip("link", "set", "br0", "up")
        # Names that are not in /etc/hosts fail at once (port unreachable), also the second within a second.
        command(runs.inside(self.netns, "sysctl", "-qw", "net.ipv4.icmp_ratelimit=0"))
        self.storage.mkdir(parents=True, exist_ok=True)
        _, certificate, key = self.certificates
        self._serve("mirror", 5000, "")
        self._serve("ghcr", 443, f"  tls: {{certificate: {certificate}, key: {key}}}\n")
        return self

    def down(self) -> None:
        """Remove the LAN with all its hosts; safe to call twice."""
        for host in list(self.hosts):
            host.down()
        runs.end(self.run)
        for registry in self._registries:
            registry.wait()
        self._registries.clear()

    def ip(self, *arguments: str) -> None:
        """Run `ip` in the LAN's namespace."""
        command(runs.inside(self.netns, "ip", *arguments))

    def number(self) -> int:
        """The next free host number: 1, 2, ... A LAN has room for 200 hosts in its life."""
        self._numbers += 1
        if self._numbers > 200:
            raise BedError("a LAN of the bed has 200 addresses for hosts, all used: start another Lan")
        return self._numbers

    def _serve(self, name: str, port: int, secure: str) -> None:
        config = self.run.folder / f"{name}.yml"
        config.write_text(_CONFIG.format(storage=self.storage, readonly="false" if self.writable else "true",
                                         address=f"{GATEWAY}:{port}", tls=secure))
        log = self.run.folder / f"{name}.log"
        # The root's own, run outside: a package of the machine's would start a service there.
        program = roots.ensure("slackware15") / "usr/bin/docker-registry"
        with log.open("wb") as output:
            registry = subprocess.Popen(runs.inside(self.netns, str(program), "serve", str(config)),
                                        stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self._registries.append(registry)

        def serves() -> bool:
            if registry.poll() is not None:
                raise BedError(f"docker-registry ended with {registry.returncode}: {log.read_text()[-1000:]}")
            return _listens(registry.pid, port)

        wait_until(serves, f"the registry on port {port}")
