"""Answers that the host itself can give. No outside service is asked."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Dict, Mapping, Optional

from jitsictl.change import generations
from jitsictl.doors import files, host, network, ports
from jitsictl.settings import catalogue
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings

ZONE_LINKS = ("etc/localtime-copied-from", "etc/localtime")  # Slackware's timeconfig keeps the first one
NAME_FILES = ("etc/HOSTNAME", "etc/hostname")
WEB_SERVERS = ("usr/sbin/httpd", "usr/sbin/apache2")
# Names that come with a system and that nobody can have.
NO_NAMES = (".localdomain", ".example.net", ".example.com", ".example.org")
PORTS = (("HTTP_PORT", "tcp"), ("JVB_PORT", "udp"), ("JVB_COLIBRI_PORT", "tcp"), ("JICOFO_REST_PORT", "tcp"))
LOOPBACK = "127.0.0.1"

# Where nobody outside reaches a host (RFC 1918, 3927, 4193), and the range of a provider's own NAT (RFC 6598).
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10")
_CARRIER = "100.64.0.0/10"


@dataclass(frozen=True)
class Taken:
    """A port that another program has: who, and the value of the same setting with the next free port."""

    holder: str
    free: str


@dataclass(frozen=True)
class Found:
    """What the host says. An empty text: it does not say.

    `address` is what to propose for browsers, `outside` whether people outside reach it: "public", "private" (behind
    NAT) or "carrier" (behind the provider's NAT as well).
    """

    url: str = ""
    address: str = ""
    outside: str = ""
    zone: str = "UTC"
    kernel_ipv6: bool = True
    docker_ipv6: bool = False
    ipv6_address: str = ""
    web_server: str = ""
    taken: Mapping[str, Taken] = field(default_factory=dict)


def detect(paths: Paths) -> Found:
    """All of it, in some milliseconds."""
    facts = host.facts(paths.root)
    address = _address()
    public6 = [text for text in network.addresses6() if reach(text) == "public"]
    return Found(
        url=_url(paths),
        address=address,
        outside=reach(address),
        zone=time_zone(paths),
        kernel_ipv6=facts.kernel_ipv6 is not False,
        docker_ipv6=facts.docker_ipv6 is True,
        ipv6_address=public6[0] if public6 else "",
        web_server=web_server(paths),
        taken=_taken(paths),
    )


def time_zone(paths: Paths) -> str:
    """The host's time zone; UTC when none is set."""
    for name in ZONE_LINKS:
        target = files.link_target(paths.root / name)
        if target and "zoneinfo/" in target:
            return target.split("zoneinfo/", 1)[1]
    return "UTC"


def web_server(paths: Paths) -> str:
    """The Apache of this host, "" without one."""
    return next((f"/{name}" for name in WEB_SERVERS if files.exists(paths.root / name)), "")


def reach(address: str) -> str:
    """Who reaches an address, as Found.outside says it; "" for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed in ipaddress.ip_network(_CARRIER):
        return "carrier"
    return "private" if any(parsed in ipaddress.ip_network(network) for network in _PRIVATE) else "public"


def _url(paths: Paths) -> str:
    names = [(files.read_text(paths.root / name) or "").strip() for name in NAME_FILES]
    for name in (*names, network.host_name()):
        if "." in name and not name.endswith(NO_NAMES):
            return f"https://{name.lower()}"
    return ""


def _address() -> str:
    """The public addresses where there are any, else the one that leads outside."""
    public = [address for address in network.addresses() if reach(address) == "public"]
    return ",".join(public) or network.own_address() or ""


def _taken(paths: Paths) -> Dict[str, Taken]:
    """The ports of PORTS that somebody else has. What our own running site holds is ours."""
    ours = _applied(paths)
    found: Dict[str, Taken] = {}
    for name, protocol in PORTS:
        value = str(catalogue.load()[name].default)
        address, _, number = value.rpartition(":")
        address = address or ("" if protocol == "udp" else LOOPBACK)
        holder = ports.holder(address, int(number), protocol)
        if holder is None or (ours is not None and ours.get(name) == value):
            continue
        free = _free(address, int(number), protocol)
        found[name] = Taken(holder, f"{value[: -len(number)]}{free}")
    return found


def _applied(paths: Paths) -> Optional[Settings]:
    try:
        return generations.applied_settings(paths)
    except Failure:  # a damaged state is for reseed to tell; here it only means that nothing is known
        return None


def _free(address: str, number: int, protocol: str) -> int:
    defaults = {str(catalogue.load()[name].default).rpartition(":")[2] for name, _ in PORTS}
    for candidate in range(number + 1, 65536):
        if str(candidate) not in defaults and ports.holder(address, candidate, protocol) is None:
            return candidate
    return number
