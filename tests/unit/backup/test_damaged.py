"""Files that are no archive, or no longer a whole one, or another package's: each is refused."""

from __future__ import annotations

import dataclasses
import lzma
import re
from pathlib import Path

import pytest

from jitsictl.doors import archive, untar
from jitsictl.plan import archive as manifests
from jitsictl.types.backup import FILE, Manifest
from unit.backup.archives import GOOD, HELD, a_directory, a_file, built, refusal

TEXTS = {
    "empty": ("", "manifest"),
    "no JSON": ("hello\n", "found it damaged"),
    "a list": ("[]\n", "cannot be read"),
    "deep": ("[" * 100_000 + "\n", "found it damaged"),
    "a newer format": ('{"format": 2, "package": "p-2"}\n', "found format 2; a newer package wrote it (p-2)"),
    "a member that is none": (manifests.dump(Manifest(HELD, "/c", ())) + '["x"]\n', "cannot be read"),
    "a size in words": (
        manifests.dump(Manifest(HELD, "/c", ())) + '["config/web/keys", "file", 0, 0, 0, "1", 0, "", ""]\n',
        "a member is none",
    ),
    "binary": ("\x00\xff\n", "found it damaged"),
}


@pytest.mark.parametrize("text, said", TEXTS.values(), ids=TEXTS)
def test_a_manifest_that_is_none(tmp_path, text, said):
    assert said in refusal(built(tmp_path / "a", GOOD, text=text))


def test_files_that_are_no_archives(tmp_path):
    path = tmp_path / "a"
    for content in (b"", b"hello", lzma.compress(b""), lzma.compress(b"hello" * 1000), lzma.compress(bytes(20480))):
        path.write_bytes(content)
        assert re.search("found it (damaged|cut short)", refusal(path))


def test_a_release_that_this_package_does_not_run(tmp_path):
    path = built(tmp_path / "a", GOOD, held=dataclasses.replace(HELD, release="stable-9999", package="old-1"))
    what = refusal(path)
    assert "found stable-9999" in what and "restore it with the package that wrote it (old-1)" in what


def test_an_archive_cut_at_every_block_is_refused(tmp_path):
    """A real one, with a stored stream, cut after every 512 bytes and around both ends."""
    text = manifests.dump(Manifest(HELD, "/c", tuple(member for member, _ in GOOD)))
    film = b"a film " * 3000
    entries = [
        archive.Entry(member, content if member.kind == FILE else Path("/nowhere")) for member, (_, content) in GOOD
    ]
    entries.append(archive.Entry(a_directory("config/storage/jibri")[0], Path("/nowhere"), True))
    entries.append(archive.Entry(a_file("config/storage/jibri/f", film)[0], film, True))
    text = manifests.dump(Manifest(HELD, "/c", tuple(entry.member for entry in entries)))
    with (tmp_path / "a").open("wb") as file:
        archive.write(file, text, entries)
    untar.check(tmp_path / "a")
    whole = (tmp_path / "a").read_bytes()
    assert len(whole) > len(film)
    for end in {*range(0, len(whole), 512), *range(1, 40), *range(len(whole) - 40, len(whole))}:
        (tmp_path / "b").write_bytes(whole[:end])
        refusal(tmp_path / "b")


def test_every_flipped_byte_is_found(tmp_path):
    path = built(tmp_path / "a", GOOD)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        broken = bytearray(whole)
        broken[at] ^= 0x10
        path.write_bytes(bytes(broken))
        refusal(path)
