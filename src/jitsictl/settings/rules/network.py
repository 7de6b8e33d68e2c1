"""Ports of this host, and IPv6."""

from __future__ import annotations

from typing import Iterator, List, Tuple

from jitsictl.settings import pads
from jitsictl.settings.case import Case, Found

_ANY = "0.0.0.0"  # noqa: S104 - what Docker binds to when a port has no address
_ALL_ADDRESSES = frozenset((_ANY, "[::]"))
_TCP_PORTS = (  # that Compose publishes, each with the address it has when the setting names none; JVB_PORT is UDP
    ("HTTP_PORT", _ANY),
    ("HTTPS_PORT", _ANY),
    ("JICOFO_REST_PORT", "127.0.0.1"),
    ("JVB_COLIBRI_PORT", "127.0.0.1"),
    (pads.PORT, _ANY),
    ("SSO_PORT", _ANY),
)
_APACHES = ("HTTP_PORT", pads.PORT, "SSO_PORT")


def what_apache_leads_to_listens_on_loopback(case: Case) -> Found:
    """Docker publishes past the host's firewall; 8440 alone means all addresses."""
    for name, address, port in _published(case):
        if name in _APACHES and case.said(name) and address in _ALL_ADDRESSES:
            yield case.warning(
                name,
                f"is open on all addresses, without TLS and past the firewall; the Apache on this machine needs "
                f"127.0.0.1:{port} only",
                right=f"127.0.0.1:{port}",
            )


def host_ports_differ(case: Case) -> Found:
    taken: List[Tuple[str, str, str]] = []
    for name, address, port in _published(case):
        for other, other_address, other_port in taken:
            same = address == other_address or {address, other_address} & _ALL_ADDRESSES
            if same and port == other_port:
                culprit, rest = (name, other) if name in case.lines else (other, name)
                yield case.error(culprit, f"uses port {port}, which {rest} has; write another port")
                break
        taken.append((name, address, port))


def ipv6_is_there(case: Case) -> Found:
    """Web's nginx listens at [::] and does not start where the kernel has no IPv6 (upstream #805)."""
    name = "ENABLE_IPV6"
    if case.host.kernel_ipv6 is False and not case.off(name) and not case.wrong(name):
        found = "is 1" if case.said(name) else "is 1 where nothing else is said"
        yield case.error(
            name, f"{found}, but this kernel has no IPv6, and the page would not start; write 0", right="0"
        )


def ipv6_reaches_the_containers(case: Case) -> Found:
    if case.said_on("ENABLE_IPV6") and case.host.docker_ipv6 is False and case.host.kernel_ipv6 is not False:
        yield case.warning(
            "ENABLE_IPV6",
            'is 1, but Docker gives containers no IPv6 (/etc/docker/daemon.json has no "ipv6": true); write 0',
            right="0",
        )


def _published(case: Case) -> Iterator[Tuple[str, str, str]]:
    """Name, address and port of every TCP port that is published."""
    unused = {
        "HTTPS_PORT": case.settings.on("DISABLE_HTTPS"),
        pads.PORT: pads.published(case.settings) is None,
        "SSO_PORT": case.settings.get("SSO") in ("", "none"),
    }
    for name, fixed in _TCP_PORTS:
        if name in case.settings and not unused.get(name):
            address, _, port = case.settings[name].rpartition(":")
            yield name, address or fixed, port


RULES = (
    what_apache_leads_to_listens_on_loopback,
    host_ports_differ,
    ipv6_is_there,
    ipv6_reaches_the_containers,
)
