"""What `make bench` measures of accounts: 10,000 imported live, against the tutorial's command in a loop.

`python -m bench.accounts` measures these alone, with a real Prosody.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import subprocess
from pathlib import Path
from typing import Dict, List

from bed.site import CONFIG, DOMAIN, Site

from bench.figures import HEAD, measured, rounds, row, seconds
from bench.hosts import alone, prepared

MANY, ALL, LOOP, DRAWN = 10_000, 35_000, 200, 200
STORE = f"{CONFIG}/storage/prosody/data/meet%2ejitsi/accounts"
PASSWORD = "WelcomeBOB!"

# What no import can do without, on both cores: a key for each password.
_FLOOR = """
import hashlib, sys, time
from concurrent.futures import ThreadPoolExecutor
name, rounds, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
begun = time.monotonic()
with ThreadPoolExecutor(2) as pool:
    list(pool.map(lambda n: hashlib.pbkdf2_hmac(name, b"password %d" % n, bytes(36), rounds), range(count)))
print(time.monotonic() - begun)
"""

# Somebody who logs in again and again until standard input ends; prints how long each login took.
_OTHERS = """
import json, sys, threading, time
sys.path[:0] = ["/usr/libexec/docker-jitsi-meet/python", "/usr/libexec/docker-jitsi-meet/python/bundle"]
from jitsictl.doors import xmpp
over, took = threading.Event(), []
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
while not over.wait(0.1):
    begun = time.monotonic()
    xmpp.login("http://127.0.0.1:8440", sys.argv[1], sys.argv[2], sys.argv[3], deadline=60)
    took.append(time.monotonic() - begun)
print(json.dumps(took))
"""

# Copies of one record under other names: a store of the size of a big school.
_FILL = f"""
import pathlib
store = pathlib.Path("{STORE}")
text = (store / "alien.dat").read_bytes()
for number in range({MANY + 1}, {ALL}):
    (store / f"x{{number}}.dat").write_bytes(text)
"""


def waits(site: Site) -> subprocess.Popen[str]:
    return site.host.spawn(["python3", "-I", "-c", _OTHERS, DOMAIN, "alien", PASSWORD],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip


def floor(site: Site) -> float:
    key = site.jitsictl("user", "export", "--keys", "-").stdout
    found = re.search(r"SCRAM-SHA-(\d+)\$(\d+):", key)
    assert found, key
    name = {"1": "sha1", "256": "sha256"}[found[1]]
    return float(site.host.run(["python3", "-I", "-c", _FLOOR, name, found[2], str(MANY)], timeout=300).stdout)


def looped(site: Site) -> float:
    """Seconds for one account by the tutorial's command."""
    config = "/run/prosody/config/prosody.cfg.lua"
    command = f"docker compose exec -T prosody prosodyctl --config {config} register loop$n {DOMAIN} secret"
    words = f"cd /usr/local/docker-jitsi-meet && n=0; while [ $n -lt {LOOP} ]; do {command}; n=$((n+1)); done"
    return seconds(site.host.run, words, timeout=600) / LOOP


def written(site: Site, path: str, prefix: str, count: int) -> Dict[str, str]:
    given = {f"{prefix}{number}": f"password {number} of {prefix}" for number in range(count)}
    text = io.StringIO()
    csv.writer(text).writerows(given.items())
    site.host.write(path, text.getvalue())
    return given


def single(site: Site) -> Dict[str, List[float]]:
    run, passwd = site.host.run, ["jitsi-passwd", "--password-stdin"]
    return rounds({
        "add": lambda n: seconds(site.useradd, f"one{n}", "a password"),
        "passwd": lambda n: seconds(run, [*passwd, f"one{n}"], input="another password\n"),
        "del": lambda n: seconds(run, ["jitsi-userdel", "--yes", f"one{n}"]),
        "list": lambda _: seconds(run, "jitsictl user list | tail -1"),
    })  # fmt: skip


def figures(site: Site) -> str:
    """Rows of the table on standard output; sentences about the rest. `site` runs, with the account alien."""
    written(site, "/root/few.csv", "few", 1000)
    few = measured(site, "user", "import", "/root/few.csv")
    lowest = floor(site)
    given = written(site, "/root/many.csv", "many", MANY)
    others = waits(site)
    many = measured(site, "user", "import", "/root/many.csv")
    longest = max(json.loads(others.communicate("", timeout=120)[0]))
    one = looped(site)
    names = random.Random("bench").sample(sorted(given), DRAWN)
    assert all(site.login(name, given[name]) for name in names)
    listed = site.jitsictl("user", "list").stdout.split()
    assert set(given) <= set(listed)
    site.host.run(["python3", "-I", "-c", _FILL], timeout=120)
    assert len(site.jitsictl("user", "list").stdout.split()) >= ALL
    row(f"import of {MANY:,} accounts, live", "at most 30", [many.seconds])
    row(f"keys of {MANY:,} passwords alone, on both cores", "(pair)", [lowest])
    row("the tutorial's command, one account", "(pair)", [one])
    row("longest login of another meanwhile", "at most 0.3", [longest])
    found = single(site)
    row(f"jitsictl user list of {ALL:,}", "under 0.5", found["list"])
    row("jitsi-useradd with its check", "under 0.8", found["add"])
    row("jitsi-passwd with its check", "under 0.8", found["passwd"])
    row("jitsi-userdel with its check", "under 0.8", found["del"])
    return (
        f"The import is {one * MANY / many.seconds:.0f} times as fast as the loop, extrapolated from {LOOP} (target: "
        f"30), and takes {many.seconds / lowest:.2f} times what the keys take (target: 1.4). {DRAWN} drawn by chance "
        f"log in. Memory of an import of 1,000: {few.own:.0f} MB, of {MANY:,}: {many.own:.0f} MB (target: under 60)."
    )


def on_a_host(package: Path) -> str:
    with prepared(package, "--no-etherpad") as site:
        site.rc("start")
        site.useradd("alien", PASSWORD)
        return figures(site)


if __name__ == "__main__":
    print(HEAD)
    alone(on_a_host)
