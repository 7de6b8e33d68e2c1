"""A Jitsi site on a bed host, used as an administrator uses it: the rc script, the helper, a login, a pad."""

from __future__ import annotations

import contextlib
import json
import shlex
import subprocess
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Union

from bed.host import Host, Kept

URL = "https://meet.darkstar.lan/"
OLD, NEW = "stable-11031", "stable-11146-2"
DOMAIN = "meet.jitsi"
CONF = "/etc/jitsi-meet/jitsi.conf"
CONFIG = "/usr/share/docker/data/jitsi-meet-cfg"
PROJECT = "/usr/local/docker-jitsi-meet"
STATE = "/var/lib/jitsi-meet"

Done = subprocess.CompletedProcess

# The helper's own BOSH client, run on the host with the package's own tree: what an admin's machine can do.
_LOGIN = """
import sys
sys.path[:0] = ["/usr/libexec/docker-jitsi-meet/python", "/usr/libexec/docker-jitsi-meet/python/bundle"]
from jitsictl.doors import xmpp
try:
    xmpp.login("http://127.0.0.1:8440", sys.argv[1], sys.argv[2], sys.stdin.readline().rstrip("\\n"), deadline=20)
except xmpp.LoginRefused:
    sys.exit(7)
"""


class Site:
    """What is done to and asked of one host with the package installed."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def install(self, package: Path) -> Done[str]:
        self.host.put(package, f"/root/{package.name}")
        done = self.host.run(["installpkg", f"/root/{package.name}"], timeout=120)
        self.host.run(["chmod", "755", "/etc/rc.d/rc.jitsi"])
        return done

    def switch_off(self) -> Host:
        """Site, Docker and machine, one after the other: its disk can be copied."""
        self.rc("stop")
        self.host.dockerd_stop()
        self.host.power_off()
        return self.host

    def setup(self, *options: str, release: Optional[str] = None) -> Done[str]:
        pin = ["--release", release] if release else []
        return self.jitsictl("setup", "--yes", "--url", URL, "--address", self.host.ip, *pin, *options)

    def rc(self, *verb: str, check: bool = True, timeout: float = 200, **env: str) -> Done[str]:
        """/etc/rc.d/rc.jitsi as rc.local calls it: no HOME, no terminal."""
        command = ["/bin/sh", "/etc/rc.d/rc.jitsi", *verb]
        return self.host.run(command, check=check, timeout=timeout, env={"HOME": "", "TERM": "", **env})

    def jitsictl(self, *words: str, check: bool = True, timeout: float = 200, input: Optional[str] = None) -> Done[str]:
        return self.host.run(["jitsictl", *words], check=check, timeout=timeout, input=input)

    def useradd(self, name: str, password: str, check: bool = True) -> Done[str]:
        return self.host.run(["jitsi-useradd", "--password-stdin", name], input=f"{password}\n", check=check)

    def login(self, name: str, password: str, domain: str = DOMAIN) -> bool:
        """Whether Prosody lets this account in, through web's published port. False: it refused."""
        done = self.host.run(["python3", "-I", "-B", "-c", _LOGIN, domain, name], input=f"{password}\n", check=False)
        if done.returncode not in (0, 7):
            raise AssertionError(f"no answer to a login: {done.stderr}")
        return done.returncode == 0

    def compose(self, *words: str, check: bool = True) -> Done[str]:
        return self.host.run(["docker", "compose", *words], cwd=PROJECT, check=check, timeout=120)

    def containers(self) -> Dict[str, str]:
        """Container ids by service, of those that run."""
        form = '{{.Label "com.docker.compose.service"}} {{.ID}}'
        lines = self.host.run(
            ["docker", "ps", "--filter", "label=com.docker.compose.project=docker-jitsi-meet", "--format", form]
        ).stdout.splitlines()
        return dict(line.split() for line in lines)

    def conf(self, text: str) -> None:
        """Append to jitsi.conf, as an editor would."""
        self.host.write(CONF, self.host.read(CONF) + text)

    def status(self) -> Dict[str, object]:
        found: Dict[str, object] = json.loads(self.jitsictl("status", "--json", check=False).stdout)
        return found

    def pad(self, name: str, text: Optional[str] = None) -> str:
        """The text of a pad, after setting it when `text` is given, by Etherpad's own HTTP API through web."""
        if text is not None:
            self._etherpad("createPad", padID=name)
            self._etherpad("setText", padID=name, text=text)
        return str(self._etherpad("getText", padID=name)["text"])

    def _etherpad(self, call: str, **arguments: str) -> Dict[str, object]:
        key = self.compose("exec", "-T", "etherpad", "cat", "/opt/etherpad-lite/APIKEY.txt").stdout.strip()
        data: List[str] = [
            f"--data-urlencode {shlex.quote(f'{k}={v}')}" for k, v in {"apikey": key, **arguments}.items()
        ]
        command = f"curl -fsS {' '.join(data)} http://127.0.0.1:8440/etherpad/api/1/{call}"
        answer = json.loads(self.host.run(command).stdout)
        if answer["code"] not in (0, 1):  # 1: the pad is there already
            raise AssertionError(f"etherpad {call}: {answer}")
        return answer["data"] or {}


def installed(host: Host, package: Path, *options: str, release: Optional[str] = None) -> Site:
    """Docker started on a booted host, the package installed and set up with these options; nothing is applied yet."""
    site = Site(host)
    host.dockerd_start()
    site.install(package)
    site.setup(*options, release=release)
    return site


@contextlib.contextmanager
def copied(prepared: Union[Host, Kept]) -> Iterator[Site]:
    """What is on a switched-off host, on a host of its own that is gone after the block: switched on, with Docker."""
    host = prepared.fork()
    try:
        host.boot().dockerd_start()
        yield Site(host)
    finally:
        host.down()
