"""What httpd says, as 2.4.62 says it, and certificates."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from jitsictl.doors import certificate, httpd
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
