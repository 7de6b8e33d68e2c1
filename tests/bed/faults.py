"""Faults on a site: a shell command before a chosen call of the helper, and what must be the same afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Sequence

from bed.base import HERE
from bed.inside import Spawned
from bed.site import CONF, CONFIG, PROJECT, STATE, Done, Site
from unit.change.machine import LOOKS

KILL = "kill -9 $HELPER"
KILLED = (-9, 137)  # as nsenter hands it on
NEVER = "-"  # no call begins so
STRUCK, CALLS = "/root/struck.py", "/root/calls"

# What a user owns and what is applied, each on lines of its own. A generation's number and name are no part of it.
_LOOK = f"""
echo "[applied]"
cd {STATE}/current/ && find . -type f ! -name manifest.json -exec md5sum {{}} + | sort -k 2
md5sum <{CONF}; md5sum </etc/jitsi-meet/secrets.conf
cd {PROJECT} && find . -maxdepth 1 -type l -printf '%f %l\\n' | sort
echo "[accounts]"
cd {CONFIG} && for store in prosody/config/data storage/prosody/data; do
  [ ! -d $store ] || (cd $store && find . -path '*/accounts/*' -type f -exec md5sum {{}} + | sort -k 2)
done
echo "[store]"
cd {CONFIG} && ls -d prosody/config/data storage/prosody/data 2>/dev/null
echo "[runs]"
docker ps -a --filter label=com.docker.compose.project=docker-jitsi-meet \
  --format '{{{{.Label "com.docker.compose.service"}}}} {{{{.Image}}}} {{{{.State}}}}' | sort
echo "[unfinished]"
ls {STATE}/change 2>/dev/null
:
"""

Picture = Dict[str, str]


def picture(site: Site) -> Picture:
    """Accounts byte for byte, what is applied, what runs, and changes that did not end."""
    parts: Dict[str, List[str]] = {}
    for line in site.host.run(_LOOK).stdout.splitlines():
        if line.startswith("["):
            parts[line.strip("[]")] = here = []
        else:
            here.append(line)
    return {name: "\n".join(lines) for name, lines in parts.items()}


def struck(site: Site, words: Sequence[str], where: object, command: str, timeout: float = 200) -> Done[str]:
    """`jitsictl WORDS` with a command before a call (see struck.py). It may have been the last thing it did."""
    return site.host.run(_argv(site, words, where, command), check=False, timeout=timeout)


def strike(site: Site, words: Sequence[str], where: object, command: str) -> Spawned:
    """The same, not waited for."""
    return site.host.spawn(_argv(site, words, where, command))


def calls(site: Site, words: Sequence[str]) -> List[str]:
    """Run `jitsictl WORDS`; the calls that it made, in words."""
    done = struck(site, words, NEVER, ":")
    if done.returncode:
        raise AssertionError(f"{words}: {done.stdout}{done.stderr}")
    return site.host.read(CALLS).splitlines()


def _argv(site: Site, words: Sequence[str], where: object, command: str) -> List[str]:
    if not site.host.exists(STRUCK):
        site.host.put(Path(HERE, "struck.py"), STRUCK)
    looks = ",".join(sorted(LOOKS))
    python = ["/usr/bin/python3", "-I", "-X", "pycache_prefix=/var/cache/jitsi-meet"]
    return [*python, STRUCK, looks, str(where), command, CALLS, *words]
