"""What is said before an installation is taken over."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import List

import pytest

from jitsictl.adopt import show
from jitsictl.adopt.prepare import Request, prepare_adoption
from jitsictl.change import conferences
from unit.adopt.machine import OldMachine
from unit.adopt.site import container

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: files get the owners of the containers")
ADAPTER = {"image": "d3473r/jitsi-keycloak", "project": "k", "environment": {"JITSI_SECRET": "x"}}


def said(machine: OldMachine) -> str:
    made = prepare_adoption(machine.paths, machine.tools(), Request(str(machine.folder)))
    return " ".join(" ".join(show.lines(made)).split())


def test_the_whole_plan(machine: OldMachine) -> None:
    before = machine.picture()
    text = said(machine)
    assert "release: stable-6826 -> stable-11146-2, the newest one that this package knows" in text
    assert "docker-jitsi-meet-stable-6826-web-1 jitsi/web:stable-6826, runs: stopped, kept" in text
    assert ".env:2: HTTP_PORT translated: HTTP_PORT=127.0.0.1:8440" in text
    assert "accounts: 1, prosody/config/data -> storage/prosody/data" in text
    assert "pads: from the old container" in text
    assert "all in transcripts -> storage/transcripts" in text
    assert "ghcr.io/jitsi/web:stable-11146-2" in text
    assert "aaaa1111aaaa1111" not in text
    assert machine.picture() == before


def test_the_same_for_programs(machine: OldMachine) -> None:
    facts = show.facts(prepare_adoption(machine.paths, machine.tools(), Request(str(machine.folder))))
    text = json.dumps(facts)  # nothing in it but what JSON has
    assert facts["release"] == {"from": "stable-6826", "to": "stable-11146-2"} and facts["accounts"] == 1
    assert {c["service"] for c in facts["containers"] if c["taken"]} >= {"web", "prosody", "jicofo", "jvb"}
    port = next(each for each in facts["settings"] if each["name"] == "HTTP_PORT")
    assert (port["line"], port["fate"], port["gives"]) == (2, "translated", "HTTP_PORT")
    assert "ghcr.io/jitsi/web:stable-11146-2" in facts["images"] and "aaaa1111aaaa1111" not in text


def test_meetings_that_would_be_cut_off(machine: OldMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "How many meetings run cannot be told" in said(machine)
    machine.foreign.pages["id-jicofo http://127.0.0.1:8888/stats"] = '{"conferences": 1, "participants": 2}'
    figures = "jitsi_jvb_conferences 2.0\njitsi_jvb_local_endpoints 5\n"
    machine.foreign.pages["id-jvb http://127.0.0.1:8080/metrics"] = figures
    assert "2 conferences with 5 people at this moment, which it cuts off" in said(machine)
    told: List[str] = []
    monkeypatch.setattr(conferences, "cut_off", lambda calls, _tell: told.append(str(calls)))
    machine.adopt()
    assert told == ["2 conferences with 5 people", "None"]  # ours did not run yet


def test_no_meeting_is_none_to_tell_of(machine: OldMachine) -> None:
    machine.foreign.pages = {"id-jicofo http://127.0.0.1:8888/stats": '{"conferences": 0, "participants": 0}'}
    assert "at this moment" not in said(machine) and "cannot be told" not in said(machine)
    for service in ("jicofo", "jvb"):
        machine.foreign.there[f"id-{service}"] = container(service, str(machine.folder), running=False)
    assert "cannot be told" not in said(machine)


def test_what_runs_otherwise_than_written(machine: OldMachine) -> None:
    machine.foreign.compose = {"web": {"environment": {"TZ": "UTC"}}}
    web = machine.foreign.there["id-web"]
    machine.foreign.there["id-web"] = dataclasses.replace(web, environment={"TZ": "Europe/Rome"})
    assert "TZ: line 3 says 'UTC', web runs with 'Europe/Rome'" in said(machine)
    machine.adopt()
    assert "TZ=Europe/Rome" in machine.paths.conf.read_text()


def test_services_without_a_counterpart_and_strangers(machine: OldMachine) -> None:
    folder = str(machine.folder)
    for other in (
        container("jibri", folder, image="jitsi/jibri:stable-6826"),
        container("proxy", folder, image="nginx:1"),
        container("jitsi-keycloak", "/k", **ADAPTER),
    ):
        machine.foreign.there[other.id] = other
    text = said(machine)
    assert "jibri has no counterpart in this package yet: it is stopped with the rest" in text
    assert "proxy-1 (nginx:1) is none of Jitsi's services and runs on" in text
    assert "jitsi-keycloak-1 signs people in for it and stays as it is" in text
    machine.adopt()
    assert machine.foreign.there["id-proxy"].running and not machine.foreign.there["id-jibri"].running


def test_an_adapter_with_another_secret_is_told(machine: OldMachine) -> None:
    with (machine.folder / ".env").open("a") as env:
        env.write("AUTH_TYPE=jwt\nENABLE_AUTH=1\nJWT_APP_ID=jitsi\nJWT_APP_SECRET=NmjPGpnNjTe7oQUV9YqfaXiBULcsxYj\n")
    adapter = container("jitsi-keycloak", "/k", **ADAPTER)
    machine.foreign.there[adapter.id] = adapter
    text = said(machine)
    assert "Its JITSI_SECRET is not JWT_APP_SECRET" in text and "NmjPGpn" not in text


def test_without_containers_the_pads_are_told_to_be_gone(machine: OldMachine) -> None:
    machine.foreign.there.clear()
    text = said(machine)
    assert "No container of it is left on this host" in text and "there is nothing left of them" in text


def test_compose_files_that_cannot_be_read_are_told(machine: OldMachine) -> None:
    machine.foreign.compose = None
    assert "could not read" in said(machine)
