"""New passwords for services on a real Prosody: the old ones refused, people's accounts as they were, undone whole."""

from __future__ import annotations

import json
import signal
from typing import Dict, Iterator

import pytest
from bed.base import wait_until
from bed.site import CONF, CONFIG, NEW, OLD, PROJECT, STATE, Site, copied

pytestmark = pytest.mark.bed

SECRETS = "/etc/jitsi-meet/secrets.conf"
LOG = "/var/log/jitsi-meet/jitsi-meet.log"
AUTH = "auth.meet.jitsi"
USERS = {"JICOFO_AUTH_PASSWORD": "focus", "JVB_AUTH_PASSWORD": "jvb"}
STORES = {OLD: f"{CONFIG}/prosody/config/data", NEW: f"{CONFIG}/storage/prosody/data"}

# A bridge whose image takes no other password than the one of today: with another it ends at once, over and over.
STUBBORN = """services:
  jvb:
    entrypoint: [/bin/bash, -c, '[[ $$JVB_AUTH_PASSWORD == {password} ]] && exec /init']
"""


@pytest.fixture(params=["prepared_new", "prepared_old"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A running site of either layout."""
    with copied(request.getfixturevalue(request.param)) as made:
        made.rc("start")
        yield made


def passwords(site: Site) -> Dict[str, str]:
    lines = [line for line in site.host.read(SECRETS).splitlines() if "=" in line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def works(site: Site, with_these: Dict[str, str]) -> bool:
    """Whether both services can log in with these, a bridge is there, and alien is who he was."""
    found = site.status()
    assert found["exit"] == 0, found
    assert site.login("alien", "WelcomeBOB!")
    stats = json.loads(site.host.http("/stats", 8888).body)
    assert stats["bridge_selector"]["bridge_count"] == 1
    return all(site.login(user, with_these[name], domain=AUTH) for name, user in USERS.items())


def people(site: Site) -> str:
    release = str(site.status()["release"])
    return site.host.run(f"cd {STORES[release]}/meet%2ejitsi/accounts && sha256sum * | grep -v jitsictl").stdout


def test_the_old_passwords_are_refused_and_going_back_brings_them_back(site: Site) -> None:
    old, accounts, ran = passwords(site), people(site), site.containers()
    plan = site.jitsictl("secrets", "rotate", "--dry-run", check=False)
    assert plan.returncode == 3 and "jvb      recreated: environment (JVB_AUTH_PASSWORD)" in plan.stdout
    assert site.containers() == ran and passwords(site) == old

    said = site.jitsictl("secrets", "rotate").stdout
    new = passwords(site)
    assert works(site, new) and people(site) == accounts
    assert all(new[name] != old[name] and len(new[name]) == 32 for name in USERS)
    assert not any(site.login(user, old[name], domain=AUTH) for name, user in USERS.items())
    now = site.containers()
    assert {name for name in ran if now[name] != ran[name]} == {"prosody", "jvb", "jicofo"}
    away = {name: float(text.split()[0]) for name, text in
            (part.split(" ", 1) for part in said.split("away for: ")[1].splitlines()[0].split(", "))}
    assert away["page"] == 0.0 and away["login"] > 0
    seen = said + site.host.read(LOG) + site.compose("logs").stdout
    assert not [value for value in (*old.values(), *new.values()) if value in seen]

    site.rc("rollback")
    assert works(site, old) and people(site) == accounts
    assert not any(site.login(user, new[name], domain=AUTH) for name, user in USERS.items())


def test_an_edit_of_secrets_conf_is_given_to_prosody_by_a_reload(running: Site) -> None:
    new = {**passwords(running), "JVB_AUTH_PASSWORD": "0123456789abcdef"}
    running.host.write(SECRETS, "".join(f"{name}={value}\n" for name, value in new.items()))
    running.rc("reload")
    assert works(running, new)


def test_a_service_that_refuses_the_new_password_gets_the_old_one_back(running: Site) -> None:
    old = passwords(running)
    running.host.write(f"{PROJECT}/compose.override.yaml", STUBBORN.format(password=old["JVB_AUTH_PASSWORD"]))
    running.rc("reload")
    text, accounts = running.host.read(SECRETS), people(running)
    done = running.jitsictl("secrets", "rotate", check=False)
    assert done.returncode == 1 and "jvb crashes over and over" in done.stderr
    assert works(running, old) and people(running) == accounts
    assert running.host.read(SECRETS) == text
    assert running.jitsictl("plan").returncode == 0
    assert running.host.run(["ls", f"{STATE}/change"]).stdout == ""


def test_killed_between_prosody_and_the_bridge_it_is_undone_by_the_next_start(running: Site) -> None:
    old, accounts = passwords(running), people(running)
    helper = running.host.spawn(["jitsictl", "secrets", "rotate"])
    told = '"event": "done", "text": "give Prosody JVB_AUTH_PASSWORD"'
    wait_until(lambda: told in running.host.read(LOG) or helper.poll() is not None, "Prosody to be told", 60)
    helper.send_signal(signal.SIGKILL)
    helper.communicate(timeout=10)
    assert running.host.run(["ls", f"{STATE}/change"]).stdout != "", "it ended before it was killed"
    running.host.run("docker stop -t 5 $(docker ps -q)", timeout=60)  # Prosody cannot be asked
    said = running.rc("start").stdout
    assert "the rotate that was interrupted is undone" in said
    assert passwords(running) == old
    assert works(running, old) and people(running) == accounts


def test_tokens_of_the_old_secret_are_said_to_be_refused(running: Site) -> None:
    running.conf("AUTH_TYPE=jwt\nJWT_APP_ID=jitsi\n")
    running.rc("reload")
    old = passwords(running)
    said = running.jitsictl("secrets", "rotate", "JWT_APP_SECRET").stdout
    assert "signed with the old JWT_APP_SECRET are refused" in said
    new = passwords(running)
    assert {name for name in new if new[name] != old[name]} == {"JWT_APP_SECRET"}
    assert new["JWT_APP_SECRET"] in running.host.read(f"{STATE}/current/env/prosody.env")
    done = running.jitsictl("secrets", "rotate", "LDAP_BINDPW", check=False)
    assert done.returncode == 2 and "expected names of generated secrets" in done.stderr
    assert running.host.stat(SECRETS).st_mode & 0o777 == 0o600 == running.host.stat(CONF).st_mode & 0o777
