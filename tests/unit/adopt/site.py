"""The tutorial's installation as it would be found: containers, a folder, and a door that only remembers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

from jitsictl import releases
from jitsictl.types.adoption import OldContainer, OldSite
from jitsictl.types.failure import Failure

TAG = "stable-6826"
FOLDER = "/usr/local/docker-jitsi-meet-stable-6826"
PROJECT = "docker-jitsi-meet-stable-6826"
CONFIG = "/usr/share/docker/data/jitsi-meet-cfg"
SERVICES = ("prosody", "jvb", "jicofo", "etherpad", "web")
DIRTY_DB = "/opt/etherpad-lite/var/dirty.db"

ENV = {
    "CONFIG": CONFIG,
    "HTTP_PORT": "8440",
    "TZ": "UTC",
    "PUBLIC_URL": "https://meet.example.org",
    "DOCKER_HOST_ADDRESS": "192.0.2.10",
    "ETHERPAD_URL_BASE": "http://etherpad.meet.jitsi:9001",
    "JICOFO_AUTH_PASSWORD": "aaaa1111aaaa1111",
    "JVB_AUTH_PASSWORD": "bbbb2222bbbb2222",
}


def container(service: str, folder: str = FOLDER, config: str = CONFIG, **more: Any) -> OldContainer:
    image = "etherpad/etherpad:1.8.6" if service == "etherpad" else f"jitsi/{service}:{TAG}"
    inside = {
        "prosody": {"/config": f"{config}/prosody/config"},
        "etherpad": {},
    }.get(service, {"/config": f"{config}/{service}"})
    fields: Dict[str, Any] = {
        "id": f"id-{service}",
        "name": f"{PROJECT}-{service}-1",
        "service": service,
        "project": PROJECT,
        "directory": folder,
        "files": (f"{folder}/docker-compose.yml",),
        "image": image,
        "running": True,
        "policy": "unless-stopped",
        "mounts": inside,
        "published": {"80/tcp": ":8440"} if service == "web" else {},
        **more,
    }
    return OldContainer(**fields)


def site(*containers: OldContainer, release: str = TAG, **more: Any) -> OldSite:
    fields: Dict[str, Any] = {
        "directory": FOLDER,
        "project": PROJECT,
        "release": release,
        "layout": releases.layout_of(release),
        "containers": containers or tuple(container(service) for service in SERVICES),
        "networks": (f"{PROJECT}_meet.jitsi",),
        **more,
    }
    return OldSite(**fields)


class Foreign:
    """Containers of other projects by what was done to them."""

    def __init__(self, *containers: OldContainer) -> None:
        self.there: Dict[str, OldContainer] = {each.id: each for each in containers}
        self.files: Dict[str, bytes] = {}  # "ID:path" -> content
        self.nets: List[str] = [f"{PROJECT}_meet.jitsi"]
        self.pages: Dict[str, str] = {}  # "ID URL" -> text
        self.compose: Optional[Mapping[str, Any]] = {}

    def containers(self) -> List[OldContainer]:
        return list(self.there.values())

    def networks(self, project: str) -> List[str]:
        return [name for name in self.nets if name.startswith(f"{project}_")]

    def states(self, ids: Sequence[str]) -> Dict[str, Any]:
        return {id: (self.there[id].running, self.there[id].policy) for id in ids if id in self.there}

    def keep_at_boot(self, id: str, policy: str) -> None:
        self.there[id] = dataclasses.replace(self.there[id], policy=policy)

    def stop(self, ids: Sequence[str], _keep: Sequence[int] = ()) -> None:
        for id in ids:
            self.there[id] = dataclasses.replace(self.there[id], running=False)

    def start(self, id: str, _keep: Sequence[int] = ()) -> None:
        self.there[id] = dataclasses.replace(self.there[id], running=True)

    def take(self, id: str, inside: str, target: Path, _owner: Optional[Any]) -> bool:
        content = self.files.get(f"{id}:{inside}")
        if content is not None:
            target.write_bytes(content)
        return content is not None

    def put(self, id: str, source: Path, inside: str) -> None:
        self.files[f"{id}:{inside}"] = source.read_bytes()

    def read_url(self, id: str, url: str) -> str:
        return self.pages.get(f"{id} {url}", "")

    def remove(self, ids: Sequence[str]) -> None:
        for id in ids:
            self.there.pop(id, None)

    def remove_networks(self, names: Sequence[str]) -> List[str]:
        self.nets = [name for name in self.nets if name not in names]
        return []

    def described(self, _program: Sequence[str], directory: Path, _files: Sequence[str]) -> Mapping[str, Any]:
        if self.compose is None:
            raise Failure(f"Docker Compose could not read {directory} (exit code 14)")
        return self.compose
