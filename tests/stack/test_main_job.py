"""The job the package is for, on Slackware 15.0's versions of everything and on the newest to be had."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import bed
import pytest
from bed import roots
from bed.site import CONF, CONFIG, NEW, OLD, STATE, Site

pytestmark = pytest.mark.bed

TEXT = "What was written before the upgrade.\n"
STORES = {OLD: f"{CONFIG}/prosody/config/data", NEW: f"{CONFIG}/storage/prosody/data"}


@pytest.mark.parametrize("root", roots.NAMES)
def test_install_start_add_a_user_upgrade_and_go_back(host: Callable[..., bed.Host], txz: Path, root: str) -> None:
    site = Site(host(root, "darkstar"))
    site.host.dockerd_start()
    site.install(txz)
    printed = site.setup(release=OLD).stdout
    assert "--dport 443" in printed and "udp --dport 10000" in printed
    assert site.host.stat(CONF).st_mode & 0o777 == 0o600

    said = site.rc("start").stdout
    assert "https://meet.darkstar.lan is up, after" in said
    assert site.rc("status").returncode == 0
    site.useradd("alien", "WelcomeBOB!")
    site.pad("minutes", TEXT)
    check(site, OLD)

    site.rc("upgrade", NEW)
    check(site, NEW)
    assert f"JITSI_IMAGE_VERSION={NEW}" in site.host.read(CONF)
    site.useradd("later", "only under the new release")

    site.rc("rollback")
    check(site, OLD)
    assert f"JITSI_IMAGE_VERSION={OLD}" in site.host.read(CONF)
    assert site.login("later", "only under the new release")

    site.rc("upgrade", NEW)
    check(site, NEW)
    assert site.login("later", "only under the new release")
    assert "nothing to do" in site.rc("upgrade", NEW).stdout

    site.rc("stop")
    assert site.rc("status", check=False).returncode == 3
    assert "not running" in site.rc("stop").stdout


def check(site: Site, release: str) -> None:
    """The account, the pad, one store alone, no traces of verification."""
    assert site.login("alien", "WelcomeBOB!")
    assert not site.login("alien", "WelcomeBOB?")
    assert site.pad("minutes") == TEXT
    assert not site.login("jitsictl-verify", "anything")
    found = site.status()
    assert found["release"] == release and found["exit"] == 0, found
    for tag, store in STORES.items():
        assert site.host.exists(store) == (tag == release)
    assert site.host.run(["ls", f"{STATE}/change"]).stdout == ""


def test_starting_twice_and_stopping_twice_change_nothing(running: Site) -> None:
    ran = running.containers()
    again = running.rc("start")
    assert running.containers() == ran and "is up" in again.stdout
    running.rc("stop")
    running.rc("stop")
    running.rc("start")
    assert running.containers() == ran


def test_start_stop_and_status_need_no_python(stopped: Site) -> None:
    stopped.host.run("mv /usr/bin/python3 /usr/bin/python3.away")
    assert "waiting for Docker's health checks instead" in stopped.rc("start").stdout
    assert stopped.rc("status").returncode == 0
    stopped.rc("stop")
    assert stopped.rc("status", check=False).returncode == 3


def test_an_edit_is_told_by_start_and_applied_by_reload_alone(running: Site) -> None:
    ran = running.containers()
    running.conf("VIDEOBRIDGE_MAX_MEMORY=1024m\n")
    said = running.rc("start").stdout
    assert "differs from what is applied" in said and "reload" in said
    assert running.containers() == ran
    plan = running.jitsictl("plan", check=False)
    assert plan.returncode == 3
    assert "VIDEOBRIDGE_MAX_MEMORY  not set -> 1024m  jitsi.conf:" in plan.stdout
    assert "jvb  recreated: environment (VIDEOBRIDGE_MAX_MEMORY)" in plan.stdout

    running.rc("reload")
    now = running.containers()
    assert {name for name in ran if now[name] != ran[name]} == {"jvb"}
    assert running.jitsictl("plan").returncode == 0
    assert running.login("alien", "WelcomeBOB!")


def test_restart_applies_an_edit(running: Site) -> None:
    running.conf("ENABLE_LOBBY=0\n")
    running.rc("restart")
    assert running.jitsictl("plan").returncode == 0
    assert running.login("alien", "WelcomeBOB!")


def test_a_bare_docker_compose_works_and_recreates_nothing(running: Site) -> None:
    ran = running.containers()
    running.compose("up", "-d")
    assert running.containers() == ran
    assert len(running.compose("ps", "-q").stdout.split()) == len(ran)


def test_the_admins_override_is_taken_by_both(running: Site) -> None:
    running.host.write("/usr/local/docker-jitsi-meet/title.txt", "mine\n")
    override = "services:\n  jvb:\n    volumes:\n      - ./title.txt:/title.txt:ro\n"
    running.host.write("/usr/local/docker-jitsi-meet/compose.override.yaml", override)
    running.rc("reload")
    assert running.compose("exec", "-T", "jvb", "cat", "/title.txt").stdout == "mine\n"
    ran = running.containers()
    running.compose("up", "-d")
    assert running.containers() == ran


def test_a_file_edited_by_hand_is_told_and_kept(running: Site) -> None:
    first = running.host.run(["readlink", f"{STATE}/current"]).stdout.strip()
    running.host.run(f"echo '# by hand' >> {first}/compose.yaml")
    running.conf("# a note\n")
    assert "+# by hand" in running.jitsictl("plan", check=False).stdout
    assert "compose.yaml was changed by hand" in running.rc("reload").stdout
    assert "# by hand" in running.host.read(f"{first}/compose.yaml")


def test_modes_and_owners_are_what_the_containers_and_the_secrets_need(running: Site) -> None:
    modes = {
        path: running.host.stat(path).st_mode & 0o777
        for path in (
            CONFIG,
            f"{STATE}/generations",
            "/etc/jitsi-meet/secrets.conf",
            f"{STATE}/current/.env",
            f"{STATE}/current/env/prosody.env",
            "/var/log/jitsi-meet/jitsi-meet.log",
        )
    }
    assert modes == {
        CONFIG: 0o700, f"{STATE}/generations": 0o700, "/etc/jitsi-meet/secrets.conf": 0o600,
        f"{STATE}/current/.env": 0o600, f"{STATE}/current/env/prosody.env": 0o600,
        "/var/log/jitsi-meet/jitsi-meet.log": 0o600,
    }  # fmt: skip
    secrets = running.host.read("/etc/jitsi-meet/secrets.conf")
    values = [line.split("=", 1)[1] for line in secrets.splitlines() if "=" in line and not line.startswith("#")]
    assert len(values) >= 2
    seen = running.host.read("/var/log/jitsi-meet/jitsi-meet.log") + running.jitsictl("plan").stdout
    assert not [value for value in values if value in seen]
    web = running.host.read(f"{STATE}/current/env/web.env")
    assert not [value for value in values if value in web]


def test_the_pages_own_tls_is_published_when_it_is_asked_for(running: Site) -> None:
    running.conf("DISABLE_HTTPS=0\nHTTPS_PORT=127.0.0.1:8443\n")
    assert "restarted: web\n" in running.rc("reload").stdout
    page = running.host.run(["curl", "-fsSk", "https://127.0.0.1:8443/config.js"]).stdout
    assert "meet.jitsi" in page
    plain = running.host.http("/config.js")
    assert plain.status == 200, "Apache's port is gone"
