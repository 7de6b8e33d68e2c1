"""An upgrade cuts nobody off unasked, and names all that would keep it from working before it touches anything."""

from __future__ import annotations

import subprocess
from typing import ContextManager

import pytest
from bed.base import wait_until
from bed.meeting import meeting
from bed.site import NEW, OLD, PROJECT, Site

pytestmark = pytest.mark.bed


def held(site: Site) -> ContextManager[None]:
    return meeting(site.host, lambda: _figure(site, "conferences") == "1.0")


def _figure(site: Site, name: str) -> str:
    page = site.host.http("/metrics", port=8080).body
    return next((line.split()[1] for line in page.splitlines() if line.startswith(f"jitsi_jvb_{name} ")), "")


def test_a_meeting_is_not_cut_off_unasked_and_waited_for_on_request(running_old: Site) -> None:
    site = running_old
    before = site.containers()
    with held(site):
        refused = site.rc("upgrade", NEW, check=False)
        assert refused.returncode == 1
        assert "expected no meeting, found 1 conference with 2 people, which an upgrade would cut off" in refused.stderr
        gave_up = site.jitsictl("upgrade", NEW, "--when-idle", "--for", "0.02", check=False)
        assert gave_up.returncode == 1
        assert "expected the meetings to end in time, found 1 conference with 2 people" in gave_up.stderr
        assert _figure(site, "drain_mode") == "0.0", "the bridge was left closed"
        assert site.containers() == before

        waiting = site.host.spawn(["jitsictl", "upgrade", NEW, "--when-idle"], stderr=subprocess.STDOUT)
        wait_until(lambda: _figure(site, "drain_mode") == "1.0", "the bridge to close")
        assert "waits for the end of those that run, to upgrade" in site.jitsictl("status").stdout
        site.useradd("meanwhile", "secret")  # nobody else has to wait
    said, _ = waiting.communicate(timeout=120)
    assert waiting.returncode == 0, said
    assert f"{NEW} runs" in said
    assert "away for: page " in said
    done = site.jitsictl("history").stdout.splitlines()[-1]
    assert f"upgrade: done, release {NEW}, after " in done and "; away for: page " in done
    assert "recreate prosody (" in site.jitsictl("history", "last").stdout
    assert _figure(site, "drain_mode") == "0.0"
    assert site.login("alien", "WelcomeBOB!")
    assert site.login("meanwhile", "secret")


def test_a_wait_that_was_killed_leaves_the_bridge_to_the_next_change(running_old: Site) -> None:
    site = running_old
    with held(site):
        waiting = site.host.spawn(["jitsictl", "upgrade", NEW, "--when-idle"], stdout=subprocess.DEVNULL)
        wait_until(lambda: _figure(site, "drain_mode") == "1.0", "the bridge to close")
        waiting.kill()
        waiting.wait(10)
        status = site.jitsictl("status").stdout
        assert "takes no new meetings, since a wait for their end was cut off: /etc/rc.d/rc.jitsi reload" in status
        site.rc("reload")
        assert _figure(site, "drain_mode") == "0.0"
        site.conf("ENABLE_AV_MODERATION=0\n")  # Prosody's
        assert "cuts off 1 conference with 2 people" in site.rc("reload").stdout


def test_what_would_not_work_is_named_before_anything_is_touched(running_old: Site) -> None:
    site = running_old
    before = site.containers()
    site.conf("JITSI_IMAGE_REPO=ghcr.io/nobody\n")
    site.host.write(f"{PROJECT}/compose.override.yaml", "services:\n  web:\n    ports: ['127.0.0.1:8081:80']\n")
    refused = site.jitsictl("upgrade", NEW, "--yes", check=False)
    assert refused.returncode == 1
    for service in ("web", "prosody", "jicofo", "jvb"):
        assert f"ghcr.io/nobody/{service}:{NEW}: expected the image in its registry" in refused.stderr
    assert f"web publishes port 80 of the container, where nothing listens at {NEW}; write 8000" in refused.stderr
    assert site.containers() == before
    assert site.status()["release"] == OLD
