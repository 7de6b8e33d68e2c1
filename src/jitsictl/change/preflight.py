"""What must hold before a change touches anything. Each check says what was expected, found, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Iterable, List, Set, Tuple

from jitsictl import releases
from jitsictl.change import adapter, customised
from jitsictl.doors import files, host, ports, trees
from jitsictl.doors.docker import Docker
from jitsictl.plan import compose, differences, signon
from jitsictl.settings import pads
from jitsictl.types.change import Change, Copy, File, Move, MoveInto, Pull, Unpack
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings
from jitsictl.types.site import Desired, Observed

FREE_BYTES = 50 * 1024 * 1024
IMAGE_BYTES = 300 * 1024 * 1024  # what one more image takes at least; a pull that fills the disk touches nothing else


def preflight(change: Change, desired: Desired, observed: Observed, paths: Paths, docker: Docker) -> None:
    """All checks; Failure lists everything that is wrong at once."""
    wrong = [
        *_config_place(desired, paths),
        *_config_moved(change, desired, observed),
        *_space(change, desired, paths),
        *_ports(desired, observed),
        *_override_ports(desired, _override(change, paths.override), str(paths.override)),
        *_images(change, docker),
        *_memory(change, desired),
        *adapter.refused(desired, docker),
        *customised.refused(change, observed.containers, docker),
    ]
    if wrong:
        raise Failure("\n".join(wrong))


def _config_place(desired: Desired, paths: Paths) -> List[str]:
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


def _config_moved(change: Change, desired: Desired, observed: Observed) -> List[str]:
    """A new CONFIG without the data of the old one would start an empty site beside the real one."""
    if observed.applied is None or any(isinstance(step, Unpack) for step in change.steps):
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


def _space(change: Change, desired: Desired, paths: Paths) -> List[str]:
    """Room for what is copied (hard links take none), and some besides."""
    copied = sum(trees.size(Path(step.source)) for step in change.steps if isinstance(step, Copy) and not step.links)
    wrong = []
    for place, needed in ((Path(desired.settings["CONFIG"]), copied), (paths.state, 0)):
        wrong += _room(place, FREE_BYTES + needed, f"for {place}")
    return wrong


def _room(place: Path, needed: int, what: str) -> List[str]:
    free = host.free_bytes(place)
    if free >= needed:
        return []
    return [f"expected {needed // 1024**2} MB free {what}, found {free // 1024**2} MB; make room first"]


def _images(change: Change, docker: Docker) -> List[str]:
    """Every absent image is to be had, for this machine; all that are not are named before the first is fetched."""
    absent = [step.image for step in change.steps if isinstance(step, Pull)]
    if not absent:
        return []
    root = docker.data_root()
    wrong = _room(root, FREE_BYTES + IMAGE_BYTES * len(absent), f"in {root} for {len(absent)} images")
    for image in absent:
        try:
            architectures = docker.offered(image)
        except Failure as failure:
            wrong.append(failure.what)
            continue
        if architectures and docker.architecture not in architectures:
            wrong.append(
                f"{image}: expected it for {docker.architecture}, found it for {', '.join(sorted(architectures))} only"
            )
    return wrong


def _override(change: Change, path: Path) -> str:
    """The admin's override as the change leaves it: a restore brings another, or none."""
    for step in change.steps:
        if isinstance(step, File) and step.path == str(path):
            return step.text
        if isinstance(step, Move) and step.source == str(path):
            return ""
    return files.read_text(path) or ""


def _memory(change: Change, desired: Desired) -> List[str]:
    """Images that copy their whole directory into memory at start end with half of it when it is too large."""
    layout, moves = desired.release.layout, [step for step in change.steps if isinstance(step, (Move, MoveInto))]
    wrong = []
    for name in layout.copied:
        directory = Path(desired.settings["CONFIG"]) / name
        sizes = {entry: trees.size(directory / entry) for entry in files.names(directory)}
        for step in moves:
            if directory in Path(step.source).parents:
                entry = str(Path(step.source).relative_to(directory)).partition("/")[0]
                sizes[entry] = sizes.get(entry, 0) - trees.size(Path(step.source))
        if sum(sizes.values()) > layout.copied_bytes:
            largest = sorted(sizes, key=lambda entry: -sizes[entry])[:3]
            wrong.append(
                f"expected at most {layout.copied_bytes / 1e6:.0f} MB in {directory}, which images of "
                f"{desired.release.tag} copy into memory, found {sum(sizes.values()) / 1e6:.1f} MB: "
                + ", ".join(f"{entry} {sizes[entry] / 1e6:.1f} MB" for entry in largest)
                + "; move away what is no configuration"
            )
    return wrong


def _override_ports(desired: Desired, text: str, file: str) -> List[str]:
    """An override with the container port of another layout would publish nothing that listens (502 from Apache)."""
    right = _inside(compose.definitions(desired.files["compose.yaml"]).get("web", {}).get("ports", ()))
    wrong = {port for layout in releases.layouts() for port in layout.web_ports} - set(desired.release.layout.web_ports)
    ours = compose.override_services(text, file).get("web") or {}
    found = sorted(_inside(ours.get("ports") or ()) & wrong)
    tag, ports_now = desired.release.tag, " or ".join(map(str, sorted(right)))
    return [
        f"{file}: web publishes port {port} of the container, where nothing listens at {tag}; write {ports_now}"
        for port in found
    ]


def _inside(published: Iterable[object]) -> Set[int]:
    """The container's side of Compose's short or long form of a list of ports."""
    found = set()
    for entry in published:
        target = entry.get("target") if isinstance(entry, dict) else str(entry).rpartition("/")[0] or entry
        number = str(target).rpartition(":")[2]
        if number.isdigit():
            found.add(int(number))
    return found


def published(settings: Settings) -> List[Tuple[str, str, str, int, str]]:
    """What each service publishes: (service, setting, address, port, protocol)."""
    listening = [("web", "HTTP_PORT"), *([("etherpad", pads.PORT)] if pads.published(settings) else [])]
    service = signon.adapter(settings)
    if service is not None:
        listening.append((service.name, signon.PORT))
    return [
        *((service, name, *_address(settings[name]), "tcp") for service, name in listening),
        ("jicofo", "JICOFO_REST_PORT", "127.0.0.1", int(settings["JICOFO_REST_PORT"]), "tcp"),
        ("jvb", "JVB_COLIBRI_PORT", "127.0.0.1", int(settings["JVB_COLIBRI_PORT"]), "tcp"),
        ("jvb", "JVB_PORT", "", int(settings["JVB_PORT"]), "udp"),
    ]


def _address(listen: str) -> Tuple[str, int]:
    address, _, port = listen.rpartition(":")
    return address, int(port)


def _held(observed: Observed) -> Set[int]:
    """The TCP ports of this host that the services have which run now, by the applied compose.yaml."""
    if observed.applied is None:
        return set()
    values = differences.interpolated(observed.applied.files)
    found = set()
    for name, service in compose.definitions(observed.applied.files["compose.yaml"]).items():
        if name in observed.containers and observed.containers[name].state == "running":
            entries = [compose.filled(str(entry), values) for entry in service.get("ports", ())]
            outside = [entry.rpartition(":")[0].rpartition(":")[2] for entry in entries if not entry.endswith("/udp")]
            found |= {int(port) for port in outside if port.isdigit()}
    return found


def _ports(desired: Desired, observed: Observed) -> List[str]:
    """A port that docker-proxy holds for a running service of ours is no collision, also when another takes it over."""
    wrong = []
    ours = _held(observed)
    for service, setting, address, port, protocol in published(desired.settings):
        holder = ports.holder(address, port, protocol)
        running = service in observed.containers and observed.containers[service].state == "running"
        if holder is not None and not ((running or port in ours) and holder.startswith("docker-proxy")):
            wrong.append(
                f"{setting}: expected port {port}/{protocol} to be free for {service}, found it held by {holder}; "
                f"stop that program or change {setting} in jitsi.conf"
            )
    return wrong
