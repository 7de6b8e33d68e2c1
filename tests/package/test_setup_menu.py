"""The entry in pkgtool's Setup menu: shown and run as pkgtool does it, and never run by itself."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pexpect
import pytest
from package import build
from package.slackware import REPOSITORY, Machine, members, run

SCRIPT = "var/lib/pkgtools/setup/setup.jitsi-meet"
SOURCE = REPOSITORY / "src/pkgtool/setup.jitsi-meet"
# Menu text of all entries: pkgtool puts what this prints into a shell script, so its quotes are the BLURB's own.
BLURB = "grep '#BLURB' {} | cut -b8-"
# How pkgtool runs an entry; the installer uses `sh` in place of the dot.
PKGTOOL = "( COLOR=on ; cd {0}/ ; . {1} {0}/ /dev/sda1 )"


def on_a_terminal(command: str) -> pexpect.spawn:
    return pexpect.spawn("bash", ["-c", command], timeout=20, encoding="utf-8", echo=False)


def test_the_menu_shows_one_line_for_it(package: Path, machine: Machine) -> None:
    machine.install(package)
    blurb = run(["sh", "-c", BLURB.format(shlex.quote(str(machine.root / SCRIPT)))]).stdout
    assert re.fullmatch(r'"[^"`$\\]{10,60}"\n', blurb), blurb
    assert machine.mode(SCRIPT) == 0o755
    assert machine.has("var/log/setup/setup.jitsi-meet"), "where packages before 15.0 had it"


def test_installing_and_upgrading_do_not_run_it(package: Path, machine: Machine) -> None:
    said = machine.install(package).stdout + machine.upgrade(package, "--reinstall").stdout
    assert "To set up Jitsi Meet" not in said and "Press ENTER" not in said
    for member in members(package):
        if member.name.startswith("install/"):
            assert "setup." not in (REPOSITORY / member.name.split("/")[1]).read_text()


def test_removepkg_takes_it_away_and_leaves_the_menu(package: Path, machine: Machine) -> None:
    machine.install(package)
    machine.write("var/lib/pkgtools/setup/setup.services", '#BLURB="of another package"\n', 0o755)
    machine.remove(build.NAME)
    assert not machine.has(SCRIPT)
    assert machine.has("var/lib/pkgtools/setup/setup.services")
    assert machine.mode("var/lib/pkgtools/setup/tmp") == 0o700


def test_in_another_root_it_says_what_to_do_later_and_asks_nothing(package: Path, machine: Machine) -> None:
    machine.install(package)
    menu = PKGTOOL.format(machine.root, machine.root / SCRIPT)
    installer = f"( cd {machine.root} ; sh var/log/setup/setup.jitsi-meet {machine.root} /dev/sda1 )"
    for command in (menu, installer):
        with on_a_terminal(command) as terminal:
            terminal.expect(pexpect.EOF)
            assert "when this system has been started: jitsictl setup" in terminal.before


@pytest.mark.parametrize("root", ["/", "//", ""])
def test_on_a_running_system_it_asks_and_waits_before_the_menu_returns(root: str, tmp_path: Path) -> None:
    """With another jitsictl, which says how it was called and fails."""
    script, fake = tmp_path / "setup.jitsi-meet", tmp_path / "jitsictl"
    fake.write_text('#!/bin/sh\nif [ -t 0 ]; then echo "called: $*"; fi\nexit 5\n')
    fake.chmod(0o755)
    script.write_text(SOURCE.read_text().replace("/usr/sbin/jitsictl", str(fake)))
    with on_a_terminal(f"( cd / ; . {script} {root} ) ; echo the menu") as terminal:
        terminal.expect_exact("called: setup")
        terminal.expect_exact("Press ENTER to go on. ")
        terminal.sendline("")
        terminal.expect_exact("the menu")


def test_without_a_terminal_it_names_the_command_and_ends() -> None:
    done = run(["sh", str(SOURCE), "/"])
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert "on a terminal: jitsictl setup" in done.stdout
