"""Boot, halt, power cuts and a killed dockerd: what comes back, and what is undone or finished."""

from __future__ import annotations

import pytest
from bed.site import CONF, NEW, OLD, STATE, Site

pytestmark = pytest.mark.bed

LOG = "/var/log/jitsi-meet/jitsi-meet.log"
START = "if [ -x /etc/rc.d/rc.jitsi ]; then /etc/rc.d/rc.jitsi start; fi\n"
STOP = "#!/bin/sh\nif [ -x /etc/rc.d/rc.jitsi ]; then /etc/rc.d/rc.jitsi stop; fi\n/etc/rc.d/rc.docker stop\n"


def at_boot(site: Site) -> None:
    """The README's snippets, Docker's first."""
    site.host.docker_at_boot()
    site.host.write("/etc/rc.d/rc.local", site.host.read("/etc/rc.d/rc.local") + START)
    site.host.write("/etc/rc.d/rc.local_shutdown", STOP, 0o755)


def test_a_site_comes_back_at_boot_and_stays_off_when_it_is_not_executable(running: Site) -> None:
    at_boot(running)
    running.host.reboot()
    log = running.host.read("/var/log/rc.local.log")
    assert "https://meet.darkstar.lan is up, after" in log
    assert running.rc("status").returncode == 0
    assert running.login("alien", "WelcomeBOB!")

    running.host.run(["chmod", "644", "/etc/rc.d/rc.jitsi"])
    running.rc("stop")
    running.host.reboot()
    assert running.rc("status", check=False).returncode in (3, 4)


def test_boot_without_docker_ends_with_a_sentence(running: Site) -> None:
    at_boot(running)
    running.host.write("/etc/default/jitsi-meet", "DOCKER_WAIT=2\n")
    running.rc("stop")
    running.host.run(["chmod", "644", "/etc/rc.d/rc.docker"])
    running.host.reboot()
    assert "/etc/rc.d/rc.docker start" in running.host.read("/var/log/rc.local.log")


def test_start_brings_back_what_a_killed_dockerd_left_stopped(running: Site) -> None:
    running.host.dockerd_kill()
    running.host.dockerd_start()
    running.rc("start")
    assert running.rc("status").returncode == 0
    assert running.login("alien", "WelcomeBOB!")


@pytest.mark.parametrize("moment", ["copy ", "link ", "recreate prosody", "recreate web", "verify"])
def test_a_power_cut_during_an_upgrade_is_undone_at_boot_without_network(running_old: Site, moment: str) -> None:
    """The power goes the moment the log says that this step began to be done: the step before it was logged as done."""
    at_boot(running_old)
    running_old.conf("CSP_HEADER=\n")
    before = running_old.host.read(CONF)
    running_old.host.write(LOG, "")  # the first start's steps are in it
    upgrade = running_old.host.spawn(["jitsictl", "upgrade", NEW])
    running_old.host.wait_for(f'"event": "begin", "text": "{moment}', LOG)
    running_old.host.power_cut()
    upgrade.wait(20)
    running_old.host.lan.ip("link", "set", "br0", "down")  # no registry, no network
    try:
        running_old.host.boot()
        log = running_old.host.read("/var/log/rc.local.log")
        assert "the upgrade that was interrupted is undone" in log, log
        assert running_old.login("alien", "WelcomeBOB!")
        found = running_old.status()
        assert found["release"] == OLD and found["exit"] == 0, found
        assert running_old.host.read(CONF) == before
        assert running_old.host.run(["ls", f"{STATE}/change"]).stdout == ""
        assert running_old.jitsictl("history").stdout.endswith("  upgrade: did not end by itself; undone later\n")
    finally:
        running_old.host.lan.ip("link", "set", "br0", "up")


def test_a_lost_connection_during_an_upgrade_undoes_it(running_old: Site) -> None:
    running_old.host.write(LOG, "")
    upgrade = running_old.host.spawn(["jitsictl", "upgrade", NEW])
    running_old.host.wait_for("recreate jvb", LOG)
    running_old.host.run(["pkill", "-HUP", "-f", "launcher.py"])
    _, said = upgrade.communicate(timeout=120)
    assert upgrade.returncode == 1 and "SIGHUP" in said
    assert running_old.login("alien", "WelcomeBOB!")
    assert running_old.status()["release"] == OLD
