"""What a backup holds, and that it is consistent, for root alone, and there whole or not at all."""

from __future__ import annotations

import lzma
import os
import sqlite3
import subprocess
import tarfile

import pytest

from jitsictl.backup import look, make
from jitsictl.doors import archive, files, pads
from jitsictl.plan import manifest
from jitsictl.types.failure import Exit, Failure
from unit.backup.conftest import PADS

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: owners, and a file system that is full")


def names(path) -> set:
    with tarfile.open(path) as tar:
        return {info.name for info in tar if not info.isdir()}


@root_only
def test_it_holds_what_nobody_makes_anew_and_nothing_else(world, tmp_path):
    held = make.make(world.paths, tmp_path / "b.tar.xz")
    found = names(tmp_path / "b.tar.xz")
    assert {name for name in found if not name.startswith("generation/")} == {
        "manifest.jsonl",
        "host/jitsi.conf",
        "host/secrets.conf",
        "host/compose.override.yaml",
        "config/prosody/config/data/meet%2ejitsi/accounts/alien.dat",
        "config/prosody/config/conf.d/mine.cfg.lua",
        "config/prosody/prosody-plugins-custom/mod_mine.lua",
        "config/etherpad/dirty.db",
        "config/web/custom-config.js",
        "config/web/nginx-custom/a b.conf",
        "config/web/keys/cert.key",
        "config/web/keys/old.key",
    }
    assert {"generation/compose.yaml", "generation/.env", "generation/env/web.env"} <= found
    assert (held.accounts, held.pads, held.release) == (1, 1, "stable-11031")
    assert held.left_out == ("transcripts and recordings, 2 files: --recordings takes them along",)
    assert "web/keys" in held.own and "prosody/config/conf.d" in held.own
    assert (tmp_path / "b.tar.xz").stat().st_mode & 0o777 == 0o600
    assert look.archive(tmp_path / "b.tar.xz") == held


@root_only
def test_any_tar_unpacks_it_and_the_manifest_is_first(world, tmp_path):
    make.make(world.paths, tmp_path / "b.tar.xz", recordings=True)
    listed = subprocess.run(
        ["tar", "-tJf", tmp_path / "b.tar.xz"], stdout=subprocess.PIPE, check=True, text=True
    ).stdout.splitlines()
    assert listed[0] == "manifest.jsonl"
    assert "config/jibri/recordings/r.mp4" in listed


@root_only
def test_recordings_are_stored_as_they_are(world, tmp_path):
    held = make.make(world.paths, tmp_path / "with", recordings=True)
    without = make.make(world.paths, tmp_path / "without")
    film = (world.root / "cfg/jibri/recordings/r.mp4").stat().st_size
    assert held.recordings and held.left_out == ()
    assert film < held.bytes - without.bytes < film + 20_000
    assert look.archive(tmp_path / "with").files == without.files + 2


@root_only
def test_nothing_of_it_stays_beside_the_store_and_the_site_is_as_it_was(world, tmp_path):
    before = world.picture()
    make.make(world.paths, tmp_path.parent / "b.tar.xz")
    ours = ("cfg/.snapshots", "var/lib/jitsi-meet/lock")
    assert {name: what for name, what in world.picture().items() if name not in ours} == before
    assert list((world.root / "cfg/.snapshots").iterdir()) == []


@root_only
def test_a_pad_that_is_being_written_is_cut_at_its_last_whole_line(world, tmp_path):
    db = world.root / "cfg/etherpad/dirty.db"
    db.write_text(PADS + '{"key":"pad:half","val":{"atext":{"te')
    assert make.make(world.paths, tmp_path / "b").pads == 1
    with tarfile.open(tmp_path / "b") as tar:
        assert tar.extractfile("config/etherpad/dirty.db").read().decode() == PADS


@pytest.mark.parametrize("text", ["", "no line feed at all", "a\n", "x" * 200_000 + "\n" + "y" * 200_000])
def test_cutting(tmp_path, text):
    (tmp_path / "from").mkdir()
    (tmp_path / "from/dirty.db").write_text(text)
    pads.copy(tmp_path / "from", tmp_path / "to")
    assert (tmp_path / "to/dirty.db").read_text() == text[: text.rfind("\n") + 1]


def test_pads_are_counted_by_what_was_last_said_of_them(tmp_path):
    db = tmp_path / "dirty.db"
    db.write_text(
        PADS + '{"key":"pad:gone","val":{}}\n{"key":"pad:gone"}\n{"key":"pad2author:x","val":1}\nbroken\n{"key":"pad:h'
    )
    assert pads.names(db) == {"minutes"}


def test_a_sqlite_database_is_copied_through_sqlite(tmp_path):
    (tmp_path / "from").mkdir()
    with sqlite3.connect(tmp_path / "from/dirty.db") as live:
        live.execute("pragma journal_mode=wal")
        live.execute("create table store (key text, value text)")
        live.execute("insert into store values ('pad:a', 'b')")
        live.commit()
        live.execute("insert into store values ('pad:c', 'not committed')")
        pads.copy(tmp_path / "from", tmp_path / "to")
    assert files.names(tmp_path / "to") == ["dirty.db"]
    assert sqlite3.connect(tmp_path / "to/dirty.db").execute("select key from store").fetchall() == [("pad:a",)]


@root_only
def test_owners_bits_and_links_that_a_restore_would_refuse_are_told(world, tmp_path):
    config = world.root / "cfg"
    os.chown(config / "web/custom-config.js", 12345, 1)
    (config / "web/custom-config.js").chmod(0o4755)
    (config / "web/keys/out.key").symlink_to("/etc/letsencrypt/live/key.pem")
    os.mkfifo(config / "web/keys/pipe")
    held = make.make(world.paths, tmp_path / "b")
    assert held.left_out[1:] == (
        "the owner 12345:1 of web/custom-config.js, who is no service",
        "the link web/keys/out.key to /etc/letsencrypt/live/key.pem, which leads out",
    )
    with tarfile.open(tmp_path / "b") as tar:
        info = tar.getmember("config/web/custom-config.js")
    assert (info.uid, info.gid, info.mode) == (0, 1, 0o755)
    assert look.archive(tmp_path / "b") == held


@root_only
def test_pads_in_a_database_server_are_named_as_not_in_it(world, tmp_path):
    env = world.paths.current / "env/etherpad.env"
    env.write_text(env.read_text() + "DB_TYPE='postgres'\n")
    held = make.make(world.paths, tmp_path / "b")
    assert "the pads: they are in a postgres server, which has a backup of its own" in held.left_out


@root_only
def test_a_file_that_is_there_is_replaced_only_by_force_and_never_by_half(world, tmp_path):
    target = tmp_path / "b"
    target.write_text("an older one")
    with pytest.raises(Failure, match="expected no .*/b yet, found one.*--force"):
        make.make(world.paths, target)
    assert target.read_text() == "an older one"
    make.make(world.paths, target, force=True)
    assert look.archive(target).accounts == 1
    assert not (tmp_path / "b.part").exists()


@root_only
def test_a_full_disk_leaves_nothing_and_says_so(world, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], check=True)
    try:
        (world.root / "cfg/etherpad/dirty.db").write_bytes(os.urandom(300_000) + b"\n")
        with pytest.raises(Failure, match="No space left on device; make room on its file system"):
            make.make(world.paths, small / "b")
        assert list(small.iterdir()) == []
        assert list((world.root / "cfg/.snapshots").iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)


@root_only
def test_what_a_killed_backup_left_is_replaced_and_what_another_writes_is_not(world, tmp_path):
    (tmp_path / "b.part").write_text("half")
    make.make(world.paths, tmp_path / "b")
    with files.destination(tmp_path / "c", False), pytest.raises(Failure, match="found another backup at it"):
        make.make(world.paths, tmp_path / "c")


@root_only
def test_a_recording_that_changes_meanwhile_is_an_error_and_one_that_grows_is_none(world, tmp_path, monkeypatch):
    film = world.root / "cfg/jibri/recordings/r.mp4"
    described = archive.described

    def and_then(how):
        def look(name, source, stored=False):
            entry = described(name, source, stored)
            if source == film:
                how()
            return entry

        monkeypatch.setattr(archive, "described", look)

    and_then(lambda: film.write_bytes(film.read_bytes() + b"more"))
    make.make(world.paths, tmp_path / "b", recordings=True)
    look.archive(tmp_path / "b")
    and_then(lambda: film.write_bytes(b"z" + film.read_bytes()[1:]))
    with pytest.raises(Failure, match="r.mp4 to stay as it is"):
        make.make(world.paths, tmp_path / "c", recordings=True)
    and_then(lambda: os.truncate(film, 10))
    with pytest.raises(Failure, match="r.mp4 to stay as it is"):
        make.make(world.paths, tmp_path / "c", recordings=True)
    assert not (tmp_path / "c").exists() and not (tmp_path / "c.part").exists()


@root_only
def test_it_works_where_a_newer_package_applied_and_with_a_change_cut_off_while_accounts_are_in_place(world, tmp_path):
    path = world.paths.current / manifest.NAME
    path.write_text(path.read_text().replace('"format": 1', '"format": 99'))
    (world.paths.changes / "20260101-000000-1").mkdir(parents=True)
    assert make.make(world.paths, tmp_path / "b").accounts == 1
    (world.root / "cfg/prosody/config/data").rename(world.root / "moved")
    with pytest.raises(Failure, match="expected accounts in .*found none; since a change was cut off.*rc.jitsi start"):
        make.make(world.paths, tmp_path / "c")


@root_only
def test_a_config_that_is_not_mounted_is_no_site_without_accounts(world, tmp_path):
    (world.root / "cfg").rename(world.root / "away")
    with pytest.raises(Failure, match=f"expected accounts in .*; see that {world.root}/cfg is mounted"):
        make.make(world.paths, tmp_path / "b")
    assert not (tmp_path / "b").exists() and not (world.root / "cfg").exists()


def test_without_an_applied_site_there_is_nothing_to_back_up(world, tmp_path):
    world.paths.current.unlink()
    with pytest.raises(Failure, match="expected an applied site to back up, found none"):
        make.make(world.paths, tmp_path / "b")


def test_a_change_that_runs_keeps_it_away(world, tmp_path, monkeypatch):
    from jitsictl.doors import lock

    monkeypatch.setattr(make, "LOCK_SECONDS", 0.0)
    with lock.lock(world.paths.lock, exclusive=True, deadline=0, verb="upgrade"), pytest.raises(Failure) as failure:
        make.make(world.paths, tmp_path / "b")
    assert failure.value.exit == Exit.BUSY


@root_only
def test_standard_output(world, tmp_path, monkeypatch):
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr("sys.stdout", out)
        make.make(world.paths, None)
    assert look.archive(tmp_path / "out").accounts == 1
    assert lzma.decompress((tmp_path / "out").read_bytes()).startswith(b"manifest.jsonl")


@root_only
def test_snapshots_are_listed_with_time_size_and_what_they_hold(world):
    where = world.root / "cfg/.snapshots/20260102-030405-77"
    (where / "store").mkdir(parents=True)
    (where / "store/a.dat").write_text("x" * 1000)
    (where / "dirty.db").write_text("y" * 500)
    (found,) = look.snapshots(world.paths)
    assert tuple(found) == ("20260102-030405-77", "2026-01-02 03:04:05 UTC", 1500, ("accounts", "pads"))
    assert look.snapshots(world.paths, world.root / "cfg") == [found]
