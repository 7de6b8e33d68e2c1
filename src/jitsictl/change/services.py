"""What each kind of step that touches a service does and undoes (see change/steps.py for the pattern)."""

from __future__ import annotations

import secrets
from typing import List, Optional

from jitsictl import releases
from jitsictl.accounts import prosodyctl
from jitsictl.change import generations, probes, served, verify
from jitsictl.change.journal import Journal, Saved
from jitsictl.change.tools import Event, Tools
from jitsictl.plan import compose as pieces
from jitsictl.types import change as kinds
from jitsictl.types.failure import Failure
from jitsictl.types.settings import Settings

PULL_SECONDS = 1800.0
COMMAND_SECONDS = 20.0
STOP_SECONDS = 60


def pull(step: kinds.Pull, tools: Tools) -> None:
    if tools.docker.image(step.image) is not None:
        return
    image = tools.docker.pull(
        step.image, deadline=PULL_SECONDS, progress=lambda text: tools.tell(Event("progress", text))
    )
    tools.tell(Event("note", f"{step.image}: {image.size / 1e6:.0f} MB"))


def save_return(step: kinds.Return, tools: Tools, _journal: Journal, _index: int) -> Saved:
    running = [service for service, found in tools.docker.containers().items() if found.state == "running"]
    others = [service for service in _services(tools) if service in running and service not in step.services]
    return {"running": [service for service in step.services if service in running], "others": others}


def do_return(_step: kinds.Return, tools: Tools) -> None:
    """This kind is there for its undo; from here on people may notice the change."""
    for call in tools.touching:
        call()


def undo_return(_step: kinds.Return, saved: Saved, tools: Tools, _journal: Journal) -> None:
    """Bring up what ran, and wait for each, but go on when one is not ready: the others must come up too.

    A Docker that was killed has left services stopped that the change never touched, and web waits for one of them.
    """
    containers = tools.docker.containers()
    for service in saved.get("others", ()):
        if service in containers and containers[service].state != "running":
            _up(tools, service, recreate=False)
    for service in saved["running"]:
        _up(tools, service)
    for service in saved["running"]:
        try:
            probes.wait_ready(tools, _applied(tools), service)
        except Failure as failure:
            tools.tell(Event("note", failure.what))


def stop(step: kinds.Stop, tools: Tools) -> None:
    tools.compose.stop(
        tools.paths.project, list(step.services), timeout=STOP_SECONDS, override=tools.override(), keep=tools.keep
    )


def recreate(step: kinds.Recreate, tools: Tools) -> None:
    _up(tools, *step.services, recreate=True if step.force else None)
    for service in step.services:
        probes.wait_ready(tools, _applied(tools), service)


def undo_recreate(step: kinds.Recreate, _saved: Saved, tools: Tools, _journal: Journal) -> None:
    for service in step.new:
        _remove(tools, service)
    old = tuple(service for service in step.services if service not in step.new)
    if old:
        stop(kinds.Stop(old), tools)


def remove(step: kinds.Remove, tools: Tools) -> None:
    _remove(tools, step.service)


def command(step: kinds.Command, tools: Tools) -> None:
    done = tools.docker.execute(tools.container(step.service).id, step.argv, deadline=COMMAND_SECONDS)
    if done.code != 0:
        raise Failure(
            f"expected {' '.join(step.argv)} in {step.service} to end with 0, found {done.code}: "
            f"{(done.err or done.out).strip()}"
        )


def account(step: kinds.Account, tools: Tools) -> None:
    """Make or delete the account that verification logs in with; its password lives in memory only."""
    settings = _applied(tools)
    if not verify.internal_accounts(settings):
        return
    jid = f"{step.name}@{settings['XMPP_DOMAIN']}"
    if not step.present:
        _delete(jid, tools)
        return
    password = secrets.token_hex(16)
    _delete(jid, tools)  # left by an attempt that a crash cut short
    prosodyctl.create_piped(tools.docker, tools.container("prosody"), _config(tools), jid, password)
    tools.passwords[step.name] = password


def undo_account(step: kinds.Account, _saved: Saved, tools: Tools, _journal: Journal) -> None:
    settings = _applied(tools)
    if step.present and verify.internal_accounts(settings):
        container = tools.docker.container("prosody")
        if container is not None and container.state == "running":  # at boot it may just have been started
            probes.wait_ready(tools, settings, "prosody")
        _delete(f"{step.name}@{settings['XMPP_DOMAIN']}", tools)


def verify_site(step: kinds.Verify, tools: Tools) -> None:
    settings = _applied(tools)
    for line in verify.verify(tools, settings, _services(tools), step):
        tools.tell(Event("note", line))
    found = served.pads(settings)
    if not found.right:  # the admin's own lines may say so, and meetings work without: no reason to undo a change
        remedy = f"; repair it with: {served.FIX}" if found.mendable else ""
        tools.tell(Event("warning", f"warning: {found.sentence()}{remedy}"))


def pads_served(step: kinds.PadsServed, tools: Tools) -> None:
    found = served.pads(_applied(tools))
    if found.served.value != step.url:
        raise Failure(f"{found.sentence()}; look whether compose.override.yaml mounts another config.js")
    tools.tell(Event("note", found.sentence()))


def _services(tools: Tools) -> List[str]:
    """Those of the applied generation."""
    applied = generations.current(tools.paths)
    return list(pieces.digests(applied.files["compose.yaml"])) if applied else []


def _up(tools: Tools, *services: str, recreate: Optional[bool] = None) -> None:
    tools.compose.up(tools.paths.project, list(services), override=tools.override(), recreate=recreate, keep=tools.keep)


def _remove(tools: Tools, service: str) -> None:
    if tools.docker.container(service) is None:
        return  # never made, or removed before a crash; Compose would not know the name
    tools.compose.remove(
        tools.paths.project, [service], timeout=STOP_SECONDS, override=tools.override(), keep=tools.keep
    )


def _delete(jid: str, tools: Tools) -> None:
    container = tools.docker.container("prosody")
    if container is not None and container.state == "running":
        prosodyctl.delete_if_there(tools.docker, container, _config(tools), jid)


def _applied(tools: Tools) -> Settings:
    settings = generations.applied_settings(tools.paths)
    if settings is None:
        raise Failure("expected an applied configuration, found none; run: jitsictl reseed")
    return settings


def _config(tools: Tools) -> str:
    applied = generations.current(tools.paths)
    tag = applied.release if applied else releases.newest().tag
    return releases.layout_of(tag).prosody_config
