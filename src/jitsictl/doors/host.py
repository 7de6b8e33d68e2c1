"""What this host says of its file systems, its time zones and the package itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import AbstractSet, Iterator, Optional

from jitsictl.doors.trees import tree
from jitsictl.types.host import HostFacts

ZONES = Path("/usr/share/zoneinfo")


def free_bytes(path: Path) -> int:
    """What root may still write on the file system of the path, or of the nearest parent that exists."""
    for place in (path, *path.parents):
        if place.exists():
            found = os.statvfs(place)
            return found.f_bfree * found.f_frsize
    return 0


def unmounted(path: Path, fstab: Path) -> Optional[Path]:
    """The mount point of fstab that the path lies below and that is not mounted; None when all is well.

    The root and entries with `noauto` are left out.
    """
    try:
        text = fstab.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    for line in text.splitlines():
        fields = line.split()
        if len(fields) < 4 or line.lstrip().startswith("#") or "noauto" in fields[3].split(","):
            continue
        point = Path(fields[1])
        inside = fields[1] not in ("/", "none", "swap") and (point == path or point in path.parents)
        if inside and not os.path.ismount(point):
            return point
    return None


def facts(root: Path) -> HostFacts:
    """What the rules of the settings must know. Docker gives containers no IPv6 unless its file says so."""
    net = root / "proc/sys/net"
    kernel = (net / "ipv6").is_dir() if net.is_dir() else None
    return HostFacts(kernel_ipv6=kernel, docker_ipv6=_docker_ipv6(root / "etc/docker/daemon.json"))


def _docker_ipv6(path: Path) -> Optional[bool]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return None
    import json  # the file is absent on most hosts

    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found.get("ipv6") is True if isinstance(found, dict) else None


def time_zones() -> Optional[AbstractSet[str]]:
    """The time zones that this host knows; None when it has no list of them."""
    return _Zones() if ZONES.is_dir() else None


class _Zones(AbstractSet[str]):
    """The files below ZONES that hold a zone. One name is looked up by itself: to walk them all takes 60 ms."""

    def __contains__(self, name: object) -> bool:
        # posix/, right/ and localtime are no names of zones; the first letter tells.
        if not isinstance(name, str) or not name[:1].isupper() or ".." in name:
            return False
        try:
            with (ZONES / name).open("rb") as file:
                return file.read(4) == b"TZif"
        except OSError:
            return False

    def __iter__(self) -> Iterator[str]:
        return (name for name in tree(ZONES) if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def package(root: Path) -> str:
    """The full name of this package as pkgtools know it, "" where it was not installed with them."""
    names = sorted(path.name for path in (root / "var/lib/pkgtools/packages").glob("docker-jitsi-meet-[0-9]*"))
    return names[-1] if names else ""


def home() -> str:
    """The home directory of whoever runs this."""
    return str(Path.home())


def templates() -> Path:
    """The directory of the Jinja2 templates: src/templates, installed beside the `python` that holds us."""
    above = Path(__file__).resolve().parents
    places = (above[2] / "templates", above[3] / "templates")
    return next((place for place in places if place.is_dir()), places[0])
