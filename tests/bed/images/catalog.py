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

# Between Keycloak and Jitsi: name -> tag -> folders of rootfs. What upstream's images do not have is taken away there
# (.wh.*). jitsi-keycloak's last tag makes tokens without exp, its branch main does not.
_TIMELESS = ("jitsi-keycloak", "jitsi-keycloak-1.3.1")
ADAPTERS: Dict[str, Dict[str, Tuple[str, ...]]] = {
    "d3473r/jitsi-keycloak": {"main": ("jitsi-keycloak",), "v1.3.1": _TIMELESS, "latest": _TIMELESS},
    "jitsi-contrib/jitsi-oidc-adapter": {"v20260328": ("oidc-adapter",), "latest": ("oidc-adapter",)},
}

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


_OIDC = (
    "DENO_DIR=/deno-dir/", "DENO_INSTALL_ROOT=/usr/local", "OIDC_ISSUER_URL=https://ucs-sso-ng.mydomain.corp/realms/ucs",
    "OIDC_CLIENT_ID=jitsi", "OIDC_CLIENT_SECRET=", "OIDC_SCOPES=openid profile email", "JWT_ALG=HS256",
    "JWT_HASH=SHA-256", "JWT_APP_ID=myappid", "JWT_APP_SECRET=myappsecret", "JWT_EXP_SECOND=10800",
    "ALLOW_UNSECURE_CERT=false", "HOSTNAME=0.0.0.0", "PORT=9000")


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


def adapter_config(name: str, tag: str) -> Dict[str, Any]:
    """The image configuration of one of the adapters: jitsi-keycloak's has root and no entry point."""
    keycloak = name == "d3473r/jitsi-keycloak"
    config = {**_config(tag, ("3000/tcp",) if keycloak else ("9000/tcp",), ()), "WorkingDir": "/app"}
    if keycloak:
        return {**config, "Env": [*config["Env"], "NODE_ENV=production"], "Cmd": ["node", "src/app.js"]}
    return {**config, "Env": [*config["Env"], *_OIDC], "User": "deno", "Entrypoint": ["docker-entrypoint.sh"]}


def etherpad_config(tag: str) -> Dict[str, Any]:
    """The image configuration of Etherpad: no entry point of its own, uid 5001."""
    config = _config(tag, ("9001/tcp",), ())
    config["Env"].append("NODE_ENV=production")
    return {**config, "User": "etherpad", "WorkingDir": "/opt/etherpad-lite",
            "Cmd": ["tini", "--", "node", "node_modules/ep_etherpad-lite/node/server.js"]}
