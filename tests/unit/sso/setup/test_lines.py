"""The lines of jitsi.conf: what a sign-on needs is there afterwards, what contradicts it is not, and off undoes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jitsictl.settings.edit import edited
from jitsictl.settings.read import parse
from jitsictl.sso.setup import lines
from jitsictl.sso.setup.lines import Wish
from jitsictl.types.failure import Failure
from unit.site import CONF, SECRETS, settings

PAGE, SIGN_ON = "https://meet.example.org", "https://sso.meet.example.org"
OIDC = Wish("oidc", PAGE, "https://sso.example.org/auth", "foundation")
TUTORIAL = Wish("jitsi-keycloak", PAGE, "https://sso.example.org/auth", "foundation", sign_on=SIGN_ON)
KEY = "JWT_APP_SECRET=0123456789abcdef0123456789abcdef\n"

OTHERS = {
    "ENABLE_AUTH": ("0", "1", "false"), "AUTH_TYPE": ("internal", "jwt", "JWT"),
    "PROSODY_AUTH_TYPE": ("internal", "jwt"),
    "JICOFO_AUTH_TYPE": ("internal", "jwt"), "TOKEN_AUTH_URL": (f"{SIGN_ON}/{{room}}", "https://other.example.org/{room}"),
    "OIDC_ISSUER_URL": ("https://other.example.org/realms/x",), "JWT_APP_ID": ("jitsi", "meet"),
    "JWT_SIGN_TYPE": ("HS256", "HS512"), "SSO": ("none", "oidc", "jitsi-keycloak"), "SSO_URL": ("https://old.example.org",),
    "KEYCLOAK_URL": ("https://old.example.org",), "KEYCLOAK_REALM": ("old",), "OIDC_CLIENT_ID": ("jitsi", "other"),
    "ENABLE_GUESTS": ("0", "1"),
}  # fmt: skip
SITES = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in OTHERS.items()}).map(
    lambda values: CONF + "".join(f"{name}={value}\n" for name, value in values.items())
)
WISHES = st.builds(
    Wish, st.sampled_from(["oidc", "jitsi-keycloak"]), st.just(PAGE), st.sampled_from(["https://a.example.org"]),
    st.sampled_from(["foundation", "other.realm"]), st.sampled_from(["jitsi", "meet"]), st.just(SIGN_ON),
    st.sampled_from(["", "/etc/ssl/ca.pem"]), st.sampled_from(["", "host-gateway"]),
)  # fmt: skip


def conf(text):
    return parse(text, "jitsi.conf")[0]


@given(SITES, WISHES)
def test_afterwards_the_site_has_this_sign_on(text, wish):
    after = edited(text, lines.wanted(conf(text), wish))
    made = settings(after, secrets=SECRETS + KEY)  # which fails where anything contradicts it
    assert (made["SSO"], made["AUTH_TYPE"], made["ENABLE_AUTH"]) == (wish.adapter, "jwt", "1")
    assert (made["KEYCLOAK_URL"], made["KEYCLOAK_REALM"]) == (wish.url, wish.realm)
    assert made["TOKEN_AUTH_URL"] == wish.token_url and made["OIDC_CLIENT_ID"] == wish.client
    assert made.get("PROSODY_AUTH_TYPE", "jwt") == "jwt"
    assert made.get("SSO_URL") == (SIGN_ON if wish.adapter == "jitsi-keycloak" else "")
    if wish.adapter == "oidc":
        assert made["OIDC_ISSUER_URL"] == wish.issuer
    assert lines.wanted(conf(after), wish) == {}, "a second time there is nothing to do"
    stays = {line.name: line.value for line in conf(text)}
    assert made["ENABLE_GUESTS"] == stays.get("ENABLE_GUESTS", "1")


@given(SITES, WISHES)
def test_off_leads_to_internal_accounts_and_keeps_where_keycloak_is(text, wish):
    on = edited(text, lines.wanted(conf(text), wish))
    off = edited(on, lines.internal(conf(on)))
    made = settings(off, secrets=SECRETS + KEY)
    assert (made["SSO"], made["AUTH_TYPE"], made.get("TOKEN_AUTH_URL")) == ("none", "internal", "")
    assert (made["KEYCLOAK_URL"], made["KEYCLOAK_REALM"]) == (wish.url, wish.realm)
    assert lines.internal(conf(off)) == {}
    again = settings(edited(off, lines.wanted(conf(off), wish)), secrets=SECRETS + KEY)
    assert again["SSO"] == wish.adapter


def test_few_lines_are_enough():
    assert lines.wanted(conf(CONF), OIDC) == {
        "SSO": "oidc", "KEYCLOAK_URL": "https://sso.example.org/auth", "KEYCLOAK_REALM": "foundation",
    }  # fmt: skip
    assert list(lines.wanted(conf(CONF), TUTORIAL)) == ["SSO", "SSO_URL", "KEYCLOAK_URL", "KEYCLOAK_REALM"]


def test_the_tutorials_lines():
    text = f"{CONF}ENABLE_AUTH=1\nAUTH_TYPE=jwt\nJWT_APP_ID=jitsi\nTOKEN_AUTH_URL={SIGN_ON}/{{room}}\n"
    assert None not in lines.wanted(conf(text), TUTORIAL).values()
    assert lines.shown(conf(text), lines.wanted(conf(text), OIDC)) == [
        f"- TOKEN_AUTH_URL={SIGN_ON}/{{room}}", "+ SSO=oidc", "+ KEYCLOAK_URL=https://sso.example.org/auth",
        "+ KEYCLOAK_REALM=foundation",
    ]  # fmt: skip
    assert lines.internal(conf(text)) == {"TOKEN_AUTH_URL": None, "AUTH_TYPE": None}


def test_a_change_is_shown_as_both_lines():
    text = f"{CONF}SSO=none\n"
    assert lines.shown(conf(text), {"SSO": "oidc", "DEFAULT_ROOM": "a b"}) == [
        "- SSO=none", "+ SSO=oidc", "+ DEFAULT_ROOM='a b'"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "what"),
    [
        (Wish("oidc", PAGE, "https://a.example.org/?x", "foundation"), "KEYCLOAK_URL: 'https://a.example.org/"),
        (Wish("oidc", PAGE, "https://a.example.org", "two words"), "KEYCLOAK_REALM: 'two words' is no single word"),
        (Wish("oidc", PAGE, "https://a.example.org", "a\x07"), "KEYCLOAK_REALM"),
        (Wish("oidc", PAGE, "https://a.example.org", "a", client="x y"), "OIDC_CLIENT_ID: 'x y'"),
        (Wish("jitsi-keycloak", PAGE, "https://a.example.org", "a", sign_on="sso"), "SSO_URL: 'sso' is no URL"),
        (Wish("oidc", PAGE, "https://a.example.org", "a", authority="ca.pem"), "KEYCLOAK_CA: 'ca.pem' is"),
    ],
)  # fmt: skip
def test_what_a_setting_does_not_take(wish, what):
    with pytest.raises(Failure) as failed:
        lines.wanted(conf(CONF), wish)
    assert failed.value.exit == 2 and failed.value.what.startswith(what) and failed.value.what.isprintable()
