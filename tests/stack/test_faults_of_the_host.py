"""A disk that fills up, a port that is taken, a registry that goes, an image that is no good, each in mid-change: told
in a sentence, and the site is as it was, by itself."""

from __future__ import annotations

from typing import Iterator

import bed
import pytest
from bed.faults import Picture, Reused, picture, struck
from bed.site import CONF, CONFIG, NEW, PROJECT, STATE, Done, Site

pytestmark = pytest.mark.bed

UPGRADE = ["upgrade", NEW, "--yes"]
SERVICES = "/usr/libexec/docker-jitsi-meet/python/jitsictl/releases/services.json"
OVERRIDE = f"{PROJECT}/compose.override.yaml"
DOCKER = "/var/lib/docker"
FILL = "cat /dev/zero >/mnt/disk/filler 2>/dev/null"


@pytest.fixture(scope="module")
def sites(prepared_old: bed.Kept) -> Iterator[Reused]:
    made = Reused(prepared_old)
    yield made
    made.end()


@pytest.fixture
def site(sites: Reused) -> Iterator[Site]:
    """A running site of the old release. The new one's images are not on the host."""
    with sites.site() as found:
        yield found


def as_before(site: Site, before: Picture) -> None:
    assert picture(site) == before
    assert site.login("alien", "WelcomeBOB!")
    status = site.status()
    assert status["exit"] == 0, status


def failed(done: Done[str], *said: str) -> None:
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for sentence in said:
        assert sentence in done.stderr, done.stderr


def small(site: Site, place: str, free: int) -> None:
    """Put a directory on a disk of its own, /mnt/disk, with so many MB free."""
    used = int(site.host.run(["du", "-sm", place]).stdout.split()[0])
    size = used + free + used // 10
    site.host.run(
        f"mkdir /mnt/disk && mount -t tmpfs -o size={size}m none /mnt/disk && chmod --reference={place} /mnt/disk"
        f" && cp -a {place}/. /mnt/disk && mount --bind /mnt/disk {place}",
        timeout=120,
    )


def test_the_state_directory_fills_up(sites: Reused) -> None:
    with sites.site(keep=False) as site:
        small(site, STATE, 55)
        before = picture(site)
        done = struck(site, UPGRADE, r"files.write .*/compose.yaml", FILL)
        failed(done, f"{STATE}/generations/", "found: No space left on device; make room on its file system")
        as_before(site, before)
        again = site.jitsictl(*UPGRADE, check=False)
        failed(again, f"expected 50 MB free for {STATE}, found 0 MB; make room first")


def test_the_disk_of_the_accounts_fills_up_while_they_are_copied(sites: Reused) -> None:
    with sites.site(keep=False) as site:
        site.rc("stop")
        small(site, CONFIG, 55)
        site.rc("start")
        before = picture(site)
        done = struck(site, UPGRADE, "trees.copy_tree", FILL)
        failed(done, "found: No space left on device; make room on its file system", f"{CONFIG}/storage/prosody/data")
        assert picture(site) == before
        site.host.run(["rm", "/mnt/disk/filler"])
        as_before(site, before)


def test_dockers_disk_is_too_small_and_fills_up(sites: Reused) -> None:
    with sites.site(keep=False) as site:
        before = picture(site)
        site.rc("stop")
        site.host.dockerd_stop()
        small(site, DOCKER, 600)
        site.host.dockerd_start()
        site.rc("start")
        failed(site.jitsictl(*UPGRADE, check=False), f"MB free in {DOCKER} for 4 images, found ")
        site.host.run("mount -o remount,size=50% /mnt/disk")
        shrunk = f"mount -o remount,size=$(($(du -sm {DOCKER} | cut -f 1) + 30))m /mnt/disk; {FILL}"
        failed(struck(site, UPGRADE, "Docker.pull", shrunk), "expected room on the disk, found it full; make room")
        assert picture(site) == before
        site.host.run(["rm", "/mnt/disk/filler"])
        as_before(site, before)


def test_a_port_is_taken_between_preflight_and_recreation(site: Site) -> None:
    before = picture(site)
    plain = site.host.read(CONF)
    site.conf("HTTP_PORT=127.0.0.1:8450\n")
    take = "python3 -m http.server --bind 127.0.0.1 8450 >/dev/null 2>&1 &"
    done = struck(site, ["reseed"], "Compose.up web", f"{take} until curl -so /dev/null 127.0.0.1:8450; do :; done")
    failed(done, "expected port 8450 to be free, found it held by python3 (pid ")
    site.host.run("kill $(pgrep -f '[h]ttp.server --bind 127.0.0.1 8450')")
    site.host.write(CONF, plain)
    as_before(site, before)


def test_the_registry_goes_after_the_first_image(site: Site) -> None:
    before = picture(site)
    done = struck(site, UPGRADE, "Docker.pull .*/prosody:", "ip link set eth0 down")
    site.host.run(f"ip link set eth0 up && ip route add default via {bed.lan.GATEWAY}")
    failed(done, "expected to reach the registry of the images, found: ", "check this host's network and name server")
    as_before(site, before)


def test_an_image_that_never_gets_ready(site: Site) -> None:
    """With a bound of five seconds in place of jicofo's ninety."""
    before = picture(site)
    shorter = f"import json; p = {SERVICES!r}; d = json.load(open(p)); d['jicofo']['grace_seconds'] = 5"
    site.host.run(["python3", "-c", f"{shorter}; json.dump(d, open(p, 'w'))"])
    site.host.write(OVERRIDE, "services:\n  jicofo:\n    entrypoint: [sleep, infinity]\n    init: true\n")
    failed(site.jitsictl(*UPGRADE, check=False), "expected jicofo to be ready within 5 s, found: ")
    site.host.run(["rm", OVERRIDE])
    site.rc("reload")
    as_before(site, before)


def test_a_prosody_that_refuses_its_store(site: Site) -> None:
    before = picture(site)
    override = "services:\n  prosody:\n    volumes: ['${CONFIG}/storage/prosody:/var/lib/prosody:ro']\n"
    site.host.write(OVERRIDE, override)
    said = ("prosody crashes over and over", "directory '/var/lib/prosody' is not writable by the container user")
    failed(site.jitsictl(*UPGRADE, check=False), *said)
    site.host.run(["rm", OVERRIDE])
    site.rc("reload")
    as_before(site, before)
