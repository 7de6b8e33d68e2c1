"""What httpd says, as 2.4.62 says it, and certificates."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jitsictl.doors import certificate, httpd, ports
from jitsictl.doors.clock import wait_until
from jitsictl.doors.process import CommandFailed
from jitsictl.types.paths import Paths

VHOSTS = """\
VirtualHost configuration:
*:80                   is a NameVirtualHost
         default server a.lan (/etc/httpd/extra/v.conf:1)
         port 80 namevhost a.lan (/etc/httpd/extra/v.conf:1)
                 alias b.lan
                 wild alias *.c.lan
         port 80 namevhost meet.lan (/etc/httpd/extra/v.conf:5)
[::1]:443              meet.lan (/etc/httpd/extra/v.conf:8)
"""


@pytest.fixture
def says(tmp_path):
    """A httpd that says one text; gives the paths."""

    def make(text: str, code: int = 0) -> Paths:
        for name in ("httpd", "apachectl"):
            program = tmp_path / "usr/sbin" / name
            program.parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "said").write_text(text)
            program.write_text(f"#!/bin/sh\ncat {tmp_path}/said; exit {code}\n")
            program.chmod(0o755)
        return Paths(tmp_path)

    return make


def test_version(says):
    assert httpd.version(says("Server version: Apache/2.4.62 (Unix)\nServer built:   2024\n")) == (2, 4, 62)
    assert httpd.version(says("nothing\n")) == ()


def test_modules(says):
    said = "Loaded Modules:\n core_module (static)\n proxy_http_module (shared)\n"
    assert httpd.modules(says(said)) == {"core", "proxy_http"}


def test_included(says):
    said = "Included configuration files:\n  (*) /etc/httpd/httpd.conf\n    (68) /etc/httpd/extra/with blank.conf\n"
    assert httpd.included(says(said)) == [Path("/etc/httpd/httpd.conf"), Path("/etc/httpd/extra/with blank.conf")]


def test_lines_come_in_the_order_in_which_httpd_reads_them(says, tmp_path):
    texts = {"httpd.conf": "a\nInclude *.inc\nb\nInclude z\n", "x.inc": "x\nInclude z\ny\n", "y.inc": "q\n", "z": "z"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    said = f"""Included configuration files:
  (*) {tmp_path}/httpd.conf
    (2) {tmp_path}/x.inc
      (2) {tmp_path}/z
    (2) {tmp_path}/y.inc
    (4) {tmp_path}/z
"""
    found = [line for line in httpd.lines(says(said)) if line]
    assert found == ["a", "Include *.inc", "x", "Include z", "z", "y", "q", "b", "Include z", "z"]
    assert httpd.lines(says("")) == []


def test_mpm(says):
    assert httpd.mpm(says(" core_module (static)\n mpm_prefork_module (shared)\n")) == "prefork"
    assert httpd.mpm(says(" core_module (static)\n")) == "event"


def test_virtual_hosts(says):
    places = {(host.address, host.name, host.place[-1]) for host in httpd.virtual_hosts(says(VHOSTS))}
    assert places == {
        ("*:80", "a.lan", "1"), ("*:80", "b.lan", "1"), ("*:80", "*.c.lan", "1"), ("*:80", "meet.lan", "5"),
        ("[::1]:443", "meet.lan", "8"),
    }  # fmt: skip
    assert httpd.virtual_hosts(says("VirtualHost configuration:\n")) == []


def test_configtest(says):
    assert httpd.configtest(says("Syntax OK\n")) is None
    assert httpd.configtest(says("Syntax error on line 3\n", 1)) == "  Syntax error on line 3"


def test_a_httpd_that_refuses_or_is_not_there(says, tmp_path):
    with pytest.raises(CommandFailed, match="Syntax error"):
        httpd.modules(says("Syntax error\n", 1))
    with pytest.raises(httpd.Missing, match="install the httpd package"):
        httpd.version(Paths(tmp_path / "none"))


def test_running(tmp_path):
    paths = Paths(tmp_path)
    assert httpd.running(paths) is None
    pid = tmp_path / "var/run/httpd.pid"
    pid.parent.mkdir(parents=True)
    for text, found in (("1\n", 1), ("99999999\n", None), ("", None)):
        pid.write_text(text)
        assert httpd.running(paths) == found


def test_children():
    before = httpd.children(os.getpid())
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        assert httpd.alive(child.pid) and httpd.children(os.getpid()) - before == {child.pid}
        child.communicate()
    assert not httpd.alive(child.pid) and httpd.children(os.getpid()) <= before


# Listens; with the argument old not any more, once somebody has come.
_CHILD = """
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)
client, _ = listener.accept()
if sys.argv[2] == "old":
    listener.close()
print("holds", flush=True)
sys.stdin.read()
"""


def test_who_holds_connections_and_who_only_ends_them():
    """As httpd's children: of these two both hold one, and the second has closed what it listened with."""
    before = httpd.busy(os.getpid())
    with contextlib.ExitStack() as stack:
        for age in ("new", "old"):
            port = free_port()
            argv = [sys.executable, "-c", _CHILD, str(port), age]
            pipes = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            child = stack.enter_context(pipes)
            assert child.stdout and child.stdout.readline() == "ready\n"
            assert port not in ports.connected().clients.values()
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            assert child.stdout.readline() == "holds\n"
            assert ports.connected().to[ports.end(f"127.0.0.1:{port}")] == 1
            mine = client.getsockname()[1]
            assert ports.connected().to[ports.end(f"127.0.0.1:{mine}")] == 1, "the other end"
            if age == "new":
                assert list(ports.connected().clients.values()).count(port) == 1
                assert httpd.busy(os.getpid()) == (before.holding + 1, before.ending)
        other = stack.enter_context(socket.create_server(("127.0.0.1", port)))  # the next httpd listens there
        assert httpd.busy(os.getpid()) == (before.holding + 2, before.ending + 1)
        other.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.mark.parametrize(
    ("address", "written"),
    [("127.0.0.1:8440", "0100007F:20F8"), ("[::1]:80", "00000000000000000000000001000000:0050"), ("x:80", ":0050")],
)
def test_an_address_as_the_kernel_writes_it(address, written):
    assert ports.end(address) == written


def pair(folder: Path, *options: str) -> tuple[Path, Path]:
    folder.mkdir()
    certificate, key = folder / "crt", folder / "key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=a"]
    protected = options or ("-nodes",)
    subprocess.run([*command, *protected, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def test_a_pair_is_a_pair(tmp_path):
    crt, key = pair(tmp_path / "one")
    other = pair(tmp_path / "other")[1]
    locked = pair(tmp_path / "locked", "-passout", "pass:abcd")
    (tmp_path / "text").write_text("no PEM\n")
    assert certificate.wrong_pair(crt, key) is None
    assert certificate.wrong_pair(crt, other) == "the key is another certificate's"
    assert certificate.wrong_pair(*locked) == "the key has a passphrase"
    assert certificate.wrong_pair(tmp_path / "text", key) == "they are no PEM files"
    assert certificate.wrong_pair(tmp_path / "none", key) == "No such file or directory"


@pytest.mark.parametrize(
    ("name", "host", "fits"),
    [
        ("DNS:meet.lan", "meet.lan", True), ("DNS:*.a.lan", "meet.a.lan", True), ("DNS:meet.lan", "a.lan", False),
        ("IP:192.0.2.1", "192.0.2.1", True), ("IP:::1", "[::1]", True), ("DNS:meet.lan", "192.0.2.1", False),
    ],
)  # fmt: skip
def test_until_when_and_for_whom(tmp_path, name, host, fits):
    crt, _ = pair(tmp_path / "one", "-nodes", "-days", "30", "-addext", f"subjectAltName={name}")
    found = certificate.read(crt, host)
    assert found is not None and found.fits is fits and abs(found.ends - time.time() - 30 * 86400) < 600
    (tmp_path / "text").write_text("no PEM\n")
    assert certificate.read(tmp_path / "text", host) is None and certificate.in_file(tmp_path / "text") is None
    assert certificate.in_file(tmp_path / "none") is None


def test_which_certificate_is_served(tmp_path):
    crt, key = pair(tmp_path / "one")
    port = free_port()
    argv = ["openssl", "s_server", "-accept", str(port), "-cert", crt, "-key", key, "-quiet"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as server:
        found = wait_until(lambda: certificate.served(port, "meet.lan"), deadline=10.0)
        server.terminate()
    assert found == certificate.in_file(crt) is not None
    assert certificate.served(port, "meet.lan") is None
