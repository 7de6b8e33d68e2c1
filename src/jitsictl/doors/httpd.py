"""Slackware's Apache httpd: what it is, what it has loaded, whether it likes its configuration; telling it to read it.

Slackware's layout: /usr/sbin/httpd, /etc/httpd, /etc/rc.d/rc.httpd, the pid in /var/run/httpd.pid.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from jitsictl.doors import files, ports, process
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths

SECONDS = 30.0


class VirtualHost(NamedTuple):
    """One that is configured: "*:443", the name or alias, and where it stands, as FILE:LINE."""

    address: str
    name: str
    place: str


class Missing(Failure):
    """There is no httpd on this host."""


def version(paths: Paths) -> Tuple[int, ...]:
    """As numbers, (2, 4, 62); empty when httpd does not say. Missing: there is none."""
    found = re.search(r"Apache/([0-9.]+)", _ask(paths, "-v").out)
    return tuple(int(part) for part in found.group(1).split(".") if part) if found else ()


def modules(paths: Paths) -> FrozenSet[str]:
    """Names without `_module`, of what is loaded. CommandFailed: the configuration is wrong."""
    return frozenset(re.findall(r"^\s+(\w+)_module \(", _ask(paths, "-M").out, re.MULTILINE))


def mpm(paths: Paths) -> str:
    """event, worker or prefork: what it serves with. CommandFailed: the configuration is wrong."""
    return next((name[len("mpm_") :] for name in sorted(modules(paths)) if name.startswith("mpm_")), "event")


class _Include(NamedTuple):
    """A file at a line of the one that is one step less deep."""

    depth: int
    line: int
    path: Path


def included(paths: Paths) -> List[Path]:
    """Every file that is part of the configuration. CommandFailed: it is wrong."""
    return [found.path for found in _includes(paths)]


def lines(paths: Paths) -> List[str]:
    """The whole configuration in the order in which httpd reads it. CommandFailed: it is wrong."""
    every = _includes(paths)
    return _in_order(every, 0) if every else []


def _includes(paths: Paths) -> List[_Include]:
    said = _ask(paths, "-t", "-D", "DUMP_INCLUDES").out
    found = re.findall(r"^( +)\(([0-9]+|\*)\) (.+)$", said, re.MULTILINE)
    return [_Include(len(blanks), 0 if at == "*" else int(at), Path(name)) for blanks, at, name in found]


def _in_order(every: Sequence[_Include], number: int) -> List[str]:
    this = every[number]
    own = (files.read_bytes(this.path) or b"").decode("utf-8", "replace").split("\n")
    result: List[str] = []
    done = 0
    for below in range(number + 1, len(every)):
        if every[below].depth <= this.depth:
            break
        if every[below].depth == every[number + 1].depth:
            result += own[done : every[below].line] + _in_order(every, below)
            done = max(done, every[below].line)
    return result + own[done:]


def virtual_hosts(paths: Paths) -> List[VirtualHost]:
    """All names of all virtual hosts, aliases too. CommandFailed: the configuration is wrong."""
    found: List[VirtualHost] = []
    address = ""
    for line in _ask(paths, "-t", "-D", "DUMP_VHOSTS").out.splitlines():
        head = re.match(r"(\S+:(?:[0-9]+|\*))\s", line)
        address = head.group(1) if head else address
        named = re.search(r"(\S+) \((/.+:[0-9]+)\)$", line)
        if named:
            found.append(VirtualHost(address, named.group(1), named.group(2)))
        alias = re.match(r"\s+(?:wild )?alias (\S+)$", line)
        if alias and found:
            found.append(VirtualHost(address, alias.group(1), found[-1].place))
    return found


def configtest(paths: Paths) -> Optional[str]:
    """What httpd finds wrong with its configuration; None: nothing."""
    done = _run([str(paths.root / "usr/sbin/apachectl"), "configtest"], check=False)
    return None if done.code == 0 else done.last_lines


def running(paths: Paths) -> Optional[int]:
    """The process of the pid file, None when there is none. Empty for a moment while it restarts."""
    try:
        pid = int((paths.root / "var/run/httpd.pid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return pid if alive(pid) else None


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def children(parent: int) -> FrozenSet[int]:
    """Process ids of those that serve. A new one after `graceful` is the proof that the configuration was taken."""
    return frozenset(int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _parent(entry) == parent)


class Busy(NamedTuple):
    """Processes with open connections of clients: how many, and how many of these take no new ones any more."""

    holding: int
    ending: int


def busy(parent: int) -> Busy:
    """Of this httpd. A process that a graceful restart left to its connections has closed what it listened with."""
    seen = ports.connected()
    holding = ending = 0
    for child in children(parent):
        has = set(ports.inodes(child))
        if not has.isdisjoint(seen.clients):
            holding += 1
            ending += has.isdisjoint(seen.listening)
    return Busy(holding, ending)


def _parent(entry: Path) -> int:
    """The parent of a process in /proc, as proc(5) has it behind the command's bracket; 0 when it has ended."""
    try:
        return int((entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def rc(paths: Paths, verb: str) -> None:
    """`rc.httpd VERB`. CommandFailed: it did not like it."""
    _run(["/bin/sh", str(paths.root / "etc/rc.d/rc.httpd"), verb])


def _ask(paths: Paths, *words: str) -> process.Done:
    return _run([str(paths.root / "usr/sbin/httpd"), *words])


def _run(argv: Sequence[str], check: bool = True) -> process.Done:
    try:
        return process.run(argv, deadline=SECONDS, check=check)
    except process.NotFound:
        raise Missing(f"expected Slackware's httpd, found no {argv[0]}; install the httpd package") from None
