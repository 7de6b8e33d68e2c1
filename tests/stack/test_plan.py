"""What plan announces is what then happens; hand edits are shown; explain tells of a real site."""

from __future__ import annotations

import json
from typing import Any, Dict

import pytest
from bed.site import CONF, NEW, PROJECT, STATE, Site

pytestmark = pytest.mark.bed


def planned(site: Site, *options: str, code: int = 3) -> Dict[str, Any]:
    done = site.jitsictl("plan", "--json", *options, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    found: Dict[str, Any] = json.loads(done.stdout)
    return found


def announced(plan: Dict[str, Any]) -> set[str]:
    return {change["service"] for change in plan["services"] if change["action"] in ("recreated", "new", "removed")}


def restarted(site: Site, ran: Dict[str, str]) -> set[str]:
    now = site.containers()
    return {name for name in {*ran, *now} if now.get(name) != ran.get(name)}


def secrets(site: Site) -> list[str]:
    lines = site.host.read("/etc/jitsi-meet/secrets.conf").splitlines()
    return [line.split("=", 1)[1] for line in lines if "=" in line and not line.startswith("#")]


def test_what_is_announced_is_what_happens(running: Site) -> None:
    unchanged = planned(running, code=0)
    assert not unchanged["changes"] and not unchanged["services"] and not unchanged["files"]
    assert running.jitsictl("plan").stdout == "nothing to do: what jitsi.conf asks for is applied\n"

    running.conf("VIDEOBRIDGE_MAX_MEMORY=1024m\nENABLE_LOBBY=0\n")
    running.host.write("/usr/share/docker/data/jitsi-meet-cfg/web/custom-config.js", "config.foo = 1;\n")
    plan = planned(running)
    assert [(s["name"], s["before"], s["after"]) for s in plan["settings"]] == [
        ("VIDEOBRIDGE_MAX_MEMORY", None, "1024m"),
        ("ENABLE_LOBBY", None, "0"),
    ]
    number = len(running.host.read(CONF).splitlines())
    assert [s["origin"] for s in plan["settings"]] == [f"jitsi.conf:{number - 1}", f"jitsi.conf:{number}"]
    why = {service["service"]: service["why"] for service in plan["services"]}
    assert why == {
        "prosody": ["environment (ENABLE_LOBBY)"],
        "jvb": ["environment (VIDEOBRIDGE_MAX_MEMORY)"],
        "web": ["mounted file web/custom-config.js"],
    }
    assert plan["calls"] == {"conferences": 0, "participants": 0}
    # Its own start is in the log: what prosody took then is what is expected of it now.
    assert all(service["usual"]["times"] == 1 for service in plan["services"])
    text = running.jitsictl("plan", check=False).stdout
    assert "Running calls are interrupted; none runs now." in text
    assert "by the median of past changes here" in text
    assert max(len(line) for line in text.splitlines()) <= 80

    ran = running.containers()
    running.jitsictl("reseed")
    assert restarted(running, ran) == announced(plan)
    assert running.jitsictl("plan").returncode == 0


def test_hand_edits_are_shown_kept_and_replaced(running: Site) -> None:
    current = running.host.run(["readlink", f"{STATE}/current"]).stdout.strip()
    running.host.run(f"sed -i 's/8440/8441/' {PROJECT}/.env")  # sed replaces the link by a file
    running.host.run(f"echo 'SOMETHING=of-mine' >> {PROJECT}/env/jvb.env")
    plan = planned(running)
    assert [edit["name"] for edit in plan["edits"]] == ["env/jvb.env", ".env"]
    text = running.jitsictl("plan", check=False).stdout
    assert "-HTTP_PORT='127.0.0.1:8440'\n    +HTTP_PORT='127.0.0.1:8441'" in text
    assert "+SOMETHING=********" in text
    assert not [value for value in secrets(running) if value in text]

    assert not plan["services"]  # their containers are older than the edits
    running.compose("up", "-d", "--no-deps", "--force-recreate", "jvb", "web")
    plan = planned(running)

    ran = running.containers()
    said = running.jitsictl("reseed").stdout
    assert "+HTTP_PORT='127.0.0.1:8441'" in said and "env/jvb.env was changed by hand" in said
    assert restarted(running, ran) == announced(plan) == {"jvb", "web"}
    assert running.host.run(["readlink", f"{PROJECT}/.env"]).stdout.strip() == f"{STATE}/current/.env"
    assert "8440" in running.host.read(f"{PROJECT}/.env")
    kept = running.host.run(f"cat {current}/.env.*").stdout
    assert "8441" in kept
    assert "SOMETHING=of-mine" in running.host.read(f"{current}/env/jvb.env")
    assert running.jitsictl("plan").returncode == 0


def test_an_upgrade_across_the_layouts_is_planned_in_words_and_then_done(running_old: Site) -> None:
    running_old.conf("ENABLE_SCTP=1\n")
    running_old.jitsictl("reseed")
    text = running_old.jitsictl("plan", "--release", NEW, check=False).stdout
    assert "another layout: services run as uid 1000" in text
    assert "accounts: prosody/config/data -> storage/prosody/data" in text
    assert "ENABLE_SCTP loses its effect: it is always on; delete the line" in text
    assert f"ghcr.io/jitsi/web:{NEW}" in text
    assert max(len(line) for line in text.splitlines()) <= 80
    plan = planned(running_old, "--release", NEW)
    assert plan["upgrade"]["lost"] == {"ENABLE_SCTP": "it is always on; delete the line"}
    ran = running_old.containers()
    running_old.jitsictl("upgrade", NEW)
    assert restarted(running_old, ran) == announced(plan)
    assert planned(running_old, code=0)["upgrade"] is None


def test_explain_on_a_site_by_root_and_by_anybody(refused: Site) -> None:
    said = refused.jitsictl("explain", "public_url", "JVB_AUTH_PASSWORD").stdout
    assert "value     https://meet.darkstar.lan, from jitsi.conf:" in said
    assert "value     ********, from secrets.conf:" in said
    assert not [value for value in secrets(refused) if value in said]
    changed = json.loads(refused.jitsictl("explain", "--changed", "--json").stdout)
    assert {"PUBLIC_URL", "JVB_ADVERTISE_IPS"} <= {each["name"] for each in changed}
    assert not [each for each in changed if each["applied"] is not None]
    wrong = refused.jitsictl("explain", "ENABLE_LOBY", check=False)
    assert wrong.returncode == 2 and "did you mean ENABLE_LOBBY?" in wrong.stderr
    nobody = ["setpriv", "--reuid=65534", "--clear-groups", "jitsictl", "explain", "TZ"]
    anybody = refused.host.run(nobody, check=False)
    assert anybody.returncode == 0, anybody.stderr
    assert "for root" in anybody.stdout and "Europe" not in anybody.stdout
