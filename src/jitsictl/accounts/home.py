"""Where the accounts of the applied site are, and its running Prosody."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from jitsictl import releases
from jitsictl.change import generations
from jitsictl.doors import docker, files, lock
from jitsictl.plan.passwords import encoded, record
from jitsictl.settings import login
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings
from jitsictl.types.site import Container

LOCK_SECONDS = 10.0
START = "/etc/rc.d/rc.jitsi start"


@dataclass(frozen=True)
class Home:
    """Accounts are files below `store`, on this host whether Prosody runs or not."""

    settings: Settings
    store: Path
    config: str  # of Prosody, in its container

    @property
    def domain(self) -> str:
        return self.settings["XMPP_DOMAIN"]

    @property
    def url(self) -> str:
        """Where people log in."""
        return self.settings["PUBLIC_URL"]

    @property
    def records(self) -> Path:
        return self.store / encoded(self.domain) / "accounts"

    def record(self, name: str) -> Path:
        return self.store / record(name, self.domain)

    def has(self, name: str) -> bool:
        return files.exists(self.record(name))

    def jid(self, name: str) -> str:
        return f"{name}@{self.domain}"


@dataclass(frozen=True)
class Running:
    """The site with Prosody at work; changes of the site wait meanwhile."""

    home: Home
    container: Container


def find(paths: Paths) -> Home:
    """The accounts of what is applied. Failure: nothing is, or people's accounts are not in Prosody."""
    applied = generations.current(paths)
    if applied is None:
        raise _nothing()
    settings = generations.settings_of(applied)
    _must_keep_accounts(settings)
    return of(settings, applied.release)


def of(settings: Settings, release: str) -> Home:
    """Where a site with these settings has its accounts, whether it uses them or not."""
    layout = releases.layout_of(release)
    return Home(settings, Path(settings["CONFIG"]) / layout.store, layout.prosody_config)


@contextlib.contextmanager
def running(paths: Paths, verb: str) -> Iterator[Running]:
    """The applied site, held still for the block: account verbs share the lock, changes take it alone."""
    if files.link_target(paths.current) is None:
        raise _nothing()
    with lock.lock(paths.lock, exclusive=False, deadline=LOCK_SECONDS, verb=verb):
        home = find(paths)
        container = docker.service("prosody")
        if container is None or container.state != "running":
            found = "no container of it" if container is None else f"it {container.state}"
            raise Failure(f"expected prosody to run, found {found}; start the site with: {START}")
        yield Running(home, container)


def _nothing() -> Failure:
    return Failure(f"expected a site that has accounts, found none applied; run: jitsictl setup, then {START}")


def _must_keep_accounts(settings: Settings) -> None:
    """Only with internal authentication does Prosody keep accounts; in any other it would ignore them."""
    if not settings.on("ENABLE_AUTH"):
        raise Failure(
            "expected ENABLE_AUTH=1, found 0: everybody may open rooms and no account is asked for; "
            "set ENABLE_AUTH=1 in jitsi.conf, then run: /etc/rc.d/rc.jitsi reload"
        )
    name, kind = login.decider(settings), login.login_type(settings)
    if kind != "internal":
        raise Failure(
            f"expected {name}=internal, found {kind}: accounts are kept elsewhere, {_elsewhere(settings)}; "
            f"or set {name}=internal in jitsi.conf, then run: /etc/rc.d/rc.jitsi reload"
        )


def _elsewhere(settings: Settings) -> str:
    """Where somebody has to go who wants an account."""
    kind = login.login_type(settings)
    if kind in login.TOKEN_TYPES:
        place = settings.get("TOKEN_AUTH_URL") or settings.get("JWT_ASAP_KEYSERVER")
        whose = f"for the application {settings.get('JWT_APP_ID')}"
        return f"with the sign-on that issues tokens {whose}" + (f", at {place}" if place else "")
    if kind == "ldap":
        return f"in the directory {settings.get('LDAP_URL')}, below {settings.get('LDAP_BASE')}"
    return f"with the Matrix server that {settings.get('MATRIX_UVS_URL')} asks"
