"""setup as a new administrator meets it: on a terminal, from files, from pkgtool's menu, out of the tutorial's .env.

One host for all of it; only what was made of the tutorial's .env is started.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Iterator, List, Tuple

import bed
import pexpect
import pytest
from bed.site import CONF, CONFIG, Site
from unit.setup.examples import TUTORIAL

pytestmark = pytest.mark.bed

SECRETS = "/etc/jitsi-meet/secrets.conf"
OLD_SITE = "/usr/local/docker-jitsi-meet-stable-6826"
SAMPLE = "# nothing here yet\n"


@pytest.fixture(scope="module")
def installed(lan: bed.Lan, txz: Path) -> Iterator[Site]:
    """The package on a host that has the tutorial's directory with its .env; nothing is set up, Docker is off."""
    with bed.Host(lan, name="darkstar") as host:
        site = Site(host)
        site.install(txz)
        host.run(["mkdir", "-p", OLD_SITE])
        host.write(f"{OLD_SITE}/.env", TUTORIAL.read_text())
        yield site


@pytest.fixture
def fresh(installed: Site) -> Site:
    installed.host.run(f"rm -f {CONF}* {SECRETS}")
    installed.host.write(CONF, SAMPLE)
    return installed


@contextlib.contextmanager
def terminal(site: Site, command: List[str]) -> Iterator[pexpect.spawn]:
    argv = site.host.argv(command)
    with pexpect.spawn(argv[0], argv[1:], timeout=20, encoding="utf-8", echo=False, dimensions=(50, 200)) as dialogue:
        yield dialogue


def answer(dialogue: pexpect.spawn, *pairs: Tuple[str, str]) -> None:
    for prompt, text in pairs:
        dialogue.expect_exact(prompt)
        dialogue.sendline(text)


def untouched(site: Site) -> bool:
    return site.host.read(CONF) == SAMPLE and not site.host.exists(SECRETS)


def test_a_new_administrator_answers_on_a_terminal(fresh: Site) -> None:
    with terminal(fresh, ["jitsictl", "setup"]) as dialogue:
        answer(dialogue, ("Address (https://...) [https://darkstar.lan]: ", "meet.darkstar.lan"))
        dialogue.expect_exact("PUBLIC_URL: 'meet.darkstar.lan' ")  # what check would say
        answer(dialogue, ("Address (https://...)", "https://meet.darkstar.lan/"))
        dialogue.expect_exact("behind NAT")
        answer(
            dialogue,
            (f"IP address [{fresh.host.ip}]: ", f"8.8.8.8,{fresh.host.ip}"),
            ("Time zone", "Europe/Amsterdam"),
            ("Use IPv6? [y/N]: ", ""),
            ("Only people with an account? [Y/n]: ", ""),
            ("Let them in as guests? [Y/n]: ", "n"),
            ("With shared documents? [Y/n]: ", "n"),
        )
        dialogue.expect_exact(f"wrote {CONF}")
        dialogue.expect_exact("udp --dport 10000")
        dialogue.expect_exact("jitsi-useradd NAME")
        dialogue.expect(pexpect.EOF)
    assert dialogue.exitstatus == 0
    settings = [line for line in fresh.host.read(CONF).splitlines() if line and not line.startswith("#")]
    assert settings == [
        "PUBLIC_URL=https://meet.darkstar.lan",
        f"JVB_ADVERTISE_IPS=8.8.8.8,{fresh.host.ip}",
        "TZ=Europe/Amsterdam",
        "ENABLE_IPV6=0",
        "ENABLE_GUESTS=0",
    ]
    assert fresh.host.stat(CONF).st_mode & 0o777 == 0o600
    assert fresh.jitsictl("check").returncode == 0


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "end of input"])
def test_who_stops_half_way_leaves_nothing_behind(fresh: Site, key: str) -> None:
    # In a session of its own: Ctrl-C would end nsenter, too, and its end closes the terminal before all is said.
    with terminal(fresh, ["setsid", "--ctty", "--wait", "jitsictl", "setup"]) as dialogue:
        answer(dialogue, ("Address", "https://meet.darkstar.lan"))
        dialogue.expect_exact("IP address")
        dialogue.send(key)
        dialogue.expect_exact("nothing was changed")
        dialogue.expect(pexpect.EOF)
    assert dialogue.exitstatus == 1
    assert untouched(fresh)


def test_a_taken_port_is_told_with_its_holder_and_another_proposed(fresh: Site) -> None:
    holder = fresh.host.spawn(["python3", "-m", "http.server", "--bind", "127.0.0.1", "8440"])
    fresh.host.run("until curl -s -o /dev/null http://127.0.0.1:8440/; do :; done", timeout=20)
    command = ["jitsictl", "setup", "--url", "https://meet.darkstar.lan", "--timezone", "UTC"]
    try:
        printed = fresh.jitsictl(*command[1:], "--yes", "--dry-run").stdout
        assert "HTTP_PORT=127.0.0.1:8441\n" in printed
        with terminal(fresh, command) as dialogue:
            answer(dialogue, ("IP address", ""))
            dialogue.expect(r"127\.0\.0\.1:8440 is taken by python3\S* \(pid \d+\); 127\.0\.0\.1:8441 is free")
            dialogue.sendcontrol("c")
            dialogue.expect(pexpect.EOF)
    finally:
        holder.kill()
    assert untouched(fresh)


def test_unattended_from_answers(fresh: Site) -> None:
    fresh.host.write("/root/site.conf", "PUBLIC_URL=https://meet.darkstar.lan\nENABLE_LOBY=1\nETHERPAD=0\n")
    done = fresh.jitsictl("setup", "--yes", "--answers", "/root/site.conf", check=False)
    assert done.returncode == 5 and "/root/site.conf:2: ENABLE_LOBY" in done.stderr
    assert untouched(fresh)
    fresh.host.write("/root/site.conf", "PUBLIC_URL=https://meet.darkstar.lan\nENABLE_LOBBY=0\nLDAP_BINDPW=fedcba98\n")
    options = ("--yes", "--answers", "/root/site.conf", "--no-etherpad", "--set", "JVB_PORT=10001")
    printed = fresh.jitsictl("setup", *options, "--dry-run").stdout
    assert untouched(fresh)
    fresh.jitsictl("setup", *options)
    assert fresh.host.read(CONF) == printed
    assert "ENABLE_LOBBY=0\n" in printed and "JVB_PORT=10001\n" in printed and "fedcba98" not in printed
    assert fresh.host.read(SECRETS).endswith("LDAP_BINDPW=fedcba98\n")
    done = fresh.jitsictl("setup", *options, check=False)
    assert done.returncode == 1 and "--replace" in done.stderr
    assert fresh.jitsictl("setup", "--replace", "--yes", "--answers", CONF).returncode == 0
    assert fresh.host.exists(f"{CONF}.old")


def test_without_a_terminal_it_asks_for_the_option(fresh: Site) -> None:
    done = fresh.jitsictl("setup", check=False, input="")
    assert done.returncode == 2 and "expected --url" in done.stderr
    done = fresh.jitsictl("setup", "--drop", "TZ", check=False)
    assert done.returncode == 2 and "--from" in done.stderr
    assert untouched(fresh)


def test_pkgtools_menu_runs_it(fresh: Site) -> None:
    menu = "( cd / ; . /var/lib/pkgtools/setup/setup.jitsi-meet // /dev/sda1 ) ; echo the menu"
    with terminal(fresh, ["bash", "-c", menu]) as dialogue:
        dialogue.expect_exact("Address (https://...)")
        dialogue.sendcontrol("d")
        answer(dialogue, ("Press ENTER to go on. ", ""))
        dialogue.expect_exact("the menu")
        dialogue.expect(pexpect.EOF)
    assert untouched(fresh)


def test_a_wrong_env_changes_nothing(fresh: Site) -> None:
    fresh.host.write("/root/wrong.env", TUTORIAL.read_text() + "ENABLE_LOBY=1\nJWT_APP_ID=pa$word\n")
    done = fresh.jitsictl("setup", "--from", "/root/wrong.env", check=False)
    assert done.returncode == 5 and "--drop NAME" in done.stderr
    assert "ENABLE_LOBY" in done.stderr and "JWT_APP_ID: has $word" in done.stderr
    done = fresh.jitsictl("setup", "--from", "/root/wrong.env", "--json", check=False)
    assert done.returncode == 5 and json.loads(done.stdout)["valid"] is False
    assert untouched(fresh)


def test_the_tutorials_env_is_taken_over_checked_and_started(fresh: Site) -> None:
    before = fresh.host.run(f"ls -la --full-time {OLD_SITE}; md5sum {OLD_SITE}/.env").stdout
    lines = TUTORIAL.read_text().splitlines()
    rows = json.loads(fresh.jitsictl("setup", "--from", f"{OLD_SITE}/.env", "--json", "--dry-run").stdout)["lines"]
    assert [row["name"] for row in rows] == [line.partition("=")[0] for line in lines]
    assert untouched(fresh)

    done = fresh.jitsictl("setup", "--from", f"{OLD_SITE}/.env")
    for number, line in enumerate(lines, start=1):
        assert f"{OLD_SITE}/.env:{number}: {line.partition('=')[0]} " in done.stdout
    assert "HTTP_PORT translated: HTTP_PORT=127.0.0.1:8440; " in done.stdout
    assert "were not touched" in done.stdout and "NmjPGpn" not in done.stdout + done.stderr
    assert fresh.host.run(f"ls -la --full-time {OLD_SITE}; md5sum {OLD_SITE}/.env").stdout == before
    assert "NmjPGpn" not in fresh.host.read(CONF) and "JWT_APP_SECRET=NmjPGpn" in fresh.host.read(SECRETS)
    assert fresh.host.stat(SECRETS).st_mode & 0o777 == 0o600
    assert fresh.jitsictl("check").returncode == 0

    fresh.host.dockerd_start()
    assert "https://meet.darkstar.lan is up" in fresh.rc("start").stdout
    secrets = fresh.host.read(SECRETS)
    assert secrets.count("JVB_AUTH_PASSWORD=") == 1, "passwords that came along are not made anew"
    assert "sso.meet.darkstar.lan" in fresh.host.http("/config.js").body
    assert fresh.host.exists(f"{CONFIG}/etherpad")
    fresh.rc("stop")
