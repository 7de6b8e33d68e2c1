"""Adding, deleting and giving passwords to the accounts of the site that is applied."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Callable, Iterator

from jitsictl import releases
from jitsictl.accounts import names, prosodyctl
from jitsictl.change import generations
from jitsictl.doors import docker, lock
from jitsictl.settings import login
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings
from jitsictl.types.site import Container

LOCK_SECONDS = 10.0
START = "/etc/rc.d/rc.jitsi start"


@dataclass(frozen=True)
class Account:
    """An account as people use it: they log in at `url` as `name`; Prosody knows it as `jid`."""

    name: str
    jid: str
    url: str


def add(paths: Paths, name: str, password: Callable[[], str]) -> Account:
    """Make an account. `password` is called only when the name is free.

    Failure: the name is none, the account exists (9), accounts are not kept here, nothing runs, or
    Prosody refuses. The new account was then looked up in Prosody, not only asked for.
    """
    names.check(name)
    with _home(paths, "user add") as home:
        if home.has(name):
            raise Failure(f"expected no account {name}, found one; give it another password with: "
                          f"jitsi-passwd {name}", Exit.ACCOUNT_EXISTS)
    new = password()  # a person may take minutes: no lock is held meanwhile
    with _home(paths, "user add") as home:
        account = home.account(name)
        prosodyctl.adduser(home.container, home.config, account.jid, new)
        if not home.has(name):
            raise Failure(f"expected Prosody to know {account.jid} after adding it, found that it does not; "
                          + prosodyctl.LOOK)
        return account


def change_password(paths: Paths, name: str, password: Callable[[], str]) -> Account:
    """Give an account another password. `password` is called only when the account exists (else 6)."""
    names.check(name)
    with _home(paths, "user passwd") as home:
        home.must_have(name)
    new = password()
    with _home(paths, "user passwd") as home:
        account = home.account(name)
        prosodyctl.passwd(home.container, home.config, account.jid, new)
        return account


def delete(paths: Paths, name: str, confirm: Callable[[], None]) -> Account:
    """Delete an account. `confirm` is called when it exists (else 6), and raises to leave it."""
    names.check(name)
    with _home(paths, "user del") as home:
        home.must_have(name)
    confirm()
    with _home(paths, "user del") as home:
        account = home.account(name)
        prosodyctl.deluser(home.container, home.config, account.jid)
        if home.has(name):
            raise Failure(f"expected {account.jid} to be gone from Prosody, found it still there; " + prosodyctl.LOOK)
        return account


@dataclass(frozen=True)
class _Home:
    """Where the accounts live: the running Prosody, its configuration's path in the container, the settings."""

    container: Container
    config: str
    settings: Settings

    def account(self, name: str) -> Account:
        return Account(name, f"{name}@{self.settings['XMPP_DOMAIN']}", self.settings["PUBLIC_URL"])

    def has(self, name: str) -> bool:
        return prosodyctl.exists(self.container, self.config, self.account(name).jid)

    def must_have(self, name: str) -> None:
        if not self.has(name):
            raise Failure(f"expected an account {name}, found none; add it with: jitsi-useradd {name}", Exit.NO_ACCOUNT)


@contextlib.contextmanager
def _home(paths: Paths, verb: str) -> Iterator[_Home]:
    """The applied site, held still for the block: account verbs share the lock, changes take it alone."""
    applied = generations.current(paths)
    if applied is None:
        raise Failure(f"expected a site to add accounts to, found none applied; run: jitsictl setup, then {START}")
    with lock.lock(paths.lock, exclusive=False, deadline=LOCK_SECONDS, verb=verb):
        applied = generations.current(paths) or applied  # it may have changed while the lock was waited for
        settings = generations.settings_of(applied)
        _must_keep_accounts(settings)
        container = docker.service("prosody")
        if container is None or container.state != "running":
            found = "no container of it" if container is None else f"it {container.state}"
            raise Failure(f"expected prosody to run, found {found}; start the site with: {START}")
        yield _Home(container, releases.layout_of(applied.release).prosody_config, settings)


def _must_keep_accounts(settings: Settings) -> None:
    """Only with internal authentication does Prosody keep accounts; in any other it would ignore them."""
    if not settings.on("ENABLE_AUTH"):
        raise Failure("expected ENABLE_AUTH=1, found 0: everybody may open rooms and no account is asked for; "
                      "set ENABLE_AUTH=1 in jitsi.conf, then run: /etc/rc.d/rc.jitsi reload")
    name, kind = login.decider(settings), login.login_type(settings)
    if kind != "internal":
        raise Failure(f"expected {name}=internal, found {kind}: accounts are kept elsewhere, add this one there; "
                      f"or set {name}=internal in jitsi.conf, then run: /etc/rc.d/rc.jitsi reload")
