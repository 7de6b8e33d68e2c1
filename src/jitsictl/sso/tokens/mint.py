"""A token for one person, made from the rules that Prosody will check it by. Pure: the time is handed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Sequence

from jitsictl.settings.numbers import duration
from jitsictl.sso.tokens import jws
from jitsictl.sso.tokens.rooms import ANY, Room
from jitsictl.sso.tokens.rules import Rules
from jitsictl.types.failure import Exit, Failure

SHORTEST, LONGEST = 60, 30 * 86_400
_LONGEST_NAME = 200
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")


@dataclass(frozen=True)
class Person:
    name: str
    email: str = ""
    moderator: bool = False


def person(name: str, email: str = "", moderator: bool = False) -> Person:
    """Failure: a name or an address that nobody has."""
    for what, text in (("a name", name), ("an address such as alien@example.org", email)):
        if not text.isprintable() or len(text) > _LONGEST_NAME:
            raise Failure(
                f"expected {what}, found characters that cannot be printed, or more than {_LONGEST_NAME}; "
                "write another",
                Exit.USAGE,
            )
    if not name.strip():
        raise Failure("expected a name, found none; write --user NAME", Exit.USAGE)
    if email and not _MAIL.fullmatch(email):
        raise Failure(f"expected an address such as alien@example.org, found {email}; write another", Exit.USAGE)
    return Person(name, email, moderator)


def seconds(text: str) -> int:
    """How long DURATION is. Failure: it is none, or out of bounds."""
    try:
        value = duration(text, "")
    except ValueError as error:
        raise Failure(f"--for {text!r} {error}", Exit.USAGE) from None
    number, unit = re.match(r"([0-9]+) ?([a-z]+)", value.lower()).groups()  # type: ignore[union-attr]
    length = int(number) // 1000 if unit.startswith(("ms", "milli")) else int(number) * _SECONDS[unit[0]]
    if not SHORTEST <= length <= LONGEST:
        raise Failure(
            f"expected --for from 1 minute to {LONGEST // 86_400} days, found {text}; a token cannot be taken back, "
            "except all at once by: jitsictl secrets rotate JWT_APP_SECRET",
            Exit.USAGE,
        )
    return length


def claims(rules: Rules, who: Person, room: Room, lasts: int, now: float) -> Dict[str, Any]:
    """What the token says. Prosody gives no leeway, so that it must not begin a moment later than now."""
    begins = int(now)
    user = {"id": who.email or who.name, "name": who.name}
    if who.email:
        user["email"] = who.email
    if who.moderator:  # both spellings are read, each by other modules; text, as the page wants all of user to be
        user.update(affiliation="moderator", moderator="true")
    return {
        "iss": _one_of(rules.issuers, rules.app),
        "aud": _one_of(rules.audiences, rules.app),
        "sub": room.folder or (ANY if room.any else rules.domain),
        "room": ANY if room.any else room.node,
        "iat": begins,
        "nbf": begins,
        "exp": begins + lasts,
        "context": {"user": user},
    }


def token(rules: Rules, said: Dict[str, Any]) -> str:
    return jws.sign(said, rules.secret, rules.algorithm)


def link(page: str, room: Room, made: str) -> str:
    """The room's address with the token; a room has to be named."""
    return f"{page}/{room.path}?jwt={made}"


def _one_of(accepted: Sequence[str], wanted: str) -> str:
    return wanted if {wanted, "*"} & set(accepted) else accepted[0]
