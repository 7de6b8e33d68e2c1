"""A certificate that was renewed: httpd reads it at a graceful restart, which is done when all is well and needed."""

from __future__ import annotations

from typing import List

from jitsictl.doors import certificate, files, httpd, lock
from jitsictl.front import graceful, look, watch
from jitsictl.front.install import LOCK_SECONDS
from jitsictl.plan import vhost
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings


def renewed(paths: Paths, settings: Settings) -> List[str]:
    """Make httpd serve the certificates that are in the files; returns what was done, in words. Can be repeated.

    Failure: httpd would end with them, taking every site of the host along; or it has no place for new processes.
    """
    files.directory(paths.state, 0o700)
    with lock.lock(paths.lock, exclusive=True, deadline=LOCK_SECONDS, verb="vhost"):
        hosts = vhost.hosts(settings)
        problems = list(dict.fromkeys(line for host in hosts for line in look.pair_problems(paths, host)))
        wrong = httpd.configtest(paths)
        if wrong is not None:
            problems.append(f"expected httpd to like its configuration, found that it does not. It said:\n{wrong}")
        if problems:
            raise Failure("\n".join([*problems, "httpd was not told and serves what it had"]))
        pid = httpd.running(paths)
        if pid is None:
            return ["httpd does not run; it reads them when it starts"]
        if all(certificate.served(host.port, host.name) == _wanted(paths, host) for host in hosts):
            return ["nothing to do: httpd serves what is in the files"]
        said = graceful.room(paths, pid)
        if not graceful.run(paths, pid, lambda: not any(watch.stale(paths, host) for host in hosts)):
            raise Failure(
                "expected httpd to serve the certificates in the files after a graceful restart, found that it "
                f"{'does not' if httpd.alive(pid) else 'ended'}; see /var/log/httpd/error_log and jitsictl vhost --diff"
            )
        return [said]


def _wanted(paths: Paths, host: vhost.Host) -> bytes:
    return certificate.in_file(paths.root / host.certificate.lstrip("/")) or b""
