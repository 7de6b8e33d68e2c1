"""Debian packages of any suite, from the mirror the machine already uses, without touching its package state.

The method of debootstrap without its maintainer scripts: a private apt state with an empty dpkg status makes
`apt-get install --download-only` fetch the whole closure, dpkg-deb and tar unpack it.
"""
from __future__ import annotations

import concurrent.futures
import os
import re
import subprocess
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Sequence

from bed.base import BedError, command

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class Source(NamedTuple):
    """One archive of the machine's apt configuration."""

    uri: str
    suite: str
    signed_by: str


def _one_line(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        found = re.match(r"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)", line.strip())
        if found:
            key = re.search(r"signed-by=(\S+)", found.group(1) or "", re.IGNORECASE)
            yield Source(found.group(2), found.group(3), key.group(1) if key else "")


def _deb822(text: str) -> Iterator[Source]:
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", bare):
        fields: Dict[str, str] = {}
        for name, value in re.findall(r"^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t].*)*)", stanza, re.MULTILINE):
            fields[name.lower()] = value.strip()
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes").lower() != "no":
            key = fields.get("signed-by", "")
            for uri in fields.get("uris", "").split():
                for suite in fields.get("suites", "").split():
                    # An inline key cannot be handed on in a one-line source: the packaged keyring is tried.
                    yield Source(uri, suite, key if key.startswith("/") else "")


def machine_sources(etc: Path = Path("/etc/apt")) -> List[Source]:
    """The archives of /etc/apt/sources.list and sources.list.d, in apt's order, both formats."""
    sources: List[Source] = []
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]:
        if path.suffix == ".list" and path.is_file():
            sources += _one_line(path.read_text())
        elif path.suffix == ".sources":
            sources += _deb822(path.read_text())
    return sources


def debian_line(suite: str) -> str:
    """A sources.list line for `suite` at the Debian mirror in use.

    Raises BedError where the machine has none (a Slackware machine takes the cached root instead).
    """
    for source in machine_sources():
        if source.uri.rstrip("/").endswith("/debian"):
            keyring = source.signed_by or (str(KEYRING) if KEYRING.is_file() else "")
            option = f"[signed-by={keyring}] " if keyring else ""
            return f"deb {option}{source.uri} {suite} main\n"
    raise BedError("no Debian archive in /etc/apt/sources.list or sources.list.d: prepare the bed's roots on"
                   " a Debian machine and copy its cache (JITSI_BED_CACHE) here")


def download(suite: str, packages: Sequence[str], work: Path) -> List[Path]:
    """Fetch `packages` of `suite` with all they depend on; the .deb files, in `work`."""
    archives = work / "cache" / "archives"
    for folder in (work / "lists" / "partial", archives / "partial"):
        folder.mkdir(parents=True, exist_ok=True)
    (work / "status").write_text("")
    (work / "sources.list").write_text(debian_line(suite))
    options: List[str] = []
    for option in (f"Dir::Etc::sourcelist={work}/sources.list", "Dir::Etc::sourceparts=/dev/null",
                   "Dir::Etc::preferencesparts=/dev/null", f"Dir::State::lists={work}/lists",
                   f"Dir::State::status={work}/status", f"Dir::Cache={work}/cache",
                   "APT::Sandbox::User=root", "Acquire::Languages=none", "Acquire::Retries=3",
                   "APT::Install-Recommends=false", "APT::Get::List-Cleanup=false"):
        options += ["-o", option]
    command(["apt-get", *options, "-q", "update"], timeout=300)
    command(["apt-get", *options, "-q", "-y", "--download-only", "install", *packages], timeout=900)
    return sorted(archives.glob("*.deb"))


def unpack(debs: Sequence[Path], root: Path) -> None:
    """Unpack package files over `root`, keeping directory links (merged /usr) that are already there.

    Documentation and translations are left out.
    """
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in [pool.submit(_unpack, deb, root) for deb in debs]:
            done.result()


def _unpack(deb: Path, root: Path) -> None:
    waste = [f"--exclude=./usr/share/{name}/*" for name in ("doc", "locale", "man", "lintian")]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE) as source:
        done = subprocess.run(["tar", "-x", "-C", str(root), "--keep-directory-symlink", *waste, "-f", "-"],
                              stdin=source.stdout, stderr=subprocess.PIPE, text=True, timeout=300)
    if done.returncode != 0 or source.returncode != 0:
        raise BedError(f"{deb.name} cannot be unpacked: {done.stderr.strip()[-500:]}")
