"""Does the site work, and is everything still there? One function for every verb that has to know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import List, Optional

from jitsictl.change import passwords, probes
from jitsictl.change.tools import Tools
from jitsictl.doors import http, pads, trees, xmpp
from jitsictl.doors.clock import wait_until
from jitsictl.plan.passwords import encoded, record
from jitsictl.settings.login import login_type
from jitsictl.types.change import VERIFY_ACCOUNT, Verify
from jitsictl.types.failure import Failure
from jitsictl.types.settings import Settings

LOGIN_SECONDS = 15.0
BRIDGE_SECONDS = 30.0


def verify(tools: Tools, settings: Settings, services: List[str], wanted: Verify) -> List[str]:
    """Prove the site; returns what was proved, a line each. Failure: what was expected and what was found."""
    for service in services:
        probes.wait_ready(tools, settings, service)
    proved = [f"{', '.join(services)} answer their probes"]
    _page(settings)
    proved.append("page and config.js are served")
    if wanted.account in tools.passwords:  # not where people's accounts are not Prosody's own
        domain = settings["XMPP_DOMAIN"]
        seconds = _login(settings, wanted.account, domain, tools.passwords[wanted.account])
        proved.append(f"a login at {domain} takes {seconds * 1000:.0f} ms")
    accounts = passwords.applied(tools.paths)
    for login in accounts:
        _login(settings, login.user, login.domain, login.password)
    proved.append(f"{', '.join(login.jid for login in accounts)} log in")
    if settings.on("JICOFO_ENABLE_REST"):
        proved.append(f"jicofo sees {_bridges(settings)} bridge")
    if wanted.snapshot and wanted.store:
        proved.append(_accounts(Path(wanted.snapshot), Path(wanted.store), settings["XMPP_DOMAIN"]))
    if wanted.pads:
        proved.append(_pads(Path(wanted.pads), Path(settings["CONFIG"]) / "etherpad/dirty.db"))
    return proved


def internal_accounts(settings: Settings) -> bool:
    """Whether people log in with accounts that Prosody itself keeps."""
    return login_type(settings) == "internal"


def _page(settings: Settings) -> None:
    url = f"{probes.base_url(settings)}/config.js"
    reply = http.get(url, deadline=probes.PROBE_SECONDS)
    if settings["XMPP_DOMAIN"] not in reply.text:
        raise Failure(f"expected {settings['XMPP_DOMAIN']} in {url}, found a page without it")


def _login(settings: Settings, user: str, domain: str, password: str) -> float:
    """Log in through the published port, as a browser does; returns how many seconds it took."""
    last: List[str] = []

    def logged_in() -> Optional[float]:
        try:
            return xmpp.login(probes.base_url(settings), domain, user, password, deadline=LOGIN_SECONDS)
        except http.Unreachable as failure:
            last.append(failure.what)
            return None

    try:
        return wait_until(logged_in, deadline=LOGIN_SECONDS)
    except TimeoutError:
        raise Failure(f"expected a login at {domain} through {probes.base_url(settings)}, found: {last[-1]}") from None


def _bridges(settings: Settings) -> int:
    url = f"http://127.0.0.1:{settings['JICOFO_REST_PORT']}/stats"

    def count() -> int:
        try:
            stats = json.loads(http.get(url, deadline=probes.PROBE_SECONDS).text)
            return int(stats["bridge_selector"]["bridge_count"])
        except (Failure, ValueError, KeyError):
            return 0

    try:
        return wait_until(count, deadline=BRIDGE_SECONDS)
    except TimeoutError:
        raise Failure(
            f"expected jicofo to see a bridge within {BRIDGE_SECONDS:g} s, found none in {url}; "
            "look at: docker compose logs jvb, in /usr/local/docker-jitsi-meet"
        ) from None


def _accounts(snapshot: Path, store: Path, domain: str) -> str:
    """Every record of the snapshot is in the store, byte for byte unless it was written since."""
    accounts = f"{encoded(domain)}/accounts"
    throwaway = record(VERIFY_ACCOUNT, domain)
    before = [name for name in trees.tree(snapshot / accounts) if f"{accounts}/{name}" != throwaway]
    lost = [name for name in before if not trees.same(snapshot / accounts / name, store / accounts / name)]
    if lost:
        raise Failure(
            f"expected {len(before)} accounts unharmed in {store}, found {len(lost)} missing or different: "
            + ", ".join(sorted(lost)[:5])
        )
    return f"every account is there: {len(before)}"


def _pads(snapshot: Path, live: Path) -> str:
    before = pads.names(snapshot)
    lost = before - pads.names(live)
    if lost:
        raise Failure(f"expected {len(before)} pads in {live}, found these missing: {', '.join(sorted(lost)[:5])}")
    return f"every pad is there: {len(before)}"
