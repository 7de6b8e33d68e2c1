"""An XMPP session as jicofo and jvb keep one: STARTTLS, SASL PLAIN, one room, and a look at who is in it."""
from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import dataclass, field
from typing import Callable
from xml.etree.ElementTree import Element, XMLPullParser
from xml.sax.saxutils import quoteattr

CLIENT = "{jabber:client}"
STREAMS = "{http://etherx.jabber.org/streams}"
TLS = "{urn:ietf:params:xml:ns:xmpp-tls}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
COLIBRI = "http://jitsi.org/protocol/colibri"

# A peer that is gone without a word (its network was taken away) is noticed after two of these, in seconds.
PING_EVERY = 5.0
RETRY_AFTER = 0.5


class LoginError(Exception):
    """The session cannot be had: what was expected and what came."""


@dataclass
class Account:
    """Where and as whom to log in, and which room to enter."""

    host: str
    port: int
    domain: str
    user: str
    password: str
    room: str
    nick: str


@dataclass
class Room:
    """Who else is in the room: nick -> the numbers and words of its presence (`conferences`, `drain` ...)."""

    occupants: dict[str, dict[str, str]] = field(default_factory=dict)


class Stream:
    """One XML stream over a connection; restarted after STARTTLS and after SASL."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, domain: str) -> None:
        self.reader, self.writer, self.domain = reader, writer, domain
        self._parser = XMLPullParser(("start", "end"))
        self._depth = 0
        self._root: Element | None = None

    async def restart(self) -> Element:
        """Open the stream (anew); its features."""
        self._parser, self._depth, self._root = XMLPullParser(("start", "end")), 0, None
        self.send(f"<?xml version='1.0'?><stream:stream to={quoteattr(self.domain)} version='1.0' "
                  "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")
        return await self.expect(STREAMS + "features")

    def send(self, text: str) -> None:
        self.writer.write(text.encode())

    async def stanza(self) -> Element:
        """The next whole element below the stream's root. Raises ConnectionError at the end."""
        while True:
            for event, element in self._parser.read_events():
                if event == "start":
                    self._root = self._root if self._root is not None else element
                    self._depth += 1
                    continue
                self._depth -= 1
                if self._depth == 1 and self._root is not None:
                    self._root.clear()
                    return element
                if self._depth == 0:
                    raise ConnectionError("the server closed the stream")
            data = await self.reader.read(65536)
            if not data:
                raise ConnectionError("the server closed the connection")
            self._parser.feed(data)

    async def expect(self, tag: str) -> Element:
        element = await self.stanza()
        if element.tag != tag:
            names = [part.tag.rpartition("}")[2] for part in (element, *element)]
            raise LoginError(f"expected {tag.rpartition('}')[2]}, the server sent {'/'.join(names)}")
        return element


def _tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Prosody's certificate is self-signed; upstream's peers do not verify it either.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _authenticate(stream: Stream, account: Account) -> None:
    secret = base64.b64encode(f"\0{account.user}\0{account.password}".encode()).decode()
    stream.send(f"<auth xmlns='{SASL[1:-1]}' mechanism='PLAIN'>{secret}</auth>")
    answer = await stream.stanza()
    if answer.tag != SASL + "success":
        raise LoginError(f"login refused for {account.user}@{account.domain}")


async def _request(stream: Stream, identity: str, body: str) -> Element:
    stream.send(f"<iq type='set' id='{identity}'>{body}</iq>")
    answer = await stream.expect(CLIENT + "iq")
    if answer.get("type") != "result":
        raise LoginError(f"the server refused {identity}")
    return answer


async def _log_in(account: Account) -> Stream:
    reader, writer = await asyncio.open_connection(account.host, account.port)
    stream = Stream(reader, writer, account.domain)
    try:
        await stream.restart()
        stream.send(f"<starttls xmlns='{TLS[1:-1]}'/>")
        await stream.expect(TLS + "proceed")
        await writer.start_tls(_tls())
        await stream.restart()
        await _authenticate(stream, account)
        await stream.restart()
        await _request(stream, "bind", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
    except BaseException:
        writer.close()
        raise
    return stream


class Session:
    """Keeps one login alive; `up` and `why` say how it stands, `room` who is there.

    `stats` gives what to tell the room in this session's presence; `changed()` tells it again.
    """

    def __init__(self, account: Account, stats: Callable[[], dict[str, str]]) -> None:
        self.account, self.room = account, Room()
        self.up, self.why = False, "not logged in yet"
        self._stats = stats
        self._stream: Stream | None = None

    def _presence(self, join: bool) -> str:
        stats = "".join(f"<stat name={quoteattr(name)} value={quoteattr(value)}/>"
                        for name, value in self._stats().items())
        enter = "<x xmlns='http://jabber.org/protocol/muc'/>" if join else ""
        return (f"<presence to={quoteattr(self.account.room + '/' + self.account.nick)}>{enter}"
                f"<stats xmlns='{COLIBRI}'>{stats}</stats></presence>")

    def changed(self) -> None:
        if self.up and self._stream:
            self._stream.send(self._presence(join=False))

    def _on_presence(self, stanza: Element) -> None:
        room, _, nick = (stanza.get("from") or "").partition("/")
        kind = stanza.get("type")
        if room != self.account.room:
            return
        if kind == "error":
            raise LoginError(f"{room} cannot be entered")
        if nick == self.account.nick:
            if kind == "unavailable":
                raise ConnectionError(f"put out of {room}")
            self.up, self.why = True, ""
        elif kind == "unavailable":
            self.room.occupants.pop(nick, None)
        else:
            self.room.occupants[nick] = {stat.get("name", ""): stat.get("value", "")
                                         for stat in stanza.iter(f"{{{COLIBRI}}}stat")}

    def _on_iq(self, stream: Stream, stanza: Element) -> None:
        if stanza.get("type") in ("get", "set"):
            who, identity = quoteattr(stanza.get("from", "")), quoteattr(stanza.get("id", ""))
            stream.send(f"<iq type='result' to={who} id={identity}/>")

    async def _serve(self, stream: Stream) -> None:
        stream.send("<presence/>" + self._presence(join=True))
        silent = 0
        while True:
            try:
                stanza = await asyncio.wait_for(stream.stanza(), PING_EVERY)
            except asyncio.TimeoutError:
                silent += 1
                if silent > 1:
                    raise ConnectionError("the server does not answer") from None
                stream.send("<iq type='get' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>")
                continue
            silent = 0
            if stanza.tag == CLIENT + "presence":
                self._on_presence(stanza)
            elif stanza.tag == CLIENT + "iq":
                self._on_iq(stream, stanza)

    async def run(self) -> None:
        """Log in, stay, log in again after whatever ends the session; for ever."""
        while True:
            try:
                self._stream = await asyncio.wait_for(_log_in(self.account), 10)
                await self._serve(self._stream)
            except (OSError, LoginError, asyncio.TimeoutError, ssl.SSLError, SyntaxError) as error:
                why = str(error) or type(error).__name__
                if why != self.why:
                    print(f"{self.account.host}: {why}", flush=True)
                self.why = why
            self.up, self.room.occupants = False, {}
            if self._stream:
                self._stream.writer.close()
                self._stream = None
            await asyncio.sleep(RETRY_AFTER)
