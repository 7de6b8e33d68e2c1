"""An installation made by hand as the tutorial says, with a real Prosody 0.11 and pads in a container, taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Iterator, Set

import bed
import pytest
from bed.base import wait_until
from bed.meeting import meeting
from bed.site import CONF, CONFIG, NEW, PROJECT, STATE, Done, Site
from bed.tutorial import FOLDER, Tutorial
from bed.tutorial import PROJECT as OLD_PROJECT

pytestmark = pytest.mark.bed

LOG = "/var/log/jitsi-meet/jitsi-meet.log"
TEXT = "Written when pads were still in a container.\n"
OVERRIDE = f"{PROJECT}/compose.override.yaml"
START = "if [ -x /etc/rc.d/rc.jitsi ]; then /etc/rc.d/rc.jitsi start; fi\n"


class Both:
    """A host with the package and the tutorial's site, which runs: what is asked of either."""

    def __init__(self, host: bed.Host, txz: Path) -> None:
        self.host = host
        self.site = Site(host)
        self.old = Tutorial(host)
        host.dockerd_start()
        self.site.install(txz)
        self.old.make()
        self.old.up()
        self.old.register("alien", "WelcomeBOB!")
        self.old.pad("minutes", TEXT)
        self.ids = self.old.ids()

    def adopt(self, *words: str, check: bool = True) -> Done[str]:
        return self.site.jitsictl("adopt", *words, check=check)

    def tree(self) -> Dict[str, str]:
        """All that is below CONFIG: kinds, owners and modes, and hashes of files.

        Prosody's pid is another each time, and stable-6826 registers its service accounts anew at each start.
        """
        these = "! -name prosody.pid ! -path '*/auth%2e*/accounts/*'"
        form = f"cd {CONFIG} && find . -mindepth 1 {these} -printf '%p %y %U:%G %m\\n'"
        seen = {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in self.host.run(form).stdout.splitlines()}
        hashes = self.host.run(f"cd {CONFIG} && find . -type f {these} -exec sha256sum {{}} +").stdout
        return {**seen, **{line.split()[1]: line for line in hashes.splitlines()}}

    def runs_as_before(self) -> None:
        """The very same old containers run, with what is theirs, and nothing of ours is left."""
        wait_until(lambda: self.host.http("/config.js").status == 200, "the old page", 30)
        assert self.old.ids(running=True) == self.ids
        assert set(self.old.policies().values()) == {"unless-stopped"}
        assert self.site.containers() == {}
        assert self.site.login("alien", "WelcomeBOB!")
        wait_until(lambda: self.host.http("/", port=9001).status == 200, "the old Etherpad", 30)
        assert self.old.pad("minutes") == TEXT
        assert self.host.run(f"ls {STATE}/change 2>/dev/null", check=False).stdout == ""
        assert not self.host.exists(f"{STATE}/current") and not self.host.exists(f"{STATE}/adopted.json")
        assert self.networks() == {f"{OLD_PROJECT}_meet.jitsi"}

    def inside(self, service: str, url: str) -> str:
        return self.host.run(["docker", "exec", self.ids[service], "curl", "-s", url]).stdout.replace(" ", "")

    def networks(self) -> Set[str]:
        """Those that Compose made."""
        words = ["docker", "network", "ls", "--filter", "label=com.docker.compose.project", "--format", "{{.Name}}"]
        return set(self.host.run(words).stdout.split())


@pytest.fixture(scope="module")
def both(lan: bed.Lan, txz: Path) -> Iterator[Both]:
    with bed.Host(lan, name="darkstar") as host:
        yield Both(host, txz)


def test_a_meeting_is_told_before(both: Both) -> None:
    with meeting(both.host, lambda: '"conferences":1' in both.inside("jicofo", "http://127.0.0.1:8888/stats")):
        said = both.adopt("--dry-run", FOLDER).stdout
    assert "1 conference with 2 people at this moment, which it cuts off" in said


def test_the_plan_is_shown_and_nothing_is_changed(both: Both) -> None:
    before = both.tree()
    said = both.adopt("--dry-run", FOLDER).stdout
    assert f"release: stable-6826 -> {NEW}" in said
    assert "-prosody-1 jitsi/prosody:stable-6826, runs: stopped, kept" in " ".join(said.split())
    assert "HTTP_PORT translated: HTTP_PORT=127.0.0.1:8440" in said
    assert "JICOFO_AUTH_PASSWORD to secrets.conf" in said
    assert "accounts: 1, prosody/config/data -> storage/prosody/data" in said
    assert "pads: from the old container" in said
    assert "9e7c5a3b1f0d8e6c" not in said, "a password is shown"
    assert both.adopt(FOLDER, check=False).returncode == 3  # nobody said yes
    assert both.tree() == before
    both.runs_as_before()


def test_an_edited_env_is_not_what_runs(both: Both) -> None:
    env = both.host.read(f"{FOLDER}/.env")
    both.host.write(f"{FOLDER}/.env", env.replace("ENABLE_LOBBY=1", "ENABLE_LOBBY=0"))
    said = both.adopt("--dry-run", FOLDER).stdout
    both.host.write(f"{FOLDER}/.env", env)
    assert "ENABLE_LOBBY: line 12 says '0', prosody runs with '1'" in " ".join(said.split()), said


def test_an_image_that_is_not_to_be_had_changes_nothing(both: Both) -> None:
    done = both.adopt("--yes", "--release", "stable-10741", FOLDER, check=False)
    assert done.returncode == 1 and "stable-10741" in done.stderr
    both.runs_as_before()


def test_a_service_that_never_gets_ready_brings_the_old_site_back(both: Both) -> None:
    before = both.tree()
    both.host.write(OVERRIDE, "services:\n  jvb:\n    entrypoint: ['false']\n")
    done = both.adopt("--yes", FOLDER, check=False)
    both.host.run(["rm", OVERRIDE])
    assert done.returncode == 1 and "jvb crashes over and over" in done.stderr, done.stderr
    both.runs_as_before()
    assert both.tree() == before
    assert not both.host.exists("/etc/jitsi-meet/secrets.conf")


def test_a_killed_adoption_is_undone_by_the_next_start(both: Both) -> None:
    before = both.tree()
    both.host.write(LOG, "")
    helper = both.host.spawn(["jitsictl", "adopt", "--yes", FOLDER])
    both.host.wait_for('"event": "begin", "text": "recreate jvb', LOG)
    helper.kill()
    helper.wait(20)
    done = both.site.rc("start", check=False)
    assert "the adopt that was interrupted is undone" in done.stdout, done.stdout + done.stderr
    both.runs_as_before()
    assert both.tree() == before


def test_adopted_given_back_adopted_again_and_finished(both: Both) -> None:
    said = both.adopt("--yes", FOLDER).stdout
    assert "every account is there: 1" in said and "every pad is there: 1" in said, said
    adopted(both)
    both.site.useradd("later", "only under Prosody 13")
    both.site.pad("minutes", "Changed since.\n")

    both.adopt("--undo", "--yes")
    assert both.old.ids(running=True) == both.ids and both.site.containers() == {}
    assert both.networks() == {f"{OLD_PROJECT}_meet.jitsi"}
    assert both.site.login("alien", "WelcomeBOB!") and both.site.login("later", "only under Prosody 13")
    assert not both.site.login("later", "something else")
    wait_until(lambda: both.host.http("/", port=9001).status == 200, "the old Etherpad", 30)
    assert both.old.pad("minutes") == "Changed since.\n"
    both.old.pad("minutes", TEXT)

    both.adopt("--yes", FOLDER)
    adopted(both)
    both.host.docker_at_boot()
    both.host.write("/etc/rc.d/rc.local", both.host.read("/etc/rc.d/rc.local") + START)
    both.host.reboot()
    adopted(both)

    both.adopt("--finish", "--yes")
    assert both.old.ids() == {}
    assert both.host.exists(f"{FOLDER}/.env") and both.host.exists(f"{FOLDER}/docker-compose.yml")
    assert both.networks() == {"docker-jitsi-meet_meet.jitsi"}
    adopted(both, finished=True)


def adopted(both: Both, finished: bool = False) -> None:
    """Ours serves the old accounts and pads; the old containers are down and stay there until they are removed."""
    assert both.site.login("alien", "WelcomeBOB!") and not both.site.login("alien", "WelcomeBOB?")
    assert both.site.pad("minutes") == TEXT
    assert both.host.http("/p/minutes", port=9001).status == 200, "saved links go on, through the old Apache block"
    assert both.old.ids(running=True) == {}
    if not finished:
        assert both.old.ids() == both.ids and set(both.old.policies().values()) == {"no"}
    found = both.site.status()
    assert found["release"] == NEW and found["exit"] == 0, found
    assert ("jitsictl adopt --finish" in str(found["notes"])) is not finished
    assert f"CONFIG={CONFIG}" in both.host.read(CONF)
    assert "DOCKER_HOST_ADDRESS" not in both.host.read(CONF)
    assert both.site.jitsictl("plan").returncode == 0
