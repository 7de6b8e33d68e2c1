"""Trees of files: copied whole or not at all, by links where they can be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jitsictl.doors import files, trees
from jitsictl.types.failure import Failure

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: owners, and a file system that is full")


@pytest.fixture
def store(tmp_path):
    """A tree with what Prosody's store has: odd names, other bits, a link, an old time."""
    top = tmp_path / "store"
    (top / "meet%2ejitsi/accounts").mkdir(parents=True)
    record = top / "meet%2ejitsi/accounts/alien.dat"
    record.write_text("return {}")
    record.chmod(0o640)
    (top / "meet%2ejitsi").chmod(0o750)
    (top / "newest").symlink_to("meet%2ejitsi/accounts/alien.dat")
    os.utime(record, (1_000_000_000, 1_000_000_000))
    os.utime(top / "meet%2ejitsi", (1_000_000_000, 1_000_000_000))
    if os.geteuid() == 0:
        os.chown(record, 101, 102)
        os.chown(top / "meet%2ejitsi", 101, 102)
    return top


def listing(top: Path) -> list:
    found = []
    for path in sorted([top, *top.rglob("*")]):
        entry = path.lstat()
        time = entry.st_mtime if not path.is_symlink() else 0
        found.append((str(path.relative_to(top)), oct(entry.st_mode), entry.st_uid, entry.st_gid, time))
    return found


@pytest.mark.parametrize("links", [False, True])
def test_copy_tree_keeps_bits_times_owners_and_links(store, tmp_path, links):
    before = listing(store)
    trees.copy_tree(store, tmp_path / "snapshots/1", links=links)
    assert listing(tmp_path / "snapshots/1") == before
    assert listing(store) == before
    record = "meet%2ejitsi/accounts/alien.dat"
    assert (store / record).samefile(tmp_path / "snapshots/1" / record) is links


@root_only
def test_copy_tree_for_another_owner_leaves_the_original_alone(store, tmp_path):
    before = listing(store)
    trees.copy_tree(store, tmp_path / "copy", links=True, owner=(1000, 1000))
    assert listing(store) == before
    assert {entry[2:4] for entry in listing(tmp_path / "copy")} == {(1000, 1000)}


@root_only
def test_copy_tree_with_links_to_another_file_system_copies(store, small):
    trees.copy_tree(store, small / "copy", links=True)
    assert listing(small / "copy") == listing(store)


def test_copy_tree_refuses_what_is_there(store, tmp_path):
    (tmp_path / "copy").mkdir()
    with pytest.raises(Failure, match=r"expected nothing at .*/copy yet"):
        trees.copy_tree(store, tmp_path / "copy")


def test_a_snapshot_by_links_keeps_a_record_that_is_replaced(store, tmp_path):
    """Prosody replaces a record by rename; the hard link then still has the old text."""
    trees.copy_tree(store, tmp_path / "snapshot", links=True)
    record = "meet%2ejitsi/accounts/alien.dat"
    files.write(store / record, "changed", 0o640)
    assert (tmp_path / "snapshot" / record).read_text() == "return {}"
    assert not trees.same(store / record, tmp_path / "snapshot" / record)


def test_remove_tree_takes_trees_links_and_nothing(store, tmp_path):
    (tmp_path / "link").symlink_to(store)
    trees.remove_tree(tmp_path / "link")
    assert store.is_dir()
    trees.remove_tree(store)
    trees.remove_tree(store)
    assert list(tmp_path.iterdir()) == []


def test_hash_of_a_tree_knows_names_and_contents(tmp_path):
    hashes = set()
    for name, text in (("a", "1"), ("b", "1"), ("a", "2")):
        trees.remove_tree(tmp_path / "t")
        (tmp_path / "t").mkdir()
        (tmp_path / "t" / name).write_text(text)
        hashes.add(trees.hash_file(tmp_path / "t"))
    assert len(hashes) == 3
    (tmp_path / "f").write_text("abc")
    assert trees.hash_file(tmp_path / "f") == trees.hash_file(tmp_path / "f") != trees.hash_file(tmp_path / "t")


def test_tree_lists_files_below(store):
    assert trees.tree(store) == ["meet%2ejitsi/accounts/alien.dat", "newest"]
    assert trees.tree(store / "none") == []


def test_same_is_about_bytes(tmp_path):
    for name, text in (("a", "1"), ("b", "1"), ("c", "2"), ("d", "22")):
        (tmp_path / name).write_text(text)
    assert trees.same(tmp_path / "a", tmp_path / "b")
    assert not trees.same(tmp_path / "a", tmp_path / "c")
    assert not trees.same(tmp_path / "a", tmp_path / "d")
    assert not trees.same(tmp_path / "a", tmp_path / "none")
