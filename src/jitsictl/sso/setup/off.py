"""Back from a single sign-on to accounts in Prosody: few lines go out of jitsi.conf, nothing is deleted."""

from __future__ import annotations

from typing import Callable, List

from jitsictl.accounts import home, store
from jitsictl.change import apply, intent
from jitsictl.settings.login import decider, login_type
from jitsictl.sso.setup import apache, here, lines
from jitsictl.sso.setup.here import VERB, Here, Outcome, Tell
from jitsictl.types.paths import Paths
from jitsictl.types.settings import NewLines, Settings


def propose(paths: Paths) -> Here:
    """Look at everything, touch nothing. Failure: the settings would be wrong without it, or Docker does not answer."""
    conf, _ = intent.lines(paths)
    return here.propose(paths, conf, NewLines(lines.internal(conf)))


def shown(paths: Paths, proposal: Here) -> List[str]:
    """For people: the lines, who can log in then, and what stays."""
    settings = proposal.prepared.desired.settings
    return [*here.shown(paths, proposal), *_who(settings), *_stays(settings)]


def carry_out(paths: Paths, proposal: Here, tell: Tell, warn: Callable[[str], None]) -> Outcome:
    """Do it. Failure: the site runs on as before, but for Apache's file."""
    prepared = apply.apply(paths, VERB, None, tell, put=proposal.put)
    return Outcome(prepared.change.restarts, apache.follow(paths, prepared.desired.settings, warn))


def _who(settings: Settings) -> List[str]:
    """Who can log in afterwards."""
    kind = login_type(settings)
    if kind == "":
        return ["Nobody logs in then: ENABLE_AUTH=0 lets everybody open rooms"]
    if kind != "internal":
        return [f"People log in by {decider(settings)}={kind} then"]
    count = len(store.names(home.of(settings, settings.release)))
    if not count:
        return ["There is no account to log in with yet; make one afterwards: jitsi-useradd NAME"]
    return [f"{count} account{'s log' if count > 1 else ' logs'} in then; more: jitsi-useradd NAME"]


def _stays(settings: Settings) -> List[str]:
    realm, url = settings.get("KEYCLOAK_REALM"), settings.get("KEYCLOAK_URL")
    if not realm or not url:
        return []
    client = settings["OIDC_CLIENT_ID"]
    return [
        f"Client {client} of realm {realm} at {url} stays, without any use; to remove it: Keycloak's console, Clients"
    ]
