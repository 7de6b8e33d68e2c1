"""What Prosody and the page would say of a token: every part, what it is checked against, all that is wrong at once.

Pure: the time is handed in. Prosody checks exactly so and gives no leeway; the page looks at the times and `context`
before it connects. Where one of them would fail over a value of a wrong type instead of refusing it, it is refused.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from jitsictl.sso.tokens import jws
from jitsictl.sso.tokens.rooms import ANY, Room
from jitsictl.sso.tokens.rules import Rules

PROSODY, PAGE = "Prosody", "the page"
UNCHECKED = "nothing"

_ABSENT = object()
_SHOWN = 160  # characters of a value
_MASK = "********"
_LAST_DAY = 8.64e15  # milliseconds: JavaScript has no later date


class No(NamedTuple):
    """One refusal: by whom, and why, to be read behind the part's name."""

    by: str
    why: str


@dataclass(frozen=True)
class Row:
    """One part of a token. `found` is JSON in ASCII, shortened, or words."""

    part: str
    against: str
    found: str
    refused: Tuple[No, ...] = ()


@dataclass(frozen=True)
class Report:
    rows: Tuple[Row, ...]

    def refused_by(self, who: str) -> bool:
        return any(no.by == who for row in self.rows for no in row.refused)

    @property
    def accepted(self) -> bool:
        return not any(row.refused for row in self.rows)


def verify(token: str, rules: Rules, now: float, room: Optional[Room] = None) -> Report:
    """The whole report; `room` is the one that is to be entered with it, when that is known."""
    parts = token.split(".")
    if len(parts) != 3:
        why = f"has {len(parts)} part{'s' if len(parts) != 1 else ''}, not 3"
        return Report((Row("form", "three parts with points between them", "text", _both(why)),))
    rows = [Row("form", "three parts with points between them", "3 parts")]
    header, row = _object("header", parts[0], rules)
    rows.append(row)
    if header is not None:
        rows += _header(header, rules)
    rows.append(_signature(parts, rules))
    claims, row = _object("payload", parts[1], rules)
    rows.append(row)
    if claims is not None:
        rows += [_exp(claims, now), _nbf(claims, now), Row("iat", UNCHECKED, _moment(claims.get("iat", _ABSENT)))]
        rows += [_iss(claims, rules), _aud(claims, rules), _room(claims, room), _sub(claims, rules, room)]
        rows += _context(claims, rules)
    return Report(tuple(rows))


def _object(name: str, part: str, rules: Rules) -> Tuple[Optional[Dict[str, Any]], Row]:
    against = "base64url of a JSON object"
    try:
        values, twice = jws.read(part)
        values = _without(values, rules.secret)
    except ValueError as error:
        return None, Row(name, against, "text", _both(str(error)))
    except RecursionError:
        return None, Row(name, against, "text", _both("is nested too deeply"))
    more = f"; has {_shown(twice[0])} twice, the last one counts" if twice else ""
    return values, Row(name, against, f"an object{more}")


def _without(value: Any, secret: str) -> Any:
    """Somebody may have put the secret into a claim, and of a long one the first part is shown."""
    if isinstance(value, str):
        return value.replace(secret, _MASK) if secret else value
    if isinstance(value, dict):
        return {_without(name, secret): _without(each, secret) for name, each in value.items()}
    return [_without(each, secret) for each in value] if isinstance(value, list) else value


def _header(header: Dict[str, Any], rules: Rules) -> List[Row]:
    rows = []
    for name, wanted in (("typ", "JWT"), ("alg", rules.algorithm)):
        value = header.get(name, _ABSENT)
        no = () if value == wanted else (No(PROSODY, f"{_is(value)}, not exactly {wanted}"),)
        rows.append(Row(name, f"exactly {wanted}", _shown(value), no))
    return rows


def _signature(parts: List[str], rules: Rules) -> Row:
    against = f"{rules.algorithm} of header and payload by this site's JWT_APP_SECRET"
    try:
        found = jws.decode(parts[2])
    except ValueError as error:
        return Row("signature", against, "text", (No(PROSODY, str(error)),))
    signed = f"{parts[0]}.{parts[1]}"
    if jws.same(found, jws.signature(rules.algorithm, signed, rules.secret)):
        return Row("signature", against, "the right one")
    why = "is made with another secret or algorithm, or the token was changed since"
    return Row("signature", against, f"{len(found)} bytes" if found else "none", (No(PROSODY, why),))


def _exp(claims: Dict[str, Any], now: float) -> Row:
    value = claims.get("exp", _ABSENT)
    no: List[No] = []
    if not _time(value):
        no.append(No(PAGE, f"{_is(value)}, and a number of seconds since 1970 is needed"))
    elif now > value:
        no.append(No(PAGE, f"is over since {_moment(value)}"))
    if _set(value) and not _number(value):
        no.append(No(PROSODY, f"{_is(value)}, and only a number will do"))
    elif _number(value) and int(now) >= value:
        no.append(No(PROSODY, f"is over since {_moment(value)}"))
    return Row("exp", f"a time after now, {_moment(int(now))}", _moment(value), tuple(no))


def _nbf(claims: Dict[str, Any], now: float) -> Row:
    value = claims.get("nbf", _ABSENT)
    no: List[No] = []
    if value is not _ABSENT and value and not _time(value):
        no.append(No(PAGE, f"{_is(value)}, and a number of seconds since 1970 is needed"))
    elif _number(value) and now < value:
        no.append(No(PAGE, _early(value, now)))
    if _set(value) and not _number(value):
        no.append(No(PROSODY, f"{_is(value)}, and only a number will do"))
    elif _number(value) and int(now) < value:
        no.append(No(PROSODY, _early(value, now)))
    return Row("nbf", f"no time after now, {_moment(int(now))}; may be absent", _moment(value), tuple(no))


def _iss(claims: Dict[str, Any], rules: Rules) -> Row:
    value = claims.get("iss", _ABSENT)
    ok = _given(value) and ("*" in rules.issuers or value in rules.issuers)
    no = () if ok else (No(PROSODY, f"{_is(value)}, and none of {_names(rules.issuers)}"),)
    return Row("iss", _accepted(rules.issuers, "JWT_ACCEPTED_ISSUERS, else JWT_APP_ID"), _shown(value), no)


def _aud(claims: Dict[str, Any], rules: Rules) -> Row:
    value = claims.get("aud", _ABSENT)
    no: Tuple[No, ...] = ()
    if not _given(value):
        no = (No(PROSODY, f"{_is(value)}, and has to be there"),)
    elif "*" not in rules.audiences and value not in rules.audiences:
        more = "; a list is compared as a whole: let the issuer write one name" if isinstance(value, list) else ""
        no = (No(PROSODY, f"{_is(value)}, and none of {_names(rules.audiences)}{more}"),)
    return Row("aud", _accepted(rules.audiences, "JWT_ACCEPTED_AUDIENCES"), _shown(value), no)


def _room(claims: Dict[str, Any], room: Optional[Room]) -> Row:
    value = claims.get("room", _ABSENT)
    against = f"the room {_shown(room.node)}, or *" if room else "* or one room's name; compared when it is entered"
    no: Tuple[No, ...] = ()
    if not _given(value):
        no = (No(PROSODY, f"{_is(value)}, and has to be there"),)
    elif not isinstance(value, str):
        no = (No(PROSODY, f"{_is(value)}, and only text can be a room"),)
    elif room is not None and value != ANY and _lower(value) not in _nodes(room):
        no = (No(PROSODY, f"is for another room than {_shown(room.node)}"),)
    return Row("room", against, _shown(value), no)


def _nodes(room: Room) -> Tuple[str, ...]:
    """What the claim may be: a tenant's room is [tenant]room in Prosody, and its bare name will do."""
    return (room.node, f"[{room.folder}]{room.node}") if room.tenant else (room.node,)


def _lower(text: str) -> str:
    """As Lua does it: ASCII alone."""
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def _sub(claims: Dict[str, Any], rules: Rules, room: Optional[Room]) -> Row:
    value = claims.get("sub", _ABSENT)
    wanted = room.folder if room and room.tenant else rules.domain
    against = "nothing but that it is there; JWT_ENABLE_DOMAIN_VERIFICATION is 0"
    no: List[No] = []
    if not _given(value):
        no.append(No(PROSODY, f"{_is(value)}, and has to be there"))
    elif rules.verifies_domain and value not in (ANY, wanted):
        more = "" if room else "; for a tenant's room add --room TENANT/ROOM"
        no.append(No(PROSODY, f"{_is(value)}, and JWT_ENABLE_DOMAIN_VERIFICATION=1 wants {_shown(wanted)} or *{more}"))
    if rules.verifies_domain:
        against = f"{_shown(wanted)} or *, by JWT_ENABLE_DOMAIN_VERIFICATION"
    if isinstance(value, str) and value.startswith("vpaas-magic-cookie"):
        no.append(No(PAGE, "makes it a token of 8x8's service, for which the page has rules of its own"))
    return Row("sub", against, _shown(value), tuple(no))


def _context(claims: Dict[str, Any], rules: Rules) -> List[Row]:
    value = claims.get("context", _ABSENT)
    if not isinstance(value, dict):
        return [Row("context", "an object", _shown(value), _both(f"{_is(value)}, and an object is needed"))]
    rows = [Row("context", "an object", "an object")]
    user = value.get("user", _ABSENT)
    moderators = "who moderates is read from it" if rules.names_moderators else "it does not say who moderates here"
    no = () if user is _ABSENT or isinstance(user, dict) else (No(PROSODY, f"{_is(user)}, and an object is needed"),)
    rows.append(Row("context.user", f"nothing; the name that others see, and {moderators}", _shown(user), no))
    features = value.get("features", _ABSENT)
    if features is not _ABSENT and features:
        found = features.items() if isinstance(features, dict) else [("features", features)]
        wrong = [name for name, on in found if on not in ("true", "false") and not isinstance(on, bool)]
        refused = (No(PAGE, f"has neither true nor false for {_shown(wrong[0])}"),) if wrong else ()
        rows.append(Row("context.features", "true or false each", _shown(features), refused))
    return rows


def _both(why: str) -> Tuple[No, ...]:
    return (No(PROSODY, why), No(PAGE, why))


def _set(value: object) -> bool:
    """As Lua judges a claim before it looks at it: false is as good as none."""
    return value is not _ABSENT and value is not False


def _given(value: object) -> bool:
    return value is not _ABSENT and value is not None


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _time(value: Any) -> bool:
    """Whether JavaScript takes it for a time: whole milliseconds, and not too far away."""
    if not _number(value):
        return False
    milliseconds: float = value * 1000.0
    return abs(milliseconds) <= _LAST_DAY and milliseconds == int(milliseconds)


def _early(value: float, now: float) -> str:
    return f"is {value - int(now):.0f} s ahead of this host's clock; the issuer's clock is fast, or wait"


def _moment(value: Any) -> str:
    """A time as people and as tokens write it."""
    if not _number(value) or not 0 <= value < 253_402_300_800:  # the year 10000
        return _shown(value)
    return f"{_shown(value)} ({time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(value))} UTC)"


def _is(value: object) -> str:
    return "is not there" if value is _ABSENT else f"is {_shown(value)}"


def _accepted(names: Tuple[str, ...], setting: str) -> str:
    return f"anything, but it has to be there ({setting})" if "*" in names else f"{_names(names)} ({setting})"


def _names(names: Tuple[str, ...]) -> str:
    return " or ".join(_shown(name) for name in names)


def _shown(value: object) -> str:
    """JSON in ASCII, so that nothing in a token moves the terminal's cursor or turns the writing round."""
    if value is _ABSENT:
        return "not there"
    try:
        text = json.dumps(value).replace("\x7f", "\\u007f")
    except RecursionError:
        return "something nested too deeply"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"
