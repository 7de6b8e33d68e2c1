"""A backup and a restore of many accounts and pads: time, and memory of the helper and of what it starts.

`python -m bench.backup` measures these alone.
"""

from __future__ import annotations

from pathlib import Path

from bed.site import CONFIG, Site

from bench.figures import measured, rounds, row
from bench.hosts import alone, prepared

ACCOUNTS, PADS = 10_000, 1_000
TIMES = 3
FILE = "/root/bench.tar.xz"

# On the host: records like the one of `alien`, each with keys and a roster of its own, and pads of some kilobytes.
_FILL = f"""
import json, os, pathlib, re, secrets
store = pathlib.Path("{CONFIG}/storage/prosody/data/meet%2ejitsi")
record = (store / "accounts/alien.dat").read_text()
owner = (store / "accounts/alien.dat").stat()
(store / "roster").mkdir(exist_ok=True)
os.chown(store / "roster", owner.st_uid, owner.st_gid)
for number in range({ACCOUNTS} - 1):
    text = re.sub("[0-9a-f]{{32,}}", lambda m: secrets.token_hex(len(m.group()) // 2), record)
    for kind, content in (("accounts", text), ("roster", 'return {{ [false] = {{ ["version"] = 1 }} }};')):
        path = store / kind / f"person{{number}}.dat"
        path.write_text(content)
        os.chown(path, owner.st_uid, owner.st_gid)
with open("{CONFIG}/etherpad/dirty.db", "a") as db:
    for number in range({PADS}):
        text = "".join(secrets.token_hex(20) + " and so on\\n" for _ in range(100))
        value = {{"atext": {{"text": text, "attribs": "|1+1"}}, "pool": {{"numToAttrib": {{}}, "nextNum": 0}},
                 "head": 0, "chatHead": -1, "publicStatus": False, "savedRevisions": []}}
        db.write(json.dumps({{"key": f"pad:p{{number}}", "val": value}}) + "\\n")
        db.write(json.dumps({{"key": f"pad:p{{number}}:revs:0", "val": {{"changeset": "Z:1>1$x"}}}}) + "\\n")
"""


def figures(site: Site) -> str:
    """`site` runs, with Etherpad and one account, alien."""
    site.rc("stop")
    site.host.run(["python3", "-I", "-c", _FILL], timeout=300)
    site.rc("start")
    verbs = {"backup": ["backup", "--force"], "list": ["backup", "--list"], "restore": ["restore", "--yes"]}
    took = rounds({name: lambda _, words=words: measured(site, *words, FILE) for name, words in verbs.items()}, TIMES)
    what = f"{ACCOUNTS:,} accounts, {PADS:,} pads"
    row(f"backup of {what}", "under 10", [found.seconds for found in took["backup"]])
    row("backup --list of it: every hash", "", [found.seconds for found in took["list"]])
    row("restore of it over the running site, verified", "under 10", [found.seconds for found in took["restore"]])
    said = []
    for verb, found in took.items():
        own, started = max(one.own for one in found), max(one.started for one in found)
        said.append(f"{verb} takes at most {own:.0f} MB, the biggest program that it starts {started:.0f} MB")
    size = site.host.stat(FILE).st_size / 1e6
    return f"Archive: {size:.1f} MB. Memory (target: under 80 MB): {'; '.join(said)}."


def on_a_host(package: Path) -> str:
    """Rows of the table on standard output; returns a sentence about memory."""
    with prepared(package) as site:
        site.rc("start")
        site.useradd("alien", "WelcomeBOB!")
        site.pad("minutes", "hello\n")
        return figures(site)


if __name__ == "__main__":
    alone(on_a_host)
