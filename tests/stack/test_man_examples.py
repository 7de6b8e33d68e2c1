"""The examples of the account verbs' manual pages, typed as they stand there, on a terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List

import pexpect
import pytest
from bed.site import Site

pytestmark = pytest.mark.bed

MAN = Path(__file__).parents[2] / "src/man"
PASSWORD = "Welcome to BOB's"
STAFF = "name,password\nalice,\nbob,\"A word, and another\"\n"


def examples(page: str) -> List[str]:
    """The commands of a page's section EXAMPLES."""
    text = (MAN / f"{page}.8").read_text().split(".SH EXAMPLES", 1)[1].split(".SH ", 1)[0]
    found = [line[3:].replace("\\-", "-") for line in text.splitlines() if line.startswith(".B ")]
    assert len(found) == text.count(".TP") > 0
    return found


def typed(site: Site, command: str) -> str:
    """What is seen of `command`, whose questions are answered; it must succeed."""
    argv = site.host.argv(["/bin/sh", "-c", f"cd /root && {command}"])
    seen = ""
    with pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8") as dialogue:
        while (at := dialogue.expect([r"(?:assword[^\n]*|Once more): ", r"\[y/N\]: ", pexpect.EOF])) < 2:
            seen += str(dialogue.before)
            dialogue.sendline(PASSWORD if at == 0 else "y")
        seen += str(dialogue.before)
    assert dialogue.exitstatus == 0, f"{command}: {seen}"
    assert PASSWORD not in seen
    return seen


@pytest.fixture(scope="module")
def site(refused: Site) -> Site:
    """With the files and the other server that the pages speak of; that one is this host, too."""
    refused.host.write("/root/alien.password", PASSWORD + "\n")
    refused.host.write("/root/staff.csv", STAFF)
    refused.host.write("/usr/local/bin/ssh", '#!/bin/sh\nshift\nexec "$@"\n')
    refused.host.run(["chmod", "755", "/usr/local/bin/ssh"])
    return refused


def names(site: Site) -> List[str]:
    return site.jitsictl("user", "list").stdout.split()


@pytest.mark.parametrize("command", examples("jitsi-useradd"))
def test_jitsi_useradd(site: Site, command: str) -> None:
    for name in ("alien", "eric"):
        site.host.run(["jitsi-userdel", "--yes", name], check=False)
    typed(site, command)
    wanted = {name for name in ("alien", "eric") if re.search(rf"\b{name}\b", command.partition("<")[0])}
    assert wanted == {"alien", "eric"} & set(names(site))
    assert "generate" in command or site.login("alien", PASSWORD)


@pytest.mark.parametrize("command", examples("jitsi-passwd"))
def test_jitsi_passwd(site: Site, command: str) -> None:
    site.host.run(["jitsi-userdel", "--yes", "alien"], check=False)
    site.useradd("alien", "another")
    seen = typed(site, command)
    assert not site.login("alien", "another")
    assert site.login("alien", seen.split()[-1] if "generate" in command else PASSWORD)


@pytest.mark.parametrize("command", examples("jitsi-userdel"))
def test_jitsi_userdel(site: Site, command: str) -> None:
    site.useradd("alien", PASSWORD, check=False)
    typed(site, command)
    assert "alien" not in names(site)


def test_jitsictl_user(site: Site) -> None:
    """In the page's order: one example's file is another's."""
    site.useradd("alien", PASSWORD, check=False)
    seen = {command: typed(site, command) for command in examples("jitsictl-user")}
    assert {"alien", "alice", "bob"} <= set(names(site))
    assert site.login("bob", "A word, and another") and site.login("alien", PASSWORD)
    assert seen["jitsictl user list 'al*'"].split() == ["alice", "alien"]
    assert "alien" in site.host.read("/root/accounts.csv")
