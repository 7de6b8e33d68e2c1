"""The manifest of a backup as text, and what an archive may hold. Everything else in one is refused."""

from __future__ import annotations

import dataclasses
import json
import posixpath
import re
from typing import AbstractSet, Dict, FrozenSet, List, Optional, Set, Tuple

from jitsictl import releases
from jitsictl.types.backup import CONFIG, DIRECTORY, FILE, FORMAT, GENERATION, HOST, LINK, Held, Manifest, Member
from jitsictl.types.failure import Failure
from jitsictl.types.release import Layout, Release

NAME = "manifest.jsonl"
HOST_FILES = ("jitsi.conf", "secrets.conf", "compose.override.yaml")
SMALL = 8 << 20  # bytes of the admin's files and the generation, which are held in memory
SYSTEM_IDS = range(1, 1000)  # where a layout leaves the owner to the image, it is one of its system accounts
_DIGEST = re.compile(r"[0-9a-f]{64}")


def dump(manifest: Manifest) -> str:
    """One JSON value a line, so that tens of thousands of members can be read one by one: head, then members."""
    head = {**dataclasses.asdict(manifest.held), "config": manifest.config}
    del head["bytes"]
    return "\n".join(json.dumps(line) for line in (head, *manifest.members)) + "\n"


def load(text: str) -> Manifest:
    """Read a manifest. Failure: another package wrote it. ValueError: it is none."""
    first, *lines = text.rstrip("\n").split("\n")
    try:
        head = json.loads(first)
        if head["format"] > FORMAT:
            raise Failure(
                f"expected a backup of format {FORMAT} at most, found format {head['format']}; "
                f"a newer package wrote it ({head.get('package')}), and can restore it"
            )
        config = head.pop("config")
        head["own"], head["left_out"] = tuple(head["own"]), tuple(head["left_out"])
        held = Held(**head)
        members = tuple(Member(*json.loads(line)) for line in lines)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"its manifest cannot be read: {error}") from None
    _typed(held, config, members)
    return Manifest(held, config, members)


def _typed(held: Held, config: object, members: Tuple[Member, ...]) -> None:
    texts = (held.made, held.release, held.url, held.package, config, *held.own, *held.left_out)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("its manifest cannot be read: a text is none")
    kinds = (str, str, int, int, int, int, int, str, str)
    for member in members:
        if any(type(value) is not kind for value, kind in zip(member, kinds)):
            raise ValueError("its manifest cannot be read: a member is none")


def units(layout: Layout, recordings: bool) -> Tuple[str, ...]:
    """What a backup takes below CONFIG and a restore replaces as a whole: files and directories."""
    return (layout.store, *layout.keep, *(layout.recordings if recordings else ()))


def unit_of(path: str, layout: Layout) -> Optional[str]:
    """The unit that a path below CONFIG is, or is in."""
    return next((u for u in units(layout, True) if path == u or path.startswith(f"{u}/")), None)


def owners(layout: Layout) -> Tuple[FrozenSet[int], FrozenSet[int]]:
    """User and group numbers that files of this layout have. Where images choose, those of system accounts."""
    known = [d.owner for s in releases.services().values() for d in s.directories[layout.name] if d.owner]
    if layout.store_owner is not None:
        known.append(layout.store_owner)
        uids, gids = {0}, {0}
    else:
        uids, gids = {0, *SYSTEM_IDS}, {0, *SYSTEM_IDS}
    return frozenset(uids | {uid for uid, _ in known}), frozenset(gids | {gid for _, gid in known})


def release_of(held: Held) -> Release:
    """The release to restore at. Failure: this package does not run it."""
    try:
        return releases.get(held.release)
    except Failure as failure:
        raise Failure(
            f"expected a backup of a release that this package runs, found {held.release}: {failure.what}\n"
            "restore it with the package that wrote it"
            + (f" ({held.package})" if held.package else "")
            + ", then upgrade the package and the release"
        ) from None


def wrong(manifest: Manifest, layout: Layout) -> List[str]:
    """What no backup holds: a line for each member that is not as `jitsictl backup` makes them."""
    uids, gids = owners(layout)
    seen: Dict[str, str] = {}
    found = []
    for member in manifest.members:
        reason = "there twice" if member.name in seen else _member(member, layout, uids, gids, seen)
        if reason is not None:
            found.append(f"{_shown(member.name)}: {reason}")
        seen[member.name] = member.kind
    small = sum(max(0, member.size) for member in manifest.members if not member.name.startswith(f"{CONFIG}/"))
    if small > SMALL:
        found.append(f"{HOST} and {GENERATION}: {small // 1024**2} MB, more than settings take")
    required = {f"{HOST}/jitsi.conf", f"{HOST}/secrets.conf", f"{GENERATION}/manifest.json"}
    return found + [f"{name}: missing" for name in sorted(required - set(seen))]


def _member(
    member: Member, layout: Layout, uids: AbstractSet[int], gids: AbstractSet[int], seen: Dict[str, str]
) -> Optional[str]:
    return (
        _place(member, layout, seen)
        or (None if member.kind in (FILE, DIRECTORY, LINK) else f"neither file, directory nor link but {member.kind!r}")
        or (None if 0 <= member.mode <= 0o777 else f"mode {member.mode:o}: setuid, setgid or sticky")
        or (None if member.uid in uids and member.gid in gids else f"owner {member.uid}:{member.gid} is nobody's here")
        or _content(member)
    )


def _place(member: Member, layout: Layout, seen: Dict[str, str]) -> Optional[str]:
    """Why a member may not be where it is."""
    name = member.name
    if name.startswith("/"):
        return "an absolute path"
    parts = name.split("/")
    if ".." in parts:
        return "its path has .."
    if "" in parts or "." in parts or "\0" in name or len(parts) < 2:
        return "no proper path"
    top, rest = parts[0], "/".join(parts[1:])
    if top == HOST and rest in HOST_FILES and member.kind == FILE:
        return None
    if top == GENERATION and member.kind == FILE and (len(parts) == 2 or parts[1] == "env" and len(parts) == 3):
        return None
    unit = unit_of(rest, layout) if top == CONFIG else None
    if unit is None:
        return "not a place that a backup knows"
    if rest != unit and seen.get(posixpath.dirname(name)) != DIRECTORY:
        return "not below a directory that came before it"
    return None


def _content(member: Member) -> Optional[str]:
    if member.kind == LINK:
        return None if inside(member.name, member.target) else f"a link that leads out: {_shown(member.target)}"
    if member.kind == FILE and (member.size < 0 or not _DIGEST.fullmatch(member.digest)):
        return "without size and hash"
    return None


def inside(name: str, target: str) -> bool:
    """Whether a link at `name` stays below the archive's first part, whatever other links there are.

    `..` may only stand at its beginning: where the link itself lies is a true directory, what comes later
    may be a link again.
    """
    parts = target.split("/")
    up = 0
    while up < len(parts) and parts[up] == "..":
        up += 1
    return bool(target) and not target.startswith("/") and ".." not in parts[up:] and up <= name.count("/") - 1


def _shown(text: str) -> str:
    """A name as it may be printed: control characters and broken encodings escaped."""
    return text if text.isprintable() else ascii(text)[1:-1]


def own(members: Tuple[Member, ...], layout: Layout) -> Tuple[str, ...]:
    """The admin's own files, for people: units other than accounts and pads that hold something."""
    found: Set[str] = set()
    for member in members:
        top, _, rest = member.name.partition("/")
        unit = unit_of(rest, layout) if top == CONFIG and member.kind != DIRECTORY else None
        if unit is not None and unit in layout.keep and unit != layout.pads:
            found.add(unit)
    return tuple(sorted(found))
