"""Fixtures of all suites. The ones of the throw-away host need root; their tests carry `@pytest.mark.bed`."""
from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import Callable, Iterator

import bed
import pytest
from bed import images, keycloak, runs
from bed.base import CACHE, MEMORY, RUNS, SHARED, locked
from bed.site import NEW, OLD, Site
from package import build

HostFactory = Callable[..., bed.Host]

# A run that a shell started in the background has inherited SIGINT as ignored, and so would all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Temporary directories beside the hosts' disks, in memory where there is plenty: what is tested calls fsync often.
if "PYTEST_DEBUG_TEMPROOT" not in os.environ and RUNS.is_relative_to(MEMORY):
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


def pytest_configure(config: pytest.Config) -> None:
    """A folder of this run for its workers, which inherit the environment; it goes when the run ends."""
    if os.geteuid() == 0 and not hasattr(config, "workerinput"):
        os.environ[SHARED] = str(runs.begin().folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The bed's tests first: a file of minutes that begins last keeps one worker busy and the others idle."""
    items.sort(key=lambda item: item.get_closest_marker("bed") is None)


@pytest.fixture(scope="session")
def lan() -> Iterator[bed.Lan]:
    """A LAN whose registry holds all images, as docker.io and as ghcr.io."""
    with bed.Lan(images.ensure(CACHE)) as made:
        yield made


@pytest.fixture(scope="module")
def real_keycloak(lan: bed.Lan) -> Iterator[keycloak.Keycloak]:
    """One from Maven Central that starts in the background: tests are skipped where there is none, but not by CI."""
    reason = keycloak.missing()
    if reason:
        (pytest.fail if "JITSI_CI" in os.environ else pytest.skip)(reason)
    with keycloak.on(lan) as started:
        yield started


@pytest.fixture(scope="session")
def txz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built by its SlackBuild from this repository."""
    return build.from_repository(tmp_path_factory.mktemp("package"))


def _prepared(lan: bed.Lan, txz: Path, release: str) -> bed.Kept:
    """The disk of `_made`, which the first worker that wants it makes for all."""
    folder = Path(os.environ[SHARED], release)
    with locked(folder.with_suffix(".lock")):
        if not folder.exists():
            _made(lan, txz, release).keep(folder)
    return bed.Kept.of(lan, folder)


def _made(lan: bed.Lan, txz: Path, release: str) -> bed.Host:
    """A switched-off host on which a site of this release was started and shut down as rc.local_shutdown does."""
    host = bed.Host(lan, name="darkstar").up()
    site = Site(host)
    site.install(txz)
    site.setup("--no-etherpad", release=release)  # a copy of its image for every test takes seconds
    host.dockerd_start()
    site.rc("start")
    site.useradd("alien", "WelcomeBOB!")
    return site.switch_off()


@pytest.fixture(scope="session")
def prepared_new(lan: bed.Lan, txz: Path) -> bed.Kept:
    return _prepared(lan, txz, NEW)


@pytest.fixture(scope="session")
def prepared_old(lan: bed.Lan, txz: Path) -> bed.Kept:
    return _prepared(lan, txz, OLD)


@pytest.fixture
def host(lan: bed.Lan) -> Iterator[HostFactory]:
    """`host(root="slackware15", name=None)` gives a booted host on `lan`, gone after the test.

    `host.fork` of such a host is gone after the test, too.
    """
    before = set(lan.hosts)

    def make(root: str = "slackware15", name: str | None = None) -> bed.Host:
        return bed.Host(lan, root, name).up()

    yield make
    with contextlib.ExitStack() as stack:
        for left in [each for each in lan.hosts if each not in before]:
            stack.callback(left.down)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where the time went: files, in seconds of their tests (two or three run at a time)."""
    spent: dict[str, float] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                file = report.nodeid.partition("::")[0]
                name = "tests/unit" if file.startswith("tests/unit/") else file
                spent[name] = spent.get(name, 0.0) + report.duration
    if sum(spent.values()) > 60:
        terminalreporter.section("seconds by file")
        for name, seconds in sorted(spent.items(), key=lambda item: -item[1]):
            terminalreporter.write_line(f"{seconds:7.1f} s  {name}")
