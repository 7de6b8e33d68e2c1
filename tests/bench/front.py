"""Requests through the virtual host that `jitsictl vhost` gives, against a bare ProxyPass in the same httpd.

`python -m bench.front` measures these alone. Needs wrk.
"""

from __future__ import annotations

import re
import shutil
import statistics
from pathlib import Path
from typing import Dict, List, NamedTuple

from bed import Host, front, runs
from bed.base import command

from bench.figures import row
from bench.hosts import alone, prepared

NAME, BARE = "meet.darkstar.lan", "bare.darkstar.lan"
PAIRS = 12
SECONDS, CONNECTIONS = 4, 8
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}

# The same certificate and log; what else stands there is httpd's default.
_BARE = f"""
<VirtualHost *:443>
    ServerName {BARE}
    SSLEngine on
    SSLCertificateFile "/etc/dehydrated/certs/{NAME}/fullchain.pem"
    SSLCertificateKeyFile "/etc/dehydrated/certs/{NAME}/privkey.pem"
    CustomLog "/var/log/httpd/jitsi_access_log" jitsi_noquery
    ProxyPass "/" "http://127.0.0.1:8440/"
</VirtualHost>
"""


class Load(NamedTuple):
    """Requests a second, and the milliseconds that 99 of 100 took at most."""

    rate: float
    slowest: float


def load(host: Host, name: str) -> Load:
    """Full load by the page's own file; any request that failed is an error."""
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-H", f"Host: {name}", "https://127.0.0.1/"]
    said = command(runs.inside(host.netns, *words)).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    slowest = re.search(r"^\s+99%\s+([0-9.]+)(us|ms|s)$", said, re.MULTILINE)
    assert rate and slowest, said
    return Load(float(rate.group(1)), float(slowest.group(1)) * UNITS[slowest.group(2)])


def figures(host: Host) -> str:
    for name in (NAME, BARE):
        load(host, name)  # httpd starts children under load, which no pair shall pay
    found: Dict[str, List[Load]] = {NAME: [], BARE: []}
    for number in range(PAIRS):
        for name in (NAME, BARE) if number % 2 else (BARE, NAME):
            found[name].append(load(host, name))
    ours, bare = found[NAME], found[BARE]
    row("requests a second through the generated vhost", "", [one.rate for one in ours])
    row("requests a second through a bare ProxyPass", "(pair)", [one.rate for one in bare])
    row("99th percentile through the generated vhost, ms", "", [one.slowest for one in ours])
    row("99th percentile through a bare ProxyPass, ms", "(pair)", [one.slowest for one in bare])
    rate, slowest = ([getattr(one, field) / getattr(other, field) for one, other in zip(ours, bare)]
                     for field in Load._fields)  # fmt: skip
    return (
        f"Of {PAIRS} interleaved pairs of {SECONDS} s, {CONNECTIONS} connections, the generated vhost answers "
        f"{statistics.median(rate):.3f} times as many requests (target: 0.93; {min(rate):.2f} to {max(rate):.2f}), its "
        f"99th percentile is {statistics.median(slowest):.2f} times as long."
    )


def on_a_host(package: Path) -> str:
    """Rows of the table on standard output; returns the comparison."""
    if shutil.which("wrk") is None:
        return "The vhost was not measured: no wrk."
    with prepared(package, "--no-etherpad") as site:
        host = site.host
        site.rc("start")
        front.install(host)
        front.certify(host, NAME)
        host.write(front.CONF, front.loaded())
        site.jitsictl("vhost", "--install")
        host.write(front.CONF, host.read(front.CONF) + _BARE)
        front.start(host)
        return figures(host)


if __name__ == "__main__":
    print("| what | target | median | spread |\n|---|---|---|---|")
    alone(on_a_host)
