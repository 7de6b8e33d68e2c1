"""Tokens of this site: made, and judged, by what its Prosody runs with."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import NamedTuple, Optional, Tuple
from urllib.parse import parse_qs, unquote, urlsplit

from jitsictl.change import generations
from jitsictl.doors import process
from jitsictl.sso.tokens import jws, mint, rooms
from jitsictl.sso.tokens.mint import Person
from jitsictl.sso.tokens.rooms import Room
from jitsictl.sso.tokens.rules import Rules, rules
from jitsictl.sso.tokens.verify import No, Report, Row, verify
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings


class Made(NamedTuple):
    """`notes` are to be said beside it."""

    token: str
    link: str
    notes: Tuple[str, ...]


def make(paths: Paths, who: Person, room: Room, lasts: int) -> Made:
    """A token that has been through `verify`. Failure: nothing is applied, or the site takes no tokens of ours."""
    settings = _applied(paths)
    by = _rules(settings)
    now = time.time()
    token = mint.token(by, mint.claims(by, who, room, lasts, now))
    report = verify(token, by, now, None if room.any else room)
    if not report.accepted:
        wrong = [f"{row.part} {no.why}" for row in report.rows for no in row.refused]
        raise Failure(f"expected a token that Prosody takes, found one that it refuses: {'; '.join(wrong)}")
    notes: Tuple[str, ...] = ()
    if who.moderator and not by.names_moderators:
        notes = (
            "this site's Prosody does not read from tokens who moderates, jicofo decides; for that write "
            "XMPP_MUC_MODULES=token_affiliation, with the module in CONFIG/prosody/prosody-plugins-custom",
        )
    return Made(token, mint.link(settings["PUBLIC_URL"], room, token), notes)


def explain(paths: Paths, text: str, room: Optional[Room] = None) -> Report:
    """What becomes of a token, or of a link that has one, at this site. Failure: there is no token in it."""
    by = _rules(_applied(paths))
    token, there = found(text)
    report = verify(token, by, time.time(), room or there)
    return Report(tuple(_masked(row) for row in report.rows))


def _masked(row: Row) -> Row:
    """Somebody may have put the secret into a claim by mistake."""
    refused = tuple(No(no.by, process.mask(no.why)) for no in row.refused)
    return replace(row, found=process.mask(row.found), refused=refused)


def found(text: str) -> Tuple[str, Optional[Room]]:
    """The token in a text that was handed in, and the room, when it is a link to one. Failure: it is neither."""
    text = text.strip()
    if not text or len(text) > jws.LONGEST:
        what = "nothing" if not text else f"more than {jws.LONGEST} characters"
        raise Failure(f"expected a token, or a link with jwt=, on standard input, found {what}", Exit.USAGE)
    if not re.match(r"https?://", text, re.IGNORECASE):
        return text, None
    try:
        parts = urlsplit(text)
        given = [token for part in (parts.fragment, parts.query) for token in parse_qs(part).get("jwt", [])]
    except ValueError:
        given = []
    if not given:
        raise Failure(
            "expected a link with jwt=, found one without; copy all of the address, or the token alone", Exit.USAGE
        )
    path = unquote(parts.path).strip("/")
    return given[0], rooms.room(path) if path else None


def _applied(paths: Paths) -> Settings:
    settings = generations.applied_settings(paths)
    if settings is None:
        raise Failure("expected an applied configuration, found none; start the site: /etc/rc.d/rc.jitsi start")
    return settings


def _rules(settings: Settings) -> Rules:
    by = rules(settings)
    process.secret(by.secret)
    return by
