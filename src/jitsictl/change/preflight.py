"""What must hold before a change touches anything. Each check says what was expected, found, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import List, Tuple

from jitsictl.doors import files, host, ports
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings
from jitsictl.types.site import Desired, Observed

FREE_BYTES = 50 * 1024 * 1024


def preflight(desired: Desired, observed: Observed, paths: Paths) -> None:
    """All checks; Failure lists everything that is wrong at once."""
    wrong: List[str] = []
    for check in (_config_place, _config_moved, _space, _ports):
        wrong += check(desired, observed, paths)
    if wrong:
        raise Failure("\n".join(wrong))


def _config_place(desired: Desired, _observed: Observed, paths: Paths) -> List[str]:
    config = Path(desired.settings["CONFIG"])
    for place in (config, *config.parents):
        kept = files.kept(place)
        if kept is not None and not kept.directory:
            return [f"CONFIG={config}: expected a directory, found that {place} is none; move it away or change CONFIG"]
    mount = host.unmounted(config, paths.root / "etc/fstab")
    if mount is not None:
        return [
            f"CONFIG={config}: expected {mount} to be mounted as /etc/fstab says, found that it is not; "
            f"mount {mount} first"
        ]
    return []


def _config_moved(desired: Desired, observed: Observed, _paths: Paths) -> List[str]:
    """A new CONFIG without the data of the old one would start an empty site beside the real one."""
    if observed.applied is None:
        return []
    before = next(
        (
            line.split("=", 1)[1].strip("'\"")
            for line in observed.applied.files[".env"].splitlines()
            if line.startswith("CONFIG=")
        ),
        "",
    )
    after = desired.settings["CONFIG"]
    if before in ("", after) or not files.exists(Path(before) / "prosody") or files.exists(Path(after) / "prosody"):
        return []
    return [
        f"CONFIG={after}: expected the site's data there, found it still in {before}; stop the site "
        f"(/etc/rc.d/rc.jitsi stop), move the whole directory (mv {before} {after}), then start again"
    ]


def _space(desired: Desired, _observed: Observed, paths: Paths) -> List[str]:
    wrong = []
    for place in (Path(desired.settings["CONFIG"]), paths.state):
        free = host.free_bytes(place)
        if free < FREE_BYTES:
            wrong.append(
                f"expected {FREE_BYTES // 1024**2} MB free for {place}, found {free // 1024**2} MB; make room first"
            )
    return wrong


def published(settings: Settings) -> List[Tuple[str, str, str, int, str]]:
    """What each service publishes: (service, setting, address, port, protocol)."""
    address, _, port = settings["HTTP_PORT"].rpartition(":")
    return [
        ("web", "HTTP_PORT", address, int(port), "tcp"),
        ("jicofo", "JICOFO_REST_PORT", "127.0.0.1", int(settings["JICOFO_REST_PORT"]), "tcp"),
        ("jvb", "JVB_COLIBRI_PORT", "127.0.0.1", int(settings["JVB_COLIBRI_PORT"]), "tcp"),
        ("jvb", "JVB_PORT", "", int(settings["JVB_PORT"]), "udp"),
    ]


def _ports(desired: Desired, observed: Observed, _paths: Paths) -> List[str]:
    """A port that docker-proxy holds for a running service of ours is no collision."""
    wrong = []
    for service, setting, address, port, protocol in published(desired.settings):
        holder = ports.holder(address, port, protocol)
        running = service in observed.containers and observed.containers[service].state == "running"
        if holder is not None and not (running and holder.startswith("docker-proxy")):
            wrong.append(
                f"{setting}: expected port {port}/{protocol} to be free for {service}, found it held by {holder}; "
                f"stop that program or change {setting} in jitsi.conf"
            )
    return wrong
