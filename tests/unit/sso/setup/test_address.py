"""Where Keycloak is, from what people paste."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jitsictl.sso.setup import address
from jitsictl.types.failure import Failure

HOST = "https://sso.darkstar.lan"


@pytest.mark.parametrize(
    ("text", "base", "realm"),
    [
        (HOST, "", ""), (f"{HOST}/", "", ""), ("sso.darkstar.lan", "", ""), (" https://SSO.Darkstar.LAN:443/ ", "", ""),
        (f"{HOST}/auth", "/auth", ""), (f"{HOST}/auth/", "/auth", ""), (f"{HOST}/kc", "/kc", ""),
        (f"{HOST}/auth/realms/foundation", "/auth", "foundation"),
        (f"{HOST}/realms/My%20Realm/", "", "My Realm"),
        (f"{HOST}/auth/realms/foundation/.well-known/openid-configuration", "/auth", "foundation"),
        (f"{HOST}/auth/realms/foundation/account/#/personal-info", "/auth", "foundation"),
        (f"{HOST}/auth/admin/", "/auth", ""), (f"{HOST}/auth/admin/master/console/", "/auth", ""),
        (f"{HOST}/admin/master/console/#/foundation/clients", "", "foundation"),
        (f"{HOST}/auth/admin/master/console/#/realms/foundation/clients", "/auth", "foundation"),
        (f"{HOST}/auth/admin/realms/foundation/clients", "/auth", "foundation"),
    ],
)  # fmt: skip
def test_what_people_paste(text, base, realm):
    given = address.read(text)
    other = "" if base == "/auth" else f"{base}/auth"
    assert given == address.Given((f"{HOST}{base}", f"{HOST}{other}"), realm)


def test_a_port_stays():
    assert address.read("sso.darkstar.lan:8443").bases[0] == f"{HOST}:8443"
    assert address.read("https://[2001:DB8::1]/auth").bases == ("https://[2001:db8::1]/auth", "https://[2001:db8::1]")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("http://sso.darkstar.lan", "must be https"), ("ftp://x/", "must be https"), ("", "found https://"),
        ("https://", "an address"), ("https://a b/", "an address"), ("https://[::1", "an address"),
        ("https://x:99999/", "an address"), ("https://admin:pw@x/", "password in it"),
        ("https://x/$(id)", "an address"), ("https://x/\x1b[2J", "an address"), ("/etc/passwd", "an address"),
    ],
)  # fmt: skip
def test_what_is_no_address(text, what):
    with pytest.raises(Failure, match=what) as failed:
        address.read(text)
    assert failed.value.exit == 2 and "pw" not in failed.value.what and failed.value.what.isprintable()


@given(st.text(max_size=60) | st.text(max_size=30).map(lambda text: f"{HOST}/{text}"))
def test_any_text_is_an_address_or_a_failure(text):
    with contextlib.suppress(Failure):
        for base in address.read(text).bases:
            assert base.startswith("https://") and base.isprintable() and not base.endswith("/") and " " not in base
            assert address.read(base).bases[0] == base or "/realms/" in base or "/admin" in base


FILE = {
    "realm": "foundation", "auth-server-url": f"{HOST}/auth/", "ssl-required": "external", "resource": "jitsi",
    "public-client": True, "confidential-port": 0,
}  # fmt: skip


def test_the_file_that_the_console_gives():
    given = address.from_file(json.dumps(FILE), "keycloak.json")
    assert given == address.Given((f"{HOST}/auth", HOST), "foundation", "jitsi")


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({**FILE, "credentials": {"secret": "s3cr3t"}}, "found credentials in it"),
        ({**FILE, "public-client": False, "credentials": {}}, "found credentials in it"),
        ({name: value for name, value in FILE.items() if name != "public-client"}, "found one that is not"),
        ({**FILE, "realm": ""}, "found otherwise"), ({**FILE, "resource": 5}, "found otherwise"), ([], "otherwise"),
        ({**FILE, "auth-server-url": "http://x/"}, "must be https"),
    ],
)  # fmt: skip
def test_files_that_are_refused(fields, what):
    with pytest.raises(Failure, match=what) as failed:
        address.from_file(json.dumps(fields), "keycloak.json")
    assert "s3cr3t" not in failed.value.what


@pytest.mark.parametrize("text", ["", "{", "nul", "[" * 100_000, '{"issuer": 5}', '{"issuer": ""}', "[]"])
def test_what_is_no_file_of_the_console(text):
    with pytest.raises(Failure, match="expected k to be JSON"):
        address.from_file(text, "k")
