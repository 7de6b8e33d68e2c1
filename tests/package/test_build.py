"""The SlackBuild: what it makes, where, and that it makes the same each time."""

from __future__ import annotations

import gzip
import json
import shutil
import tarfile
from pathlib import Path
from typing import Dict, Set

import pytest
import yaml
from package import build
from package.slackware import REPOSITORY, WITH_PKGTOOLS, lay, members, run

SCRIPT = REPOSITORY / "SlackBuild/docker-jitsi-meet.SlackBuild"
LIBEXEC = "usr/libexec/docker-jitsi-meet"
DOC = "usr/doc/docker-jitsi-meet-11146_2"
COMMANDS = {"jitsictl", "jitsi-useradd", "jitsi-userdel", "jitsi-passwd"}

# Everything that is not simply copied from src/: path -> mode.
FIXED = {
    "etc/default/jitsi-meet.new": 0o644,
    "etc/jitsi-meet/jitsi.conf.new": 0o600,
    "etc/logrotate.d/jitsi-meet.new": 0o644,
    "etc/rc.d/rc.jitsi.new": 0o644,
    "install/doinst.sh": 0o644,
    "install/douninst.sh": 0o644,
    "install/slack-desc": 0o644,
    f"{DOC}/ARCHITECTURE.md": 0o644,
    f"{DOC}/LICENSE": 0o644,
    f"{DOC}/README.md": 0o644,
    f"{DOC}/docker-jitsi-meet.SlackBuild": 0o644,
    f"{DOC}/jitsi.conf.sample": 0o644,
    f"{LIBEXEC}/launcher.py": 0o644,
    f"{LIBEXEC}/rc.sh": 0o644,
    "usr/sbin/jitsictl": 0o755,
    "var/lib/pkgtools/setup/setup.jitsi-meet": 0o755,
    "usr/share/bash-completion/completions/jitsictl": 0o644,
}


def copied() -> Dict[str, int]:
    """What of src/ the package holds as it is, or compiled from YAML to JSON."""
    pieces = REPOSITORY.glob("src/compose/*.yaml")
    paths = [f"usr/local/docker-jitsi-meet/compose/{piece.name}" for piece in pieces]
    for source in (REPOSITORY / "src/jitsictl").rglob("*"):
        name = source.relative_to(REPOSITORY / "src")
        caches = any(part.startswith((".", "__pycache__")) for part in name.parts)
        if source.is_file() and not caches:
            paths.append(f"{LIBEXEC}/python/{name.with_suffix('.json') if name.suffix == '.yaml' else name}")
    for source in (REPOSITORY / "src/templates").rglob("*"):
        if source.is_file():
            paths.append(f"{LIBEXEC}/python/{source.relative_to(REPOSITORY / 'src')}")
    return dict.fromkeys(paths, 0o644)


def files(package: Path) -> Dict[str, int]:
    return {member.name: member.mode for member in members(package) if member.isfile()}


def content(package: Path, path: str) -> bytes:
    with tarfile.open(package) as archive:
        file = archive.extractfile(path)
        assert file is not None
        return file.read()


def manual_pages(package: Path) -> Set[str]:
    return {path for path in files(package) if path.startswith("usr/man/")}


def test_the_package_name_is_printed_and_nothing_is_made(tmp_path: Path) -> None:
    settings = {"PRINT_PACKAGE_NAME": "y", "TMP": str(tmp_path / "tmp"), "OUTPUT": str(tmp_path / "out")}
    done = run(["bash", str(SCRIPT)], env=build.environment(**settings))
    assert (done.returncode, done.stdout) == (0, f"{build.PACKAGE}.txz\n")
    assert list(tmp_path.iterdir()) == []


def test_the_package_has_the_printed_name(package: Path) -> None:
    assert package.name == f"{build.PACKAGE}.txz"


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"BUILD": "7", "TAG": "_mine"}, "docker-jitsi-meet-11146_2-noarch-7_mine.txz"),
        ({"PKGTYPE": "tgz"}, "docker-jitsi-meet-11146_2-noarch-1_SBo.tgz"),
    ],
)
def test_build_tag_and_type_come_from_the_environment(tmp_path: Path, settings: Dict[str, str], name: str) -> None:
    assert build.from_repository(tmp_path, **settings).name == name


def test_two_builds_are_equal_whatever_surrounds_them(package: Path, tmp_path: Path) -> None:
    places = {"TMP": str(tmp_path / "other"), "OUTPUT": str(tmp_path / "out")}
    settings = build.environment(TZ="Pacific/Auckland", LC_ALL="C", **places)
    done = run([WITH_PKGTOOLS, "bash", str(SCRIPT)], env=settings, umask=0o077)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / package.name).read_bytes() == package.read_bytes()


def test_the_files_and_their_modes_are_exactly_these(package: Path) -> None:
    found = {path: mode for path, mode in files(package).items() if path not in manual_pages(package)}
    assert found == {**FIXED, **copied()}


def test_everything_belongs_to_root_and_directories_are_open_to_read(package: Path) -> None:
    assert {(member.uid, member.gid) for member in members(package)} == {(0, 0)}
    assert {member.mode for member in members(package) if member.isdir()} == {0o755}


def test_only_compose_pieces_are_in_usr_local(package: Path) -> None:
    local = [path for path in files(package) if path.startswith("usr/local/")]
    assert local
    assert all(Path(path).parent == Path("usr/local/docker-jitsi-meet/compose") for path in local)
    assert {Path(path).suffix for path in local} == {".yaml"}


def test_one_variable_moves_all_of_usr_local(tmp_path: Path) -> None:
    package = build.from_repository(tmp_path, SITEDIR="/srv/meet")
    assert "srv/meet/compose/web.yaml" in files(package)
    left = [path for path in files(package) if b"usr/local/docker-jitsi-meet" in content(package, path)]
    assert left == []


def test_every_command_has_a_manual_page_in_the_place_of_slackware(package: Path) -> None:
    pages = manual_pages(package)
    assert {f"usr/man/man8/{command}.8.gz" for command in COMMANDS} <= pages
    assert "usr/man/man5/jitsi.conf.5.gz" in pages
    for page in pages:
        assert files(package)[page] == 0o644
        assert gzip.decompress(content(package, page)).lstrip().startswith((b".TH", b'.\\"'))


def test_compiled_data_is_what_the_yaml_says(package: Path) -> None:
    sources = list((REPOSITORY / "src/jitsictl").rglob("*.yaml"))
    assert sources
    for source in sources:
        path = f"{LIBEXEC}/python/{source.relative_to(REPOSITORY / 'src').with_suffix('.json')}"
        assert json.loads(content(package, path)) == yaml.safe_load(source.read_text(encoding="utf-8"))


def test_the_package_is_small(package: Path) -> None:
    assert package.stat().st_size < 400 * 1024


def test_the_build_script_in_the_documentation_is_the_one_that_ran(package: Path) -> None:
    assert content(package, f"{DOC}/docker-jitsi-meet.SlackBuild") == SCRIPT.read_bytes()


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    for part in ("SlackBuild", "src", "etc"):
        shutil.copytree(REPOSITORY / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    done = build.try_build(tmp_path / "SlackBuild" / SCRIPT.name, tmp_path)
    assert done.returncode == 1
    assert f"README.md is missing in {tmp_path}" in done.stderr
    assert not list(tmp_path.glob("*.txz"))


def test_what_generates_the_parts_names_a_missing_function(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "SlackBuild", tmp_path / "SlackBuild")
    lay({"src/jitsictl/__init__.py": "", "src/jitsictl/settings/generate.py": ""}, tmp_path)
    generate = ["python3", str(tmp_path / "SlackBuild/generate.py"), str(tmp_path / "out")]
    done = run(generate, env=build.environment())
    assert done.returncode == 1
    assert "jitsictl.settings.generate has no function catalogue_json" in done.stderr
    assert "Traceback" not in done.stderr


# --- SlackBuilds.org's flat form


def test_the_flat_form_builds_the_same_package_without_python(package: Path, flat: Path, tmp_path: Path) -> None:
    refusing = tmp_path / "bin/python3"
    refusing.parent.mkdir()
    refusing.write_text("#!/bin/sh\nexit 99\n")
    refusing.chmod(0o755)
    path = f"{refusing.parent}:{build.environment()['PATH']}"
    (tmp_path / "work").mkdir()
    built = build.build(build.with_sources(flat, tmp_path) / SCRIPT.name, tmp_path / "work", PATH=path)
    assert built.read_bytes() == package.read_bytes()


def test_the_source_tarball_is_the_same_each_time(flat: Path, tmp_path: Path) -> None:
    again = build.lay_out_flat(tmp_path, umask=0o077)
    assert (tmp_path / build.TARBALL).read_bytes() == (flat.parent / build.TARBALL).read_bytes()
    assert (again / "docker-jitsi-meet.info").read_text() == (flat / "docker-jitsi-meet.info").read_text()


# --- BUNDLE=yes


def test_a_bundle_is_yes_or_no(tmp_path: Path) -> None:
    done = build.try_build(SCRIPT, tmp_path, BUNDLE="true")
    assert (done.returncode, done.stderr) == (1, "BUNDLE is yes or no, not true\n")
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_that_was_not_fetched_is_refused(flat: Path, tmp_path: Path) -> None:
    done = build.try_build(build.with_sources(flat, tmp_path) / SCRIPT.name, tmp_path, BUNDLE="yes")
    assert done.returncode != 0
    assert "click-8.1.8 is not what bundle.lock names; run fetch-bundle.sh first" in done.stdout
    assert not list(tmp_path.glob("*.txz"))


def test_a_bundle_with_another_file_is_refused(flat: Path, tmp_path: Path) -> None:
    copy = build.with_sources(flat, tmp_path)
    (copy / "bundle").mkdir()
    (copy / "bundle/click-8.1.8-py3-none-any.whl").write_bytes(b"something else")
    done = build.try_build(copy / SCRIPT.name, tmp_path, BUNDLE="yes")
    assert done.returncode != 0
    assert "click-8.1.8 is not what bundle.lock names" in done.stdout


def test_the_bundle_holds_the_modules_and_their_licences(flat: Path, tmp_path: Path) -> None:
    copy = build.with_sources(flat, tmp_path)
    fetched = run(["sh", str(copy / "fetch-bundle.sh")], env=build.environment())
    assert fetched.returncode == 0, fetched.stderr
    package = build.build(copy / SCRIPT.name, tmp_path, BUNDLE="yes")
    for module in ("click", "docker", "pexpect", "ptyprocess"):
        assert f"{LIBEXEC}/python/bundle/{module}/__init__.py" in files(package)
        assert len(content(package, f"{DOC}/bundle/LICENSE.{module}")) > 500
