"""Archives that no backup made, member by member, and what is said of them."""

from __future__ import annotations

import hashlib
import io
import lzma
import tarfile
from pathlib import Path
from typing import Callable, List, Optional, Tuple

import pytest

from jitsictl.doors import _tar, untar
from jitsictl.plan import archive as manifests
from jitsictl.types.backup import DIRECTORY, FILE, LINK, Held, Manifest, Member
from jitsictl.types.failure import Failure

HELD = Held(1, "p", "2026-01-01T00:00:00Z", "stable-11146-2", "https://m", 0, 0, False, (), ())
Part = Tuple[tarfile.TarInfo, bytes]


def a_file(name: str, content: bytes = b"x", **other: object) -> Tuple[Member, Part]:
    member = Member(name, FILE, 0o600, 0, 0, len(content), 0, hashlib.sha256(content).hexdigest())
    return a_part(member._replace(**other), content)


def a_directory(name: str, **other: object) -> Tuple[Member, Part]:
    return a_part(Member(name, DIRECTORY, 0o755, 0, 0)._replace(**other), b"")


def a_link(name: str, target: str) -> Tuple[Member, Part]:
    return a_part(Member(name, LINK, 0o777, 0, 0, target=target), b"")


def a_part(member: Member, content: bytes) -> Tuple[Member, Part]:
    info = tarfile.TarInfo(member.name)
    info.type = _tar.TYPES.get(member.kind, tarfile.REGTYPE)
    info.mode, info.uid, info.gid, info.mtime = member.mode, member.uid, member.gid, member.modified
    info.size, info.linkname = len(content), member.target
    return member, (info, content)


GOOD = [
    a_file("host/jitsi.conf", b"A=1\n"),
    a_file("host/secrets.conf"),
    a_file("generation/manifest.json", b"{}"),
    a_directory("config/web/nginx-custom"),
    a_file("config/web/nginx-custom/a.conf"),
    a_link("config/web/nginx-custom/b.conf", "a.conf"),
]


def built(
    path: Path,
    parts: List[Tuple[Member, Part]],
    *,
    members: Optional[List[Member]] = None,
    held: Held = HELD,
    edit: Callable[[List[Part]], List[Part]] = lambda parts: parts,
    text: Optional[str] = None,
    more: bytes = b"",
) -> Path:
    """An archive of `parts`; its manifest says `members`, by default the same."""
    listed = [member for member, _ in parts] if members is None else members
    said = manifests.dump(Manifest(held, "/c", tuple(listed))) if text is None else text
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        head = tarfile.TarInfo(manifests.NAME)
        head.size, head.mode = len(said.encode()), 0o600
        tar.addfile(head, io.BytesIO(said.encode()))
        for info, content in edit([part for _, part in parts]):
            tar.addfile(info, io.BytesIO(content))
    path.write_bytes(lzma.compress(raw.getvalue() + more, preset=1))
    return path


def refusal(path: Path) -> str:
    """What is said of it; nothing is unpacked either."""
    with pytest.raises(Failure) as failure:
        untar.check(path)
    target = path.with_name("target")
    with pytest.raises(Failure):
        untar.unpack(path, target, "0" * 64)
    assert not target.exists() or not list(target.iterdir())
    return failure.value.what
