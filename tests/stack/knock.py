"""Runs on the throw-away host: for each [token, room] of standard input, whether Prosody lets it into that room."""

import http.client
import json
import re
import sys
from urllib.parse import quote

BODY = "<body xmlns='http://jabber.org/protocol/httpbind' rid='{}' {}>{}</body>"
START = "{} to='meet.jitsi' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'"
AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"
BIND = "<iq type='set' id='b' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
JOIN = ("<presence to='{}@muc.meet.jitsi/alien' xmlns='jabber:client'>"
        "<x xmlns='http://jabber.org/protocol/muc'/></presence>")  # fmt: skip


def enters(connection, token, room):
    rid = 0

    def post(attributes, inside=""):
        nonlocal rid
        rid += 1
        connection.request("POST", f"/http-bind?token={quote(token)}", BODY.format(rid, attributes, inside))
        return connection.getresponse().read().decode()

    opened = post(START.format("hold='1' wait='1' ver='1.6'"))
    session = "sid='" + re.search(r"sid='([^']+)'", opened).group(1) + "'"
    try:
        if "<success" not in post(session, AUTH):
            return False
        post(START.format(f"{session} xmpp:restart='true'"))
        assert "<jid>" in post(session, BIND)
        said = post(session, JOIN.format(room))
        for _ in range(5):  # each waits for a second when there is nothing to say
            if re.search(r"code='110'|type='error'", said):
                return "type='error'" not in said
            said = post(session)
        raise AssertionError(said)
    finally:
        post(f"{session} type='terminate'")


def main():
    connection = http.client.HTTPConnection("127.0.0.1", 8440, timeout=20)
    print(json.dumps([enters(connection, token, room) for token, room in json.load(sys.stdin)]))


main()
