"""The conventions of SlackBuilds.org and Slackware that a linter or a reviewer there asks for."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Dict, List

import pytest
from package import build
from package.slackware import REPOSITORY, members

SCRIPT = REPOSITORY / "SlackBuild/docker-jitsi-meet.SlackBuild"
INFO_ORDER = [
    "PRGNAM",
    "VERSION",
    "HOMEPAGE",
    "DOWNLOAD",
    "MD5SUM",
    "DOWNLOAD_x86_64",
    "MD5SUM_x86_64",
    "REQUIRES",
    "MAINTAINER",
    "EMAIL",
]


def code(path: Path) -> List[str]:
    """The lines that are neither blank nor a comment."""
    lines = path.read_text().splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


@pytest.fixture(scope="session")
def info(flat: Path) -> Dict[str, str]:
    lines = (flat / "docker-jitsi-meet.info").read_text().splitlines()
    fields = [re.fullmatch(r'([A-Za-z0-9_]+)="(.*)"', line) for line in lines]
    assert all(fields)
    assert [field[1] for field in fields if field] == INFO_ORDER
    return {field[1]: field[2] for field in fields if field}


def test_the_flat_directory_holds_these_files_with_these_modes(flat: Path) -> None:
    assert {path.name: path.stat().st_mode & 0o777 for path in flat.iterdir()} == {
        "README": 0o644,
        "bundle.lock": 0o644,
        "docker-jitsi-meet.SlackBuild": 0o755,
        "docker-jitsi-meet.info": 0o644,
        "doinst.sh": 0o644,
        "douninst.sh": 0o644,
        "fetch-bundle.sh": 0o644,
        "slack-desc": 0o644,
    }
    for path in flat.iterdir():
        text = path.read_bytes()
        assert text.endswith(b"\n")
        assert b"\r" not in text


def test_the_info_agrees_with_the_script_and_the_tarball(info: Dict[str, str], flat: Path) -> None:
    assert (info["PRGNAM"], info["VERSION"]) == (build.NAME, build.VERSION)
    assert f"PRGNAM={info['PRGNAM']}\n" in SCRIPT.read_text()
    assert f"VERSION=${{VERSION:-{info['VERSION']}}}\n" in SCRIPT.read_text()
    assert info["DOWNLOAD"].endswith("/" + build.TARBALL)
    # SlackBuilds.org's own check is by MD5.
    assert info["MD5SUM"] == hashlib.md5((flat.parent / build.TARBALL).read_bytes()).hexdigest()
    assert re.fullmatch(r"[^@ ]+@[^@ ]+", info["EMAIL"])


def test_the_requirements_are_what_the_launcher_names(info: Dict[str, str]) -> None:
    text = (REPOSITORY / "src/sbin/launcher.py").read_text()
    named = set(re.findall(r'": "([a-z0-9-]+)",', text))
    # python3-pexpect requires python3-ptyprocess itself.
    assert set(info["REQUIRES"].split()) == named - {"python3-ptyprocess"} | {"docker-compose"}


def test_the_url_of_the_download_is_a_setting_of_dist(tmp_path: Path) -> None:
    url = f"https://files.example.net/a,b&c/{build.TARBALL}"
    text = (build.lay_out_flat(tmp_path, DOWNLOAD=url) / "docker-jitsi-meet.info").read_text()
    assert f'\nDOWNLOAD="{url}"\n' in text


def test_slack_desc() -> None:
    text = (REPOSITORY / "slack-desc").read_text()
    assert text.isascii()
    assert "\t" not in text
    lines = text.splitlines()
    assert [line[:1] for line in lines[:7]] == ["#"] * 6 + [""]
    ruler, description = lines[7], lines[8:]
    assert re.fullmatch(r" {17}\|-+handy-ruler-+\|", ruler)
    assert len(ruler) == len(build.NAME) + 72
    assert len(description) == 11
    assert description[0].startswith(f"{build.NAME}: {build.NAME} (")
    for line in description:
        assert line == f"{build.NAME}:" or re.fullmatch(rf"{build.NAME}: \S(.{{0,69}}\S)?", line)


def test_readme(flat: Path) -> None:
    text = (flat / "README").read_text()
    assert text.isascii()
    assert "\t" not in text
    assert max(map(len, text.splitlines())) <= 72


def test_the_script_keeps_the_form() -> None:
    lines = code(SCRIPT)
    assert SCRIPT.read_text().startswith("#!/bin/bash\n\n# Slackware build script for docker-jitsi-meet\n")
    assert lines[0] == "cd $(dirname $0) ; CWD=$(pwd)"
    assert [line for line in lines if "makepkg" in line] == [lines[-1]]
    assert lines[-1] == "/sbin/makepkg -l y -c n $OUTPUT/$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE"
    for needed in (
        "BUILD=${BUILD:-1}",
        "TAG=${TAG:-_SBo}",
        "ARCH=noarch",
        "TMP=${TMP:-/tmp/SBo}",
        "PKG=$TMP/package-$PRGNAM",
        "OUTPUT=${OUTPUT:-/tmp}",
        "cat $CWD/slack-desc > $PKG/install/slack-desc",
        "cat $CWD/doinst.sh > $PKG/install/doinst.sh",
        "cat $CWD/douninst.sh > $PKG/install/douninst.sh",
    ):
        assert needed in lines
    assert lines.index("set -e") < lines.index("rm -rf $PKG")
    assert max(map(len, SCRIPT.read_text().splitlines())) <= 80


def test_neither_build_nor_installation_uses_network_docker_or_input() -> None:
    for path in (SCRIPT, REPOSITORY / "doinst.sh", REPOSITORY / "douninst.sh"):
        words = set(re.findall(r"[\w-]+", "\n".join(code(path)).replace(build.NAME, "")))
        assert not words & {"curl", "wget", "pip", "git", "docker", "chroot", "rc.d/rc.docker"}
    for path in (REPOSITORY / "doinst.sh", REPOSITORY / "douninst.sh"):
        assert not re.search(r"(^|\s|=)/", "\n".join(code(path)).replace("/dev/null", "")), "an absolute path"
        assert not re.search(r"^\s*(read|cat)\s*($|[;|])", path.read_text(), re.M), "reads standard input"


def test_doinst_handles_every_new_file(package: Path) -> None:
    new = {member.name for member in members(package) if member.name.endswith(".new")}
    handled = re.findall(r"^(?:config|preserve_perms) (\S+)$", (REPOSITORY / "doinst.sh").read_text(), re.M)
    assert new == set(handled)


def test_the_defaults_file_shows_every_bound_of_rc_sh_and_no_other() -> None:
    shown = re.findall(r"^#([A-Z_]+=\d+)$", (REPOSITORY / "etc/default/jitsi-meet").read_text(), re.M)
    bounds = re.findall(r"^([A-Z_]+=\d+)$", (REPOSITORY / "src/rc/rc.sh").read_text(), re.M)
    assert bounds
    assert sorted(shown) == sorted(bounds)
