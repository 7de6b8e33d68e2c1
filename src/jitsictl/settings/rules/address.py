"""The address that people open, and the one that sound and picture go to."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Union
from urllib.parse import urlsplit

from jitsictl.settings.addresses import parse_ip
from jitsictl.settings.case import Case, Found

if TYPE_CHECKING:  # 5 ms that only a site with an address need pay
    from ipaddress import IPv4Address, IPv6Address

# The networks of a house or a provider, not Python's is_private, which counts examples (192.0.2.0/24) as private.
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
# Names that only an inner network knows: RFC 6762, RFC 8375, and what people use for it.
_INNER = (".lan", ".local", ".internal", ".intranet", ".home", ".home.arpa", ".corp", ".test", ".localdomain")


def public_url_is_given(case: Case) -> Found:
    if case.lacks("PUBLIC_URL"):
        yield case.error(
            "PUBLIC_URL",
            "is missing; write the address that people open: PUBLIC_URL=https://meet.example.com",
        )


def public_url_can_be_trusted(case: Case) -> Found:
    """Browsers give camera and microphone only to a page whose certificate is right (secure contexts)."""
    host = _host(case)
    if parse_ip(host) is not None:
        yield case.warning(
            "PUBLIC_URL",
            "is an IP address, for which few authorities give a certificate, and without one browsers allow "
            "neither camera nor microphone; write a host name",
        )


def bridge_advertises_an_address(case: Case) -> Found:
    """Behind NAT two people get through peer to peer and the third one hears nothing (upstream #573 ...)."""
    if case.lacks("JVB_ADVERTISE_IPS") and not case.wrong("DOCKER_HOST_ADDRESS"):
        yield case.warning(
            "JVB_ADVERTISE_IPS",
            "is not set, so the bridge offers the addresses that it finds by itself, and a third participant "
            "often hears nothing; write this server's public IP address",
        )


def advertised_address_is_one_of_a_server(case: Case) -> Found:
    for address in _advertised(case):
        if address.is_loopback or address.is_unspecified or address.is_multicast or address.is_link_local:
            yield case.error(
                "JVB_ADVERTISE_IPS",
                f"has {address}, at which nobody can reach this server; write its public IP address",
            )


def advertised_address_can_be_reached(case: Case) -> Found:
    """A private address is right on an inner network, and nearly always wrong behind a public name."""
    addresses = _advertised(case)
    host = _host(case)
    inner = not host or "." not in host or host.endswith(_INNER) or parse_ip(host) is not None
    if addresses and not inner and all(_is_private(address) for address in addresses):
        what = "is a private address" if len(addresses) == 1 else "has private addresses only"
        yield case.warning(
            "JVB_ADVERTISE_IPS",
            f"{what}, so people outside this network will neither hear nor see others; write the public IP "
            "address, and behind it this one too where people are inside as well",
        )


def _advertised(case: Case) -> List[Union[IPv4Address, IPv6Address]]:
    from ipaddress import ip_address

    value = case.settings.get("JVB_ADVERTISE_IPS")
    return [ip_address(item.partition("#")[0]) for item in value.split(",")] if value else []


def _is_private(address: Union[IPv4Address, IPv6Address]) -> bool:
    from ipaddress import ip_network

    return any(address in ip_network(network) for network in _PRIVATE)


def _host(case: Case) -> str:
    return urlsplit(case.settings.get("PUBLIC_URL")).hostname or ""


RULES = (
    public_url_is_given,
    public_url_can_be_trusted,
    bridge_advertises_an_address,
    advertised_address_is_one_of_a_server,
    advertised_address_can_be_reached,
)
