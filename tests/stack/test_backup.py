"""A running site in one file, and back: onto an empty host, over a running site, undone when it does not come up."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path
from typing import Callable, Iterator, List

import bed
import pytest
from bed.base import wait_until
from bed.site import CONF, CONFIG, NEW, OLD, PROJECT, STATE, Site, copied, installed

pytestmark = pytest.mark.bed

TEXT = "What was written before the backup.\n"
STORES = {OLD: f"{CONFIG}/prosody/config/data", NEW: f"{CONFIG}/storage/prosody/data"}
FILE = "/root/site.tar.xz"
OWN = {
    f"{CONFIG}/web/custom-config.js": "config.mine = 1;\n",
    f"{CONFIG}/prosody/config/conf.d/mine.cfg.lua": "-- mine\n",
    f"{CONFIG}/web/keys/cert.key": "a key of mine\n",
}


def records(site: Site, release: str) -> List[str]:
    """Every account's record: name, bits, owner, hash. Verification's own account comes and goes."""
    where = f"{STORES[release]}/meet%2ejitsi/accounts"
    look = f"cd '{where}' && find . -type f -printf '%P %m %U:%G\\n' && find . -type f -exec md5sum {{}} +"
    return sorted(line for line in site.host.run(look).stdout.splitlines() if "jitsictl" not in line)


@pytest.fixture(scope="module")
def prepared(lan: bed.Lan, txz: Path) -> bed.Host:
    """A switched-off host whose site of the last root release has an account, a pad and files of the admin's own."""
    site = installed(bed.Host(lan, name="darkstar").up(), txz, release=OLD)
    for path, text in OWN.items():
        site.host.run(["mkdir", "-p", str(Path(path).parent)])
        site.host.write(path, text)
    site.rc("start")
    site.useradd("alien", "WelcomeBOB!")
    site.pad("minutes", TEXT)
    return site.switch_off()


@pytest.fixture
def full(prepared: bed.Host) -> Iterator[Site]:
    """That site, running, on a host of its own."""
    with copied(prepared) as site:
        site.rc("start")
        yield site


def carried(site: Site, other: Site) -> None:
    """The backup in FILE goes to another host, as scp would bring it."""
    data = subprocess.run(site.host.argv(["cat", FILE]), stdout=subprocess.PIPE, check=True).stdout
    other.host.write(FILE, data)


def test_a_site_moves_to_an_empty_host_while_people_log_in(
    full: Site, host: Callable[..., bed.Host], txz: Path
) -> None:
    ran, before = full.containers(), records(full, OLD)
    logins = full.host.spawn(["sh", "-c", "while :; do curl -fsS http://127.0.0.1:8440/config.js >/dev/null; done"])
    said = full.jitsictl("backup", FILE).stdout
    assert full.login("alien", "WelcomeBOB!")
    logins.kill()
    assert full.containers() == ran and records(full, OLD) == before
    assert "accounts: 1; pads: 1" in said and re.search(rf"{FILE}: [0-9.]+ kB, after", said)
    assert full.host.stat(FILE).st_mode & 0o777 == 0o600
    assert "found one; give another name, or --force" in full.jitsictl("backup", FILE, check=False).stderr
    held = json.loads(full.jitsictl("backup", "--list", "--json", FILE).stdout)
    assert (held["accounts"], held["pads"], held["release"]) == (1, 1, OLD)
    assert held["package"].startswith("docker-jitsi-meet-")

    other = Site(host(name="moved"))
    other.host.dockerd_start()
    other.install(txz)
    carried(full, other)
    full.rc("stop")
    dry = other.jitsictl("restore", "--dry-run", FILE).stdout
    assert f"start prosody, jvb, jicofo, etherpad, web at {OLD}" in dry and "nothing was done" in dry
    assert not other.host.exists(f"{STATE}/current") and not other.host.exists(CONFIG)
    done = other.jitsictl("restore", FILE, check=False)
    assert done.returncode == 2 and "give --yes" in done.stderr
    said = other.jitsictl("restore", "--yes", FILE).stdout
    assert "every account is there: 1" in said and "every pad is there: 1" in said and f"{OLD} runs" in said
    assert records(other, OLD) == before
    assert other.login("alien", "WelcomeBOB!") and not other.login("alien", "WelcomeBOB?")
    assert other.pad("minutes") == TEXT
    for path, text in OWN.items():
        assert other.host.read(path) == text
    assert other.host.read(CONF) == full.host.read(CONF)
    assert other.status()["exit"] == 0
    assert other.jitsictl("plan").returncode == 0
    other.rc("upgrade", NEW)
    assert other.login("alien", "WelcomeBOB!") and other.pad("minutes") == TEXT


def test_over_a_running_site_and_back(full: Site) -> None:
    before, conf = records(full, OLD), full.host.read(CONF)
    full.jitsictl("backup", FILE)
    full.rc("upgrade", NEW)
    full.useradd("later", "after the backup")
    full.pad("later", "after the backup\n")
    later = records(full, NEW)
    full.host.run(f"echo '# later' >> {CONF}; rm {CONFIG}/web/custom-config.js")
    now = full.host.read(CONF)

    said = full.jitsictl("restore", "--yes", FILE).stdout
    assert f"release: {NEW} -> {OLD}" in said and "rc.jitsi rollback" in said
    assert records(full, OLD) == before and full.host.read(CONF) == conf
    assert full.login("alien", "WelcomeBOB!") and not full.login("later", "after the backup")
    assert full.pad("minutes") == TEXT
    assert full.host.read(f"{CONFIG}/web/custom-config.js") == OWN[f"{CONFIG}/web/custom-config.js"]
    listed = full.jitsictl("backup", "--list").stdout
    assert "all that a restore replaced" in listed

    full.rc("rollback")
    assert full.status()["release"] == NEW
    assert records(full, NEW) == later and full.host.read(CONF) == now
    assert full.login("later", "after the backup")
    assert full.pad("later") == "after the backup\n"
    assert not full.host.exists(f"{CONFIG}/web/custom-config.js")


def test_a_restore_whose_images_cannot_be_had_touches_nothing(full: Site) -> None:
    full.jitsictl("backup", FILE)
    full.rc("upgrade", NEW)
    ran, later = full.containers(), records(full, NEW)
    full.host.run(f"docker image ls --format '{{{{.Repository}}}}:{{{{.Tag}}}}' | grep {OLD} | xargs docker image rm")
    full.host.run(["ip", "route", "replace", "unreachable", "10.77.0.1/32"])
    done = full.jitsictl("restore", "--yes", FILE, check=False)
    assert done.returncode == 1 and OLD in done.stderr and "Traceback" not in done.stderr
    assert full.containers() == ran and records(full, NEW) == later
    assert full.host.run(["ls", f"{STATE}/change"]).stdout == ""


def test_a_site_that_does_not_come_up_is_undone(full: Site) -> None:
    """The archive is of a site whose own Prosody module keeps it from starting; what ran before runs again."""
    broken = f"{CONFIG}/prosody/config/conf.d/mine.cfg.lua"
    full.host.write(broken, "this is no Lua (\n")
    full.jitsictl("backup", FILE)
    full.host.write(broken, OWN[broken])
    full.useradd("later", "after the backup")
    before = records(full, OLD)
    done = full.jitsictl("restore", "--yes", FILE, check=False, timeout=400)
    assert done.returncode == 1, done.stdout
    assert records(full, OLD) == before
    assert full.host.read(broken) == OWN[broken]
    assert full.login("later", "after the backup") and full.pad("minutes") == TEXT
    assert full.status()["exit"] == 0


@pytest.mark.parametrize("at", ["unpack", "stop ", "recreate jvb"], ids=["unpack", "stop", "recreate"])
def test_killed_at_any_time_the_next_start_puts_everything_back(full: Site, at: str) -> None:
    full.jitsictl("backup", FILE)
    full.useradd("later", "after the backup")
    before, conf = records(full, OLD), full.host.read(CONF)
    log = "/var/log/jitsi-meet/jitsi-meet.log"
    told = len(full.host.read(log))
    helper = full.host.spawn(["jitsictl", "restore", "--yes", FILE])
    wait_until(lambda: f'"begin", "text": "{at}' in full.host.read(log)[told:], f"the step {at}", 60)
    helper.send_signal(signal.SIGKILL)
    helper.wait(20)
    said = full.rc("start").stdout
    assert "the restore that was interrupted is undone; what ran before it is applied" in said
    assert records(full, OLD) == before and full.host.read(CONF) == conf
    assert full.login("later", "after the backup") and full.pad("minutes") == TEXT
    assert full.status()["exit"] == 0


def test_damaged_archives_are_refused_and_nothing_stops(full: Site) -> None:
    full.jitsictl("backup", FILE)
    ran = full.containers()
    size = full.host.stat(FILE).st_size
    full.host.run(f"head -c {size - 1} {FILE} > /root/short.tar.xz; cp {FILE} /root/bad.tar.xz")
    full.host.run(f"printf 'x' | dd of=/root/bad.tar.xz bs=1 seek={size // 2} conv=notrunc")
    for name, said in (("short", "cut short"), ("bad", "damaged"), ("none", "no such file")):
        for verb in (["restore", "--yes"], ["restore", "--dry-run"], ["backup", "--list"]):
            done = full.jitsictl(*verb, f"/root/{name}.tar.xz", check=False)
            assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert full.containers() == ran


def test_standard_output_and_secrets_stay_out_of_the_log(full: Site) -> None:
    full.host.run(f"jitsictl backup - > {FILE}")
    full.jitsictl("backup", "--list", FILE)
    said = full.jitsictl("restore", "--yes", "--verbose", FILE).stdout
    secrets = full.host.read("/etc/jitsi-meet/secrets.conf")
    values = [line.split("=", 1)[1] for line in secrets.splitlines() if "=" in line and not line.startswith("#")]
    assert values
    seen = said + full.host.read("/var/log/jitsi-meet/jitsi-meet.log")
    assert not [value for value in values if value in seen]


def test_old_states_go(full: Site) -> None:
    full.conf("SNAPSHOTS_KEPT=2\n")
    for number in range(5):
        full.host.run(f"sed -i '/^ETHERPAD_TITLE=/d' {CONF}; echo ETHERPAD_TITLE=Pads{number} >> {CONF}")
        full.rc("reload")
    assert len(full.host.run(["ls", f"{STATE}/generations"]).stdout.split()) == 3
    assert len(full.jitsictl("backup", "--list").stdout.splitlines()) == 2
    assert full.pad("minutes") == TEXT and full.host.exists(f"{PROJECT}/compose.yaml")
