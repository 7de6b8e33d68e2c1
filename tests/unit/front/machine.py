"""A Slackware machine below a directory, with a httpd that says what it is told to."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from jitsictl.doors import files
from jitsictl.front import install
from jitsictl.plan import vhost
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from unit.site import CONF, settings

LOADED = "".join(f"LoadModule {name}_module lib64/httpd/modules/mod_{name}.so\n" for name in vhost.MODULES)
STOCK = f"Listen 80\n{LOADED}"
OTHER = "*:80   other.lan (/etc/httpd/extra/httpd-vhosts.conf:3)\n"

HTTPD = r"""#!/bin/sh
conf=@root@/etc/httpd/httpd.conf
vhost=@root@/etc/httpd/extra/httpd-jitsi.conf
if [ -e @root@/broken ]; then echo "Syntax error on line 3 of $conf" >&2; exit 1; fi
case "$*" in
  -v) echo "Server version: Apache/$(cat @root@/version) (Unix)" ;;
  -M) sed -n 's/^LoadModule \([a-z0-9_]*\) .*/ \1 (shared)/p' "$conf" ;;
  *DUMP_INCLUDES)
    echo "  (*) $conf"
    if [ -e "$vhost" ] && grep -q '^Include' "$conf"; then echo "    (9) $vhost"; fi ;;
  *DUMP_VHOSTS) cat @root@/hosts ;;
  *) if [ -e @root@/picky ] && [ -e "$vhost" ]; then echo "Syntax error on line 7 of $vhost" >&2; exit 1; fi ;;
esac
"""


class Machine:
    """A Slackware machine below a directory, with httpd running, a certificate, and nothing to complain of."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = Paths(root)
        self.held = {80: "httpd (pid 1)"}
        self.hears = True  # whether a graceful httpd listens where it is told to
        self.serves = True  # whether it has children afterwards
        self.served = 0
        for name, text in (
            ("usr/sbin/httpd", HTTPD), ("usr/sbin/apachectl", HTTPD),
            ("etc/rc.d/rc.httpd", "echo $1 >>@root@/told\n"),
        ):  # fmt: skip
            files.directory((root / name).parent, 0o755)
            (root / name).write_text(text.replace("@root@", str(root)))
            (root / name).chmod(0o755)
        for name, text in (("etc/httpd/httpd.conf", STOCK), ("version", "2.4.62"), ("hosts", OTHER),
                           ("var/run/httpd.pid", f"{os.getpid()}\n")):  # fmt: skip
            files.directory((root / name).parent, 0o755)
            (root / name).write_text(text)
        self.certify()

    @property
    def certificates(self) -> Path:
        return self.root / "etc/dehydrated/certs/meet.example.org"

    def certify(self, days: int = 90, name: str = "meet.example.org") -> None:
        self.certificates.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=a",
             "-addext", f"subjectAltName=DNS:{name}", "-days", str(days), "-nodes",
             "-keyout", self.certificates / "privkey.pem", "-out", self.certificates / "fullchain.pem"],
            check=True, capture_output=True,
        )  # fmt: skip

    @property
    def conf(self) -> Path:
        return self.paths.httpd_conf

    def told(self) -> list[str]:
        """What rc.httpd was called with since the last time."""
        text = files.read_text(self.root / "told") or ""
        files.remove(self.root / "told")
        return text.split()

    def holder(self, _address: str, port: int, _protocol: str) -> str | None:
        if self.hears and (self.root / "told").exists() and self.paths.vhost.exists():
            self.held[443] = "httpd (pid 1)"
        return self.held.get(port)

    def children(self, _pid: int) -> frozenset[int]:
        """A new one for each graceful restart that the configuration survives."""
        self.served += self.serves and len((files.read_text(self.root / "told") or "").split())
        return frozenset({self.served})

    def install(self, conf: str = CONF) -> list[str]:
        return install.install(self.paths, settings(conf), lambda _: None)

    def refused(self, conf: str = CONF) -> str:
        """Why an installation is refused, after making sure that nothing was touched."""
        before = self.conf.read_bytes()
        with pytest.raises(Failure) as caught:
            self.install(conf)
        assert self.conf.read_bytes() == before and not self.paths.vhost.exists() and self.told() == []
        assert sorted(path.name for path in self.conf.parent.iterdir()) == ["httpd.conf"]
        assert re.search(r"expected .+ found:? .+", caught.value.what)
        return caught.value.what
