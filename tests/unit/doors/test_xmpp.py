"""What answers where XMPP over BOSH was expected. Logins against a real Prosody are in tests/stack."""

from __future__ import annotations

import http.server
import threading

import pytest

from jitsictl.doors import xmpp
from jitsictl.doors.process import mask

NS = "xmlns='http://jabber.org/protocol/httpbind'"
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
OPEN = f"<body {NS} sid='s1'><mechanisms {SASL}><mechanism>PLAIN</mechanism></mechanisms></body>"


@pytest.fixture
def server():
    """`server(status, *bodies)` gives these answers in turn, the last one for ever; returns (url, requests)."""
    servers = []

    def serve(status: int, *bodies: str):
        seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                seen.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                body = bodies[min(len(seen), len(bodies)) - 1].encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(made)
        threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return f"http://127.0.0.1:{made.server_port}", seen

    yield serve
    for made in servers:
        made.shutdown()
        made.server_close()


def login(url: str) -> float:
    return xmpp.login(url, "meet.jitsi", "alien", "right-password", deadline=5)


def test_nginx_without_prosody(server):
    url, _ = server(502, "<html>Bad Gateway</html>")
    with pytest.raises(xmpp.Unreachable, match="expected XMPP over /http-bind, found HTTP 502"):
        login(url)


def test_a_page_instead_of_xmpp(server):
    url, _ = server(200, "<html><br>")
    with pytest.raises(xmpp.Unreachable, match="found something else than XML"):
        login(url)


def test_a_host_that_is_not_served(server):
    url, _ = server(200, f"<body {NS} type='terminate' condition='host-unknown'/>")
    with pytest.raises(xmpp.Unreachable, match="an XMPP session at meet.jitsi, found it refused: host-unknown"):
        login(url)


@pytest.mark.parametrize("answer, condition", [
    (f"<failure {SASL}><not-authorized/><text>no</text></failure>", "not-authorized"),
    (f"<failure {SASL}><account-disabled/></failure>", "account-disabled"),
    ("", "no-answer"),
])
def test_a_refusal_is_told_in_the_servers_word_and_the_session_is_left(server, answer, condition):
    url, seen = server(200, OPEN, f"<body {NS}>{answer}</body>")
    with pytest.raises(xmpp.LoginRefused) as refused:
        login(url)
    assert refused.value.condition == condition
    assert refused.value.what == f"expected alien@meet.jitsi to log in, found it refused: {condition}"
    assert "type='terminate'" in seen[-1] and "sid='s1'" in seen[-1]


def test_no_mechanism_that_we_know(server):
    url, _ = server(200, OPEN.replace("PLAIN", "EXTERNAL"))
    with pytest.raises(xmpp.LoginRefused, match="no-mechanism, only EXTERNAL is offered"):
        login(url)


def test_a_login_without_a_resource_is_none(server):
    url, _ = server(200, OPEN, f"<body {NS}><success {SASL}/></body>", f"<body {NS}/>")
    with pytest.raises(xmpp.LoginRefused, match="no-resource"):
        login(url)


def test_a_server_that_does_not_know_the_password_is_no_server(server):
    """SCRAM proves both sides: a challenge of its own making does not let an impostor through."""
    challenge = "cj14LHM9cz09LGk9MQ=="  # r=x,s=s==,i=1
    answer = f"<body {NS}><challenge {SASL}>{challenge}</challenge></body>"
    url, _ = server(200, OPEN.replace("PLAIN", "SCRAM-SHA-1"), answer)
    with pytest.raises(xmpp.LoginRefused, match="malformed-challenge"):
        login(url)


def test_request_ids_count_up_and_names_are_escaped(server):
    url, seen = server(200, OPEN, f"<body {NS}/>")
    with pytest.raises(xmpp.LoginRefused):
        xmpp.login(url, "meet'.<jitsi", "alien", "right-password", deadline=5)
    assert "to='meet&#x27;.&lt;jitsi'" in seen[0]
    ids = [int(body.split("rid='")[1].split("'")[0]) for body in seen]
    assert ids == list(range(ids[0], ids[0] + len(ids)))


def test_the_password_is_masked_from_the_first_login_on(server):
    url, seen = server(200, OPEN, f"<body {NS}/>")
    with pytest.raises(xmpp.LoginRefused):
        login(url)
    assert "AGFsaWVuAHJpZ2h0LXBhc3N3b3Jk" in seen[1]
    assert "AGFsaWVuAHJpZ2h0LXBhc3N3b3Jk" not in mask(seen[1]) and mask("right-password") == "********"
