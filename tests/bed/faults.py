"""Faults on a site: a shell command before a chosen call of the helper, and what must be the same afterwards."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence, Union

from unit.change.machine import LOOKS

from bed.base import HERE
from bed.host import Host, Kept
from bed.lan import GATEWAY
from bed.site import CONF, CONFIG, PROJECT, STATE, Done, Site

KILL = "kill -9 $HELPER"
KILLED = (-9, 137)  # as nsenter hands it on
NEVER = "-"  # no call begins so
STRUCK, CALLS = "/root/struck.py", "/root/calls"

# What users own and what is applied, part by part. A generation's number is no part of it.
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
    """`jitsictl WORDS` with a command before a call (see struck.py); a kill there is the last thing it does."""
    return site.host.run(_argv(site, words, where, command), check=False, timeout=timeout)


def calls(site: Site, words: Sequence[str]) -> List[str]:
    """Run `jitsictl WORDS`; the calls that it made, in words."""
    done = struck(site, words, NEVER, ":")
    if done.returncode:
        raise AssertionError(f"{words}: {done.stdout}{done.stderr}")
    return site.host.read(CALLS).splitlines()


@contextlib.contextmanager
def no_network(site: Site) -> Iterator[None]:
    site.host.run("ip link set eth0 down")
    try:
        yield
    finally:
        site.host.run(f"ip link set eth0 up && ip route add default via {GATEWAY}")


class Reused:
    """A running site out of a switched-off one, used again as long as each use left it as it was: a fresh one takes
    seconds."""

    def __init__(self, prepared: Union[Host, Kept]) -> None:
        self._prepared = prepared
        self._site: Optional[Site] = None
        self._first: Picture = {}

    @contextlib.contextmanager
    def site(self, keep: bool = True) -> Iterator[Site]:
        """`keep` False: what is done to it cannot be taken back."""
        site, self._site = self._site or self._fresh(), None
        try:
            yield site
            if keep and picture(site) == self._first:
                self._site = site
        finally:
            if self._site is None:
                site.host.down()

    def end(self) -> None:
        if self._site is not None:
            self._site.host.down()
            self._site = None

    def _fresh(self) -> Site:
        twin = self._prepared.fork().boot()
        twin.dockerd_start()
        site = Site(twin)
        site.rc("start")
        self._first = picture(site)
        return site


def _argv(site: Site, words: Sequence[str], where: object, command: str) -> List[str]:
    if not site.host.exists(STRUCK):
        site.host.put(Path(HERE, "struck.py"), STRUCK)
    looks = ",".join(sorted(LOOKS))
    python = ["/usr/bin/python3", "-I", "-X", "pycache_prefix=/var/cache/jitsi-meet"]
    return [*python, STRUCK, looks, str(where), command, CALLS, *words]
