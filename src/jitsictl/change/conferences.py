"""The meetings of this moment: how many there are, and waiting until there is none."""

from __future__ import annotations

import contextlib
import json
import os
import re
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional

from jitsictl.change.tools import Event
from jitsictl.doors import files, http
from jitsictl.doors.clock import wait_until
from jitsictl.plan.differences import interpolated
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.preview import Calls
from jitsictl.types.site import Applied

ANSWER_SECONDS = 1.0
PAUSE_SECONDS = 1.0
STATS, METRICS = "/stats", "/metrics"
LEFT = 0  # in place of a process that closed the bridge and is gone

Ask = Callable[[], Optional[Calls]]


def running(applied: Optional[Applied]) -> Optional[Calls]:
    """The meetings of the applied site; None when neither jicofo nor the bridge tells at once.

    Both are asked, and the larger number counts: jicofo knows of two people who are connected directly, the
    bridge of those whose jicofo was restarted.
    """
    return counted(_get(applied, "JICOFO_REST_PORT", STATS), _get(applied, "JVB_COLIBRI_PORT", METRICS))


def counted(stats: str, metrics: str) -> Optional[Calls]:
    """The meetings by what jicofo answers to STATS and the bridge to METRICS, "" for none; None when neither tells."""
    found = [calls for calls in (_jicofo(stats), _bridge(metrics)) if calls is not None]
    if not found:
        return None
    return Calls(max(calls.conferences for calls in found), max(calls.participants for calls in found))


def cut_off(calls: Optional[Calls], tell: Callable[[Event], None]) -> None:
    """Tell of the meetings that end now: whoever is asked why his did finds it in the log."""
    if calls is not None and calls.conferences:
        tell(Event("note", f"cuts off {calls}"))


def wait_for_none(ask: Ask, seconds: Optional[float], tell: Callable[[Event], None]) -> None:
    """Wait until there is no conference; told each time the number changes. None: as long as it takes.

    Failure: the time is over, or nobody tells how many there are.
    """
    last: List[Calls] = []

    def none_left() -> bool:
        calls = ask()
        if calls is None:
            raise Failure(
                "expected jicofo or the bridge to tell how many conferences run, found no answer; "
                "see: /etc/rc.d/rc.jitsi status"
            )
        if calls.conferences and calls not in last:
            tell(Event("progress", f"waiting: {calls}"))
        last[:] = [calls]
        return calls.conferences == 0

    try:
        wait_until(none_left, deadline=float("inf") if seconds is None else seconds, pause=PAUSE_SECONDS)
    except TimeoutError:
        raise Failure(f"expected the meetings to end in time, found {last[-1]} still running") from None


@contextlib.contextmanager
def closed_to_new_ones(paths: Paths, applied: Optional[Applied]) -> Iterator[None]:
    """The bridge takes no new conference meanwhile. A marker lets the next change open it again after a crash."""
    files.directory(paths.state, 0o700)
    files.write(_marker(paths), f"{os.getpid()}\n", 0o600)
    try:
        _drain(applied, "enable")
        yield
    finally:
        _reopen(paths, applied)


def reopen_left(paths: Paths, applied: Optional[Applied]) -> bool:
    """Open a bridge that a wait closed and, ended by a crash, did not open. Whether there was one."""
    if closed_by(paths) != LEFT:
        return False
    _reopen(paths, applied)
    return True


def closed_by(paths: Paths) -> Optional[int]:
    """The process that waits and has closed the bridge, LEFT when it is gone. None: nobody closed it."""
    text = files.read_text(_marker(paths))
    if text is None:
        return None
    pid = text.strip()
    return int(pid) if pid.isdigit() and files.exists(Path("/proc") / pid) else LEFT


def _reopen(paths: Paths, applied: Optional[Applied]) -> None:
    with contextlib.suppress(Failure):  # no bridge answers: one that starts anew takes conferences by itself
        _drain(applied, "disable")
    files.remove(_marker(paths))


def _marker(paths: Paths) -> Path:
    return paths.state / "draining"


def _drain(applied: Optional[Applied], what: str) -> None:
    url = _url(applied, "JVB_COLIBRI_PORT", f"/colibri/drain/{what}")
    if url is None:
        return
    reply = http.post(url, "", deadline=ANSWER_SECONDS)
    if reply.status != 200:
        raise Failure(f"expected the bridge to {what} its drain mode at {url}, found HTTP {reply.status}")


def _jicofo(text: str) -> Optional[Calls]:
    try:
        stats = json.loads(text)
        return Calls(int(stats["conferences"]), int(stats["participants"]))
    except (ValueError, KeyError, TypeError):
        return None


def _bridge(text: str) -> Optional[Calls]:
    figures = _figures(text)
    try:
        return Calls(int(figures["jitsi_jvb_conferences"]), int(figures["jitsi_jvb_local_endpoints"]))
    except KeyError:
        return None


def _figures(text: str) -> Dict[str, float]:
    """The plain gauges of a page of Prometheus figures, by name."""
    lines = re.findall(r"^([a-z_]+) ([0-9.eE+]+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in lines}


def _get(applied: Optional[Applied], port: str, path: str) -> str:
    url = _url(applied, port, path)
    if url is None:
        return ""
    try:
        reply = http.get(url, deadline=ANSWER_SECONDS)
    except Failure:
        return ""
    return reply.text if reply.status == 200 else ""


def _url(applied: Optional[Applied], port: str, path: str) -> Optional[str]:
    number = interpolated(applied.files).get(port) if applied else None
    return None if number is None else f"http://127.0.0.1:{number}{path}"
