"""What follows from other settings."""

from __future__ import annotations

import pytest

from jitsictl.types.settings import Value


def test_etherpad_follows_from_one_switch(settle):
    values = settle("ETHERPAD=1\n").settings.values
    assert values["ETHERPAD_URL_BASE"] == Value("http://etherpad.meet.jitsi:9001", "derived from ETHERPAD")
    assert values["ETHERPAD_PUBLIC_URL"] == Value("https://meet.example.com/etherpad/p/", "derived from PUBLIC_URL")


def test_no_etherpad_no_address(settle):
    settings = settle().settings
    assert "ETHERPAD_URL_BASE" not in settings and "ETHERPAD_PUBLIC_URL" not in settings


def test_pads_on_another_host_get_a_cookie_that_comes_along_and_the_pages_certificate(settle):
    values = settle("ETHERPAD=1\nETHERPAD_PUBLIC_URL=https://pad.example.com/p/\nTLS_KEY=/etc/ssl/meet.key\n").settings.values
    assert values["ETHERPAD_COOKIE_SAME_SITE"] == Value("None", "derived from ETHERPAD_PUBLIC_URL")
    assert values["ETHERPAD_TLS_KEY"] == Value("/etc/ssl/meet.key", "derived from TLS_KEY")
    page = settle("ETHERPAD=1\nETHERPAD_PUBLIC_URL=https://meet.example.com/pad/p/\n").settings
    assert "ETHERPAD_COOKIE_SAME_SITE" not in page and "ETHERPAD_TLS_KEY" not in page


def test_tokens_are_got_at_the_sign_on(settle):
    jwt = "AUTH_TYPE=jwt\nENABLE_AUTH=1\nJWT_APP_ID=jitsi\nSSO_URL=https://sso.example.com/\n"
    values = settle(jwt).settings.values
    assert values["TOKEN_AUTH_URL"] == Value("https://sso.example.com/{room}", "derived from SSO_URL")
    assert values["SSO_TLS_KEY"].origin == "derived from TLS_KEY"
    assert settle(f"{jwt}TOKEN_AUTH_URL=https://other.example/{{room}}\n").settings["TOKEN_AUTH_URL"].startswith(
        "https://other"
    )
    assert "TOKEN_AUTH_URL" not in settle("SSO_URL=https://sso.example.com\n").settings


KEYCLOAK = "KEYCLOAK_URL=https://sso.example.com/auth/\nKEYCLOAK_REALM=foundation\n"


def test_all_that_oidc_needs_follows_from_where_keycloak_is(settle):
    values = settle(f"SSO=oidc\n{KEYCLOAK}KEYCLOAK_CA=/etc/ssl/ca.pem\n").settings.values
    assert {name: values[name].text for name in ("AUTH_TYPE", "JWT_APP_ID", "OIDC_ISSUER_URL", "TOKEN_AUTH_URL")} == {
        "AUTH_TYPE": "jwt",
        "JWT_APP_ID": "jitsi",
        "OIDC_ISSUER_URL": "https://sso.example.com/auth/realms/foundation",
        "TOKEN_AUTH_URL": "https://meet.example.com/oidc/auth?state={state}",
    }
    assert values["DENO_CERT"].text == "/ca/keycloak.pem" and "NODE_EXTRA_CA_CERTS" not in values
    assert values["JICOFO_ENABLE_AUTH"].text == "0"
    waiting = (values["XMPP_MODULES"].text, values["XMPP_MUC_MODULES"].text)
    assert waiting == ("persistent_lobby", "muc_wait_for_host")


def test_all_that_jitsi_keycloak_needs_follows_from_two_addresses(settle):
    values = settle(f"SSO=jitsi-keycloak\nSSO_URL=https://sso.meet.example.com\n{KEYCLOAK}").settings.values
    assert (values["AUTH_TYPE"].text, values["JWT_APP_ID"].text) == ("jwt", "jitsi")
    assert values["TOKEN_AUTH_URL"].text == "https://sso.meet.example.com/{room}"
    # Here jicofo makes guests wait, as it does with passwords.
    assert not {"JICOFO_ENABLE_AUTH", "XMPP_MODULES", "XMPP_MUC_MODULES", "OIDC_ISSUER_URL"} & set(values)


def test_without_guests_nobody_waits(settle):
    values = settle(f"SSO=oidc\nENABLE_GUESTS=0\n{KEYCLOAK}").settings.values
    assert "XMPP_MUC_MODULES" not in values and values["JICOFO_ENABLE_AUTH"].text == "0"


def test_the_adapter_signs_as_prosody_reads(settle):
    values = settle(f"SSO=oidc\nJWT_SIGN_TYPE=HS512\n{KEYCLOAK}").settings.values
    assert (values["JWT_ALG"].text, values["JWT_HASH"].text) == ("HS512", "SHA-512")


def test_what_the_admin_says_of_the_sign_on_counts(settle):
    values = settle(f"SSO=oidc\nJWT_APP_ID=meet\nXMPP_MUC_MODULES=mine,muc_wait_for_host\n{KEYCLOAK}").settings.values
    assert (values["JWT_APP_ID"].text, values["XMPP_MUC_MODULES"].text) == ("meet", "mine,muc_wait_for_host")


def test_the_whiteboard_follows_from_one_switch(settle):
    values = settle("WHITEBOARD=1\n").settings.values
    inside = Value("http://whiteboard.meet.jitsi", "derived from WHITEBOARD")
    assert values["WHITEBOARD_COLLAB_SERVER_URL_BASE"] == inside
    assert values["WHITEBOARD_CORS_ORIGIN"].text == "https://meet.example.com"
    assert "WHITEBOARD_COLLAB_SERVER_URL_BASE" not in settle().settings


def test_all_four_texts_of_etherpad_are_set(settle):
    """Upstream's own defaults are quoted wrongly, and Etherpad takes no empty pad text."""
    settings = settle("ETHERPAD=1\nETHERPAD_DEFAULT_PAD_TEXT=\n").settings
    for name in ("TITLE", "DEFAULT_PAD_TEXT", "SKIN_NAME", "SKIN_VARIANTS"):
        assert settings[f"ETHERPAD_{name}"] and '"' not in settings[f"ETHERPAD_{name}"]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("DOCKER_HOST_ADDRESS=192.0.2.7\n", "JVB_ADVERTISE_IPS", "192.0.2.7"),
        ("XMPP_SERVER=prosody.example\n", "XMPP_BOSH_URL_BASE", "http://prosody.example:5280"),
        (
            "ENABLE_LETSENCRYPT=1\nDISABLE_HTTPS=0\nHTTPS_PORT=443\nLETSENCRYPT_EMAIL=a@b.example\n",
            "LETSENCRYPT_DOMAIN",
            "meet.example.com",
        ),
    ],
)
def test_one_follows_from_the_other(settle, text, name, value):
    minimum = "PUBLIC_URL=https://meet.example.com:8443\n"
    settings = settle(minimum + text, bare=True).settings
    assert settings[name] == value
    assert settings.values[name].origin.startswith("derived from ")


@pytest.mark.parametrize("text", ["", "DISABLE_HTTPS=0\nHTTPS_PORT=443\n"])
def test_nothing_follows_where_nothing_is_asked_for(settle, text):
    settings = settle(text).settings
    assert not {"LETSENCRYPT_DOMAIN", "XMPP_BOSH_URL_BASE", "ETHERPAD_URL_BASE"} & set(settings)


def test_nothing_follows_from_what_is_missing(settle):
    """And nothing breaks: the missing address is one problem, and the only one."""
    [error] = settle(
        "JVB_ADVERTISE_IPS=192.0.2.1\nETHERPAD=1\nENABLE_LETSENCRYPT=1\nDISABLE_HTTPS=0\n"
        "HTTPS_PORT=443\nLETSENCRYPT_EMAIL=a@b.example\n",
        bare=True,
    ).errors
    assert "PUBLIC_URL: is missing" in error


def test_what_stands_in_the_file_is_not_overruled(settle):
    settings = settle("DOCKER_HOST_ADDRESS=192.0.2.7\nETHERPAD=1\nETHERPAD_PUBLIC_URL=https://a.example/p/\n").settings
    assert settings["JVB_ADVERTISE_IPS"] == "192.0.2.10"
    assert settings["ETHERPAD_PUBLIC_URL"] == "https://a.example/p/"
