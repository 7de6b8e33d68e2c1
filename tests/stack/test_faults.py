"""The helper is killed at any call of a door on a real site: the next start, without network, leaves nothing half done.

Here a few calls by chance and two that matter; `make faults-all` takes every call of an upgrade across the layouts.
tests/unit/change/test_faults.py cuts the power at every call of every verb, in process.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Iterator, List, NamedTuple, Tuple

import bed
import pytest
from bed.faults import CALLS, KILL, KILLED, Picture, Reused, calls, no_network, picture, struck
from bed.site import CONF, CONFIG, NEW, OLD, Site, installed

pytestmark = pytest.mark.bed

ALL = os.environ.get("FAULTS") == "all"
SEED = os.environ.get("FAULTS_SEED", "20261124")
PASSWORD = "WelcomeBOB!"
TEXT = "What was written before the fault.\n"
PEOPLE = 200
UPGRADE, RELOAD, ROLLBACK = ["upgrade", NEW, "--yes"], ["reseed"], ["rollback"]

SOME = 6  # calls by chance
# Where most could be lost: the store was copied and is set aside; it is in its new place, and no service on it yet.
HARD = ("files.rename .*/prosody/config/data$", "Compose.up prosody")
SHARES = 24  # tests among which the full grid is divided
TIMES = 20  # of the full grid besides: not at a call, but at a time

FLUSH = "iptables -t nat -F; iptables -t nat -X; iptables -F; iptables -X"
DOCKERD = "/var/run/dockerd.pid"


class Lab(NamedTuple):
    """A switched-off host with a site of the old release and Etherpad; the calls its verbs make; both states."""

    host: bed.Host
    upgrade: List[str]
    rollback: List[str]
    old: Picture
    new: Picture


def _lab(lan: bed.Lan, txz: Path, root: str) -> Lab:
    """There and back once, which counts the calls and fetches the images."""
    site = installed(bed.Host(lan, root, name="darkstar").up(), txz, release=OLD)
    site.rc("start")
    site.useradd("alien", PASSWORD)
    accounts = f"{CONFIG}/prosody/config/data/meet%2ejitsi/accounts"
    site.host.run(f"cd {accounts} && for n in $(seq {PEOPLE}); do cp -p alien.dat user$n.dat; done")
    site.pad("minutes", TEXT)
    old = picture(site)
    upgrade = calls(site, UPGRADE)
    new = picture(site)
    rollback = calls(site, ROLLBACK)
    assert picture(site) == old
    site.host.run(f"find {CONFIG}/storage -depth -type d -empty -delete")  # the first upgrade made these, so each shall
    return Lab(site.switch_off(), upgrade, rollback, old, new)


@pytest.fixture(scope="session")
def lab(lan: bed.Lan, txz: Path) -> Lab:
    return _lab(lan, txz, "slackware15")


@pytest.fixture(scope="session")
def newest(lan: bed.Lan, txz: Path) -> Lab:
    return _lab(lan, txz, "newest")


@pytest.fixture(scope="module")
def bench(lab: Lab) -> Iterator[Reused]:
    made = Reused(lab.host)
    yield made
    made.end()


def started(site: Site) -> str:
    """What `rc.jitsi start` says, without network."""
    with no_network(site):
        return site.rc("start").stdout


def whole(site: Site, states: Tuple[Picture, Picture], when: str) -> bool:
    """Assert that the site is in one of two states, all of it, and works; whether it is the second."""
    found = picture(site)
    for part in found:
        assert found[part] in [state[part] for state in states], f"{when}: {part}"
    assert found in states, f"{when}: a part of one state, a part of the other"
    assert site.login("alien", PASSWORD), when
    assert site.login(f"user{PEOPLE}", PASSWORD), when
    assert site.pad("minutes") == TEXT, when
    status = site.status()
    assert status["exit"] == 0 and "cut off" not in str(status["notes"]), (when, status)
    return found == states[1]


def touching(names: List[str]) -> int:
    """How many calls there are before services and data are touched."""
    return next(n for n, name in enumerate(names) if name.startswith("Compose."))


def places(names: List[str]) -> Tuple[List[str], List[str]]:
    """Where to strike, for each call: before services and data are touched, and from then on."""
    touched = touching(names)
    return [str(n) for n in range(touched)], [f"+{n}" for n in range(len(names) - touched)]


def past_its_end(site: Site, where: str) -> bool:
    """Whether the verb came to its end with fewer calls: what an undo left, such as an empty directory, it found."""
    names = site.host.read(CALLS).splitlines()
    return where.startswith("+") and len(names) - touching(names) <= int(where)


def by_chance(names: List[str], number: int, what: str) -> List[str]:
    """Half of them before anything is touched, half of them from then on, in order."""
    chance = random.Random(f"{SEED} {what}")
    early, late = places(names)
    first = sorted(chance.sample(range(len(early)), number // 2))
    then = sorted(chance.sample(range(len(late)), number - number // 2))
    return [*(early[n] for n in first), *(late[n] for n in then)]


def killed(site: Site, verb: List[str], where: str, states: Tuple[Picture, Picture]) -> bool:
    """Kill the helper there, start, and see that all is whole; whether in the new state."""
    when = f"{verb[0]} killed before {where} (seed {SEED})"
    print(when)
    done = struck(site, verb, where, KILL)
    ended = done.returncode == 0 and past_its_end(site, where)
    assert ended or done.returncode in KILLED, (when, done.stdout, done.stderr)
    started(site)
    return whole(site, states, when)


@pytest.mark.parametrize("share", range(SHARES if ALL else SOME))
def test_an_upgrade_killed_at_a_call(lab: Lab, bench: Reused, share: int) -> None:
    early, late = places(lab.upgrade)
    chosen = [*early, *late][share::SHARES] if ALL else [by_chance(lab.upgrade, SOME, "upgrade")[share]]
    for where in chosen:
        with bench.site() as site:
            killed(site, UPGRADE, where, (lab.old, lab.new))


@pytest.mark.parametrize("where", HARD)
def test_an_upgrade_killed_where_most_could_be_lost(lab: Lab, bench: Reused, where: str) -> None:
    with bench.site() as site:
        assert not killed(site, UPGRADE, where, (lab.old, lab.new))


@pytest.mark.skipif(not ALL, reason="part of the full grid: make faults-all")
@pytest.mark.parametrize("number", range(TIMES))
def test_an_upgrade_killed_at_a_time(lab: Lab, bench: Reused, number: int) -> None:
    seconds = random.Random(f"{SEED} {number}").uniform(0.3, 12)
    with bench.site() as site:
        site.host.run(["timeout", "-s", "KILL", f"{seconds:.2f}", "jitsictl", *UPGRADE], check=False, timeout=100)
        started(site)
        whole(site, (lab.old, lab.new), f"killed after {seconds:.2f} s (seed {SEED})")


def test_a_reload_killed_at_three_calls(lab: Lab, bench: Reused) -> None:
    with bench.site() as site:
        plain = site.host.read(CONF)
        edited = plain + "ENABLE_LOBBY=0\n"
        site.host.write(CONF, edited)
        old = picture(site)
        names = calls(site, RELOAD)
        new = picture(site)
        assert old != new
        for where in by_chance(names, 3, "reload"):
            site.host.write(CONF, plain)
            site.rc("reload")
            site.host.write(CONF, edited)
            killed(site, RELOAD, where, (old, new))


def test_a_rollback_killed_at_three_calls(lab: Lab, bench: Reused) -> None:
    with bench.site() as site:
        at_new = False
        for where in by_chance(lab.rollback, 3, "rollback"):
            if not at_new:
                site.rc("upgrade", NEW)
            at_new = not killed(site, ROLLBACK, where, (lab.new, lab.old))


@pytest.mark.parametrize("signal, where", [("INT", "trees.copy_tree"), ("TERM", "Compose.up web")])
def test_a_signal_undoes_the_upgrade_at_once(lab: Lab, bench: Reused, signal: str, where: str) -> None:
    with bench.site() as site:
        done = struck(site, UPGRADE, where, f"kill -{signal} $HELPER")
        assert done.returncode == 1 and f"interrupted by SIG{signal}" in done.stderr, done.stderr
        assert not whole(site, (lab.old, lab.new), signal)


def dockerd_killed(site: Site, lab: Lab) -> None:
    """In the middle of a recreation: the container that will replace the old one has a name of its own by then."""
    twins = "until docker ps -a --format '{{.Names}}' | grep -q _docker-jitsi-meet-jvb; do :; done"
    command = f'timeout 20 sh -c "{twins}"; kill -9 $(cat {DOCKERD})'
    done = struck(site, UPGRADE, "spawned .*compose.* up .* jvb jicofo$", command)
    assert done.returncode == 1, done.stdout
    assert "expected Docker to run, found that it does not answer; start it with: /etc/rc.d/rc.docker" in done.stderr
    assert "the next /etc/rc.d/rc.jitsi start goes on with it" in done.stderr
    site.host.dockerd_start()
    assert "the upgrade that was interrupted is undone" in started(site)
    assert not whole(site, (lab.old, lab.new), "dockerd killed")


def test_dockerd_killed_in_mid_upgrade(lab: Lab, bench: Reused) -> None:
    with bench.site() as site:
        dockerd_killed(site, lab)
        site.rc("upgrade", NEW)  # whatever the containers are called now
        assert whole(site, (lab.old, lab.new), "the upgrade after that")


def test_firewall_chains_flushed_in_mid_upgrade(lab: Lab, bench: Reused) -> None:
    with bench.site() as site:
        done = struck(site, UPGRADE, "Compose.up web", FLUSH)
        assert done.returncode == 1
        assert "expected Docker's firewall chains, found them gone" in done.stderr
        assert "not everything could be put back" in done.stderr
        site.host.run(["/etc/rc.d/rc.docker", "restart"])
        started(site)
        assert not whole(site, (lab.old, lab.new), "chains flushed")


def test_a_child_of_a_killed_helper_is_waited_for(lab: Lab, bench: Reused) -> None:
    """The lock is in its hands. It is held still, so that it is there for certain when the start comes."""
    children = "pgrep -f '[d]ocker.*compose.yaml.* up '"
    with bench.site() as site:
        done = struck(site, UPGRADE, "spawned .*compose.* up .* jvb jicofo$", f"kill -STOP $({children}); {KILL}")
        assert done.returncode in KILLED
        start = site.host.spawn(["/bin/sh", "/etc/rc.d/rc.jitsi", "start"])
        said = ""
        while "left running when it was killed" not in said:
            line = start.stdout.readline()
            assert line, said
            said += line
        assert "waiting at most 10 s" in said and "by what `upgrade`" in said
        site.host.run(f"kill -CONT $({children})")
        rest, error = start.communicate(timeout=120)
        assert start.returncode == 0, said + rest + error
        assert not whole(site, (lab.old, lab.new), "an orphan")


def test_a_second_change_and_a_start_keep_off_a_running_one(lab: Lab, bench: Reused) -> None:
    others = "for v in reload start; do (/etc/rc.d/rc.jitsi $v; echo ended with $?) >/root/$v 2>&1 & done; wait"
    with bench.site() as site:
        done = struck(site, UPGRADE, "Compose.up prosody", others)
        assert done.returncode == 0, done.stderr
        for verb in ("reload", "start"):
            said = site.host.read(f"/root/{verb}")
            assert "found it held after 10 s by `upgrade`, process " in said, said
            assert "ended with 75" in said
            assert "starting" not in said
        assert whole(site, (lab.old, lab.new), "two others meanwhile")


def test_the_newest_docker_and_python(newest: Lab) -> None:
    bench = Reused(newest.host)
    where = by_chance(newest.upgrade, 2, "newest")[1]
    try:
        with bench.site() as site:
            killed(site, UPGRADE, where, (newest.old, newest.new))
        with bench.site() as site:
            dockerd_killed(site, newest)
    finally:
        bench.end()
