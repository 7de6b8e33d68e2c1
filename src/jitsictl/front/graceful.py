"""Making httpd read its configuration and its certificates while people are connected."""

from __future__ import annotations

import contextlib
from typing import AbstractSet, Callable

from jitsictl.doors import httpd
from jitsictl.doors.clock import wait_until
from jitsictl.plan import workers
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths

TAKEN_SECONDS = 10.0  # httpd takes a second or two


def room(paths: Paths, pid: int) -> str:
    """What a graceful restart leaves running, in words. Failure: no place would be left for processes that serve.

    A process stays for as long as its connections do, hours for a meeting, and keeps one of ServerLimit's places.
    """
    busy = httpd.busy(pid)
    servers = workers.limit(httpd.mpm(paths), httpd.lines(paths)).servers
    if busy.holding >= servers:
        raise Failure(
            f"expected a place for new processes of httpd, found that open connections would keep all {servers} of "
            f"ServerLimit ({busy.ending} since an earlier graceful restart), with no page for anybody until they end; "
            "nothing was changed. Wait for the end of meetings, or raise it: jitsictl vhost --workers"
        )
    if not busy.holding:
        return "/etc/rc.d/rc.httpd graceful: no connection was open"
    return (
        f"/etc/rc.d/rc.httpd graceful: open connections stay, and for as long as they last {busy.holding} of httpd's "
        f"processes ({busy.ending} since an earlier one); {servers - busy.holding} of {servers} places are left"
    )


def run(paths: Paths, pid: int, taken: Callable[[], bool]) -> bool:
    """`rc.httpd graceful`, and whether httpd serves on afterwards and has `taken` what is new.

    It opens its ports before modules find what is wrong: only a new process is a proof.
    """
    before = httpd.children(pid)
    httpd.rc(paths, "graceful")
    with contextlib.suppress(TimeoutError):
        wait_until(lambda: not httpd.alive(pid) or _serves(pid, before, taken), deadline=TAKEN_SECONDS)
    return _serves(pid, before, taken)


def _serves(pid: int, before: AbstractSet[int], taken: Callable[[], bool]) -> bool:
    return taken() and not httpd.children(pid) <= before
