"""What Slackware's package tools were seen to do, one behaviour a test.

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
CONFIG = """config() {
  OLD="${1%.new}"
  if [ ! -e "$OLD" ]; then mv "$1" "$OLD"; elif cmp -s "$1" "$OLD"; then rm "$1"; fi
}
config etc/thing.conf.new
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


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


# --- upgradepkg


def test_new_files_come_then_the_old_go_then_doinst_runs(machine: Machine) -> None:
    old = {
        "old-only": "x",
        "install/douninst.sh": "ls new-only old-only > at-douninst 2>/dev/null\n",
        "install/doinst.sh": "echo old >> doinsts\n",
    }
    new = {"new-only": "x", "install/doinst.sh": "ls old-only > at-doinst 2>&1; echo new >> doinsts\n"}
    machine.install(machine.make(ONE, old))
    machine.upgrade(machine.make(TWO, new))
    assert machine.read("at-douninst") == "new-only\n"
    assert "old-only" in machine.read("at-doinst")
    assert "No such file" in machine.read("at-doinst")
    assert machine.read("doinsts") == "old\nnew\n"


def test_douninst_can_tell_an_upgrade_from_a_removal(machine: Machine) -> None:
    script = """for entry in var/lib/pkgtools/packages/thing-*; do
  case $entry in *-upgraded-*) ;; *) [ ! -e "$entry" ] || { echo upgrade >> seen; exit; } ;; esac
done
echo removal >> seen
"""
    machine.install(machine.make(ONE, {"a": "x", "install/douninst.sh": script}))
    machine.upgrade(machine.make(TWO, {"a": "x", "install/douninst.sh": script}))
    machine.remove("thing")
    assert machine.read("seen") == "upgrade\nremoval\n"


def test_always_run_install_script_runs_doinst_twice(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"a": "x"}))
    script = "# ALWAYS_RUN_INSTALL_SCRIPT\necho >> turns\n"
    machine.upgrade(machine.make(TWO, {"a": "x", "install/doinst.sh": script}))
    assert machine.read("turns") == "\n\n"


def test_an_upgrade_of_what_is_not_installed_is_refused(machine: Machine) -> None:
    machine.install(machine.make("other-1-noarch-1.txz", {"b": "x"}))
    package = machine.make(ONE, {"a": "x"})
    assert machine.try_upgrade(package).returncode == 1
    assert not machine.has("a")
    machine.upgrade(package, "--install-new")
    assert machine.has("a")


def test_packages_of_another_base_name_are_left_alone(machine: Machine) -> None:
    machine.install(machine.make("thing-more-1-noarch-1.txz", {"more": "x"}))
    machine.install(machine.make(ONE, {"a": "x"}))
    machine.upgrade(machine.make(TWO, {"b": "x"}))
    assert machine.has("more")
    assert not machine.has("a")


def test_an_upgrade_resets_mode_and_owner_of_listed_directories(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"var/lib/thing": None}))
    (machine.root / "var/lib/thing").chmod(0o700)
    os.chown(machine.root / "var/lib/thing", 1234, 1234)
    machine.upgrade(machine.make(TWO, {"var/lib/thing": None}))
    assert machine.mode("var/lib/thing") == 0o755
    assert (machine.root / "var/lib/thing").stat().st_uid == os.getuid()


def test_an_installed_config_is_not_replaced_even_if_never_edited(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"etc/thing.conf.new": "one", "install/doinst.sh": CONFIG}))
    machine.upgrade(machine.make(TWO, {"etc/thing.conf.new": "two", "install/doinst.sh": CONFIG}))
    assert machine.read("etc/thing.conf") == "one"
    assert machine.read("etc/thing.conf.new") == "two"


def test_a_plain_file_that_becomes_a_config_loses_its_edits(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"etc/thing.conf": "one"}))
    machine.write("etc/thing.conf", "edited")
    machine.upgrade(machine.make(TWO, {"etc/thing.conf.new": "two", "install/doinst.sh": CONFIG}))
    assert machine.read("etc/thing.conf") == "two"


def test_the_history_of_an_upgrade(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"a": "x", "install/doinst.sh": "true\n"}))
    machine.upgrade(machine.make(TWO, {"a": "x"}))
    for kind in ("packages", "scripts"):
        (kept,) = (machine.root / f"var/log/removed_{kind}").iterdir()
        assert re.fullmatch(r"thing-1-noarch-1-upgraded-\d{4}-\d\d-\d\d,\d\d:\d\d:\d\d", kept.name)


def test_the_same_package_again_needs_reinstall(machine: Machine) -> None:
    package = machine.make(ONE, {"a": "x"})
    machine.install(package)
    machine.write("a", "edited")
    machine.upgrade(package)
    assert machine.read("a") == "edited"
    machine.upgrade(package, "--reinstall")
    assert machine.read("a") == "x"


# --- removepkg


def test_files_that_another_package_has_stay(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"shared": "x", "mine": "x"}))
    machine.install(machine.make("other-1-noarch-1.txz", {"shared": "x"}))
    machine.remove("thing")
    assert machine.has("shared")
    assert not machine.has("mine")


def test_symlinks_go_by_the_lines_of_the_kept_script(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"usr/bin/thing": "x", "usr/bin/other": ("->", "thing")}))
    (machine.root / "usr/bin/admins").symlink_to("thing")
    machine.remove("thing")
    assert sorted(path.name for path in (machine.root / "usr/bin").iterdir()) == ["admins"]


def test_directories_go_only_when_they_are_empty(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"opt/full/a": "x", "opt/empty/a": "x"}))
    machine.write("opt/full/__pycache__/a.pyc", "generated")
    done = machine.remove("thing")
    assert machine.has("opt/full/__pycache__/a.pyc")
    assert not machine.has("opt/empty")
    assert re.search("opt/full.* contains new files", done.stdout)


def test_removing_what_is_not_installed_succeeds(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"a": "x"}))
    assert machine.remove("nothing").returncode == 0
    assert machine.has("a")


def test_config_and_generated_files_survive_and_new_ones_go(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"etc/thing.conf.new": "one", "install/doinst.sh": CONFIG}))
    machine.upgrade(machine.make(TWO, {"etc/thing.conf.new": "two", "install/doinst.sh": CONFIG}))
    machine.write("etc/generated", "x")
    machine.remove("thing-2-noarch-1")
    assert sorted(path.name for path in (machine.root / "etc").iterdir()) == ["generated", "thing.conf"]


def test_douninst_runs_after_the_files_went(machine: Machine) -> None:
    machine.install(machine.make(ONE, {"a": "x", "install/douninst.sh": "ls a > seen 2>&1\n"}))
    machine.remove("thing")
    assert "No such file" in machine.read("seen")
    assert machine.has("var/log/removed_uninstall_scripts/thing-1-noarch-1")


# --- explodepkg


def test_explodepkg_unpacks_here_and_runs_nothing(machine: Machine) -> None:
    package = machine.make(ONE, {"a": "x", "b": ("->", "a"), "install/doinst.sh": "touch ran\n"})
    done = run([tool("explodepkg"), str(package)], cwd=machine.root)
    assert done.returncode == 0
    assert sorted(path.name for path in machine.root.iterdir()) == ["a", "install"]
