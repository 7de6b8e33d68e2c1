"""What upgradepkg and removepkg were seen to do on Slackware, one behaviour a test (see test_pkgtools.py)."""

from __future__ import annotations

import os
import re

from package.slackware import Machine

ONE, TWO = "thing-1-noarch-1.txz", "thing-2-noarch-1.txz"
CONFIG = """config() {
  OLD="${1%.new}"
  if [ ! -e "$OLD" ]; then mv "$1" "$OLD"; elif cmp -s "$1" "$OLD"; then rm "$1"; fi
}
config etc/thing.conf.new
"""


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
