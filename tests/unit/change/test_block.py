"""The step that writes our lines into one of the admin's files: owner and bits stay, as does a file that is right."""

from __future__ import annotations

import os

import pytest

from jitsictl.change.steps import HANDLERS
from jitsictl.plan.custom import BEGIN, END
from jitsictl.types.change import Block
from jitsictl.types.failure import Failure

DO = HANDLERS[Block].do


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: the file is another user's")
def test_owner_and_bits_stay(tmp_path):
    file = tmp_path / "custom-config.js"
    file.write_text("a")
    file.chmod(0o640)
    os.chown(file, 1000, 100)
    DO(Block(str(file), "b;\n"), None)
    found = file.stat()
    assert file.read_text() == f"a\n{BEGIN}\nb;\n{END}\n"
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1000, 100, 0o640)


def test_a_new_file_can_be_read_by_the_container_and_goes_with_our_lines(tmp_path):
    file = tmp_path / "custom-config.js"
    for _ in range(2):
        DO(Block(str(file), "b;\n"), None)
        assert file.stat().st_mode & 0o777 == 0o644
    for _ in range(2):
        DO(Block(str(file), ""), None)
        assert not file.exists()


@pytest.mark.parametrize("text", ["", "a", f"a\n{BEGIN}\nb;\n{END}\n"])
def test_a_file_that_is_right_is_not_written(tmp_path, text):
    file = tmp_path / "custom-config.js"
    file.write_text(text)
    inode = file.stat().st_ino
    DO(Block(str(file), "b;\n" if "b;" in text else ""), None)
    assert file.stat().st_ino == inode and file.read_text() == text


def test_lines_without_an_end_fail_with_their_place(tmp_path):
    file = tmp_path / "custom-config.js"
    file.write_text(f"a\n{BEGIN}\n")
    with pytest.raises(Failure, match=f"{file}:2: expected the line '{END}'"):
        DO(Block(str(file), ""), None)
