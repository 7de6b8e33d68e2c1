"""Whole files: upstream's samples of all releases and the tutorial's .env, every line of them accounted for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import List, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jitsictl.change import intent
from jitsictl.setup.upstream import Brought, bring
from jitsictl.setup.write import typed, write
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Line
from unit.setup import examples

URL = typed("PUBLIC_URL", "https://meet.example.com")
EXAMPLES = examples.load()


def env(paths: Paths, lines: Sequence[str]) -> str:
    file = paths.root / "upstream.env"
    file.write_text("".join(f"{line}\n" for line in lines))
    return str(file)


def brought(paths: Paths, lines: Sequence[str], *answers: Line, drop: str = "") -> Brought:
    return bring(env(paths, lines), answers, frozenset(drop.split()), paths)


def names(lines: Sequence[str]) -> List[str]:
    return [line.partition("=")[0] for line in lines]


def wrong(found: Brought) -> List[str]:
    return [problem.what for problem in found.problems if not problem.warning]


@pytest.mark.skipif(not examples.SOURCE.is_dir(), reason="the facts themselves are not here, only their copy")
def test_the_copy_of_the_samples_is_true() -> None:
    assert examples.extract(examples.SOURCE) == EXAMPLES


@pytest.mark.parametrize("release", EXAMPLES)
def test_what_a_sample_sets_is_taken_over_and_passes_check(release: str, paths: Paths) -> None:
    lines = [line for line in EXAMPLES[release] if not line.startswith("#")]
    found = brought(paths, lines, URL)
    assert [fate.line.name for fate in found.fates] == names(lines)
    assert found.draft is not None, wrong(found)
    write(found.draft, paths, replacing=False)
    assert intent.read(paths).settings["PUBLIC_URL"] == URL.value


@pytest.mark.parametrize("release", EXAMPLES)
def test_all_that_a_sample_shows_is_accounted_for(release: str, paths: Paths) -> None:
    """With every line switched on, what contradicts itself is told at once, and passes check when it is left out."""
    lines = [line.lstrip("#") for line in EXAMPLES[release]]
    found = brought(paths, lines, URL)
    assert [fate.line.name for fate in found.fates] == names(lines)
    assert found.draft is None
    culprits = {problem.name for problem in found.problems if not problem.warning}
    assert culprits <= set(names(lines)), "each is the fault of a line"
    again = brought(paths, lines, URL, drop=" ".join(culprits))
    assert [fate.line.name for fate in again.fates] == names(lines)
    assert again.draft is not None, wrong(again)


def test_the_tutorials_env(paths: Paths) -> None:
    lines = examples.TUTORIAL.read_text().splitlines()
    found = brought(paths, lines)
    assert [fate.line.name for fate in found.fates] == names(lines)
    assert found.draft is not None and not found.problems
    write(found.draft, paths, replacing=False)
    settled = intent.read(paths).settings
    expected = {
        "PUBLIC_URL": "https://meet.darkstar.lan",
        "JVB_ADVERTISE_IPS": "10.10.10.10",
        "HTTP_PORT": "127.0.0.1:8440",
        "TZ": "Europe/Amsterdam",
        "CONFIG": "/usr/share/docker/data/jitsi-meet-cfg",
        "ENABLE_IPV6": "0",
        "AUTH_TYPE": "jwt",
        "JWT_APP_SECRET": "NmjPGpn+NjTe7oQUV9YqfaXiBULcsxYj",
        "TOKEN_AUTH_URL": "https://sso.meet.darkstar.lan/{room}",
        "ETHERPAD": "1",
        "ETHERPAD_PUBLIC_URL": "https://meet.darkstar.lan/pad/p/",
        "ETHERPAD_DEFAULT_PAD_TEXT": "Welcome to Slackware Web Chat!\n\n",
        "JIBRI_PENDING_TIMEOUT": "90 seconds",
    }
    assert {name: settled[name] for name in expected} == expected
    assert "NmjPGpn" not in paths.conf.read_text()
    assert "NmjPGpn" not in json.dumps(found.facts()) + "".join(map(str, found.fates))
    assert paths.secrets.stat().st_mode & 0o777 == 0o600


ANY = sorted({line.lstrip("#") for lines in EXAMPLES.values() for line in lines})
ODD = ["NO_SUCH_NAME=1", "ENABLE_LOBY=1", "JVB_PORT=none", "HTTP_PORT=", "# a comment", "", "TZ='UTC' # why", "A: 1"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.sampled_from([*ANY, *ODD]), max_size=40))
def test_as_many_reports_as_assignments_whatever_is_in_the_file(paths: Paths, lines: List[str]) -> None:
    found = brought(paths, lines)
    unread = [problem for problem in found.problems if "which the lines before do not set" in problem.what]
    assert len(found.fates) + len(unread) == sum(1 for line in lines if line and not line.startswith("#"))
    for fate in found.fates:
        assert re.fullmatch(r"\S+:\d+: \w+ (kept|translated: .+|to secrets\.conf|dropped: .+)", str(fate))
    assert (found.draft is None) == bool(wrong(found))


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(paths: Paths) -> None:
    lines = ["ENABLE_LOBY=1", "JVB_PORT=none", "TZ=Europe/Amsterdam", "LDAP_BINDPW=pa$word"]
    found = brought(paths, lines)
    failure = found.failure()
    assert found.draft is None and failure.exit == Exit.SETTINGS
    for start in (":1: ENABLE_LOBY ", ":2: JVB_PORT: ", ":4: LDAP_BINDPW: has $word", "PUBLIC_URL: is missing"):
        assert start in failure.what
    assert "--drop NAME" in failure.what
    assert sorted(path.name for path in (paths.root / "etc/jitsi-meet").iterdir()) == []
    found = brought(paths, lines, URL, typed("LDAP_BINDPW", "pa$word"), drop="ENABLE_LOBY JVB_PORT")
    assert found.draft is not None and len(found.fates) == 4
    assert found.draft.secrets == {"LDAP_BINDPW": "pa$word"}
    assert str(found.fates[3]).endswith(":4: LDAP_BINDPW dropped: another value was given")


def test_a_secret_that_is_there_already_is_never_replaced(paths: Paths) -> None:
    paths.secrets.write_text("# mine\nJVB_AUTH_PASSWORD=0123456789abcdef\nJICOFO_AUTH_PASSWORD=aaaa\n")
    same = ["JVB_AUTH_PASSWORD=0123456789abcdef", "JWT_APP_SECRET=fedcba9876543210"]
    found = brought(paths, [*same, "JICOFO_AUTH_PASSWORD=bbbb"], URL)
    assert found.draft is None
    assert "JICOFO_AUTH_PASSWORD: " in wrong(found)[0] and "secrets.conf:3 has another value" in wrong(found)[0]
    found = brought(paths, same, URL)
    assert found.draft is not None
    write(found.draft, paths, replacing=False)
    assert paths.secrets.read_text() == (
        "# mine\nJVB_AUTH_PASSWORD=0123456789abcdef\nJICOFO_AUTH_PASSWORD=aaaa\nJWT_APP_SECRET=fedcba9876543210\n"
    )


def test_defaults_that_are_ours_alone_are_told(paths: Paths) -> None:
    found = brought(paths, ["TZ=UTC"], URL)
    assert "ENABLE_AUTH is not in the file: it was 0 then, here it is 1" in found.notes
    assert not any("ENABLE_AUTH" in note for note in brought(paths, ["ENABLE_AUTH=0"], URL).notes)


def test_what_cannot_be_read_and_what_is_not_there(paths: Paths, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="found no such file"):
        bring(str(tmp_path / "none"), [], frozenset(), paths)
    with pytest.raises(Failure, match=r"sets NOT_THERE in .*, found none; correct --drop"):
        brought(paths, ["TZ=UTC"], URL, drop="NOT_THERE")
    bad = tmp_path / "bad"
    bad.write_bytes(b"TZ=UTC\nA=\xff\n")
    with pytest.raises(Failure, match=r"bad:2: expected UTF-8"):
        bring(str(bad), [], frozenset(), paths)
