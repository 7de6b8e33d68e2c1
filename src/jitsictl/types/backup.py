"""What is in a backup, and what a snapshot holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, NamedTuple, Tuple

FORMAT = 1
FILE, DIRECTORY, LINK = "file", "directory", "link"

# The first parts of names in an archive: the admin's files, what was applied, and what is below CONFIG.
HOST, GENERATION, CONFIG = "host", "generation", "config"


class Member(NamedTuple):
    """One file, directory or symbolic link of an archive. A tuple, since there are tens of thousands."""

    name: str
    kind: str
    mode: int
    uid: int
    gid: int
    size: int = 0
    modified: int = 0  # seconds since 1970
    digest: str = ""  # SHA-256 of a file
    target: str = ""  # of a link


@dataclass(frozen=True)
class Held:
    """What an archive holds, in a few words. `own` are the admin's own files and directories below CONFIG."""

    format: int
    package: str
    made: str  # 2026-11-24T08:00:00Z
    release: str
    url: str
    accounts: int
    pads: int
    recordings: bool
    own: Tuple[str, ...]
    left_out: Tuple[str, ...]
    files: int = 0
    bytes: int = 0  # of the archive itself

    def lines(self) -> List[str]:
        """For people."""
        made = self.made.replace("T", " ").replace("Z", " UTC")
        package = f", by package {self.package}" if self.package else ""
        found = [
            f"{self.url}, release {self.release}, as it was on {made}{package}",
            f"accounts: {self.accounts}; pads: {self.pads}; files: {self.files}"
            + ("; with transcripts and recordings" if self.recordings else ""),
        ]
        if self.own:
            found.append(f"own files: {', '.join(self.own)}")
        return found + [f"not in it: {what}" for what in self.left_out]


@dataclass(frozen=True)
class Manifest:
    """The first member of an archive: what it is, and every other member in the archive's order."""

    held: Held
    config: str  # CONFIG at that time
    members: Tuple[Member, ...]

    @property
    def total(self) -> int:
        """Bytes of all files."""
        return sum(member.size for member in self.members)


class Snapshot(NamedTuple):
    """What a change kept below CONFIG/.snapshots. `bytes` counts hard-linked files too, which take no room."""

    name: str
    made: str
    bytes: int
    holds: Tuple[str, ...]
