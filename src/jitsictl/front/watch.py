"""What `status` and the verb say of httpd while it runs: its certificates, its workers, what drops connections."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path
from typing import List, NamedTuple, Optional, Tuple

from jitsictl.change import intent
from jitsictl.doors import certificate, files, httpd, ports
from jitsictl.front import look
from jitsictl.plan import vhost, workers
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings

WARN_DAYS = 21  # ACME clients renew 30 days before
DAY = 86400.0


class Certificate(NamedTuple):
    """One host's. `ends` in seconds since 1970, None: it cannot be read."""

    host: str
    file: str
    ends: Optional[float]
    notes: Tuple[str, ...]

    @property
    def until(self) -> str:
        return time.strftime("%Y-%m-%d", time.gmtime(self.ends)) if self.ends is not None else ""

    @property
    def days(self) -> int:
        return int(((self.ends or 0.0) - time.time()) // DAY)


class Workers(NamedTuple):
    """How many are in use for the site, of how many, and with which MPM."""

    used: int
    limit: workers.Limit
    mpm: str

    @property
    def notes(self) -> List[str]:
        if not workers.short(self.used, self.limit):
            return []
        return [
            f"{self.used} of httpd's {self.limit.workers} workers are in use, each websocket holds one; when none is "
            "left, no site of this host answers: see jitsictl vhost --workers"
        ]


class Watch(NamedTuple):
    certificates: List[Certificate]
    workers: Optional[Workers]
    notes: List[str]


def watch(paths: Paths) -> Watch:
    """For `status`. Nothing when no file is installed, or jitsi.conf or httpd's configuration cannot be read."""
    if not files.exists(paths.vhost):
        return Watch([], None, [])
    try:
        settings = intent.read(paths).settings
    except Failure:
        return Watch([], None, [])
    found = certificates(paths, settings)
    notes = [note for one in found for note in one.notes]
    for host in vhost.hosts(settings):
        if stale(paths, host):
            notes.append(f"httpd serves another certificate of {host.name} than the file has: jitsictl vhost --renewed")
    try:
        used: Optional[Workers] = in_use(paths, settings)
        notes += used.notes if used else []
        notes += [look.DRIFTED] if look.drift(paths, settings) else []
    except Failure:
        used = None
    return Watch(found, used, notes)


def warnings(paths: Paths, settings: Settings) -> List[str]:
    """For the verb, which is asked for: all that status notes, and what status would say every day."""
    found = [note for one in certificates(paths, settings) for note in one.notes]
    with contextlib.suppress(Failure):  # the verb says it
        found += in_use(paths, settings).notes
    return [*found, *_dropping(paths)]


def certificates(paths: Paths, settings: Settings) -> List[Certificate]:
    """Of each host."""
    return [_certificate(paths, host) for host in vhost.hosts(settings)]


def in_use(paths: Paths, settings: Settings) -> Workers:
    """The lesser of connections from clients and to containers: httpd keeps one to a container for a minute after a
    page, and one from a client for some seconds. CommandFailed: httpd's configuration is wrong."""
    mpm = httpd.mpm(paths)
    seen = ports.connected()
    back = sum(seen.to.get(ports.end(address), 0) for address in vhost.back_ends(settings))
    open_ports = vhost.ports(settings)
    front = sum(port in open_ports for port in seen.clients.values())
    return Workers(min(front, back), workers.limit(mpm, httpd.lines(paths)), mpm)


def advice(paths: Paths, settings: Settings) -> str:
    """The mpm lines, with the file where they belong."""
    now = in_use(paths, settings)
    own = [path for path in httpd.included(paths) if path.name == "httpd-mpm.conf"]
    where = f"{own[0]}, in place of its block" if own else f"{paths.httpd_conf}, at its end"
    return workers.advice(now.used, now.limit, now.mpm, where)


def _certificate(paths: Paths, host: vhost.Host) -> Certificate:
    path = paths.root / host.certificate.lstrip("/")
    if not files.readable(path) or not files.is_file(path):
        missing = f"the certificate {path} is not there: get it, then jitsictl vhost --install"
        return Certificate(host.name, str(path), None, (missing,) if files.readable(path) else ())
    read = certificate.read(path, host.name)
    if read is None:
        return Certificate(host.name, str(path), None, (f"{path} cannot be read as a certificate: see openssl x509",))
    found = Certificate(host.name, str(path), read.ends, ())
    return found._replace(notes=tuple(_certificate_notes(path, host, found, read.fits)))


def _certificate_notes(path: Path, host: vhost.Host, found: Certificate, fits: bool) -> List[str]:
    notes = []
    if found.days < WARN_DAYS:
        ends = f"ends in {found.days} days, on {found.until}" if found.days >= 0 else f"ended on {found.until}"
        notes.append(f"the certificate {path} {ends}: renew it, then jitsictl vhost --renewed")
    if not fits:
        notes.append(f"the certificate {path} is not for {host.name}: get one for that name")
    return notes


def stale(paths: Paths, host: vhost.Host) -> bool:
    """Whether httpd is seen to serve another certificate than the file has."""
    there = certificate.in_file(paths.root / host.certificate.lstrip("/"))
    given = certificate.served(host.port, host.name) if there and httpd.running(paths) else None
    return given is not None and given != there


def _dropping(paths: Paths) -> List[str]:
    """Lines of logrotate that drop every websocket, as Slackware's own does."""
    found = []
    for path in sorted((paths.root / "etc/logrotate.d").glob("*")):
        for number, line in enumerate((files.read_text(path) or "").splitlines(), start=1):
            if re.match(r"[^#]*(rc\.httpd|apachectl|httpd -k)\b.*\brestart\b", line):
                found.append(
                    f"{path}:{number}: `{line.strip()}` drops every websocket whenever logs are rotated; write there:"
                    f"\n{line[: len(line) - len(line.lstrip())]}/etc/rc.d/rc.httpd graceful"
                )
    return found
