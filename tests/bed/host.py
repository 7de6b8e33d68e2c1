"""A throw-away host: its own disk over a shared root, its own network, processes and dockerd."""
from __future__ import annotations

import contextlib
import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import List, NamedTuple, Optional

from bed import cached, roots, runs, userland
from bed.base import HERE, BedError, command, processes, wait_until
from bed.inside import Inside
from bed.lan import GATEWAY, REGISTRY, Lan

# As init hands it to rc.M: no HOME, a short PATH.
BOOT_ENV = {"PATH": "/sbin:/usr/sbin:/bin:/usr/bin", "HOME": "", "TERM": "linux"}
_PIDFILE = "/var/run/dockerd.pid"
_DOCKER_AT_BOOT = """if [ -x /etc/rc.d/rc.docker ]; then
  /etc/rc.d/rc.docker start
fi
"""


class Kept(NamedTuple):
    """The disk of a host that is switched off, for copies of it. `cgroup` stands in its files."""

    lan: Lan
    root: str
    name: str
    disk: Path
    cgroup: str

    @classmethod
    def of(cls, lan: Lan, folder: Path) -> Kept:
        """What `Host.keep` left, perhaps in another process."""
        root, name, cgroup = (folder / "maker").read_text().split("\n")
        return cls(lan, root, name, folder, cgroup)

    def fork(self, name: Optional[str] = None) -> Host:
        """A switched-off host with a copy of the disk and an address of its own; boot() it."""
        twin = Host(self.lan, self.root, name or self.name)
        twin.disk.mkdir()
        parts = [self.disk / "upper", self.disk / "docker"]
        command(["cp", "-a", "--reflink=auto", *parts, twin.disk], timeout=300)
        for folder in ("work", "root"):
            (twin.disk / folder).mkdir()
        options = twin.disk / "upper/etc/default/docker"
        options.write_text(options.read_text().replace(self.cgroup, twin.cgroup))
        return twin


class Host(Inside):
    """One machine on `lan`, with root "slackware15" or "newest"; a context manager, or up() and down().

    `ip` is its address on the LAN, `netns` the name of its network namespace while it is switched on, for
    outer tools (`nsenter --net=/run/netns/NAME`), `disk` the outer folder that keeps its files.
    """

    def __init__(self, lan: Lan, root: str = "slackware15", name: Optional[str] = None) -> None:
        self.lan = lan
        self.root = root
        self.number = lan.number()
        self.name = name or f"host{self.number}"
        self.ip = f"10.77.0.{10 + self.number}"
        self.netns = f"jb{lan.run.id}h{self.number}"
        self.cgroup = f"bed-{lan.run.id}-{self.number}"
        self.disk = lan.run.folder / f"h{self.number}"
        self.init: Optional[int] = None
        self._unshare: Optional[subprocess.Popen[bytes]] = None
        self._layers = contextlib.ExitStack()
        lan.hosts.append(self)

    def __enter__(self) -> Host:
        return self.up()

    def __exit__(self, *exc: object) -> None:
        self.down()

    # -- life ------------------------------------------------------------------------------------------------

    def up(self) -> Host:
        """Make the disk and boot."""
        for folder in ("upper", "work", "docker", "root"):
            (self.disk / folder).mkdir(parents=True)
        (self.disk / "upper").chmod(0o755)
        self._first_files()
        return self.boot()

    def boot(self) -> Host:
        """Switch on: network, root file system, then rc.local as rc.M runs it.

        What rc.local says is in /var/log/rc.local.log.
        """
        if self.init is not None:
            raise BedError(f"{self.name} is switched on already")
        self._plug_in()
        layers = [roots.shape(self.root), roots.ensure(self.root)]
        self._layers.enter_context(cached.in_use(*layers))
        with (self.disk / "boot.log").open("wb") as log:
            self._unshare = subprocess.Popen(
                runs.inside(self.netns, "unshare", "--mount", "--pid", "--uts", "--ipc", "--fork",
                            "--kill-child", "/bin/sh", str(HERE / "init.sh"), ":".join(map(str, layers)),
                            str(self.disk), self.name),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True)
        assert self._unshare.stdout is not None
        with self._unshare.stdout as said:
            ready = select.select([said], [], [], 20)[0] and said.readline() == b"ready\n"
        if not ready:
            self.power_cut()
            raise BedError(f"{self.name} did not boot: {(self.disk / 'boot.log').read_text()[-1000:]}")
        (self.init,) = processes(4, self._unshare.pid)
        self.run("[ ! -x /etc/rc.d/rc.local ] || /etc/rc.d/rc.local >>/var/log/rc.local.log 2>&1",
                 env=BOOT_ENV, timeout=180, check=False)
        return self

    def power_cut(self) -> None:
        """Everything ends at once; the disk stays as it is."""
        if self._unshare is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.init or self._unshare.pid, signal.SIGKILL)
            self._unshare.wait(20)
        self.init = self._unshare = None
        self._layers.close()
        runs.remove_netns(self.netns)
        runs.remove_cgroups(self.cgroup)

    def power_off(self, timeout: float = 180) -> None:
        """Halt as rc.6 does: rc.local_shutdown stop when executable, SIGTERM to all, SIGKILL after 5 s."""
        self.run("[ ! -x /etc/rc.d/rc.local_shutdown ] ||"
                 " /etc/rc.d/rc.local_shutdown stop >>/var/log/rc.local_shutdown.log 2>&1",
                 env=BOOT_ENV, timeout=timeout, check=False)
        self.run("kill -s TERM -1", check=False)
        with contextlib.suppress(BedError):  # what is left after 5 s is killed, as killall5 does
            wait_until(lambda: len(self.pids()) <= 2, "processes to end", 5)
        self.run("sync", check=False)
        self.power_cut()

    def reboot(self) -> Host:
        self.power_off()
        return self.boot()

    def fork(self, name: Optional[str] = None) -> Host:
        """A switched-off copy of this switched-off host with another address; boot() it.

        It keeps the host name inside unless another is given.
        """
        if self.init is not None:
            raise BedError(f"{self.name} is switched on: power_off() or power_cut() it before fork()")
        return Kept(self.lan, self.root, self.name, self.disk, self.cgroup).fork(name)

    def keep(self, folder: Path) -> None:
        """Leave the disk of this switched-off host in a new folder of the same file system; the host is gone."""
        (self.disk / "maker").write_text("\n".join([self.root, self.name, self.cgroup]))
        self.disk.rename(folder)
        self.down()

    def down(self) -> None:
        """Take the host away with everything on it; safe to call twice."""
        self.power_cut()
        shutil.rmtree(self.disk, ignore_errors=True)
        if self in self.lan.hosts:
            self.lan.hosts.remove(self)

    def pids(self) -> List[int]:
        """Process ids inside, asked without starting a process; init and its child are always there."""
        return [int(entry.name) for entry in Path(f"/proc/{self.init}/root/proc").glob("[0-9]*")]

    # -- its dockerd -----------------------------------------------------------------------------------------

    def dockerd_start(self, opts: Optional[str] = None, timeout: float = 60) -> None:
        """`rc.docker start`, then wait until the daemon answers.

        `opts` (one string) goes to /etc/default/docker after the bed's own options and stays there; None
        leaves that file alone.
        """
        if opts is not None:
            self.write("/etc/default/docker", self._docker_options(opts))
        # After a kill -9 the pid in it may by now be another process, for which dockerd would wait in vain.
        self.run('f=/run/docker/containerd/containerd.pid; [ ! -f $f ] ||'
                 ' grep -q ^containerd /proc/"$(cat $f)"/comm 2>/dev/null || rm -f $f')
        self.run(["/etc/rc.d/rc.docker", "start"])
        try:
            wait_until(self.dockerd_answers, "dockerd to answer", timeout)
        except BedError as error:
            log = self.run(["tail", "-n", "20", "/var/log/docker.log"], check=False).stdout
            raise BedError(f"{self.name}: {error}; the end of /var/log/docker.log:\n{log}") from error

    def dockerd_answers(self) -> bool:
        """Whether /var/run/docker.sock answers a ping, asked without starting a process."""
        with socket.socket(socket.AF_UNIX) as door, contextlib.suppress(OSError):
            door.settimeout(2)
            door.connect(f"/proc/{self.init}/root/run/docker.sock")
            door.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in door.recv(64)
        return False

    def dockerd_pid(self) -> Optional[int]:
        """The daemon's pid inside, None when it does not run."""
        text = self.run(f'p=$(cat {_PIDFILE}) && [ -d "/proc/$p" ] && echo "$p"', check=False).stdout.strip()
        return int(text) if text else None

    def dockerd_kill(self) -> None:
        """kill -9 of the daemon alone; containers, shims and containerd live on."""
        pid = self.dockerd_pid()
        if pid is None:
            raise BedError(f"{self.name}: no dockerd to kill")
        self.run(["kill", "-9", str(pid)])
        wait_until(lambda: not self.exists(f"/proc/{pid}"), "the killed dockerd to be gone")

    def dockerd_stop(self, timeout: float = 60) -> None:
        """`rc.docker stop`, which waits until the daemon has ended."""
        self.run(["/etc/rc.d/rc.docker", "stop"], timeout=timeout)

    def docker_at_boot(self) -> None:
        """Put SlackBuilds.org's lines for rc.docker into rc.local."""
        text = self.read("/etc/rc.d/rc.local")
        if _DOCKER_AT_BOOT not in text:
            self.write("/etc/rc.d/rc.local", text + _DOCKER_AT_BOOT)

    # -- parts -----------------------------------------------------------------------------------------------

    def _docker_options(self, opts: str) -> str:
        words = (f"--registry-mirror http://{REGISTRY} --insecure-registry {REGISTRY}",
                 f"--cgroup-parent /{self.cgroup}", userland.RECIPES[self.root].dockerd, opts)
        return f"DOCKER_OPTS={shlex.quote(' '.join(filter(None, words)))}\n"

    def _first_files(self) -> None:
        """Files of this very host, put on its disk before it is first mounted."""
        authority = self.lan.certificates.ca.read_text()
        bundle = roots.ensure(self.root) / "etc/ssl/certs/ca-certificates.crt"
        files = {
            "etc/HOSTNAME": f"{self.name}.lan\n",
            "etc/hostname": f"{self.name}\n",
            "etc/hosts": f"127.0.0.1 localhost\n127.0.0.1 {self.name}.lan {self.name}\n{GATEWAY} ghcr.io\n",
            # Nobody answers there: unknown names fail at once instead of after a timeout.
            "etc/resolv.conf": f"nameserver {GATEWAY}\noptions timeout:1 attempts:1\n",
            "etc/default/docker": self._docker_options(""),
            "etc/docker/certs.d/ghcr.io/ca.crt": authority,
            "etc/ssl/certs/ca-certificates.crt": bundle.read_text() + authority,
        }
        for name, text in files.items():
            path = self.disk / "upper" / name
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            path.write_text(text)

    def _plug_in(self) -> None:
        plug = f"h{self.number}"
        inside = runs.inside(self.netns, "ip")
        command(["ip", "netns", "add", self.netns])
        self.lan.ip("link", "add", plug, "type", "veth", "peer", "name", "eth0", "netns", self.netns)
        self.lan.ip("link", "set", plug, "master", "br0", "up")
        command([*inside, "link", "set", "lo", "up"])
        command([*inside, "addr", "add", f"{self.ip}/24", "dev", "eth0"])
        command([*inside, "link", "set", "eth0", "up"])
        command([*inside, "route", "add", "default", "via", GATEWAY])
