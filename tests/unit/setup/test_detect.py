"""What the host says of itself, on roots made for it."""

from __future__ import annotations

import socket

import pytest

from jitsictl.doors import network
from jitsictl.setup import detect
from jitsictl.types.paths import Paths


def put(paths: Paths, name: str, text: str) -> None:
    path = paths.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("10.10.10.10", "private"), ("172.16.0.1", "private"), ("172.32.0.1", "public"), ("192.168.1.1", "private"),
        ("169.254.1.1", "private"), ("127.0.0.1", "private"), ("100.64.0.1", "carrier"), ("100.127.255.254", "carrier"),
        ("100.128.0.1", "public"), ("8.8.8.8", "public"), ("fd00::1", "private"), ("fe80::1", "private"),
        ("2a00::1", "public"), ("none", ""), ("", ""),
    ],
)  # fmt: skip
def test_who_reaches_an_address(address: str, who: str) -> None:
    assert detect.reach(address) == who


@pytest.mark.parametrize(
    ("file", "name", "url"),
    [
        ("etc/HOSTNAME", "meet.darkstar.lan\n", "https://meet.darkstar.lan"),
        ("etc/hostname", "Meet.Example.be\n", "https://meet.example.be"),
        ("etc/HOSTNAME", "darkstar.example.net\n", ""),
        ("etc/HOSTNAME", "darkstar\n", ""),
        ("etc/HOSTNAME", "localhost.localdomain\n", ""),
    ],
)
def test_the_url_comes_from_a_full_host_name(paths: Paths, monkeypatch, file: str, name: str, url: str) -> None:
    monkeypatch.setattr(network, "host_name", lambda: "darkstar")
    put(paths, file, name)
    assert detect.detect(paths).url == url


def test_public_addresses_go_before_the_one_that_leads_outside(paths: Paths, monkeypatch) -> None:
    monkeypatch.setattr(network, "own_address", lambda: "10.0.0.5")
    monkeypatch.setattr(network, "addresses", lambda: ["172.17.0.1", "10.0.0.5"])
    assert (detect.detect(paths).address, detect.detect(paths).outside) == ("10.0.0.5", "private")
    monkeypatch.setattr(network, "addresses", lambda: ["172.17.0.1", "10.0.0.5", "8.8.4.4"])
    assert (detect.detect(paths).address, detect.detect(paths).outside) == ("8.8.4.4", "public")


def test_the_time_zone_of_timeconfig_and_of_others(paths: Paths) -> None:
    assert detect.time_zone(paths) == "UTC"
    (paths.root / "etc/localtime").symlink_to("../usr/share/zoneinfo/Europe/Paris")
    assert detect.time_zone(paths) == "Europe/Paris"
    (paths.root / "etc/localtime-copied-from").symlink_to("/usr/share/zoneinfo/Europe/Amsterdam")
    assert detect.time_zone(paths) == "Europe/Amsterdam"


def test_apache_and_ipv6(paths: Paths) -> None:
    found = detect.detect(paths)
    assert (found.web_server, found.docker_ipv6) == ("", False)
    put(paths, "usr/sbin/httpd", "")
    put(paths, "etc/docker/daemon.json", '{"ipv6": true}')
    found = detect.detect(paths)
    assert (found.web_server, found.docker_ipv6) == ("/usr/sbin/httpd", True)


def test_a_taken_port_is_named_with_its_holder_and_a_free_one(paths: Paths, monkeypatch) -> None:
    with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(("", 0))
        page, media = tcp.getsockname()[1], udp.getsockname()[1]
        entries = {name: Default(f"127.0.0.1:{page}" if name == "HTTP_PORT" else str(media)) for name in NAMES}
        entries["JVB_COLIBRI_PORT"] = entries["JICOFO_REST_PORT"] = Default("1")
        monkeypatch.setattr(detect.catalogue, "load", lambda: entries)
        taken = detect.detect(paths).taken
    assert set(taken) == {"HTTP_PORT", "JVB_PORT"}
    assert "pid" in taken["HTTP_PORT"].holder
    assert taken["HTTP_PORT"].free.startswith("127.0.0.1:") and taken["HTTP_PORT"].free != f"127.0.0.1:{page}"
    assert int(taken["JVB_PORT"].free) > media


NAMES = [name for name, _ in detect.PORTS]


class Default:
    def __init__(self, default: str) -> None:
        self.default = default
