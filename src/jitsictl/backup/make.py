"""jitsictl backup: a consistent copy of a running site in one file."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, FrozenSet, Iterator, List, Optional, Tuple

from jitsictl.backup.site import DATABASE_SERVERS, Site, site
from jitsictl.change import run
from jitsictl.doors import archive, files, host, lock, pads, trees
from jitsictl.doors.archive import Entry
from jitsictl.plan import archive as manifests
from jitsictl.plan.passwords import encoded, record
from jitsictl.types.backup import CONFIG, FILE, FORMAT, GENERATION, HOST, LINK, Held, Manifest
from jitsictl.types.change import VERIFY_ACCOUNT
from jitsictl.types.paths import Paths

LOCK_SECONDS = 10.0
Owners = Tuple[FrozenSet[int], FrozenSet[int]]  # user and group numbers


def make(paths: Paths, file: Optional[Path], recordings: bool = False, force: bool = False) -> Held:
    """Write a backup of the applied site; `file` None is standard output. Returns what is in it.

    It shares the lock with account verbs and keeps changes away, whose steps move accounts. Failure: nothing
    is applied, a change runs, `file` is there, the disk is full; then no file is left.
    """
    files.directory(paths.state, 0o700)
    with lock.lock(paths.lock, exclusive=False, deadline=LOCK_SECONDS, verb="backup"):
        found = site(paths)
        with run.signals(), _copies(found) as copies, _output(file, force) as out:
            entries, left_out = _entries(paths, found, copies, recordings)
            manifest = _manifest(paths, found, entries, left_out, recordings, copies)
            archive.write(out, manifests.dump(manifest), entries)
            out.flush()
            written = 0 if file is None else os.fstat(out.fileno()).st_size
    return replace(manifest.held, bytes=written)


@contextlib.contextmanager
def _copies(found: Site) -> Iterator[Path]:
    """The store and the pads as they were at one moment. The store's files are replaced, never written in place,
    except lists, which only grow: hard links are enough, on the store's own file system."""
    where = files.unfinished(found.config / ".snapshots")
    files.directory(where.parent, 0o700)
    try:
        files.directory(where, 0o700)
        store, shared = (found.config / unit for unit in (found.layout.store, found.layout.pads))
        if files.exists(store):
            trees.copy_tree(store, where / found.layout.store, links=True, durable=False)
        if files.exists(shared):
            pads.copy(shared, where / found.layout.pads)
        yield where
    finally:
        trees.remove_tree(where)


def _output(file: Optional[Path], force: bool) -> contextlib.AbstractContextManager[BinaryIO]:
    return contextlib.nullcontext(sys.stdout.buffer) if file is None else files.destination(file.absolute(), force)


def _entries(paths: Paths, found: Site, copies: Path, recordings: bool) -> Tuple[List[Entry], List[str]]:
    """Everything for the archive in its order, and what is left out in words."""
    entries, left_out, known = [], _not_in_it(found, recordings), manifests.owners(found.layout)
    for name in manifests.HOST_FILES:
        text = files.read_bytes(paths.override if name == paths.override.name else paths.conf.with_name(name))
        if text is not None:
            entries.append(archive.described(f"{HOST}/{name}", text))
    entries += [archive.described(f"{GENERATION}/{name}", text) for name, text in sorted(found.generation.items())]
    for unit in manifests.units(found.layout, recordings):
        copied = unit in (found.layout.store, found.layout.pads)
        source = copies / unit if copied else (found.config / unit).resolve()
        for entry in archive.scan(
            source,
            f"{CONFIG}/{unit}",
            [f"{CONFIG}/{path}" for path in found.layout.rendered],
            stored=unit in found.layout.recordings,
        ):
            _take(entry, known, entries, left_out)
    return entries, left_out


def _take(entry: Entry, known: Owners, entries: List[Entry], left_out: List[str]) -> None:
    """Add an entry as a restore will accept it."""
    member = entry.member
    if member.kind == LINK and not manifests.inside(member.name, member.target):
        left_out.append(f"the link {member.name.partition('/')[2]} to {member.target}, which leads out")
        return
    uids, gids = known
    uid, gid = (member.uid if member.uid in uids else 0), (member.gid if member.gid in gids else 0)
    if (uid, gid) != (member.uid, member.gid):
        left_out.append(f"the owner {member.uid}:{member.gid} of {member.name.partition('/')[2]}, who is no service")
    entries.append(entry._replace(member=member._replace(uid=uid, gid=gid, mode=member.mode & 0o777)))


def _not_in_it(found: Site, recordings: bool) -> List[str]:
    said = []
    if found.database in DATABASE_SERVERS:
        said.append(f"the pads: they are in a {found.database} server, which has a backup of its own")
    kept = sum(len(trees.tree((found.config / unit).resolve())) for unit in found.layout.recordings)
    if kept and not recordings:
        said.append(f"transcripts and recordings, {kept} files: --recordings takes them along")
    return said


def _manifest(
    paths: Paths, found: Site, entries: List[Entry], left_out: List[str], recordings: bool, copies: Path
) -> Manifest:
    members = tuple(entry.member for entry in entries)
    store = copies / found.layout.store
    accounts = f"{encoded(found.domain)}/accounts"
    records = [f"{accounts}/{name}" for name in files.names(store / accounts)]
    throwaway = record(VERIFY_ACCOUNT, found.domain)
    held = Held(
        format=FORMAT,
        package=host.package(paths.root),
        made=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        release=found.release,
        url=found.url,
        accounts=sum(name.endswith(".dat") and name != throwaway for name in records),
        pads=len(pads.names(copies / found.layout.pads / pads.DIRTY)),
        recordings=recordings,
        own=manifests.own(members, found.layout),
        left_out=tuple(left_out),
        files=sum(member.kind == FILE for member in members),
    )
    return Manifest(held, str(found.config), members)
