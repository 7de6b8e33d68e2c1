"""Who may log in to the stand-in's Prosody: accounts, guests, tokens, by real logins over BOSH."""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time

import pytest
from bed.images.bare import PASSWORDS, BareStack

pytestmark = pytest.mark.bed

both = pytest.mark.parametrize("site", ["stable-11031", "stable-11146-2"], indirect=True)
BODY = "<body xmlns='http://jabber.org/protocol/httpbind' {}</body>"
OPEN = BODY.format("to='{host}' rid='1' wait='5' hold='1' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'>")
AUTH = BODY.format("rid='2' sid='{sid}'><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{how}'>{what}</auth>")
JWT = {"ENABLE_AUTH": "1", "AUTH_TYPE": "jwt", "JWT_APP_ID": "app", "JWT_APP_SECRET": "sesame"}


def started(site: BareStack, **env: str) -> BareStack:
    """The site with a prosody of these settings, ready."""
    site.start("prosody", {**PASSWORDS, **env})
    site.wait_healthy("prosody")
    return site


def logs_in(site: BareStack, how: str = "ANONYMOUS", what: str = "", *, query: str = "",
            host: str = "meet.jitsi") -> bool:
    """Whether a login by SASL mechanism `how` with initial response `what` is let in."""

    def post(body: str) -> str:
        url = f"http://127.0.0.1:5280/http-bind{query}"
        return site.curl("prosody", url, "-H", "Host: meet.jitsi", "-d", body).body

    opened = post(OPEN.format(host=host))
    found = re.search(r"sid='([^']+)'", opened)
    assert found, f"no session from BOSH: {opened}"
    return "<success" in post(AUTH.format(sid=found.group(1), how=how, what=what))


def plain(user: str, password: str) -> str:
    return base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def token(secret: str, **claims: object) -> str:
    """An HS256 JSON web token, as the query of a URL."""
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    signed = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(json.dumps(claims).encode())
    return f"?token={signed}." + part(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())


@both
def test_accounts_of_prosodyctl_log_in(site: BareStack) -> None:
    started(site, ENABLE_AUTH="1")
    config = "/config" if site.rootful else "/run/prosody/config"
    ctl = f"prosodyctl --config {config}/prosody.cfg.lua"
    site.execute("prosody", f"printf 'secret\\nsecret\\n' | {ctl} adduser alien@meet.jitsi")
    assert logs_in(site, "PLAIN", plain("alien", "secret"))
    assert not logs_in(site, "PLAIN", plain("alien", "wrong"))
    assert not logs_in(site, "PLAIN", plain("nobody", "secret"))
    assert "alien@meet.jitsi\n" in site.execute("prosody", f"{ctl} shell user list meet.jitsi")
    site.execute("prosody", f"{ctl} deluser alien@meet.jitsi")
    assert not logs_in(site, "PLAIN", plain("alien", "secret"))


@both
def test_anybody_may_without_authentication(site: BareStack) -> None:
    assert logs_in(started(site))


@both
def test_guests_have_a_host_of_their_own(site: BareStack) -> None:
    started(site, ENABLE_AUTH="1", ENABLE_GUESTS="1")
    assert not logs_in(site)
    assert logs_in(site, host="guest.meet.jitsi")


@both
def test_tokens_are_checked(site: BareStack) -> None:
    started(site, **JWT)
    good = {"iss": "app", "aud": "app", "room": "*", "sub": "*"}
    assert logs_in(site, query=token("sesame", **good))
    assert not logs_in(site, query=token("other", **good)), "signed with another secret"
    assert not logs_in(site, query=token("sesame", **{**good, "iss": "else"})), "of another issuer"
    assert not logs_in(site, query=token("sesame", **good, exp=time.time() - 60)), "expired"
    assert not logs_in(site), "no token"


@both
def test_empty_tokens_only_when_allowed(site: BareStack) -> None:
    assert logs_in(started(site, **JWT, JWT_ALLOW_EMPTY="1"))
