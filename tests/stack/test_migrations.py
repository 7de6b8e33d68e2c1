"""Files of people and of images across stable-11146 and back, and reseed --fresh, by their bytes."""

from __future__ import annotations

import pytest
from bed.site import CONFIG, NEW, STATE, Site

pytestmark = pytest.mark.bed

# What must survive (upstream's second list), with what a site of a root release may have in each.
OWN = {
    "prosody/prosody-plugins-custom/mod_mine.lua": "-- mine\n",
    "prosody/config/conf.d/own.cfg.lua": "-- an admin's own\n",
    "web/custom-config.js": "config.mine = 1;\n",
    "web/custom-interface_config.js": "interfaceConfig.mine = 1;\n",
    "web/nginx/custom-meet.conf": "# mine\n",
    "web/nginx-custom/mine.conf": "# mine\n",
    "web/jaas-account-created.txt": "yes\n",
    "jicofo/custom-jicofo.conf": "# mine\n",
    "jvb/custom-jvb.conf": "# mine\n",
    "jvb/custom-sip-communicator.properties": "# mine\n",
}
MOVED = {
    "transcripts/room/2026.txt": "storage/transcripts/room/2026.txt",
    "jibri/recordings/room/talk.mp4": "storage/jibri/recordings/room/talk.mp4",
    "web/keys/own.key": "storage/web/keys/own.key",
    "web/acme-certs/meet.darkstar.lan/fullchain.pem": "storage/web/acme-certs/meet.darkstar.lan/fullchain.pem",
}
ACME = "web/acme.sh/account.conf"


def put(site: Site, *paths: str, text: str = "") -> None:
    for path in paths:
        site.host.write(f"{CONFIG}/{path}", text or OWN.get(path) or f"content of {path}\n")


def sums(site: Site, *paths: str) -> str:
    return site.host.run(["sha256sum", *paths], cwd=CONFIG).stdout


def test_fresh_makes_rendered_files_anew_and_keeps_every_other_byte(running_old: Site) -> None:
    site = running_old
    put(site, *OWN, *MOVED, ACME)
    site.rc("reload")
    store = "prosody/config/data/meet%2ejitsi/accounts/alien.dat"
    kept = (*OWN, *MOVED, ACME, store)
    before = sums(site, *kept)
    rendered = ("web/config.js", "prosody/config/prosody.cfg.lua", "jicofo/jicofo.conf")
    as_made = sums(site, *rendered)
    site.host.run(f"echo '// by hand' >>{CONFIG}/web/config.js")
    ran = site.containers()

    said = site.jitsictl("reseed", "--fresh").stdout
    assert "rendered files set aside" in said and "restarted: prosody, jvb, jicofo, web" in said
    assert sums(site, *kept) == before
    assert sums(site, *rendered) == as_made
    assert site.login("alien", "WelcomeBOB!")
    assert set(site.containers()) == set(ran) and not set(site.containers().values()) & set(ran.values())
    found = site.host.run(f"grep -l 'by hand' {CONFIG}/.snapshots/*/web_config.js").stdout
    assert len(found.splitlines()) == 1
    again = site.jitsictl("plan")
    assert again.returncode == 0


def test_recordings_transcripts_and_keys_go_there_and_back(running_old: Site) -> None:
    site = running_old
    put(site, *OWN, *MOVED, ACME)
    site.host.run(f"chmod 600 {CONFIG}/web/keys/own.key; chown -R 999:999 {CONFIG}/transcripts")
    inode = site.host.stat(f"{CONFIG}/jibri/recordings/room").st_ino
    own, moved = sums(site, *OWN), [line.split()[0] for line in sums(site, *MOVED).splitlines()]
    plan = site.jitsictl("plan", "--release", NEW, check=False).stdout
    assert "moved below CONFIG, recordings: jibri/recordings -> storage/jibri/recordings" in plan

    site.rc("upgrade", NEW)
    assert [line.split()[0] for line in sums(site, *MOVED.values()).splitlines()] == moved
    assert sums(site, *OWN) == own
    assert site.host.stat(f"{CONFIG}/storage/jibri/recordings/room").st_ino == inode, "copied, not renamed"
    for path in MOVED.values():
        assert (site.host.stat(f"{CONFIG}/{path}").st_uid, site.host.stat(f"{CONFIG}/{path}").st_gid) == (1000, 1000)
    assert not site.host.exists(f"{CONFIG}/{ACME}")
    nothing = site.jitsictl("reseed", "--fresh")
    assert "there is no rendered file to drop" in nothing.stderr and "nothing to do" in nothing.stdout
    put(site, "web/config.js", text="// of an older release\n")
    ran = site.containers()
    assert "rendered files set aside" in site.jitsictl("reseed", "--fresh").stdout
    assert not site.host.exists(f"{CONFIG}/web/config.js") and site.containers() == ran
    put(site, "storage/transcripts/later/2027.txt")
    site.useradd("later", "only under the new release")

    for _ in range(2):  # the two uses of --fresh were a change each, the second one alone made a generation
        site.rc("rollback")
    assert [line.split()[0] for line in sums(site, *MOVED).splitlines()] == moved
    assert sums(site, *OWN) == own
    assert site.host.read(f"{CONFIG}/transcripts/later/2027.txt") == "content of storage/transcripts/later/2027.txt\n"
    assert site.host.stat(f"{CONFIG}/transcripts/later").st_uid == 999
    assert site.host.run(["ls", f"{CONFIG}/storage/transcripts"]).stdout == ""
    assert site.login("alien", "WelcomeBOB!") and site.login("later", "only under the new release")


def test_what_cannot_go_back_is_refused_with_the_reason(running: Site) -> None:
    site = running
    site.conf("# another generation\n")
    site.rc("reload")
    ran, first = site.containers(), f"{STATE}/generations/1"
    manifest = site.host.read(f"{first}/manifest.json")
    site.host.write(f"{first}/manifest.json", manifest.replace(NEW, "stable-11146-1"))
    done = site.rc("rollback", check=False)
    assert done.returncode == 5 and "cannot be; nothing was changed" in done.stderr
    assert "stable-11146-1 is not run: it keeps accounts where the next release does not look" in done.stderr
    site.host.run(["rm", "-r", first])
    done = site.rc("rollback", check=False)
    assert done.returncode == 1 and "found no manifest.json" in done.stderr
    assert site.containers() == ran and site.host.run(["ls", f"{STATE}/change"]).stdout == ""


def test_what_does_not_fit_into_memory_stops_an_upgrade_before_it_begins(running_old: Site) -> None:
    site = running_old
    ran = site.containers()
    site.host.run(f"dd if=/dev/zero of={CONFIG}/jvb/java.hprof bs=1M count=14")
    done = site.rc("upgrade", NEW, check=False)
    assert done.returncode == 1 and "java.hprof 14.7 MB" in done.stderr
    assert site.containers() == ran
