"""Apache's file put in place and taken away: all that is wrong is said before, and a failure leaves no trace."""

from __future__ import annotations

import contextlib
from typing import AbstractSet, Callable, List

from jitsictl.change.run import signals
from jitsictl.doors import files, httpd, lock, ports
from jitsictl.front import graceful
from jitsictl.front.look import BLOCK, Look, look
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings

LOCK_SECONDS = 10.0
MODE = 0o644


def install(paths: Paths, settings: Settings, warn: Callable[[str], None], challenge: bool = False) -> List[str]:
    """Write the file, include it, test, and make httpd read it; returns what was done, in words.

    `challenge`: as far as it goes without the certificates that are missing, so that they can be got.

    Failure: everything that keeps it from being installed, with nothing touched; or httpd refused it, with both
    files as they were.
    """
    found = look(paths, settings, challenge)
    if found.problems:
        raise Failure("\n".join([*found.problems, "nothing was changed"]))
    for warning in found.warnings:
        warn(warning)
    files.directory(paths.state, 0o700)
    with lock.lock(paths.lock, exclusive=True, deadline=LOCK_SECONDS, verb="vhost"):
        return _Files(paths, found.ports).change(lambda both: _put(both, found))


def remove(paths: Paths) -> List[str]:
    """Take the line and the file away again; returns what was done, in words."""
    files.directory(paths.state, 0o700)
    with lock.lock(paths.lock, exclusive=True, deadline=LOCK_SECONDS, verb="vhost"):
        return _Files(paths, frozenset()).change(_take)


class _Files:
    """The two files as they were, for one change of them. `wanted` is where httpd must listen afterwards."""

    def __init__(self, paths: Paths, wanted: AbstractSet[int]) -> None:
        self.paths = paths
        self.wanted = wanted
        self.copied = False  # the backup is ours
        self.told = False  # httpd may have read the new ones
        self.conf = files.resolved(paths.httpd_conf)  # a link to it stays one
        self.backup = self.conf.with_name(f"{self.conf.name}.before-jitsi")
        self.conf_before = files.read_bytes(self.conf)
        self.vhost_before = files.read_bytes(paths.vhost)

    def change(self, edit: Callable[[_Files], List[str]]) -> List[str]:
        """Edit, test, reload. On any failure, a signal included, both files are what they were."""
        with signals():
            try:
                said = edit(self)
                if said:
                    self._test()
                elif httpd.running(self.paths) is None or self._listens():
                    return ["nothing to do"]
                return said + self._reload()
            except BaseException:
                with signals(ignore=True):
                    self._put_back()
                raise

    def write_conf(self, data: bytes) -> None:
        kept = files.kept(self.conf)
        files.write(self.conf, data, kept.mode if kept else MODE, (kept.uid, kept.gid) if kept else None)

    def _test(self) -> None:
        try:
            wrong = httpd.configtest(self.paths)
        except httpd.Missing:  # the package went first: nothing is left to test
            if self.wanted:
                raise
            return
        if wrong is not None:
            raise Failure(
                f"expected httpd to like its configuration with {self.paths.vhost}, found that it does not; both "
                f"files are as they were. It said:\n{wrong}"
            )

    def _reload(self) -> List[str]:
        pid = httpd.running(self.paths)
        if pid is None and not self.wanted:
            return []
        if pid is None:
            return ["httpd does not run; start it: chmod 755 /etc/rc.d/rc.httpd; /etc/rc.d/rc.httpd start"]
        said = graceful.room(self.paths, pid)
        self.told = True
        if not graceful.run(self.paths, pid, self._listens):
            raise Failure(
                "expected httpd to take its configuration at a graceful restart, found that it "
                f"{'still runs with the old one' if httpd.alive(pid) else 'ended'}; both files are as they were, see "
                "/var/log/httpd/error_log"
            )
        return [said]

    def _listens(self) -> bool:
        return all(ports.holder("", port, "tcp") is not None for port in self.wanted)

    def _put_back(self) -> None:
        """Only what differs is written. A httpd that ended over the new files is started by `graceful`, too."""
        if self.conf_before is not None and files.read_bytes(self.conf) != self.conf_before:
            self.write_conf(self.conf_before)
        if self.vhost_before is None:
            files.remove(self.paths.vhost)
        elif files.read_bytes(self.paths.vhost) != self.vhost_before:
            files.write(self.paths.vhost, self.vhost_before, MODE)
        if self.copied and files.read_bytes(self.backup) == self.conf_before:
            files.remove(self.backup)
        if self.told:
            with contextlib.suppress(Failure):  # the one that is on its way says more
                httpd.rc(self.paths, "graceful")


def _put(both: _Files, found: Look) -> List[str]:
    said: List[str] = []
    paths, text = both.paths, found.text.encode()
    if both.conf_before is None:
        raise Failure(f"expected httpd's configuration in {both.conf}, found no such file; install the httpd package")
    if both.vhost_before != text:
        files.directory(paths.vhost.parent, 0o755)
        files.write(paths.vhost, text, MODE)
        said.append(f"wrote {paths.vhost}")
    if BLOCK not in both.conf_before and not _included(paths):
        both.copied = files.copy_file(both.conf, both.backup)
        both.write_conf(_with_block(both.conf_before))
        said.append(f"added an IncludeOptional line to {both.conf}; as it was: {both.backup}")
    return said


def _included(paths: Paths) -> bool:
    """Whether httpd.conf has the file already, by a wildcard say: twice, its Listen would keep httpd from starting."""
    try:
        return paths.vhost in httpd.included(paths)
    except Failure:
        return True  # it reads the file and does not like it: for configtest to tell


def _take(both: _Files) -> List[str]:
    said: List[str] = []
    before = both.conf_before or b""
    after = _without_block(before)
    if after != before:
        both.write_conf(after)
        said.append(f"took the IncludeOptional line out of {both.conf}")
    if both.vhost_before is not None:
        files.remove(both.paths.vhost)
        said.append(f"removed {both.paths.vhost}")
    if files.read_bytes(both.backup) == after:
        files.remove(both.backup)
    return said


def _with_block(conf: bytes) -> bytes:
    """A file without a line end at its end gets none, so that it can be what it was."""
    if conf and not conf.endswith(b"\n"):
        return conf + b"\n" + BLOCK
    return conf + BLOCK + b"\n"


def _without_block(conf: bytes) -> bytes:
    if conf.endswith(b"\n" + BLOCK):
        return conf[: -len(BLOCK) - 1]
    return conf.replace(BLOCK + b"\n", b"", 1)
