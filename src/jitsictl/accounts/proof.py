"""A login as a browser does it, through the published port: what proves a password."""

from __future__ import annotations

from typing import Callable

from jitsictl.accounts import store
from jitsictl.accounts.home import Home, find
from jitsictl.accounts.users import must_exist
from jitsictl.change.probes import base_url
from jitsictl.doors import xmpp
from jitsictl.doors.xmpp import LoginRefused
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths

LOGIN_SECONDS = 15.0


def check(paths: Paths, name: str, password: Callable[[], str]) -> float:
    """Log in and out; returns how many seconds it took. `password` is asked for when the account exists (else 6).

    Failure: it is another password, the account is disabled, or nothing answers.
    """
    home = find(paths)
    must_exist(home, [name])
    given = password()
    try:
        return login(home, name, given)
    except LoginRefused as refused:
        raise Failure(
            f"expected {name} to log in at {home.url} with this password, found {_why(home, name, refused)}"
        ) from None


def login(home: Home, name: str, password: str) -> float:
    """Raises LoginRefused, or Unreachable when nobody answers."""
    return xmpp.login(base_url(home.settings), home.domain, name, password, deadline=LOGIN_SECONDS)


def _why(home: Home, name: str, refused: LoginRefused) -> str:
    kept = store.read(home, name)
    if kept is not None and kept.disabled:
        return "that the account is disabled"
    if refused.condition == "not-authorized":
        return "that it is another one; give it a new one with: jitsi-passwd " + name
    return f"it refused: {refused.condition}"
