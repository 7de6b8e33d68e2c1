"""How long people are without the page, a login and a bridge: our upgrade, and the tutorial's `down; pull; up -d`.

`python -m bench.outage` measures these alone. Three clients ask from outside the helper (clients.py); the registry is
throttled to 50 Mbit/s, and one layer of 60 MB, web's, is new.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, TypeVar

from bed import Host, Lan, runs
from bed.__main__ import storage
from bed.base import command
from bed.images.layers import Blob, Layer
from bed.images.registry import Storage
from bed.site import NEW, OLD, PROJECT, Site, copied, installed

from bench import clients
from bench.figures import HEAD, ROUNDS, measured, rounds, row, seconds
from bench.hosts import alone

BEFORE = "stable-10978"  # as OLD in all but its name
LAYER = 60 * 1000 * 1000
RATE = "50mbit"
TIMES = 3
PASSWORD = "WelcomeBOB!"
WITHIN = {"page": 0.8, "login": 2.0, "bridge": 3.0}
ACROSS = dict.fromkeys(WITHIN, 5.0)

Away = Dict[str, float]
T = TypeVar("T")


class Run(NamedTuple):
    """Seconds away, as seen from outside and as the helper says itself; its own memory in MB."""

    away: Away
    said: Away
    own: float = 0.0


def with_a_layer(source: Path, target: Path, scratch: Path) -> None:
    """The registry's storage once more, where web's images of the two later releases have one more layer."""

    def kept(old: str, new: str) -> None:
        (os.link if Path(old).name == "data" else shutil.copyfile)(old, new)

    def text(digest: str) -> Any:
        return json.loads((root / "blobs/sha256" / digest[:2] / digest / "data").read_text())

    shutil.copytree(source, target, copy_function=kept)
    root = target / "docker/registry/v2"
    layer = Layer()
    layer.file("usr/share/bench", os.urandom(LAYER))
    blob = layer.write(scratch / "layer.tar")
    for tag in (OLD, NEW):
        link = (root / "repositories/jitsi/web/_manifests/tags" / tag / "current/link").read_text()
        manifest = text(link[len("sha256:") :])
        config = text(manifest["config"]["digest"][len("sha256:") :])
        layers = [Blob(target, one["digest"][len("sha256:") :], one["size"]) for one in manifest["layers"]]
        Storage(target).image("jitsi/web", tag, [*layers, blob], config["config"])


def throttle(lan: Lan, host: Host) -> None:
    """What comes from the registry to this host."""
    rate = ["rate", RATE, "burst", "64kb", "latency", "300ms"]
    command(runs.inside(lan.netns, "tc", "qdisc", "add", "dev", f"h{host.number}", "root", "tbf", *rate))


@contextlib.contextmanager
def watched(site: Site) -> Iterator[Away]:
    """Filled at the end of the block, when all three have been there for a while again."""
    found: Away = {}
    here = Path(__file__).resolve().parents[1]
    with subprocess.Popen(
        runs.inside(site.host.netns, sys.executable, "-m", "bench.clients", PASSWORD),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": f"{here}:{here.parent / 'src'}"},
    ) as asking:  # fmt: skip
        time.sleep(1.0)  # what they see before the change: each was there
        yield found
        time.sleep(8.0)  # nginx and jicofo may need some to find the others
        said, _ = asking.communicate("", timeout=30)
    seen = json.loads(said)
    for name in WITHIN:
        assert seen[name][-1][1], f"{name} did not come back"
        found[name] = clients.away(seen[name])


def ours(site: Site, release: str) -> Run:
    with watched(site) as away:
        done = measured(site, "upgrade", release)
    said = re.search(r"away for: page ([\d.]+) s, login ([\d.]+) s, bridge ([\d.]+) s", done.said)
    assert said, done.said
    return Run(away, dict(zip(WITHIN, map(float, said.groups()))), done.own)


def tutorials(site: Site) -> Run:
    """Its order, in the same site's directory, by hand: the release in .env, then the three commands."""
    edit = f"sed -i 's/^JITSI_IMAGE_VERSION=.*/JITSI_IMAGE_VERSION={OLD}/' $(readlink -f .env)"
    commands = "docker compose down && docker compose pull -q && docker compose up -d"
    with watched(site) as away:
        site.host.run(f"cd {PROJECT} && {edit} && {commands}", timeout=300)
    return Run(away, {})


def reloads(site: Site) -> List[float]:
    before = site.containers()
    took = [seconds(site.rc, "reload") for _ in range(ROUNDS)]
    assert site.containers() == before
    return took


def _prepared(lan: Lan, package: Path) -> Host:
    site = installed(Host(lan, name="darkstar").up(), package, release=BEFORE)
    site.rc("start")
    site.useradd("alien", PASSWORD)
    return site.switch_off()


def _on_a_copy(lan: Lan, prepared: Host, work: Callable[[Site], T]) -> T:
    """Done to the site, running, on a host of its own."""
    with copied(prepared) as site:
        site.rc("start")
        throttle(lan, site.host)
        return work(site)


def _table(what: str, runs_: List[Run], targets: Away) -> Away:
    """A row for each who asks; the medians."""
    medians: Away = {}
    for name, target in targets.items():
        wanted = f"at most {target:g}" if target else "(pair)"
        medians[name] = row(f"{name} away, {what}", wanted, [one.away[name] for one in runs_])
    return medians


def measure(package: Path, scratch: Path) -> str:
    """Rows of the table on standard output; sentences about the rest."""
    with_a_layer(storage(), scratch / "storage", scratch)
    with Lan(scratch / "storage", writable=False) as lan:
        prepared = _prepared(lan, package)
        works: Dict[str, Callable[[Site], Run]] = {
            "ours": lambda site: ours(site, OLD),
            "tutorial": tutorials,
            "across": lambda site: ours(site, NEW),
        }
        found = rounds({n: lambda _, work=w: _on_a_copy(lan, prepared, work) for n, w in works.items()}, TIMES)
        mine = _table(f"{BEFORE} to {OLD}", found["ours"], WITHIN)
        theirs = _table("the tutorial's down, pull, up -d", found["tutorial"], dict.fromkeys(WITHIN, 0.0))
        _table(f"{BEFORE} to {NEW}", found["across"], ACROSS)
        row("rc.jitsi reload, nothing changed", "under 0.8", _on_a_copy(lan, prepared, reloads))
    ratio = ", ".join(f"{name} {theirs[name] / mine[name]:.1f}" for name in WITHIN)
    upgrades = [*found["ours"], *found["across"]]
    apart = max(abs(one.away[name] - one.said[name]) for one in upgrades for name in WITHIN)
    own = max(one.own for one in upgrades)
    return (
        f"The tutorial's sequence takes longer by a factor of: {ratio}. What an upgrade says of itself differs by at "
        f"most {apart:.2f} s from what was seen. Memory of upgrade: {own:.0f} MB (target: under 80)."
    )


def on_a_lan(package: Path) -> str:
    """Rows of the table on standard output; sentences about the rest."""
    load = os.getloadavg()[0]
    scratch = Path(tempfile.mkdtemp(prefix="jitsi-bench-", dir=storage().parent))
    try:
        return f"{measure(package, scratch)} Load before: {load:.1f}."
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    print(HEAD)
    alone(on_a_lan)
