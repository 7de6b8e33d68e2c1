"""A single sign-on set up: all of it is worked out and shown first, then done.

The client in Keycloak is written when all else is ready, just before the first service restarts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, List, Optional

from jitsictl.change import apply, intent
from jitsictl.change.tools import Event
from jitsictl.doors.keycloak import Admin, Refused
from jitsictl.sso.setup import apache, byhand, client, here, lines
from jitsictl.sso.setup.client import Fields
from jitsictl.sso.setup.here import VERB, Here, Outcome, Tell
from jitsictl.sso.setup.lines import Wish
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import NewLines

SECRET = "OIDC_CLIENT_SECRET"  # noqa: S105 - its name


@dataclass(frozen=True)
class Client:
    """Keycloak's client as it is (None: there is none) and as it is to be."""

    ours: Fields
    found: Optional[Fields]

    @property
    def name(self) -> str:
        return str(self.ours["clientId"])

    @property
    def after(self) -> Fields:
        return client.new(self.ours) if self.found is None else client.merged(self.found, self.ours)

    @property
    def difference(self) -> List[str]:
        return client.difference(self.found or {}, self.after)


@dataclass(frozen=True)
class Proposal:
    """What is going to be done. `client` None: it is somebody else's to make."""

    wish: Wish
    client: Optional[Client]
    here: Here

    def __bool__(self) -> bool:
        return bool(self.here) or self.client is not None and bool(self.client.difference)


def ours(wish: Wish) -> Fields:
    return client.wanted(wish.adapter, wish.client, wish.page, wish.sign_on)


def by_hand(wish: Wish) -> str:
    """How whoever looks after Keycloak makes the client."""
    return byhand.text(ours(wish), wish.url, wish.realm)


def shown(paths: Paths, proposal: Proposal) -> List[str]:
    """What is in it besides the plan of the services, for people; no line holds a secret."""
    wish, made = proposal.wish, proposal.client
    what = f"Client {wish.client} of realm {wish.realm} at {wish.url}"
    if made is None:
        said = [f"{what}: for whoever looks after Keycloak; jitsictl sso setup --print says how"]
    else:
        how = "new" if made.found is None else "changes" if made.difference else "is as it should be"
        remarks = client.remarks(made.after, made.ours)
        said = [f"{what}: {how}", *(f"  {line}" for line in (*made.difference, *remarks))]
    return [*said, *here.shown(paths, proposal.here)]


def propose(paths: Paths, wish: Wish, admin: Optional[Admin]) -> Proposal:
    """Look at everything, touch nothing. Failure: Keycloak, the settings, this host or Apache are not ready for it."""
    conf, secrets = intent.lines(paths)
    edits = lines.wanted(conf, wish)
    found, more = None, {}
    if admin is not None:
        found = Client(ours(wish), admin.client(wish.realm, wish.client))
        if found.found is not None and client.confidential(found.found, found.ours):
            value = admin.secret_of(wish.realm, found.found)
            kept = {line.name: line.value for line in (*conf, *secrets)}
            more = {SECRET: value} if value and kept.get(SECRET) != value else {}
    return Proposal(wish, found, here.propose(paths, conf, NewLines(edits, more)))


def carry_out(
    paths: Paths, proposal: Proposal, admin: Optional[Admin], tell: Tell, warn: Callable[[str], None]
) -> Outcome:
    """Do it. Failure: what is left, and how to take it back; but for Apache's file the site runs on as before."""
    writer = _Writer(proposal, admin, tell)
    try:
        prepared = apply.apply(paths, VERB, None, tell, put=proposal.here.put, last=writer.write)
        writer.write()
    except Failure as failure:
        raise Failure("\n".join([failure.what, *writer.left()]), failure.exit) from None
    return Outcome(prepared.change.restarts, apache.follow(paths, prepared.desired.settings, warn))


class _Writer:
    """Writes the client, once; knows how far that got."""

    def __init__(self, proposal: Proposal, admin: Optional[Admin], tell: Tell) -> None:
        self._admin = admin
        self._client = proposal.client
        self._realm = proposal.wish.realm
        self._tell = tell
        self._state = ""

    def write(self) -> None:
        """Failure: Keycloak does not take it, or says that it has something else now."""
        if self._admin is None or self._client is None or self._state:
            return
        ours = self._client.ours
        now = Client(ours, self._admin.client(self._realm, self._client.name))  # somebody may have been at it meanwhile
        if not now.difference:
            self._state = "as it was"
            return
        self._state = "begun"
        try:
            if now.found is None:
                self._admin.create(self._realm, now.after)
            else:
                self._admin.update(self._realm, now.after)
        except Refused:
            self._state = ""
            raise
        self._state = "made" if now.found is None else "changed"
        there = self._admin.client(self._realm, now.name) or {}
        left = client.difference(there, client.merged(there, ours)) if there else ["it is not there"]
        if left:
            what = f"expected client {now.name} as it was sent, found that Keycloak has: {'; '.join(left)}"
            raise Failure(f"{what}; something in the realm changes clients: see its client policies")
        self._tell(Event("note", f"client {now.name} of realm {self._realm} is {self._state}"))

    def left(self) -> List[str]:
        """What is to be said of the client when the rest failed."""
        if self._client is None or self._state in ("", "as it was"):
            return []
        what = f"client {self._client.name} of realm {self._realm}"
        if self._state == "begun":
            return [f"Whether Keycloak took {what} is not known; the same command looks and goes on"]
        back = "delete it in Keycloak's console, Clients" if self._state == "made" else "what was changed stands above"
        return [f"{what} is {self._state}, which harms nobody. The same command goes on; to take it back: {back}"]
