"""Sockets of Docker that are missing, refusing or silent, and what is made of its data."""

from __future__ import annotations

import http.server
import json
import socket
import socketserver
import threading
import time

import pytest

from jitsictl.doors import docker
from jitsictl.doors import inspected as doors_inspected
from jitsictl.types.failure import Failure
from jitsictl.types.site import Container


def test_a_missing_socket_names_rc_docker(tmp_path):
    with pytest.raises(docker.Away, match=f"expected Docker's socket {tmp_path}/s, found none: .*rc.docker start"):
        docker.connect(tmp_path / "s", deadline=5)


def test_a_socket_that_a_crashed_daemon_left(tmp_path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "s"))
    with pytest.raises(docker.Away, match="found that nobody does: it was ended or crashed; .*rc.docker start"):
        docker.connect(tmp_path / "s", deadline=5)


def test_a_silent_daemon_is_left_at_the_deadline(tmp_path):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        started = time.monotonic()
        with pytest.raises(docker.Away, match=r"to answer on .*/s within 0.5 s, found silence"):
            docker.connect(tmp_path / "s", deadline=0.5)
        assert time.monotonic() - started < 5


@pytest.fixture
def daemon(tmp_path):
    """`daemon({path: data})` answers on a Unix socket with JSON, 404 elsewhere; returns the socket's path."""
    servers = []

    def serve(answers):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.split("?")[0]
                data = next((answers[tail] for tail in answers if path.endswith(tail)), None)
                body = json.dumps(data if data is not None else {"message": "No such thing"}).encode()
                self.send_response(200 if data is not None else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def address_string(self):
                return "unix"

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        server = Server(str(tmp_path / "s"), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        servers.append(server)
        return tmp_path / "s"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def version(number: str, api: str) -> dict:
    return {"Version": number, "ApiVersion": api, "MinAPIVersion": "1.24"}


def test_a_daemon_that_is_too_old_is_refused(daemon):
    with pytest.raises(Failure, match=r"expected Docker 20.10 or newer \(API 1.41\), found 19.03.15 \(API 1.40\)"):
        docker.connect(daemon({"/version": version("19.03.15", "1.40")}), deadline=5)


def inspected(id: str, service: str, state: str, **more) -> dict:
    labels = {"com.docker.compose.project": "docker-jitsi-meet", "com.docker.compose.service": service, **more}
    return {
        "Id": id, "RestartCount": 2, "State": {"Status": state, "Health": {"Status": "starting"}},
        "Config": {"Image": "jitsi/web:stable-11031", "Labels": labels},
        "NetworkSettings": {"Networks": {"none": {"IPAddress": ""}, "meet.jitsi": {"IPAddress": "172.18.0.5"}}},
    }


def test_containers_go_by_label_the_running_one_counts_and_runs_of_one_command_do_not(daemon):
    rows = [inspected("old", "web", "exited"), inspected("new", "web", "running", **{"docker-jitsi-meet.digest": "d1"}),
            inspected("late", "web", "created"), inspected("gone", "jvb", "running"),
            inspected("one", "prosody", "running", **{"com.docker.compose.oneoff": "True"})]
    answers = {f"/containers/{row['Id']}/json": row for row in rows if row["Id"] != "gone"}
    listed = [{"Id": row["Id"], "Labels": row["Config"]["Labels"]} for row in rows]
    path = daemon({"/version": version("28.5.2", "1.51"), **answers, "/containers/json": listed})
    found = docker.connect(path, deadline=5)
    assert (found.version, found.api) == ("28.5.2", "1.51")
    assert found.containers() == {
        "web": Container("web", "new", "running", "starting", "jitsi/web:stable-11031", "d1", 2, "172.18.0.5")}
    assert found.container("web") == found.containers()["web"]
    assert found.container("jvb") is None


def test_an_image_is_here_or_not(daemon):
    here = {"Id": "sha256:aa", "Size": 83_000_000, "RepoDigests": ["jitsi/web@sha256:bb"]}
    found = docker.connect(daemon({"/version": version("20.10.24", "1.41"), "/images/jitsi/web:here/json": here}),
                           deadline=5)
    assert found.image("jitsi/web:here") == docker.ImageInfo("sha256:aa", "sha256:bb", 83_000_000)
    assert found.image("jitsi/web:away") is None


def test_a_container_without_health_check_network_or_labels():
    bare = {"Id": "x", "State": {"Status": "created"}, "Config": {"Image": "i", "Labels": None}, "NetworkSettings": {}}
    assert doors_inspected.container(bare) == Container("", "x", "created", "", "i", "")


# What `docker pull` writes without a terminal.
PULL = """\
stable-11031: Pulling from jitsi/web
5e0b432e8ba9: Pulling fs layer
a84cfd68b5ce: Pulling fs layer
e8b8f2315954: Already exists
5e0b432e8ba9: Verifying Checksum
5e0b432e8ba9: Download complete
5e0b432e8ba9: Pull complete
a84cfd68b5ce: Pull complete
Digest: sha256:4b7ce07002c69e8f3d704a9c5d6fd3053be500b7f1c69fc0d80990c2ad8dd412
Status: Downloaded newer image for jitsi/web:stable-11031
docker.io/jitsi/web:stable-11031
"""


def test_progress_counts_layers_that_are_there():
    told = []
    layers = doors_inspected.Layers("jitsi/web:stable-11031", told.append)
    for line in PULL.splitlines():
        layers.line(line)
    assert told == [f"jitsi/web:stable-11031: {count} of 3 layers" for count in (1, 2, 3)]


@pytest.mark.parametrize("said, what", [
    ("Error response from daemon: manifest for jitsi/web:x not found: manifest unknown",
     r"^jitsi/web:x: expected jitsi/web:x in its registry"),
    ("something new happened", r"`docker pull jitsi/web:x` ended with exit code 1. It said:\n  something new"),
])
def test_an_image_that_cannot_be_fetched(program, daemon, said, what):
    program(f"echo '{said}' >&2; exit 1")
    found = docker.connect(daemon({"/version": version("20.10.24", "1.41")}), deadline=5)
    with pytest.raises(Failure, match=what):
        found.pull("jitsi/web:x", deadline=5, progress=print)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A `docker` command that says what it is told to."""
    def install(script: str) -> None:
        (tmp_path / "docker").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "docker").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return install


def test_a_service_is_found_without_the_sdk(program):
    row = {"ID": "c1", "State": "running", "Status": "Up 2 seconds (health: starting)", "Image": "jitsi/prosody:x"}
    rows = "\n".join(json.dumps(each) for each in ({**row, "ID": "c0", "State": "exited"}, row))
    program(f"cat <<'E'\n{rows}\nE")
    assert docker.service("prosody", deadline=5) == Container("prosody", "c1", "running", "starting",
                                                              "jitsi/prosody:x", "")
    program("true")
    assert docker.service("prosody", deadline=5) is None


def test_a_service_of_a_daemon_that_is_away(program):
    program("echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1")
    with pytest.raises(docker.Away, match="rc.docker start"):
        docker.service("prosody", deadline=5)


def test_what_a_command_in_a_container_says_is_returned_whatever_its_code(program):
    program('[ "$1" = exec ] && shift; echo "$*"; cat; exit 3')
    done = docker.execute("c1", ["prosodyctl", "adduser"], stdin="a\na\n", deadline=5)
    assert (done.code, done.out) == (3, "-i c1 prosodyctl adduser\na\na\n")
    assert docker.execute("c1", ["true"], deadline=5).out == "c1 true\n"
