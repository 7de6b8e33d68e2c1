"""A small XMPP client over BOSH (XEP-0124, XEP-0206): enough to log in as a browser does, and out again.

8 ms a login on the machine where the design was drawn, against 150 to 200 for a client library.
"""

from __future__ import annotations

import base64
import contextlib
import secrets
import time
import xml.etree.ElementTree as ET
from html import escape
from typing import Callable, List
from urllib.parse import quote

from jitsictl.doors import process, sasl
from jitsictl.doors.http import Connection, Unreachable, opened
from jitsictl.types.failure import Failure

__all__ = ["LoginRefused", "Unreachable", "anonymous", "enter", "login"]

BIND_PATH = "/http-bind"
_BODY = "{http://jabber.org/protocol/httpbind}"
_SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
_BIND = "{urn:ietf:params:xml:ns:xmpp-bind}"
_MUC_USER = "{http://jabber.org/protocol/muc#user}"
_ASK_FOCUS = (
    "<iq type='set' id='focus' to='{}' xmlns='jabber:client'>"
    "<conference xmlns='http://jitsi.org/protocol/focus' room='{}' machine-uid='jitsictl'/></iq>"
)
_JOIN = "<presence to='{}/jitsictl' xmlns='jabber:client'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
_GOODBYE = "<presence type='unavailable' xmlns='jabber:client'/>"
_ASK_BIND = "<iq type='set' id='bind' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"


class LoginRefused(Failure):
    """The server answered and did not let the account in. `condition` is XMPP's word, such as not-authorized."""

    def __init__(self, what: str, condition: str) -> None:
        super().__init__(what)
        self.condition = condition


def login(base_url: str, domain: str, user: str, password: str, *, deadline: float) -> float:
    """Log in at `domain` through the web server of `base_url`, bind a resource, log out.

    Returns the seconds until the resource was bound. PLAIN is used where it is offered, else
    SCRAM-SHA-1. Raises LoginRefused, or Unreachable when no XMPP server answers.
    """
    process.secret(password)
    process.secret(base64.b64encode(sasl.plain(user, password)).decode())
    return _session(base_url, domain, deadline, f"{user}@{domain}", lambda bosh: _account(bosh, user, password))


def anonymous(base_url: str, domain: str, *, deadline: float) -> float:
    """The same without an account, as a guest does."""
    return _session(base_url, domain, deadline, f"a guest at {domain}", _guest)


def enter(base_url: str, domain: str, token: str, room: str, *, deadline: float) -> str:
    """Log in by a token as the page does, and enter a room such as staff@muc.meet.jitsi.

    Returns the role that the room gives. jicofo is asked first, since it makes the rooms; where it does not answer, the
    room decides. Raises LoginRefused, also by the room, or Unreachable.
    """
    process.secret(token)
    role: List[str] = []

    def join(bosh: _Bosh) -> None:
        _answer(bosh, _ASK_FOCUS.format(f"focus.{domain}", escape(room)), lambda each: each.get("id") == "focus")
        joined = _answer(bosh, _JOIN.format(escape(room)), _is_own)
        if joined.get("type") == "error":
            raise _Refused(_condition(joined))
        role.append(next((item.get("role", "") for item in joined.iter(f"{_MUC_USER}item")), ""))

    _session(base_url, domain, deadline, "the holder of a token", _guest, join, query=f"?token={quote(token)}")
    return role[0]


def _answer(bosh: _Bosh, stanza: str, wanted: Callable[[ET.Element], bool]) -> ET.Element:
    """Send a stanza and wait for the one that answers it. Unreachable: the time is up."""
    answer = bosh.send(stanza)
    while True:
        for found in answer:
            if wanted(found):
                return found
        answer = bosh.send("")


def _is_own(stanza: ET.Element) -> bool:
    """The room's last word to who enters: one's own presence, or why not."""
    own = any(status.get("code") == "110" for status in stanza.iter(f"{_MUC_USER}status"))
    return stanza.tag.endswith("}presence") and (own or stanza.get("type") == "error")


def _condition(stanza: ET.Element) -> str:
    words = [child.tag.rpartition("}")[2] for error in stanza if error.tag.endswith("}error") for child in error]
    return words[0] if words else "no-reason"


def _attribute(value: str) -> str:
    return f"'{escape(value)}'"


class _Bosh:
    """One BOSH session: each request carries the next request id and gets one answer."""

    def __init__(self, connection: Connection, domain: str, deadline: float, query: str = "") -> None:
        self._connection = connection
        self._path = f"{BIND_PATH}{query}"
        self._domain = domain
        self._wait = max(1, int(deadline))
        self._rid = secrets.randbelow(1 << 40)
        self._sid = ""
        self.features = self._start("")

    def restart(self) -> None:
        """Begin the stream anew, as XMPP wants it after a login."""
        self.features = self._start(" xmpp:restart='true'")

    def send(self, inside: str) -> ET.Element:
        return self._post(f"sid={_attribute(self._sid)}", inside)

    def end(self) -> None:
        """Leave; the server then frees the session at once and not after its inactivity."""
        self._post(f"sid={_attribute(self._sid)} type='terminate'", _GOODBYE)

    def _start(self, more: str) -> ET.Element:
        known = f"sid={_attribute(self._sid)}" if self._sid else f"hold='1' wait='{self._wait}' ver='1.6'"
        answer = self._post(
            f"{known} to={_attribute(self._domain)} xml:lang='en' xmpp:version='1.0'{more} xmlns:xmpp='urn:xmpp:xbosh'",
            "",
        )
        self._sid = answer.get("sid", self._sid)
        return answer

    def _post(self, attributes: str, inside: str) -> ET.Element:
        self._rid += 1
        body = f"<body rid='{self._rid}' xmlns='http://jabber.org/protocol/httpbind' {attributes}>{inside}</body>"
        reply = self._connection.request("POST", self._path, body, {"Content-Type": "text/xml; charset=utf-8"})
        if reply.status != 200:
            raise Unreachable(f"expected XMPP over {BIND_PATH}, found HTTP {reply.status}")
        try:
            answer = ET.fromstring(reply.text)  # noqa: S314 - of the site's own server, at most http.LARGEST bytes
        except ET.ParseError:
            raise Unreachable(f"expected XMPP over {BIND_PATH}, found something else than XML") from None
        if answer.get("type") == "terminate" and "type='terminate'" not in attributes:
            condition = answer.get("condition", "no reason")
            raise Unreachable(f"expected an XMPP session at {self._domain}, found it refused: {condition}")
        return answer


def _session(
    base_url: str,
    domain: str,
    deadline: float,
    who: str,
    authenticate: Callable[[_Bosh], None],
    then: Callable[[_Bosh], None] = lambda _: None,
    query: str = "",
) -> float:
    started = time.monotonic()
    with opened(base_url, deadline=deadline) as connection:
        bosh = _Bosh(connection, domain, deadline, query)
        try:
            authenticate(bosh)
            bosh.restart()
            if bosh.send(_ASK_BIND).find(f".//{_BIND}jid") is None:
                raise _Refused("no-resource")
            seconds = time.monotonic() - started
            then(bosh)
            return seconds
        except _Refused as refused:
            condition = str(refused)
            raise LoginRefused(f"expected {who} to log in, found it refused: {condition}", condition) from None
        finally:
            with contextlib.suppress(Unreachable):
                bosh.end()


class _Refused(Exception):
    """XMPP's word for why not."""


def _account(bosh: _Bosh, user: str, password: str) -> None:
    offered = {mechanism.text for mechanism in bosh.features.iter(f"{_SASL}mechanism")}
    if "PLAIN" in offered:
        _outcome(_auth(bosh, "PLAIN", sasl.plain(user, password)))
    elif "SCRAM-SHA-1" in offered:
        _scram(bosh, user, password)
    else:
        raise _Refused(f"no-mechanism, only {', '.join(sorted(filter(None, offered))) or 'none'} is offered")


def _guest(bosh: _Bosh) -> None:
    _outcome(_auth(bosh, "ANONYMOUS", b""))


def _scram(bosh: _Bosh, user: str, password: str) -> None:
    first = sasl.scram_first(user, secrets.token_hex(16))
    challenge = _auth(bosh, "SCRAM-SHA-1", f"n,,{first}".encode()).find(f"{_SASL}challenge")
    if challenge is None:
        raise _Refused("no-challenge")
    try:
        final, expected = sasl.scram_final(password, first, _decoded(challenge))
    except (ValueError, KeyError):
        raise _Refused("malformed-challenge") from None
    answer = bosh.send(f"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{_encoded(final.encode())}</response>")
    if _decoded(_outcome(answer)) != expected:
        raise _Refused("the server does not know the password either")


def _auth(bosh: _Bosh, mechanism: str, message: bytes) -> ET.Element:
    attributes = f"xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'"
    return bosh.send(f"<auth {attributes}>{_encoded(message)}</auth>")


def _outcome(answer: ET.Element) -> ET.Element:
    """The element of a success; anything else is a refusal, in the server's word."""
    success = answer.find(f"{_SASL}success")
    if success is not None:
        return success
    failure = answer.find(f"{_SASL}failure")
    words = [] if failure is None else [child.tag.rpartition("}")[2] for child in failure]
    raise _Refused(words[0] if words else "no-answer")


def _encoded(message: bytes) -> str:
    return base64.b64encode(message).decode() or "="  # "=" is an empty message


def _decoded(element: ET.Element) -> str:
    return base64.b64decode(element.text or "").decode("utf-8", "replace")
