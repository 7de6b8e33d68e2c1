"""How many connections httpd serves at once, from its configuration, and the lines for more of them.

In httpd 2.4 each proxied websocket holds a worker, under the event MPM too. When none is left, no site of the host
answers.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Sequence

WARN_AT = 70  # per cent
THREAD_LIMIT = 64  # of ThreadsPerChild, where nothing else is said
MPMS = ("event", "worker", "prefork")

# MaxRequestWorkers 2560 = 40 processes of 64. As many processes again have a place while their last connections end;
# spare threads are not ended, since that would make such a process of each that holds a websocket.
LINES = """\
<IfModule mpm_event_module>
    ServerLimit           80
    ThreadsPerChild       64
    MaxRequestWorkers   2560
    MaxSpareThreads     2560
</IfModule>
"""


class Limit(NamedTuple):
    """`workers` serve at once, in at most `servers` processes of `threads` each.

    A process that a graceful restart left to its open connections keeps its place among the `servers`.
    """

    workers: int
    servers: int
    threads: int


def limit(mpm: str, lines: Sequence[str]) -> Limit:
    """What httpd 2.4 makes of all lines of its configuration, in the order in which it reads them.

    MaxRequestWorkers is cut to whole processes and to ServerLimit, as httpd does when it starts.
    """
    said = _directives(mpm, lines)
    if mpm == "prefork":
        servers = said.get("serverlimit", 256)
        return Limit(min(said.get("maxrequestworkers", 256), servers), servers, 1)
    servers = said.get("serverlimit", 16)
    threads = max(1, min(said.get("threadsperchild", 25), said.get("threadlimit", THREAD_LIMIT)))
    processes = max(1, said.get("maxrequestworkers", 400) // threads)
    return Limit(min(processes, servers) * threads, servers, threads)


def advice(used: int, of: Limit, mpm: str, file: str) -> str:
    """Lines for httpd's configuration, behind a comment that says what is now and where they go: `file`."""
    return (
        f"# {used} of {of.workers} workers are in use (mpm_{mpm}: ServerLimit {of.servers}, ThreadsPerChild "
        f"{of.threads}). Each\n# websocket holds one; when none is left, no site of this host answers.\n"
        f"# For 2560, and as many that end after a graceful restart, write in {file}:\n{LINES}"
        "# ServerLimit counts from /etc/rc.d/rc.httpd stop, then start, on, which drops every connection: do it when\n"
        "# no meeting runs. web takes two for each websocket: NGINX_WORKER_CONNECTIONS=4096 in jitsi.conf.\n"
    )


def short(used: int, of: Limit) -> bool:
    """Whether so many workers in use are too many."""
    return used * 100 >= of.workers * WARN_AT


_SAYS = re.compile(
    r"\s*(ServerLimit|ThreadLimit|ThreadsPerChild|MaxRequestWorkers|MaxClients)\s+\"?([0-9]+)", re.IGNORECASE
)


def _directives(mpm: str, lines: Sequence[str]) -> Dict[str, int]:
    """The last of each counts. Of conditions only those on the MPM are looked at: the others are taken to hold."""
    found: Dict[str, int] = {}
    holds: List[bool] = []
    for line in lines:
        opens = re.match(r"\s*<IfModule\s+(!?)\"?([\w.]+)\"?\s*>", line, re.IGNORECASE)
        if opens:
            named = re.sub(r"^mpm_|_module$|\.c$", "", opens.group(2).lower())
            holds.append(named not in MPMS or (named == mpm) is not bool(opens.group(1)))
        elif re.match(r"\s*</IfModule", line, re.IGNORECASE):
            holds = holds[:-1]
        said = _SAYS.match(line)
        if said and all(holds):
            found[said.group(1).lower().replace("maxclients", "maxrequestworkers")] = int(said.group(2))
    return found
