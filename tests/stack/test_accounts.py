"""jitsi-useradd, jitsi-passwd and jitsi-userdel against a real Prosody, each change proved by a login."""

from __future__ import annotations

import os
import threading
from typing import Iterator, List

import bed
import pexpect
import pytest
from bed.site import DOMAIN, Site

pytestmark = pytest.mark.bed

PROMPTS = ("assword.*: ", "Once more: ")

PASSWORD = 'Welcome to BOB\'s %s "$HOME" \\ €!'


@pytest.fixture(scope="module", params=["prepared_new", "prepared_old"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A running site of either layout, shared by the tests of this module."""
    twin: bed.Host = request.getfixturevalue(request.param).fork().boot()
    twin.dockerd_start()
    made = Site(twin)
    made.rc("start")
    yield made
    twin.down()


def test_an_account_can_log_in_and_is_gone_when_deleted(site: Site) -> None:
    assert not site.login("bob", PASSWORD)
    assert "bob added" in site.useradd("bob", PASSWORD).stdout
    assert site.login("bob", PASSWORD) and not site.login("bob", PASSWORD + "x")
    site.host.run(["jitsi-passwd", "--password-stdin", "bob"], input="another one\n")
    assert site.login("bob", "another one") and not site.login("bob", PASSWORD)
    site.host.run(["jitsi-userdel", "--yes", "bob"])
    assert not site.login("bob", "another one")


def test_an_existing_name_is_refused_and_keeps_its_password(site: Site) -> None:
    done = site.useradd("alien", "not this one", check=False)
    assert done.returncode == 9 and "jitsi-passwd alien" in done.stderr
    assert site.login("alien", "WelcomeBOB!") and not site.login("alien", "not this one")


@pytest.mark.parametrize("verb", ["jitsi-passwd", "jitsi-userdel"])
def test_a_name_nobody_has(site: Site, verb: str) -> None:
    option = "--yes" if verb == "jitsi-userdel" else "--password-stdin"
    done = site.host.run([verb, option, "nobody"], input="whatever it is\n", check=False)
    assert done.returncode == 6 and "jitsi-useradd nobody" in done.stderr


@pytest.mark.parametrize("name", ["a b", "a@b", "a/b", "<a>", "a'b", 'a"b', "a&b", "a:b", "", "Alien"])
def test_what_is_no_name(site: Site, name: str) -> None:
    done = site.useradd(name, PASSWORD, check=False)
    assert done.returncode == 2 and done.stderr.startswith("jitsi-useradd: ")
    assert "Traceback" not in done.stderr


def test_an_empty_password_is_refused(site: Site) -> None:
    done = site.useradd("carol", "", check=False)
    assert done.returncode != 0
    assert not site.login("carol", "")


def test_a_generated_password_is_all_of_standard_output(site: Site) -> None:
    done = site.host.run(["jitsi-useradd", "--generate", "dave"])
    password = done.stdout.strip()
    assert len(password) >= 20 and "\n" not in password
    assert site.login("dave", password)


def test_on_a_terminal_it_asks_twice_and_shows_nothing(site: Site) -> None:
    argv = site.host.argv(["jitsi-useradd", "eve"])
    with pexpect.spawn(argv[0], argv[1:], timeout=20, encoding="utf-8") as dialogue:
        for prompt in PROMPTS:
            dialogue.expect(prompt)
            dialogue.sendline("asked for twice")
        dialogue.expect(pexpect.EOF)
        seen = str(dialogue.before)
    assert dialogue.exitstatus == 0, seen
    assert "asked for twice" not in seen
    assert site.login("eve", "asked for twice")


def test_two_different_answers_add_nothing(site: Site) -> None:
    argv = site.host.argv(["jitsi-useradd", "frank"])
    with pexpect.spawn(argv[0], argv[1:], timeout=20, encoding="utf-8") as dialogue:
        for prompt, answer in zip(PROMPTS, ("the first one", "the second one")):
            dialogue.expect(prompt)
            dialogue.sendline(answer)
        dialogue.expect(pexpect.EOF)
    assert dialogue.exitstatus not in (0, None)
    assert not site.login("frank", "the first one") and not site.login("frank", "the second one")


def test_the_password_is_in_no_process_list_no_environment_and_no_log(site: Site) -> None:
    secret = "correct-horse-battery-staple"
    seen: List[str] = []
    done = threading.Event()

    def watch() -> None:
        own = str(os.getpid())
        while not done.is_set():
            for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - a hot loop
                if pid == own:
                    continue
                for name in ("cmdline", "environ"):
                    try:
                        with open(f"/proc/{pid}/{name}", "rb") as file:  # noqa: PTH123 - a hot loop
                            if secret.encode() in file.read():
                                seen.append(f"{pid}/{name}")
                    except OSError:
                        continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        site.useradd("grace", secret)
        site.host.run(["jitsi-passwd", "--password-stdin", "grace"], input=f"{secret}-2\n")
    finally:
        done.set()
        watcher.join()
    assert seen == []
    assert site.login("grace", f"{secret}-2")
    found = site.host.run(f"grep -rl {secret} /var/log /var/lib/jitsi-meet /etc/jitsi-meet", check=False)
    assert found.returncode == 1, found.stdout
    assert secret not in site.compose("logs").stdout


def test_service_accounts_are_not_people(site: Site) -> None:
    assert not site.login("alien", "WelcomeBOB!", domain=f"auth.{DOMAIN}")


def test_with_prosody_stopped_it_says_how_to_start(site: Site) -> None:
    site.compose("stop", "prosody")
    try:
        done = site.useradd("heidi", PASSWORD, check=False)
        assert done.returncode == 1 and "/etc/rc.d/rc.jitsi start" in done.stderr
    finally:
        site.compose("start", "prosody")
        site.rc("start")


def test_where_accounts_are_not_kept_it_says_so(site: Site) -> None:
    conf = site.host.read("/etc/jitsi-meet/jitsi.conf")
    site.conf("ENABLE_AUTH=0\n")
    site.rc("reload")
    done = site.useradd("ivan", PASSWORD, check=False)
    assert done.returncode == 1 and "ENABLE_AUTH=1" in done.stderr
    site.host.write("/etc/jitsi-meet/jitsi.conf", conf)
    site.rc("reload")
    assert site.login("alien", "WelcomeBOB!")
