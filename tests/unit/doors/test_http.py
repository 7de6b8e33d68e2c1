"""Servers that answer, refuse, drip and lie."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from http import server as http_server

import pytest
from bed import tls

from jitsictl.doors import http
from jitsictl.types.failure import Failure

OK = b"HTTP/1.1 200 OK\r\nX-Release: a\r\n"


@pytest.mark.parametrize("answer", [
    OK + b"Content-Length: 5\r\n\r\nh\xc3\xa4lt",
    OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nh\xc3\r\n3\r\n\xa4lt\r\n0\r\n\r\n",
    OK + b"Connection: close\r\n\r\nh\xc3\xa4lt",
])
def test_a_body_of_each_form(server, answer):
    url, seen = server(answer)
    reply = http.get(f"{url}/config.js?x=1", deadline=5, headers={"Host": "meet.example.org"})
    assert (reply.status, reply.headers["x-release"], reply.text) == (200, "a", "hält")
    assert seen[0].startswith("GET /config.js?x=1 HTTP/1.1\r\n") and "Host: meet.example.org\r\n" in seen[0]


def test_any_status_is_an_answer_and_redirects_are_not_followed(server):
    url, seen = server(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    assert http.get(url, deadline=5).status == 302
    assert len(seen) == 1


def test_post_sends_its_text(server):
    url, seen = server(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert http.post(f"{url}/colibri/drain/enable", "ä", deadline=5).status == 204
    assert seen[0].startswith("POST /colibri/drain/enable ") and "Content-Length: 2\r\n" in seen[0]


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with pytest.raises(http.Unreachable, match=f"expected an answer from {url}, found: Connection refused"):
        http.get(url, deadline=5)


@pytest.mark.parametrize("pieces", [
    [b""] * 100,
    [OK + b"Content-Length: 100\r\n\r\n", *[b"."] * 100],
], ids=["silence", "a byte now and then"])
def test_the_deadline_is_for_the_whole_answer(server, pieces):
    url, _ = server(*pieces, pause=0.1)
    started = time.monotonic()
    with pytest.raises(http.Unreachable, match="within 0.5 s, found none"):
        http.get(url, deadline=0.5)
    assert 0.4 <= time.monotonic() - started < 2


@pytest.mark.parametrize("answer", [
    b"SSH-2.0-OpenSSH\r\n", b"", OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", OK + b"Content-Length: 5\r\n\r\nab",
])
def test_something_else_than_http_or_half_of_it(server, answer):
    url, _ = server(answer)
    with pytest.raises(http.Unreachable, match="expected an answer"):
        http.get(url, deadline=5)


def test_a_body_without_end_is_cut(server, monkeypatch):
    monkeypatch.setattr(http, "LARGEST", 100_000)
    url, _ = server(OK + b"\r\n", *[b"x" * 65536] * 10)
    assert 100_000 <= len(http.get(url, deadline=5).text) < 300_000


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """A server with TLS whose certificate a private authority has signed: its URL and the authority's file."""
    made = tls.ensure(tmp_path_factory.mktemp("tls"), "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    server = http_server.ThreadingHTTPServer(("127.0.0.1", 0), http_server.BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_port}", made.ca
    server.shutdown()
    server.server_close()


def asked(url, authority):
    with http.opened(url, deadline=5, authority=authority) as connection:
        return connection.request("GET", "/").status


def test_a_private_authority_is_trusted_by_its_file_alone(signed):
    url, authority = signed
    assert asked(url, authority) == 501
    with pytest.raises(http.Untrusted, match=f"trusts from {url}, found: unable to get local issuer") as refused:
        asked(url, None)
    assert "issuer" in refused.value.why
    with pytest.raises(http.Untrusted, match="mismatch"):
        asked(url.replace("localhost", "127.0.0.1"), authority)


def test_a_file_that_is_no_authority(signed, tmp_path):
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(Failure, match="PEM form in .*ca.pem, found none"):
        asked(signed[0], tmp_path / "ca.pem")
    with pytest.raises(Failure, match="found: No such file"):
        asked(signed[0], tmp_path / "other.pem")


@pytest.mark.parametrize("url", ["meet.example.org", "ftp://meet.example.org/", "http:///x"])
def test_no_url(url):
    with pytest.raises(Failure, match="expected a URL like"):
        http.get(url, deadline=5)
