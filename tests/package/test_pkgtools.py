"""What makepkg, installpkg and explodepkg were seen to do on Slackware, one behaviour a test.

The stand-ins of tests/bed/pkgtools must do the same; on Slackware the real tools are tested instead, which
shows whether this table is true. All of it was seen with Slackware's pkgtools 15.1.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
from pathlib import Path

import pytest
from package.slackware import Machine, lay, members, run, tool

ONE, TWO = "thing-1-noarch-1.txz", "thing-2-noarch-1.txz"


# --- makepkg


def test_first_member_is_the_directory_and_no_other_has_its_prefix(machine: Machine) -> None:
    package = machine.make(ONE, {"usr/bin/thing": "x", "etc/thing": "y"})
    names = [member.name for member in members(package)]
    assert names == [".", "etc", "etc/thing", "usr", "usr/bin", "usr/bin/thing"]


def test_symlinks_move_into_the_doinst_script(machine: Machine) -> None:
    package = machine.make(ONE, {"usr/bin/thing": "x", "usr/bin/other": ("->", "thing")})
    assert not [member for member in members(package) if member.issym()]
    machine.install(package)
    assert (machine.root / "usr/bin/other").readlink() == Path("thing")


@pytest.mark.parametrize(("options", "first"), [((), "own"), (("-p",), "link")])
def test_the_package_own_doinst_comes_before_the_links_unless_prepended(machine, options, first) -> None:
    script = "[ -L b ] && echo link > seen || echo own > seen\n"
    tree = {"a": "x", "b": ("->", "a"), "install/doinst.sh": script}
    machine.install(machine.make(ONE, tree, *options))
    assert machine.read("seen").strip() == first


def test_two_builds_of_equal_trees_are_equal_whatever_the_clock_says(machine: Machine) -> None:
    tree = {"b": "x", "a": "y", "c/d": "z", "l": ("->", "a")}
    first = machine.make(ONE, tree, SOURCE_DATE_EPOCH="1000000000").read_bytes()
    second = machine.make(TWO, tree, SOURCE_DATE_EPOCH="1000000000")
    assert second.read_bytes() == first
    assert {member.mtime for member in members(second)} == {1000000000}


@pytest.mark.parametrize(
    ("path", "warning"),
    [("usr/empty", "zero"), ("usr/share/man/man8/thing.8", "usr/share/man")],
)
def test_makepkg_warns(machine: Machine, path: str, warning: str) -> None:
    source = machine.shop / "source"
    lay({path: ""}, source)
    done = run([tool("makepkg"), "-l", "y", "-c", "n", str(machine.shop / ONE)], cwd=source)
    assert re.search(f"WARNING.*{warning}", done.stdout + done.stderr, re.S)


def test_makepkg_does_not_write_into_the_tree_it_packs(machine: Machine) -> None:
    source = machine.shop / "source"
    lay({"a": "x"}, source)
    run([tool("makepkg"), "-l", "y", "-c", "n", str(source / ONE)], cwd=source)
    assert not (source / ONE).exists()


# --- installpkg: unpacking


def test_existing_files_are_overwritten_with_the_packages_mode_and_owner(machine: Machine) -> None:
    machine.write("usr/bin/thing", "old", 0o600)
    os.chown(machine.root / "usr/bin/thing", 1234, 1234)
    machine.install(machine.make(ONE, {"usr/bin/thing": "new"}))
    assert machine.read("usr/bin/thing") == "new"
    assert machine.mode("usr/bin/thing") == 0o644
    assert (machine.root / "usr/bin/thing").stat().st_uid == os.getuid()


def test_a_symlinked_directory_is_kept(machine: Machine) -> None:
    (machine.root / "disk").mkdir()
    (machine.root / "opt").symlink_to("disk")
    machine.install(machine.make(ONE, {"opt/thing": "x"}))
    assert (machine.root / "opt").is_symlink()
    assert machine.read("disk/thing") == "x"


def test_a_symlink_in_the_place_of_a_file_is_replaced(machine: Machine) -> None:
    machine.write("elsewhere", "mine")
    (machine.root / "thing").symlink_to("elsewhere")
    machine.install(machine.make(ONE, {"thing": "x"}))
    assert not (machine.root / "thing").is_symlink()
    assert machine.read("elsewhere") == "mine"


# --- installpkg: doinst.sh


def doinst(machine: Machine, text: str, name: str = ONE) -> subprocess.CompletedProcess:
    return machine.install(machine.make(name, {"etc/thing": "x", "install/doinst.sh": text}))


def test_doinst_runs_in_the_root_and_outside_a_chroot(machine: Machine) -> None:
    doinst(machine, "pwd > where\n")
    assert machine.read("where").strip() == str(machine.root)


def test_doinst_is_read_by_bash_on_its_standard_input(machine: Machine) -> None:
    doinst(machine, 'echo "${BASH_VERSION:+bash} $0" > who\n')
    assert re.fullmatch(r"bash (\S*/)?bash\n", machine.read("who"))


def test_doinst_that_reads_standard_input_swallows_its_own_rest(machine: Machine) -> None:
    doinst(machine, "cat > swallowed\necho > reached\n")
    assert "reached" in machine.read("swallowed")
    assert not machine.has("reached")


def test_the_exit_status_of_doinst_means_nothing(machine: Machine) -> None:
    doinst(machine, "touch ran\nexit 3\n")
    assert machine.has("ran")
    assert machine.has("var/lib/pkgtools/packages/thing-1-noarch-1")


def test_a_cd_line_runs_without_its_subshell(machine: Machine) -> None:
    doinst(machine, '( cd etc ; SEEN=yes ; touch here )\necho "$SEEN" > seen\n')
    assert machine.has("etc/here")
    assert machine.read("seen") == "yes\n"


def test_a_cd_line_runs_in_the_root_when_its_directory_is_missing(machine: Machine) -> None:
    doinst(machine, "( cd no/such/place ; touch stray )\n")
    assert machine.has("stray")


# Says that it runs, then looks for a second whether another doinst.sh does so too. Nobody writes to `quiet`:
# it only gives `read` something to wait on.
LOOK = """echo runs > started
for turn in 1 2 3 4 5; do
  [ ! -e second-runs ] || { touch met; break; }
  read -r -t 0.2 <> quiet
done
"""


@pytest.mark.parametrize(("word", "met"), [("", False), ("# NOLOCK\n", True)])
def test_doinst_scripts_wait_for_each_other_unless_they_say_nolock(machine, word, met) -> None:
    for pipe in ("started", "quiet"):
        os.mkfifo(machine.root / pipe)
    started = os.open(machine.root / "started", os.O_RDONLY | os.O_NONBLOCK)
    first = machine.make(ONE, {"a": "x", "install/doinst.sh": word + LOOK})
    script = word + "touch second-runs\n"
    second = machine.make("other-1-noarch-1.txz", {"b": "x", "install/doinst.sh": script})
    command = [tool("installpkg"), "--root", str(machine.root), str(first)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        assert select.select([started], [], [], 20)[0], "the first doinst.sh did not start within 20 s"
        machine.install(second)
        assert running.wait(timeout=20) == 0
    os.close(started)
    assert machine.has("second-runs")
    assert machine.has("met") is met


# --- installpkg: the database


def test_the_database_entry(machine: Machine) -> None:
    tree = {
        "usr/bin/b": "x",
        "usr/bin/A": "x",
        "install/slack-desc": "# comment\nthing: thing (a thing)\nthing:\n",
        "install/douninst.sh": "true\n",
    }
    package = machine.make(ONE, tree)
    machine.install(package)
    lines = machine.entry("thing-1-noarch-1")
    assert lines[0].split() == ["PACKAGE", "NAME:", "thing-1-noarch-1"]
    assert [line.split(":")[0] for line in lines[1:4]] == [
        "COMPRESSED PACKAGE SIZE",
        "UNCOMPRESSED PACKAGE SIZE",
        "PACKAGE LOCATION",
    ]
    assert str(package) in lines[3]
    rest = lines[lines.index("PACKAGE DESCRIPTION:") :]
    assert rest == [
        "PACKAGE DESCRIPTION:",
        "thing: thing (a thing)",
        "thing:",
        "FILE LIST:",
        "./",
        "install/",
        "install/douninst.sh",
        "install/slack-desc",
        "usr/",
        "usr/bin/",
        "usr/bin/A",
        "usr/bin/b",
        "var/lib/pkgtools/douninst.sh/thing-1-noarch-1",
    ]


def test_scripts_are_kept_and_the_install_directory_goes(machine: Machine) -> None:
    tree = {"a": "x", "install/doinst.sh": "true one\n", "install/douninst.sh": "true two\n"}
    machine.install(machine.make(ONE, tree))
    assert "true one" in machine.read("var/lib/pkgtools/scripts/thing-1-noarch-1")
    assert "true two" in machine.read("var/lib/pkgtools/douninst.sh/thing-1-noarch-1")
    assert not machine.has("install")


def test_the_database_is_linked_from_var_log(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"a": "x"}))
    for kind in ("packages", "scripts", "setup"):
        assert (machine.root / "var/log" / kind).readlink() == Path(f"../lib/pkgtools/{kind}")
    assert machine.mode("var/lib/pkgtools/setup/tmp") == 0o700


# --- explodepkg


def test_explodepkg_unpacks_here_and_runs_nothing(machine: Machine) -> None:
    package = machine.make(ONE, {"a": "x", "b": ("->", "a"), "install/doinst.sh": "touch ran\n"})
    done = run([tool("explodepkg"), str(package)], cwd=machine.root)
    assert done.returncode == 0
    assert sorted(path.name for path in machine.root.iterdir()) == ["a", "install"]
