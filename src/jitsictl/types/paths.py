"""Where things are on a host (ARCHITECTURE.md, "Files on a host"). Tests put another root in front."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    root: Path = Path("/")

    @property
    def conf(self) -> Path:
        return self.root / "etc/jitsi-meet/jitsi.conf"

    @property
    def secrets(self) -> Path:
        return self.root / "etc/jitsi-meet/secrets.conf"

    @property
    def project(self) -> Path:
        """Where a bare `docker compose` works: links into the applied generation, and the admin's override."""
        return self.root / "usr/local/docker-jitsi-meet"

    @property
    def pieces(self) -> Path:
        return self.project / "compose"

    @property
    def override(self) -> Path:
        return self.project / "compose.override.yaml"

    @property
    def state(self) -> Path:
        return self.root / "var/lib/jitsi-meet"

    @property
    def generations(self) -> Path:
        return self.state / "generations"

    @property
    def current(self) -> Path:
        return self.state / "current"

    @property
    def changes(self) -> Path:
        return self.state / "change"

    @property
    def adopted(self) -> Path:
        """What an adoption left for its --undo and --finish."""
        return self.state / "adopted.json"

    @property
    def snapshots(self) -> Path:
        return self.state / "snapshots"

    @property
    def lock(self) -> Path:
        return self.state / "lock"

    @property
    def log(self) -> Path:
        return self.root / "var/log/jitsi-meet/jitsi-meet.log"

    @property
    def docker_socket(self) -> Path:
        return self.root / "var/run/docker.sock"

    @property
    def httpd_conf(self) -> Path:
        return self.root / "etc/httpd/httpd.conf"

    @property
    def vhost(self) -> Path:
        """The page's virtual hosts, written by `jitsictl vhost --install`."""
        return self.root / "etc/httpd/extra/httpd-jitsi.conf"
