"""`make bench`: the figures of RESULTS.md, measured in one run; medians of 7, pairs interleaved."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Dict, List

from bed.site import Site
from package import build

from bench import accounts as many
from bench import backup, front, outage, settings, sockets
from bench.figures import HEAD, ROUNDS, rounds, row, seconds
from bench.hosts import prepared

HEALTH = {8440: "/config.js", 8888: "/about/health", 8080: "/about/health"}


def after_last_probe(site: Site) -> float:
    """How long after the last service's own answer `start` says that it is done."""
    site.rc("stop")
    start = site.host.spawn(["/bin/sh", "/etc/rc.d/rc.jitsi", "start"])
    waiting, last = set(HEALTH), time.monotonic()
    while start.poll() is None:
        for port in sorted(waiting):
            if site.host.http(HEALTH[port], port).status == 200:
                waiting.discard(port)
                last = time.monotonic()
    return time.monotonic() - last


def accounts(site: Site) -> Dict[str, List[float]]:
    """jitsi-useradd against the bare command that it drives, one after the other."""
    prosody = site.containers()["prosody"]
    bare = ["docker", "exec", "-i", prosody, "prosodyctl", "--config", "/run/prosody/config/prosody.cfg.lua", "adduser"]
    twice = "password1\npassword1\n"
    return rounds({
        "useradd": lambda n: seconds(site.useradd, f"a{n}", "a password of some length"),
        "bare": lambda n: seconds(site.host.run, [*bare, f"b{n}@meet.jitsi"], input=twice),
        "help": lambda _: seconds(site.host.run, ["jitsi-useradd", "--help"]),
        "status": lambda _: seconds(site.rc, "status"),
    })  # fmt: skip


def main() -> None:
    print(HEAD)
    with tempfile.TemporaryDirectory(prefix="jitsi-bench-") as scratch:
        places = [Path(scratch, str(number)) for number in range(ROUNDS)]
        row("package build", "under 3", [seconds(build.from_repository, place) for place in places])
        (package,) = places[0].glob("*.txz")
        with prepared(package, "--no-etherpad") as site:
            site.rc("start")
            row("start, after the last probe", "at most 0.7", [after_last_probe(site) for _ in range(ROUNDS)])
            found = accounts(site)
            row("jitsi-useradd with its check", "under 0.8", found["useradd"])
            row("prosodyctl adduser by docker exec", "(pair)", found["bare"])
            row("jitsi-useradd --help, warm", "under 0.2", found["help"])
            row("rc.jitsi status", "under 0.5", found["status"])
            found = settings.verbs(site)
            row("jitsictl check, 500 lines", "under 0.25", found["check"])
            row("jitsictl plan, nothing to do", "under 0.6", found["plan"])
            row("python3 -I -c pass, on the same host", "(pair)", found["python3"])
            row("100,000 lines through the reader", "seconds", settings.reader())
            idle = site.host.run("ps ax -o args | grep -E '[j]itsictl|[r]c.sh|[l]auncher.py' || :").stdout
        memory = backup.on_a_host(package)
        bulk = many.on_a_host(package)
        away = outage.on_a_lan(package)
        vhost = front.on_a_host(package)
        held = sockets.on_a_host(package)
        size = package.stat().st_size
    print(
        f"\nPackage without the bundle: {size / 1000:.0f} kB (target: under 400). Processes of ours on an idle site: "
        f"{len(idle.splitlines())}. {memory} {bulk} {away} {vhost} {held}"
    )


if __name__ == "__main__":
    main()
