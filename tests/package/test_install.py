"""Installation, upgrade over edited files, reinstallation and removal, into a root directory of their own.

What an admin, the helper or a container made is theirs: it must be there afterwards as it was.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Dict

import pytest
from package import build
from package.slackware import REPOSITORY, Machine, members, run

SITE = "usr/local/docker-jitsi-meet"
CACHE = "var/cache/jitsi-meet"
# Each configuration file, and where it stands in the sources.
SOURCES = {
    "etc/rc.d/rc.jitsi": "rc.d/rc.jitsi",
    "etc/jitsi-meet/jitsi.conf": "etc/jitsi-meet/jitsi.conf",
    "etc/default/jitsi-meet": "etc/default/jitsi-meet",
    "etc/logrotate.d/jitsi-meet": "etc/logrotate.d/jitsi-meet",
}
CONFIGS = tuple(SOURCES)


@pytest.fixture(scope="session")
def newer(flat: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next build: every configuration file differs, the helper has a module more."""
    work = tmp_path_factory.mktemp("newer")
    copy = build.with_sources(flat, work)
    added = dict.fromkeys(SOURCES.values(), "# of the next build\n")
    added.update({"src/jitsictl/added.py": "", "src/compose/added.yaml": "services: {}\n"})
    build.change_sources(copy, added)
    return build.build(copy / f"{build.NAME}.SlackBuild", work, BUILD="2")


def run_a_site(machine: Machine) -> Dict[str, str]:
    """Leave what an admin, the helper and containers leave on a host; return what is not the package's."""
    before = machine.files()
    generation = "var/lib/jitsi-meet/generations/1"
    for path in CONFIGS:
        machine.write(path, machine.read(path) + "# edited\n")
    (machine.root / "etc/rc.d/rc.jitsi").chmod(0o755)
    machine.write("etc/jitsi-meet/secrets.conf", "JWT_APP_SECRET=x\n", 0o600)
    machine.write(f"{generation}/compose.yaml", "services: {}\n", 0o600)
    machine.write(f"{generation}/.env", "A=1\n", 0o600)
    machine.write(f"{generation}/env/web.env", "B=1\n", 0o600)
    (machine.root / "var/lib/jitsi-meet").chmod(0o700)
    (machine.root / "var/lib/jitsi-meet/current").symlink_to("generations/1")
    for name in ("compose.yaml", ".env", "env"):
        (machine.root / SITE / name).symlink_to(f"/var/lib/jitsi-meet/current/{name}")
    machine.write(f"{SITE}/compose.override.yaml", "services: {}\n")
    machine.write("var/log/jitsi-meet/jitsi-meet.log", "{}\n", 0o600)
    pads = "usr/share/docker/data/jitsi-meet-cfg/etherpad"
    machine.write(f"{pads}/dirty.db", "a pad\n")
    os.chown(machine.root / pads, 5001, 0)
    machine.write(f"{CACHE}/usr/libexec/docker-jitsi-meet/python/jitsictl/__init__.cpython-39.pyc", "x")
    after = machine.files()
    return {path: kept for path, kept in after.items() if before.get(path) != kept and CACHE not in path}


def assert_unharmed(machine: Machine, site: Dict[str, str]) -> None:
    found = machine.files()
    assert {path: found.get(path) for path in site} == site
    assert machine.mode("etc/rc.d/rc.jitsi") == 0o755
    assert machine.mode("var/lib/jitsi-meet") == 0o700
    assert (machine.root / "usr/share/docker/data/jitsi-meet-cfg/etherpad").stat().st_uid == 5001


def test_an_installation_puts_nothing_but_its_list(package: Path, machine: Machine) -> None:
    machine.install(package)
    listed = {member.name for member in members(package) if member.isfile() and member.name[:8] != "install/"}
    expected = {path[:-4] if path.endswith(".new") else path for path in listed}
    links = {path for path, kept in machine.files().items() if kept.startswith("-> ")}
    assert set(machine.files()) - links == expected
    assert links == {
        f"{directory}/{name}"
        for directory in ("usr/sbin", "usr/share/bash-completion/completions")
        for name in ("jitsi-useradd", "jitsi-userdel", "jitsi-passwd")
    }
    assert {machine.files()[link] for link in links} == {"-> jitsictl"}


def test_a_fresh_installation_is_off_and_keeps_its_settings_from_others(package: Path, machine: Machine) -> None:
    machine.install(package)
    assert machine.mode("etc/rc.d/rc.jitsi") == 0o644
    assert machine.mode("etc/jitsi-meet/jitsi.conf") == 0o600


def test_doinst_runs_again_without_harm(package: Path, machine: Machine) -> None:
    machine.install(package)
    site = run_a_site(machine)
    again = run(["sh", str(REPOSITORY / "doinst.sh")], cwd=machine.root)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert_unharmed(machine, site)


def test_an_upgrade_over_a_running_site(package: Path, newer: Path, machine: Machine) -> None:
    machine.install(package)
    site = run_a_site(machine)
    machine.upgrade(newer)
    assert_unharmed(machine, site)
    for path in CONFIGS:
        assert machine.read(f"{path}.new").endswith("# of the next build\n")
    assert machine.mode("etc/rc.d/rc.jitsi.new") == 0o755
    assert machine.mode("etc/jitsi-meet/jitsi.conf.new") == 0o600
    assert machine.has("usr/libexec/docker-jitsi-meet/python/jitsictl/added.py")
    assert not machine.has(CACHE)


def test_going_back_to_the_older_package_takes_the_newer_files_away(package, newer, machine) -> None:
    machine.install(package)
    before = machine.files()
    machine.upgrade(newer)
    assert machine.has(f"{SITE}/compose/added.yaml")
    machine.upgrade(package)
    assert machine.files() == before


def test_a_reinstallation_restores_the_packages_files_only(package: Path, machine: Machine) -> None:
    machine.install(package)
    site = run_a_site(machine)
    piece = f"{SITE}/compose/web.yaml"
    shipped = machine.read(piece)
    machine.write(piece, "damaged")
    machine.upgrade(package, "--reinstall")
    assert machine.read(piece) == shipped
    assert_unharmed(machine, site)


def test_a_removal_leaves_what_is_not_the_packages(package: Path, machine: Machine) -> None:
    machine.install(package)
    site = run_a_site(machine)
    machine.remove(build.NAME)
    assert_unharmed(machine, site)
    assert machine.files() == site
    assert not machine.has("usr/libexec")
    assert not machine.has(CACHE)


def test_a_removal_of_an_unused_package_leaves_its_configuration_only(package, machine) -> None:
    machine.install(package)
    machine.remove(build.NAME)
    assert set(machine.files()) == set(CONFIGS)


def start(machine: Machine, *options: str) -> subprocess.CompletedProcess:
    launcher = machine.root / "usr/libexec/docker-jitsi-meet/launcher.py"
    return run([sys.executable, "-I", *options, str(launcher), "jitsictl", "--help"])


def test_the_installed_helper_leaves_its_byte_code_in_the_cache(package: Path, machine: Machine) -> None:
    machine.install(package)
    before = machine.files()
    done = start(machine, "-X", f"pycache_prefix={machine.root / CACHE}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: jitsictl ")
    assert {path: kept for path, kept in machine.files().items() if CACHE not in path} == before
    assert list((machine.root / CACHE).rglob("jitsictl/**/*.pyc"))


def test_the_installed_helper_finds_its_templates(package: Path, machine: Machine) -> None:
    machine.install(package)
    tree = machine.root / "usr/libexec/docker-jitsi-meet/python"
    ask = (
        "import sys; sys.path.insert(0, sys.argv[1]); from jitsictl.doors.host import templates; "
        "print(*sorted(path.name for path in templates().iterdir()))"
    )
    done = run([sys.executable, "-IB", "-c", ask, str(tree)])
    assert done.stdout.split() == sorted(path.name for path in (REPOSITORY / "src/templates").iterdir())


def test_the_installed_helper_without_its_modules_says_so_in_a_line(package, machine) -> None:
    machine.install(package)
    done = start(machine, "-B", "-S")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "install from SlackBuilds.org: click python3-docker python3-pexpect" in done.stderr


def test_the_same_package_may_stand_in_several_roots(package: Path, tmp_path: Path) -> None:
    first, second = Machine(tmp_path / "first"), Machine(tmp_path / "second")
    first.install(package)
    second.install(package)
    assert first.files() == second.files()
