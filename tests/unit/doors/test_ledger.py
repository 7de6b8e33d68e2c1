"""A report that grows: for root alone, in one hand, never half written over."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from jitsictl.doors import spool
from jitsictl.doors.ledger import Ledger
from jitsictl.types.failure import Failure


@pytest.fixture
def path(tmp_path):
    return tmp_path / "report.csv"


def test_it_is_private_and_marked_in_place(path):
    ledger = Ledger(path)
    assert ledger.new and stat.S_IMODE(path.stat().st_mode) == 0o600
    ledger.append("first\n")
    where = ledger.append("pending\n")
    ledger.append("last\n")
    ledger.mark(where, "created\n")
    with ledger.reader() as file:
        assert file.read() == "first\ncreated\nlast\n"
    ledger.close()
    again = Ledger(path)
    assert not again.new
    again.append("more\n")
    again.close()
    assert path.read_text().endswith("last\nmore\n")


def test_two_at_once(path):
    ledger = Ledger(path)
    with pytest.raises(Failure, match="found another import at it"):
        Ledger(path)
    ledger.close()
    Ledger(path).close()


def test_no_link_is_followed_and_no_directory_written(path, tmp_path):
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Failure, match="symbolic link"):
        Ledger(path)
    assert not (tmp_path / "elsewhere").exists()
    with pytest.raises(Failure):
        Ledger(tmp_path)


def test_a_pipe_is_read_twice_without_a_disk(tmp_path, monkeypatch):
    out, into = os.pipe()
    os.write(into, b"one\r\ntwo\xff\n")
    os.close(into)
    saved = os.dup(0)
    os.dup2(out, 0)
    try:
        descriptor = spool.opened(None)
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        os.close(out)
    for _ in range(2):
        with spool.text(descriptor) as text:
            assert list(text) == ["one\r\n", "two\udcff\n"]
    assert "memfd" in str(Path(f"/proc/self/fd/{descriptor}").readlink())
    os.close(descriptor)
