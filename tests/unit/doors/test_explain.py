"""Texts as Docker and Compose wrote them, and what an administrator reads instead."""

from __future__ import annotations

import socket

import pytest

from jitsictl.doors.explain import TABLE, explain

ENDPOINT = "driver failed programming external connectivity on endpoint docker-jitsi-meet-web-1 (7c1): "
DIAL = 'Error response from daemon: Get "https://ghcr.io/v2/": dial tcp'

# (what they said, what the answer holds: found, to do)
SAID = [
    (ENDPOINT + "(iptables failed: iptables --wait -t nat -A DOCKER -p tcp -d 0/0 --dport 8440 -j DNAT "
     "--to-destination 172.18.0.5:80 ! -i br-1: iptables: No chain/target/match by that name.\n (exit status 1))",
     "Docker's firewall chains", "rc.docker restart"),
    ("failed to create network docker-jitsi-meet_meet.jitsi: Error response from daemon: Failed to Setup IP tables: "
     "Unable to enable SKIP DNAT rule:  (iptables failed: ...)", "Docker's firewall chains", "rc.docker restart"),
    (ENDPOINT + "Unable to enable DNAT rule:  (iptables failed: iptables --wait -t nat -A DOCKER ...)",
     "Docker's firewall chains", "rc.docker restart"),
    ("iptables v1.8.9 (nf_tables): Chain 'DOCKER' does not exist", "Docker's firewall chains", "rc.docker restart"),
    (ENDPOINT + "Error starting userland proxy: listen tcp4 0.0.0.0:9: bind: address already in use",
     "expected port 9 to be free", "another port in jitsi.conf"),
    (ENDPOINT + "Bind for 127.0.0.1:9 failed: port is already allocated", "expected port 9 to be free",
     "another port in jitsi.conf"),
    ("failed to bind host port for 0.0.0.0:9:172.18.0.5:80/tcp: address already in use", "found it taken", "ss -lntup"),
    ("Error response from daemon: Pool overlaps with other one on this address space", "another Docker network",
     "docker network ls"),
    ("could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
     "none left", "docker network prune"),
    ("write /var/lib/docker/tmp/GetImageBlob1: no space left on device", "found it full", "docker image prune"),
    ("Error response from daemon: manifest for jitsi/web:stable-1 not found: manifest unknown: manifest unknown",
     "jitsi/web:stable-1 in its registry", "JITSI_IMAGE_VERSION"),
    ("Error response from daemon: manifest unknown", "the image in its registry", "JITSI_IMAGE_REPO"),
    ('failed to resolve reference "ghcr.io/jitsi/web:stable-1": ghcr.io/jitsi/web:stable-1: not found',
     "ghcr.io/jitsi/web:stable-1 in its registry", "JITSI_IMAGE_REPO"),
    ("Error response from daemon: pull access denied for jitsi/nosuch, repository does not exist or may require "
     "'docker login': denied: requested access to the resource is denied", "to fetch jitsi/nosuch", "docker login"),
    (f"{DIAL} 192.0.2.1:443: connect: connection refused", "connection refused", "name server"),
    (f"{DIAL}: lookup ghcr.io on 192.0.2.53:53: no such host", "no such host", "name server"),
    (f"{DIAL} 192.0.2.1:443: i/o timeout", "i/o timeout", "this host's network"),
    ("Get \"https://ghcr.io/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded "
     "while awaiting headers)", "request canceled", "this host's network"),
    ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
     "does not answer", "rc.docker start"),
    ("error during connect: Post \"http://%2Fvar%2Frun%2Fdocker.sock/v1.41/containers/1/start\": EOF",
     "does not answer", "rc.docker start"),
    ("permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
     "this user may not", "as root"),
    ("Error response from daemon: client version 1.43 is too old. Minimum supported API version is 1.44, please "
     "upgrade your client to a newer version", "found one for 1.43", "docker-cli"),
    ("container docker-jitsi-meet-jicofo-1 is unhealthy", "docker-jitsi-meet-jicofo-1 to become healthy",
     "docker logs docker-jitsi-meet-jicofo-1"),
    ("dependency failed to start: container docker-jitsi-meet-prosody-1 exited (1)",
     "docker-jitsi-meet-prosody-1 to become healthy", "docker logs docker-jitsi-meet-prosody-1"),
]


@pytest.mark.parametrize("said, found, to_do", SAID)
def test_a_known_text(said, found, to_do):
    text = explain(f" Container docker-jitsi-meet-prosody-1  Running\n{said}\n")
    assert text is not None and text.startswith("expected ")
    assert found in text and to_do in text


def test_every_line_of_the_table_is_reached_by_a_text():
    first = [next(i for i, known in enumerate(TABLE) if known.pattern.search(said)) for said, _, _ in SAID]
    assert set(first) == set(range(len(TABLE)))


def test_an_unknown_text_is_left_as_it_is():
    assert explain("something new happened") is None


def test_the_holder_of_a_taken_port_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        text = explain(f"{ENDPOINT}Error starting userland proxy: listen tcp4 127.0.0.1:{port}: "
                       "bind: address already in use")
    assert text is not None
    assert f"expected port {port} to be free, found it held by pytest" in text or "held by python" in text
