"""Which images there are, under upstream's own names, and what their configuration says."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Tuple

HERE = Path(__file__).resolve().parent
ROOTFS = HERE / "rootfs"
SERVICES = ("web", "prosody", "jicofo", "jvb")
ETHERPAD_TAGS = ("1.8.6", "2.0.3")  # one image: real 1.8.14 under the tutorial's tag and under today's
WHITEBOARD_TAGS = ("21", "2026.3.0")  # one stand-in under both

# Release -> layout. The tutorial's is there to be adopted: its prosody is a real 0.11, the others are today's. Of the
# root layout two differ in tag and label alone, for small upgrades.
TUTORIAL = "stable-6826"
RELEASES = {TUTORIAL: "rootful", "stable-10978": "rootful", "stable-11031": "rootful", "stable-11146-2": "rootless"}


class Kind(NamedTuple):
    """What one service's image says of itself in a layout: exposed ports and volumes, as upstream's do."""

    ports: Tuple[str, ...]
    volumes: Tuple[str, ...] = ("/config",)


_WEB = ("/config", "/usr/share/jitsi-meet/transcripts")
_PROSODY = ("/config", "/prosody-plugins-custom")
KINDS: Dict[Tuple[str, str], Kind] = {
    ("web", "rootful"): Kind(("80/tcp", "443/tcp"), _WEB),
    ("web", "rootless"): Kind(("8000/tcp", "8443/tcp"), _WEB),
    ("prosody", "rootful"): Kind(("5222/tcp", "5280/tcp"), _PROSODY),
    ("prosody", "rootless"): Kind(("5222/tcp", "5280/tcp"), _PROSODY),
}


def variables() -> Dict[str, Dict[str, List[str]]]:
    """Release -> service -> the names that its image reads."""
    loaded: Dict[str, Dict[str, List[str]]] = json.loads((HERE / "variables.json").read_text())
    return loaded


def _config(version: str, ports: Tuple[str, ...], volumes: Tuple[str, ...]) -> Dict[str, Any]:
    return {
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        "Labels": {"org.opencontainers.image.version": version},
        "ExposedPorts": {port: {} for port in ports},
        "Volumes": {volume: {} for volume in volumes},
    }


def service_config(service: str, release: str) -> Dict[str, Any]:
    """The image configuration of one of Jitsi's services."""
    kind = KINDS.get((service, RELEASES[release]), Kind(()))
    user = {} if RELEASES[release] == "rootful" else {"User": "s6"}
    return {**_config(release, kind.ports, kind.volumes), **user, "Entrypoint": ["/init"]}


def whiteboard_config(tag: str) -> Dict[str, Any]:
    """The image configuration of excalidraw-backend."""
    return {**_config(tag, ("80/tcp",), ()), "Cmd": ["tini", "--", "node", "/opt/excalidraw-backend/server.js"]}


def etherpad_config(tag: str) -> Dict[str, Any]:
    """The image configuration of Etherpad: no entry point of its own, uid 5001."""
    config = _config(tag, ("9001/tcp",), ())
    config["Env"].append("NODE_ENV=production")
    return {**config, "User": "etherpad", "WorkingDir": "/opt/etherpad-lite",
            "Cmd": ["tini", "--", "node", "node_modules/ep_etherpad-lite/node/server.js"]}
