"""Real files: whole or not at all, with the bits and owners that were asked for."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

import pytest

from jitsictl.doors import files, host, trees
from jitsictl.types.failure import Failure
from jitsictl.types.site import Kept

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: owners, and a file system that is full")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def there(path: Path) -> list:
    """All names in a directory, those of unfinished files, too."""
    return sorted(entry.name for entry in path.iterdir())


def test_write_gives_text_and_bits_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        files.write(tmp_path / "f", "ä\n", 0o644)
    finally:
        os.umask(before)
    assert (tmp_path / "f").read_bytes() == "ä\n".encode() and mode(tmp_path / "f") == 0o644
    assert there(tmp_path) == ["f"]


@root_only
def test_write_gives_the_owner(tmp_path):
    files.write(tmp_path / "f", "", 0o600, (1000, 5001))
    assert files.kept(tmp_path / "f") == Kept(1000, 5001, 0o600, False)


def test_write_replaces_a_link_and_leaves_what_it_led_to(tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "f").symlink_to(tmp_path / "precious")
    files.write(tmp_path / "f", "new", 0o600)
    assert (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "f").is_symlink() and (tmp_path / "f").read_text() == "new"


def test_readers_see_the_old_or_the_new_text_never_part_of_it(tmp_path):
    """The old file's inode is untouched: whoever has it open reads the old text to its end."""
    path = tmp_path / "f"
    files.write(path, "old" * 1000, 0o600)
    with path.open() as reader:
        assert reader.read(3) == "old"
        files.write(path, "new" * 1000, 0o600)
        assert reader.read() == "old" * 999
    assert path.read_text() == "new" * 1000


@root_only
def test_a_full_disk_leaves_the_old_file_and_nothing_else(small):
    files.write(small / "f", "old", 0o600)
    with pytest.raises(Failure, match=r"expected to write .*/f, found: No space left on device; make room"):
        files.write(small / "f", "x" * 100_000, 0o600)
    assert (small / "f").read_text() == "old"
    assert there(small) == ["f"]


@root_only
def test_a_full_disk_leaves_no_half_copied_file_or_tree(small, tmp_path):
    (tmp_path / "tree/sub").mkdir(parents=True)
    (tmp_path / "tree/sub/big").write_bytes(b"x" * 100_000)
    with pytest.raises(Failure, match="No space left on device"):
        files.copy_file(tmp_path / "tree/sub/big", small / "big")
    with pytest.raises(Failure, match="No space left on device"):
        trees.copy_tree(tmp_path / "tree", small / "tree")
    assert there(small) == []


@root_only
def test_a_full_disk_when_adding_a_line_leaves_only_whole_ones(small):
    (small / "other").write_bytes(b"x" * 10_000)
    with pytest.raises(Failure, match=r"expected to add a line to .*, found: No space left on device"):
        for _ in range(100):
            files.append_line(small / "log", "x" * 1000)
    assert (small / "log").read_text().endswith("x\n")
    (small / "other").unlink()
    files.append_line(small / "log", "x" * 1000)
    assert {len(line) for line in (small / "log").read_text().splitlines()} == {1000}


def test_half_a_line_that_a_power_cut_left_is_ended_first(tmp_path):
    (tmp_path / "log").write_text("whole\nhal")
    files.append_line(tmp_path / "log", "next")
    assert (tmp_path / "log").read_text() == "whole\nhal\nnext\n"


def test_write_into_a_missing_directory_says_what_was_expected(tmp_path):
    with pytest.raises(Failure, match=r"expected to write .*/none/f, found: No such file or directory"):
        files.write(tmp_path / "none/f", "", 0o600)


def test_lines_are_added_and_a_new_file_is_private(tmp_path):
    files.append_line(tmp_path / "log", "one")
    files.append_line(tmp_path / "log", "two", sync=False)
    assert (tmp_path / "log").read_text() == "one\ntwo\n" and mode(tmp_path / "log") == 0o600


def test_lines_are_not_added_through_a_link(tmp_path):
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Failure, match="expected to add a line"):
        files.append_line(tmp_path / "log", "one")
    assert not (tmp_path / "elsewhere").exists()


def test_a_link_is_switched_by_one_rename(tmp_path):
    files.link(tmp_path / "current", "generations/1")
    files.link(tmp_path / "current", "generations/2")
    assert files.link_target(tmp_path / "current") == "generations/2"
    assert there(tmp_path) == ["current"]


def test_no_link_is_none(tmp_path):
    (tmp_path / "f").touch()
    assert files.link_target(tmp_path / "f") is None
    assert files.link_target(tmp_path / "none") is None


@root_only
def test_a_directory_gets_bits_and_owner_also_when_it_was_there(tmp_path):
    path = tmp_path / "a/b"
    files.directory(path, 0o700)
    files.directory(path, 0o750, (1000, 1000))
    assert files.kept(path) == Kept(1000, 1000, 0o750, True)
    assert mode(tmp_path / "a") == 0o755


def test_a_file_where_a_directory_should_be(tmp_path):
    (tmp_path / "f").touch()
    with pytest.raises(Failure, match=r"expected a directory at .*/f, found something else"):
        files.directory(tmp_path / "f", 0o755)


def test_copy_file_keeps_bits_and_times_and_says_whether_there_was_one(tmp_path):
    source = tmp_path / "source"
    source.write_text("text")
    source.chmod(0o640)
    os.utime(source, (1_000_000_000, 1_000_000_001))
    assert files.copy_file(source, tmp_path / "target")
    found = (tmp_path / "target").stat()
    assert (found.st_mtime, stat.S_IMODE(found.st_mode)) == (1_000_000_001, 0o640)
    assert not files.copy_file(tmp_path / "none", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_remove_empty_leaves_what_is_in_use(tmp_path):
    (tmp_path / "used").mkdir()
    (tmp_path / "used/f").touch()
    (tmp_path / "empty").mkdir()
    for name in ("used", "empty", "none"):
        files.remove_empty(tmp_path / name)
    assert there(tmp_path) == ["used"]


def test_rename_makes_the_parent(tmp_path):
    (tmp_path / "transcripts").mkdir()
    files.rename(tmp_path / "transcripts", tmp_path / "storage/transcripts")
    assert there(tmp_path) == ["storage"]


@root_only
def test_rename_across_file_systems_is_refused_and_loses_nothing(small, tmp_path):
    (tmp_path / "f").write_text("text")
    with pytest.raises(Failure, match="Invalid cross-device link"):
        files.rename(tmp_path / "f", small / "f")
    assert (tmp_path / "f").read_text() == "text"


def test_read_text_says_what_is_wrong(tmp_path):
    (tmp_path / "latin").write_bytes(b"one\ntwo\nf\xfcr\n")
    with pytest.raises(Failure, match=r"/latin:3: expected UTF-8"):
        files.read_text(tmp_path / "latin")
    with pytest.raises(Failure, match="expected a file at .*, found a directory"):
        files.read_text(tmp_path)
    assert files.read_text(tmp_path / "none") is None
    assert files.read_text(tmp_path / "latin/below") is None


def test_names_leaves_out_what_is_unfinished(tmp_path):
    for name in ("b", "a", ".jitsi-0123"):
        (tmp_path / name).touch()
    assert files.names(tmp_path) == ["a", "b"]
    assert files.names(tmp_path / "none") == [] == files.names(tmp_path / "a")


def test_kept_follows_links_and_knows_nothing(tmp_path):
    (tmp_path / "d").mkdir(mode=0o700)
    (tmp_path / "l").symlink_to("d")
    found = files.kept(tmp_path / "l")
    assert found is not None and found.directory and found.mode == 0o700
    assert files.kept(tmp_path / "none") is None


@root_only
def test_free_bytes_of_what_does_not_exist_yet(small):
    assert 0 < host.free_bytes(small / "a/b") <= 65536
    (small / "big").write_bytes(b"x" * 40_000)
    assert host.free_bytes(small / "a/b") < 30_000


def test_a_path_below_an_unmounted_file_system(tmp_path):
    fstab = tmp_path / "fstab"
    (tmp_path / "data").mkdir()
    lines = ["# /dev/sdx1 /data ext4 defaults 0 0", "/dev/sda1 / ext4 defaults 0 1", "/dev/sda2 swap swap defaults 0 0"]
    fstab.write_text("\n".join(lines))
    assert host.unmounted(tmp_path / "data/jitsi", fstab) is None
    fstab.write_text("\n".join([*lines, f"/dev/sdb1 {tmp_path}/data ext4 noauto 0 2"]))
    assert host.unmounted(tmp_path / "data/jitsi", fstab) is None
    fstab.write_text("\n".join([*lines, f"/dev/sdb1 {tmp_path}/data ext4 defaults 0 2"]))
    assert host.unmounted(tmp_path / "data/jitsi", fstab) == tmp_path / "data"
    assert host.unmounted(tmp_path / "database", fstab) is None
    assert host.unmounted(tmp_path / "data", tmp_path / "no-fstab") is None


@root_only
def test_a_path_below_a_mounted_file_system(small, tmp_path):
    (tmp_path / "fstab").write_text(f"none {small} tmpfs defaults 0 0\n")
    assert host.unmounted(small / "jitsi", tmp_path / "fstab") is None


@root_only
def test_readable_asks_for_this_user(tmp_path):
    (tmp_path / "secret").touch(0o600)
    tmp_path.chmod(0o755)
    child = os.fork()
    if child == 0:
        code = 2
        with contextlib.suppress(BaseException):
            os.setresuid(65534, 65534, 65534)
            code = 1 if files.readable(tmp_path / "secret") else 0
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert files.readable(tmp_path / "secret") and files.readable(tmp_path / "none")
