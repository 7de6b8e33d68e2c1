"""An upgrade of the package over edited files, a reinstall and a removal, with a site that runs all the while."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from bed.site import CONF, CONFIG, PROJECT, STATE, Site
from package import build

pytestmark = pytest.mark.bed

RC = "/etc/rc.d/rc.jitsi"
KEPT = f"{CONF} /etc/jitsi-meet/secrets.conf /etc/default/jitsi-meet {RC} {PROJECT}/compose.override.yaml"


def picture(site: Site) -> str:
    """Everything of the admin's and of the site's that pkgtools must leave alone."""
    look = "find -L {} -type f -printf '%p %m ' -exec md5sum {{}} ';'"
    trees = " ".join((KEPT, f"{STATE}/current", f"{PROJECT}/env", CONFIG))
    return site.host.run(
        f"for t in {trees}; do {look.format('$t')}; done; find {PROJECT} -maxdepth 1 -type l -printf '%f %l\\n'"
    ).stdout


@pytest.fixture
def edited(running: Site) -> Site:
    running.conf("# the admin's own line\n")
    running.host.write("/etc/default/jitsi-meet", "HEALTH_WAIT=100\n")
    running.host.write(RC, running.host.read(RC) + "# a line of the admin's\n")
    running.host.write(f"{PROJECT}/compose.override.yaml", "services: {}\n")
    return running


def test_upgrade_reinstall_and_removal_leave_the_site_alone(edited: Site, txz: Path, tmp_path: Path) -> None:
    before, ran = picture(edited), edited.containers()
    newer = build.from_repository(tmp_path, BUILD="2")
    for package, options in ((newer, ""), (newer, "--reinstall")):
        edited.host.put(package, f"/root/{package.name}")
        edited.host.run(f"upgradepkg {options} /root/{shlex.quote(package.name)}", timeout=120)
        assert picture(edited) == before
        assert edited.containers() == ran
        assert edited.rc("status").returncode == 0

    edited.host.run(["removepkg", "docker-jitsi-meet"], timeout=120)
    assert picture(edited) == before
    assert edited.containers() == ran and edited.host.http("/config.js").status == 200
    done = edited.rc("status", check=False)
    assert done.returncode == 1 and "the package docker-jitsi-meet is not installed" in done.stderr

    edited.host.run(["installpkg", f"/root/{newer.name}"], timeout=120)
    assert picture(edited) == before
    assert edited.rc("start").returncode == 0 and edited.containers() == ran
    assert edited.login("alien", "WelcomeBOB!")
