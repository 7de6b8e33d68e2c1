"""Accounts by the thousand and from one server to another, against real Prosodys, each proved by a login."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import signal
from typing import Dict, List

import pexpect
import pytest
from bed.base import wait_until
from bed.site import CONFIG, NEW, OLD, Site

pytestmark = pytest.mark.bed

STORE = {NEW: f"{CONFIG}/storage/prosody/data", OLD: f"{CONFIG}/prosody/config/data"}
RANDOM = random.Random("accounts")


@pytest.fixture(params=[NEW, OLD])
def site(both: Dict[str, Site], request: pytest.FixtureRequest) -> Site:
    return both[request.param]


def report(site: Site, path: str) -> Dict[str, Dict[str, str]]:
    assert site.host.stat(path).st_mode & 0o777 == 0o600
    return {row["name"]: row for row in csv.DictReader(io.StringIO(site.host.read(path)))}


def names(site: Site, pattern: str) -> List[str]:
    return site.jitsictl("user", "list", pattern).stdout.split()


def made(site: Site, pattern: str, count: int) -> None:
    """Wait until so many are."""
    wait_until(lambda: len(names(site, pattern)) >= count, f"{count} accounts {pattern}", 30)


def test_a_thousand_are_made_while_the_site_runs_and_log_in(site: Site) -> None:
    """Half of them with passwords that are made; all of them at once with one command, and once more."""
    given = {f"t{n:04d}": f"Pass, \"word\" {n}" if n % 2 else "" for n in range(1000)}
    text = io.StringIO()
    csv.writer(text).writerows(given.items())
    site.host.write("/root/staff.csv", text.getvalue())
    running = site.containers()
    assert "would be: 1000 accounts made, 500 passwords generated" in site.jitsictl(
        "user", "import", "--dry-run", "/root/staff.csv").stdout
    assert names(site, "t*") == []
    facts = json.loads(site.jitsictl("user", "import", "--json", "/root/staff.csv").stdout)
    assert facts == {"created": 1000, "changed": 0, "skipped": 0, "before": 0, "generated": 500, "logins": 3,
                     "report": "/root/staff.made.csv"}
    reported = report(site, "/root/staff.made.csv")
    assert names(site, "t????") == sorted(given) == sorted(reported)
    for name in RANDOM.sample(sorted(given), 10):
        password = given[name] or reported[name]["password"]
        assert site.login(name, password) and not site.login(name, password + "x")
    assert site.login("alien", "WelcomeBOB!") and site.containers() == running, "nothing was restarted"
    again = site.jitsictl("user", "import", "/root/staff.csv").stdout
    assert "0 accounts made, 1000 done before" in again


def test_an_import_that_was_killed_goes_on(site: Site) -> None:
    """Every password of the report is the right one, wherever the kill came."""
    site.host.write("/root/half.csv", "".join(f"h{n:04d}\n" for n in range(1500)))
    for at_least in (50, 300):
        child = site.host.spawn(["jitsictl", "user", "import", "/root/half.csv"])
        made(site, "h*", at_least)
        child.kill()
        child.communicate(timeout=10)
    before = report(site, "/root/half.made.csv")
    assert 300 <= len(names(site, "h*")) < 1500
    done = site.jitsictl("user", "import", "/root/half.csv")
    assert "done before" in done.stdout and names(site, "h*") == [f"h{n:04d}" for n in range(1500)]
    after = report(site, "/root/half.made.csv")
    assert {row["result"] for row in after.values()} == {"created"}
    assert all(after[name]["password"] == row["password"] for name, row in before.items())
    edge = list(before)[-60:]  # those that were on their way
    for name in RANDOM.sample(edge, 8):
        assert site.login(name, after[name]["password"])


def test_progress_on_a_terminal(site: Site) -> None:
    site.host.write("/root/shown.csv", "".join(f"p{n:04d},pass word {n}\n" for n in range(250)))
    argv = site.host.argv(["jitsictl", "user", "import", "/root/shown.csv"])
    with pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8", dimensions=(24, 120)) as dialogue:
        dialogue.expect(r"\d+ of 250 accounts, \d+ a second, \d+ s left")
        dialogue.expect("250 accounts made; ")
        dialogue.expect(pexpect.EOF)
    assert dialogue.exitstatus == 0


def test_an_interrupt_says_how_far_it_came(site: Site) -> None:
    site.host.write("/root/slow.csv", "".join(f"s{n:04d},pass word {n}\n" for n in range(2000)))
    child = site.host.spawn(["jitsictl", "user", "import", "/root/slow.csv"])
    made(site, "s*", 1)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=20)
    assert re.search(r"interrupted after \d+ of 2000 accounts; the same command again goes on with the others", said)
    assert child.returncode == 1 and len(names(site, "s*")) < 2000


def test_bad_lines_are_all_named_and_nothing_is_made(site: Site) -> None:
    site.host.write("/root/bad.csv", "name,password\nfresh,one word\nAlien,x\na b,y\nfresh,twice\nalien,other\n")
    done = site.jitsictl("user", "import", "/root/bad.csv", check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert re.findall(r"bad.csv:(\d+): ", done.stderr) == ["3", "4", "5"]
    site.host.write("/root/bad.csv", "fresh,one word\nalien,other\n")
    done = site.jitsictl("user", "import", "/root/bad.csv", check=False)
    assert done.returncode == 9 and "bad.csv:2: alien" in done.stderr
    assert not names(site, "fresh") and site.login("alien", "WelcomeBOB!")


def test_skip_update_and_fold_from_standard_input(site: Site) -> None:
    accounts = "Upper,pass word one\nalien,not this one\n"
    done = site.jitsictl("user", "import", "--skip", "--fold", "-", input=accounts)
    assert "1 accounts made, 1 left as they are" in done.stdout
    assert site.login("upper", "pass word one") and site.login("alien", "WelcomeBOB!")
    site.jitsictl("user", "import", "-q", "--update", "--fold", "-", input="Upper,pass word two\n")
    assert site.login("upper", "pass word two") and not site.login("upper", "pass word one")


def test_several_names_at_once(site: Site) -> None:
    done = site.host.run(["jitsi-useradd", "--generate", "anna", "ελένη"])
    words = dict(line.split(":") for line in done.stdout.splitlines())
    assert list(words) == ["anna", "ελένη"] and all(site.login(name, word) for name, word in words.items())
    done = site.host.run(["jitsi-useradd", "--generate", "otto", "anna"], check=False)
    assert done.returncode == 9 and not names(site, "otto") and site.login("anna", words["anna"])
    site.host.run(["jitsi-passwd", "-q", "--password-stdin", "anna", "ελένη"], input="word of anna\nword of ελένη\n")
    assert site.login("anna", "word of anna") and site.login("ελένη", "word of ελένη")
    assert site.host.run(["jitsi-userdel", "-q", "--yes", "anna", "ελένη"]).stdout == ""
    assert not names(site, "anna") and not site.login("ελένη", "word of ελένη")


def test_a_password_is_checked_by_a_login_and_not_printed(site: Site) -> None:
    check = ("user", "check", "--password-stdin")
    done = site.jitsictl(*check, "alien", input="WelcomeBOB!\n")
    assert done.stdout.startswith("alien logs in with this password") and "BOB" not in done.stdout
    done = site.jitsictl(*check, "alien", input="WelcomeEVE!\n", check=False)
    assert done.returncode == 1 and "found that it is another one" in done.stderr and "EVE" not in done.stderr
    assert site.jitsictl(*check, "nobody", input="whatever\n", check=False).returncode == 6


def test_a_disabled_account(site: Site) -> None:
    site.useradd("retired", "some pass word")
    shell = 'prosodyctl --config "$(ls /run/prosody/config/prosody.cfg.lua /config/prosody.cfg.lua 2>/dev/null)" shell'
    site.compose("exec", "-T", "prosody", "sh", "-c", f"{shell} user disable retired@meet.jitsi")
    assert json.loads(site.jitsictl("user", "show", "--json", "retired").stdout)["state"] == "disabled"
    done = site.jitsictl("user", "check", "--password-stdin", "retired", input="some pass word\n", check=False)
    assert done.returncode == 1 and "the account is disabled" in done.stderr
    done = site.jitsictl("user", "export", "--keys")
    assert "retired" not in done.stdout and "left out: retired: it is disabled" in done.stderr


def test_accounts_move_to_another_server_without_their_passwords(both: Dict[str, Site]) -> None:
    """From the old layout to the new one and back; the file is for root alone."""
    for here, there, name in ((OLD, NEW, "mover"), (NEW, OLD, "remover")):
        both[here].useradd(name, f"the word of {name}")
        both[here].jitsictl("user", "export", "--keys", "/root/keys.csv")
        assert both[here].host.stat("/root/keys.csv").st_mode & 0o777 == 0o600
        refused = both[here].jitsictl("user", "export", "--keys", "/root/keys.csv", check=False)
        assert refused.returncode == 1 and "--force" in refused.stderr
        keys = both[here].host.read("/root/keys.csv")
        both[here].host.run(["rm", "/root/keys.csv"])
        both[there].jitsictl("user", "import", "--skip", "-", input=keys)
        assert both[there].login(name, f"the word of {name}") and not both[there].login(name, "another word")
        both[there].host.run(["jitsi-passwd", "--password-stdin", name], input="another word\n")
        assert both[there].login(name, "another word")


@pytest.mark.parametrize("release", [NEW, OLD])
def test_accounts_of_an_old_prosody(both: Dict[str, Site], release: str) -> None:
    """Records as 0.11 wrote them: 4096 rounds, no times. Whoever writes keeps the store's owner."""
    site, folder = both[release], f"{STORE[release]}/meet%2ejitsi/accounts"
    text = (
        "from jitsictl.accounts import scram; k = scram.derived('from old times', 'SHA-1', 4096, b'0a1b2c3d-salt')\n"
        "print('return {\\n\\t[\"iteration_count\"] = 4096;\\n\\t[\"stored_key\"] = \"%s\";\\n\\t[\"salt\"] = "
        "\"0a1b2c3d-salt\";\\n\\t[\"server_key\"] = \"%s\";\\n};' % (k.stored.hex(), k.server.hex()))"
    )
    record = site.host.run(["python3", "-c", text], env={"PYTHONPATH": "/usr/libexec/docker-jitsi-meet/python"}).stdout
    site.host.write(f"{folder}/veteran.dat", record)
    site.host.run(f"chown --reference={folder}/alien.dat {folder}/veteran.dat")
    assert site.login("veteran", "from old times") and names(site, "veteran") == ["veteran"]
    assert "since nobody knows when" in site.jitsictl("user", "show", "veteran").stdout
    assert "veteran,SCRAM-SHA-1$4096:" in site.jitsictl("user", "export", "--keys").stdout
    site.jitsictl("user", "import", "--update", "-", input="veteran,of new times\n")
    assert site.login("veteran", "of new times")
    assert len(site.host.run(f"stat -c %u:%g {folder}/*.dat | sort -u").stdout.split()) == 1


def test_names_are_completed_from_the_store(site: Site) -> None:
    site.useradd("zebra", "black and white")
    for command, words in (("jitsi-userdel", "jitsi-userdel zeb"), ("jitsictl", "jitsictl user passwd zeb")):
        variable = f"_{command.upper().replace('-', '_')}_COMPLETE"
        env = {variable: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
        assert site.host.run([command], env=env).stdout.split() == ["plain,zebra"]


def test_reading_needs_nothing_that_runs(site: Site) -> None:
    """The last test of a site: it stays down."""
    known = names(site, "*")
    site.rc("stop")
    assert names(site, "*") == known and "alien" in known
    assert site.jitsictl("user", "export").stdout.split() == ["name", *known]
    assert "alien: enabled, since 20" in site.jitsictl("user", "show", "alien").stdout
    done = site.jitsictl("user", "import", "-n", "-", input="fresh,some word\n")
    assert done.stdout == "would be: 1 accounts made\n"
    for verb in (["import", "-"], ["check", "--password-stdin", "alien"]):
        done = site.jitsictl("user", *verb, input="fresh,some word\n", check=False)
        assert done.returncode == 1 and "Traceback" not in done.stderr
    site.host.dockerd_stop()
    assert names(site, "*") == known
