"""Addresses of this very machine, as the kernel lists them."""

from __future__ import annotations

import ipaddress

import pytest

from jitsictl.doors import network


def test_addresses_of_this_host() -> None:
    own = network.own_address()
    if own is not None and network.addresses():
        assert own in network.addresses()
    assert not any(address.startswith("127.") for address in network.addresses())
    for address in (*network.addresses(), *network.addresses6()):
        assert not ipaddress.ip_address(address).is_link_local


def test_what_may_not_be_read_is_empty(monkeypatch) -> None:
    def refused(*_: object, **__: object) -> str:
        raise PermissionError

    monkeypatch.setattr(network.Path, "read_text", refused)
    assert (network.addresses(), network.addresses6()) == ([], [])


TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.77.0.0/24 2 0 2
        |-- 10.77.0.0
           /24 link UNICAST
        |-- 10.77.0.11
           /32 host LOCAL
        |-- 10.77.0.255
           /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
Local:
        |-- 10.77.0.11
           /32 host LOCAL
"""


def test_the_kernels_table_is_understood(monkeypatch) -> None:
    monkeypatch.setattr(network, "_lines", lambda _: TRIE.splitlines())
    assert network.addresses() == ["10.77.0.11"]


@pytest.mark.parametrize(
    ("name", "found"),
    [("localhost", True), ("127.0.0.2", True), ("::1", True), ("192.0.2.1", False), ("", False)],
)
def test_what_leads_to_this_machines_own_loopback(name, found):
    assert network.on_loopback(name) is found
