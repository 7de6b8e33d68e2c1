"""Archives that no backup made: each is refused before anything is touched, with what is wrong in it."""

from __future__ import annotations

import copy
import lzma
import re
import tarfile
from typing import Callable, Dict, List, Tuple

import pytest

from jitsictl import releases
from jitsictl.doors import untar
from jitsictl.plan import archive as manifests
from jitsictl.types.backup import Member
from jitsictl.types.failure import Failure
from unit.backup.archives import GOOD, Part, a_directory, a_file, a_link, a_part, built, refusal


def test_the_good_one_is_good(tmp_path):
    checked = untar.check(built(tmp_path / "a", GOOD), lambda name: name.startswith("host/"))
    assert checked.texts == {"host/jitsi.conf": b"A=1\n", "host/secrets.conf": b"x"}
    untar.unpack(tmp_path / "a", tmp_path / "target", checked.digest)
    assert (tmp_path / "target/config/web/nginx-custom/b.conf").read_text() == "x"


# What both the manifest and the archive say.
FOUL: Dict[str, Tuple[List[Tuple[Member, Part]], str]] = {
    "absolute": ([a_file("/etc/passwd")], "/etc/passwd: an absolute path"),
    "up": ([a_file("config/../../etc/passwd")], r"its path has \.\."),
    "up at the end": ([a_directory("config/web/nginx-custom/..")], r"its path has \.\."),
    "dot": ([a_file("config/web/./custom-config.js")], "no proper path"),
    "nothing between slashes": ([a_file("config/web//custom-config.js")], "no proper path"),
    "a name alone": ([a_file("config")], "no proper path"),
    "elsewhere": ([a_file("etc/passwd")], "not a place that a backup knows"),
    "elsewhere below CONFIG": ([a_file("config/web/config.js")], "not a place that a backup knows"),
    "a name that begins as one": ([a_file("config/web/nginx-custom2/x")], "not a place that a backup knows"),
    "another file of the admin": ([a_file("host/passwd")], "not a place that a backup knows"),
    "deep in a generation": ([a_file("generation/env/x/y")], "not a place that a backup knows"),
    "a directory in a generation": ([a_directory("generation/env")], "not a place that a backup knows"),
    "a link as jitsi.conf": ([a_link("host/compose.override.yaml", "jitsi.conf")], "not a place"),
    "no parent": ([a_file("config/web/keys/cert.key")], "not below a directory that came before it"),
    "a link as a parent": (
        [a_link("config/web/keys", "nginx-custom"), a_file("config/web/keys/x")],
        "keys/x: not below a directory that came before it",
    ),
    "a file as a parent": (
        [a_file("config/web/keys"), a_file("config/web/keys/x")],
        "keys/x: not below a directory that came before it",
    ),
    "a link out": ([a_link("config/web/nginx-custom/l", "../../../etc")], r"a link that leads out: \.\./\.\./\.\./etc"),
    "an absolute link": ([a_link("config/web/nginx-custom/l", "/etc")], "a link that leads out: /etc"),
    "a link through another": (
        [a_link("config/web/nginx-custom/l", "b.conf/../../../../etc")],
        "a link that leads out",
    ),
    "an empty link": ([a_link("config/web/nginx-custom/l", "")], "a link that leads out"),
    "setuid": ([a_file("config/web/nginx-custom/s", mode=0o4755)], "mode 4755: setuid, setgid or sticky"),
    "setgid": ([a_directory("config/web/keys", mode=0o2755)], "mode 2755: setuid, setgid or sticky"),
    "an owner": ([a_file("config/web/nginx-custom/s", uid=33)], "owner 33:0 is nobody's here"),
    "a group": ([a_file("config/web/nginx-custom/s", gid=33)], "owner 0:33 is nobody's here"),
    "twice": ([GOOD[4]], "config/web/nginx-custom/a.conf: there twice"),
    "no hash": ([a_file("config/web/nginx-custom/s", digest="")], "without size and hash"),
    "a kind": ([a_part(Member("config/web/nginx-custom/s", "socket", 0, 0, 0), b"")], "but 'socket'"),
    "control characters": ([a_file("config/web/\x1b[2Jx")], r"config/web/\\x1b\[2Jx: not a place"),
}


@pytest.mark.parametrize("parts, said", FOUL.values(), ids=FOUL)
def test_what_no_backup_holds(tmp_path, parts, said):
    what = refusal(built(tmp_path / "a", [*GOOD, *parts]))
    assert what.startswith("this is no backup that jitsictl made; nothing was unpacked:\n")
    assert re.search(said, what), what


def test_all_that_is_wrong_comes_at_once_but_not_a_book(tmp_path):
    what = refusal(built(tmp_path / "a", [*GOOD, *[a_file(f"/{number}") for number in range(9)]]))
    assert len(what.splitlines()) == 7 and what.endswith("and 4 more")


def test_settings_that_would_fill_the_memory_are_refused(tmp_path):
    huge = a_file("generation/big")[0]._replace(size=30 * 10**9)
    path = built(tmp_path / "a", GOOD, members=[*(member for member, _ in GOOD), huge])
    assert "host and generation: 28610 MB, more than settings take" in refusal(path)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_an_archive_without_settings_or_generation(tmp_path, missing):
    assert f"{GOOD[missing][0].name}: missing" in refusal(built(tmp_path / "a", GOOD[:missing] + GOOD[missing + 1 :]))


def changed(index: int, **to: object) -> Callable[[List[Part]], List[Part]]:
    def edit(parts: List[Part]) -> List[Part]:
        info = copy.copy(parts[index][0])
        for name, value in to.items():
            setattr(info, name, value)
        return [*parts[:index], (info, parts[index][1]), *parts[index + 1 :]]

    return edit


# What the archive says otherwise than its manifest.
OTHERWISE = {
    "a hard link": (changed(5, type=tarfile.LNKTYPE), "b.conf as the manifest says, found a hard link"),
    "a character device": (changed(4, type=tarfile.CHRTYPE, size=0), "found a device"),
    "a block device": (changed(4, type=tarfile.BLKTYPE, size=0), "found a device"),
    "a fifo": (changed(4, type=tarfile.FIFOTYPE, size=0), "found a fifo"),
    "a link for a file": (changed(4, type=tarfile.SYMTYPE, size=0, linkname="/etc/passwd"), "else than a file"),
    "an old kind of file": (changed(4, type=tarfile.CONTTYPE), "else than a file"),
    "a mode": (changed(4, mode=0o4755), "mode '4755' instead of '600'"),
    "an owner": (changed(4, uid=7), "owner '7:0' instead of '0:0'"),
    "a time": (changed(4, mtime=7), "time 7 instead of 0"),
    "a link's target": (changed(5, linkname="../../../../etc"), "link '../../../../etc' instead of 'a.conf'"),
    "a name": (changed(4, name="/etc/passwd"), "a.conf as the manifest says, found '/etc/passwd'"),
    "content": (lambda parts: [*parts[:4], (parts[4][0], b"y"), parts[5]], "a.conf with the hash of its manifest"),
    "one more": (lambda parts: [*parts, a_file("/etc/passwd")[1]], "found more than its manifest says"),
    "one twice": (lambda parts: [*parts, parts[4]], "found more than its manifest says"),
    "one less": (lambda parts: parts[:5], "expected config/web/nginx-custom/b.conf, found the archive cut short"),
    "another order": (lambda parts: [*parts[:4], parts[5], parts[4]], "a.conf as the manifest says, found"),
}


@pytest.mark.parametrize("edit, said", OTHERWISE.values(), ids=OTHERWISE)
def test_what_is_not_as_the_manifest_says(tmp_path, edit, said):
    assert said in refusal(built(tmp_path / "a", GOOD, edit=edit))


def test_a_bomb_is_refused_before_it_is_read(tmp_path):
    def edit(parts: List[Part]) -> List[Part]:
        info = tarfile.TarInfo(parts[4][0].name)
        info.size, info.mode = 200_000_000, 0o600
        return [*parts[:4], (info, bytes(info.size)), parts[5]]

    path = built(tmp_path / "a", GOOD, edit=edit)
    assert path.stat().st_size < 100_000
    assert "a.conf as the manifest says, found size 200000000 instead of 1" in refusal(path)
    assert "more than its manifest says" in refusal(built(tmp_path / "b", GOOD, more=bytes(200_000_000)))


def test_a_bomb_whose_manifest_says_so_finds_no_room(tmp_path):
    big = a_file("config/web/nginx-custom/big")
    path = built(tmp_path / "a", [*GOOD, (big[0]._replace(size=10**15), big[1])])
    with pytest.raises(Failure, match="expected 1000000000 MB free"):
        untar.check(path, room=10**12)
    assert "size 1 instead of 1000000000000000" in refusal(path)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_wants_much_memory_is_refused(tmp_path, kind):
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, 8_000_000_000
    (tmp_path / "a").write_bytes(lzma.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(40_000_000), preset=1))
    assert "found it damaged (a header of more than 33554432 bytes)" in refusal(tmp_path / "a")


def test_headers_without_end_are_refused(tmp_path):
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 0
    (tmp_path / "a").write_bytes(lzma.compress(info.tobuf(tarfile.GNU_FORMAT) * 50_000))
    assert "found it damaged" in refusal(tmp_path / "a")


def test_a_sparse_file_is_refused(tmp_path):
    def edit(parts: List[Part]) -> List[Part]:
        info = parts[4][0]
        info.pax_headers = {"GNU.sparse.size": "1", "GNU.sparse.major": "0", "GNU.sparse.map": "0,1"}
        return parts

    assert "else than a file" in refusal(
        built(tmp_path / "a", [*GOOD[:4], a_file(GOOD[4][0].name), GOOD[5]], edit=edit)
    )


def test_units_do_not_lie_in_one_another():
    for layout in {release.layout.name: release.layout for release in releases.known()}.values():
        found = manifests.units(layout, True)
        assert not [(a, b) for a in found for b in found if a != b and f"{b}/".startswith(f"{a}/")]
        assert layout.pads in layout.keep
