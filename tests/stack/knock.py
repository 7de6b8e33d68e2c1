"""Runs on the throw-away host: for each [token, room] of standard input, whether Prosody lets it into that room.

A token that is null is a guest's, who has none. {"while": [token, room], "knock": [...]}: meanwhile that one is in.
"""

import http.client
import json
import re
import sys
from urllib.parse import quote

BODY = "<body xmlns='http://jabber.org/protocol/httpbind' rid='{}' {}>{}</body>"
START = "{} to='{}' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'"
AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"
BIND = "<iq type='set' id='b' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
JOIN = ("<presence to='{}@muc.meet.jitsi/{}' xmlns='jabber:client'>"
        "<x xmlns='http://jabber.org/protocol/muc'/></presence>")  # fmt: skip


class Session:
    """One who knocks: `inside` says whether the room let them in."""

    def __init__(self, token, room):
        self.connection = http.client.HTTPConnection("127.0.0.1", 8440, timeout=20)
        self.path = "/http-bind" + (f"?token={quote(token)}" if token else "")
        self.domain = "meet.jitsi" if token else "guest.meet.jitsi"
        self.rid = 0
        opened = self.post(START.format("hold='1' wait='1' ver='1.6'", self.domain))
        self.sid = "sid='" + re.search(r"sid='([^']+)'", opened).group(1) + "'"
        self.inside = self.enters(room)

    def post(self, attributes, inside=""):
        self.rid += 1
        self.connection.request("POST", self.path, BODY.format(self.rid, attributes, inside))
        return self.connection.getresponse().read().decode()

    def enters(self, room):
        if "<success" not in self.post(self.sid, AUTH):
            return False
        self.post(START.format(f"{self.sid} xmpp:restart='true'", self.domain))
        assert "<jid>" in self.post(self.sid, BIND)
        said = self.post(self.sid, JOIN.format(room, self.domain))
        for _ in range(5):  # each waits for a second when there is nothing to say
            if re.search(r"code='110'|type='error'", said):
                return "type='error'" not in said
            said = self.post(self.sid)
        raise AssertionError(said)

    def leave(self):
        self.post(f"{self.sid} type='terminate'")
        self.connection.close()


def knock(token, room):
    session = Session(token, room)
    session.leave()
    return session.inside


def main():
    asked = json.load(sys.stdin)
    host = Session(*asked["while"]) if isinstance(asked, dict) else None
    print(json.dumps([knock(token, room) for token, room in (asked["knock"] if host else asked)]))
    if host:
        assert host.inside
        host.leave()


main()
