"""jitsi-useradd, jitsi-passwd and jitsi-userdel against a real Prosody, each change proved by a login."""

from __future__ import annotations

import json
import os
import threading
from typing import Iterator, List, Set

import pexpect
import pytest
from bed.base import wait_until
from bed.site import CONFIG, DOMAIN, URL, Site, copied

pytestmark = pytest.mark.bed

PROMPTS = ("assword.*: ", "Once more: ")

PASSWORD = 'Welcome to BOB\'s %s "$HOME" \\ €!'


@pytest.fixture(scope="module", params=["prepared_new", "prepared_old"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A running site of either layout, shared by the tests of this module."""
    with copied(request.getfixturevalue(request.param)) as made:
        made.rc("start")
        yield made


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
    commands: Set[bytes] = set()
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
                            content = file.read()
                            commands.add(content)
                            if secret.encode() in content:
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
    assert any(b"adduser\0grace@meet.jitsi" in content for content in commands), "the watch is too slow to see anything"
    assert seen == []
    assert site.login("grace", f"{secret}-2")
    found = site.host.run(f"grep -rl {secret} /var/log /var/lib/jitsi-meet /etc/jitsi-meet", check=False)
    assert found.returncode == 1, found.stdout
    assert secret not in site.compose("logs").stdout


@pytest.mark.parametrize("command, code", [
    ("jitsi-useradd alien", 9), ("jitsi-passwd nobody", 6), ("jitsi-userdel nobody", 6),
])
def test_what_cannot_be_is_refused_before_anything_is_asked(site: Site, command: str, code: int) -> None:
    argv = site.host.argv(command.split())
    with pexpect.spawn(argv[0], argv[1:], timeout=20, encoding="utf-8") as dialogue:
        assert dialogue.expect(["assword for|[?]", pexpect.EOF]) == 1, dialogue.after
    assert dialogue.exitstatus == code


def test_an_account_is_deleted_only_when_that_is_confirmed(site: Site) -> None:
    site.useradd("leaving", PASSWORD)
    done = site.host.run(["jitsi-userdel", "leaving"], check=False)
    assert done.returncode == 2 and "--yes" in done.stderr
    argv = site.host.argv(["jitsi-userdel", "leaving"])
    for answer, code in (("n", 1), ("y", 0)):
        assert site.login("leaving", PASSWORD)
        with pexpect.spawn(argv[0], argv[1:], timeout=20, encoding="utf-8") as dialogue:
            dialogue.expect_exact("Delete the account leaving?")
            dialogue.sendline(answer)
            dialogue.expect(pexpect.EOF)
        assert dialogue.exitstatus == code
    assert not site.login("leaving", PASSWORD)


def test_facts_as_json(site: Site) -> None:
    facts = json.loads(site.host.run(["jitsi-useradd", "--generate", "--json", "judy"]).stdout)
    assert site.login("judy", facts.pop("password"))
    assert facts == {"added": "judy", "jid": "judy@meet.jitsi", "url": URL.rstrip("/")}


def test_service_accounts_are_not_people(site: Site) -> None:
    assert not site.login("alien", "WelcomeBOB!", domain=f"auth.{DOMAIN}")


def test_a_prosody_that_hangs_is_given_up(site: Site) -> None:
    # Where new processes begin all the time the kernel's freezer gives up at times, and lets go of what it had.
    wait_until(lambda: site.compose("pause", "prosody", check=False).returncode == 0, "a prosody that hangs")
    try:
        done = site.useradd("heidi", PASSWORD, check=False)
        assert done.returncode == 1 and done.stderr.startswith("jitsi-useradd: ")
    finally:
        site.compose("unpause", "prosody")
    assert not site.login("heidi", PASSWORD)


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


def test_a_full_store_loses_nothing_and_keeps_no_half_account(stopped: Site) -> None:
    """CONFIG on a small file system of its own, mounted before Docker starts, which sees no later ones."""
    stopped.host.dockerd_stop()
    stopped.host.run(f"mv {CONFIG} {CONFIG}.disk && mkdir -m 700 {CONFIG} && "
                     f"mount -t tmpfs -o size=8m,mode=700 none {CONFIG} && cp -a {CONFIG}.disk/. {CONFIG}/")
    stopped.host.dockerd_start()
    stopped.rc("start")
    stopped.host.run(f"dd if=/dev/zero of={CONFIG}/fill bs=4k", check=False)
    done = stopped.useradd("mallory", PASSWORD, check=False)
    assert done.returncode == 1 and "make room on the file system of CONFIG" in done.stderr
    assert stopped.login("alien", "WelcomeBOB!")
    stopped.host.run(["rm", f"{CONFIG}/fill"])
    assert not stopped.login("mallory", PASSWORD)
    stopped.useradd("mallory", PASSWORD)
    assert stopped.login("mallory", PASSWORD)


def test_without_docker_it_says_how_to_start_that(stopped: Site) -> None:
    stopped.host.dockerd_stop()
    done = stopped.useradd("heidi", PASSWORD, check=False)
    assert done.returncode == 1 and "/etc/rc.d/rc.docker start" in done.stderr


def test_where_nothing_is_applied_it_says_so(bare: Site) -> None:
    done = bare.useradd("heidi", PASSWORD, check=False)
    assert done.returncode == 1 and "found none applied" in done.stderr
