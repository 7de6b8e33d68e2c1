"""What the rules between settings keep silent about. What they say is in corpus/."""

from __future__ import annotations

import pytest

from jitsictl import releases
from jitsictl.change import intent
from jitsictl.settings import catalogue, kinds
from jitsictl.types.host import HostFacts
from jitsictl.types.paths import Paths

JWT = "AUTH_TYPE=jwt\nJWT_APP_ID=jitsi\n"
LDAP = "AUTH_TYPE=ldap\nLDAP_URL=ldaps://a.example\nLDAP_BASE=dc=a\n"
KEY = "JWT_APP_SECRET=0123456789abcdef0123456789abcdef\n"


@pytest.mark.parametrize(
    "text",
    [
        "HTTP_PORT=127.0.0.1:9000\n",
        "HTTP_PORT=192.0.2.1:8888\n",  # jicofo's is on loopback
        "HTTP_PORT=[::1]:8888\n",
        "JVB_PORT=8440\n",  # UDP
        "JVB_PORT=3000\n",
        "ENABLE_GUESTS=0\n",
        f"{JWT}{KEY}JWT_ALLOW_EMPTY=0\n",
        f"{JWT}{KEY}TOKEN_AUTH_URL=https://sso.example.com/{{room}}\n",
        f"{JWT}{KEY}TOKEN_AUTH_URL=https://meet.example.com/oidc/auth?state={{state}}\n",
        f"{JWT}{KEY}JWT_ACCEPTED_ISSUERS=other,jitsi\n",
        f"{JWT}{KEY}JWT_ACCEPTED_ISSUERS=*\n",
        f"{JWT}{KEY}JWT_SIGN_TYPE=HS512\n",
        f"{JWT}JWT_ASAP_KEYSERVER=https://keys.example.com\nJWT_ACCEPTED_ISSUERS=https://sso.example.com\n",
        f"PROSODY_AUTH_TYPE=jwt\nJWT_APP_ID=a\n{KEY}TOKEN_AUTH_URL=https://sso.example.com/{{room}}\n",
        f"AUTH_TYPE=hybrid_matrix_token\nJWT_APP_ID=a\nMATRIX_UVS_URL=https://uvs.example\n{KEY}",
        LDAP,
        f"{LDAP}LDAP_BINDDN=cn=b\nLDAP_BINDPW=c\n",
        "AUTH_TYPE=ldap\nLDAP_URL=ldap://a.example\nLDAP_START_TLS=1\nLDAP_BASE=dc=a\n",
        "AUTH_TYPE=ldap\nLDAP_URL=ldap://127.0.0.1\nLDAP_BASE=dc=a\n",
        "ETHERPAD=1\n",
        "ETHERPAD=1\nETHERPAD_TITLE=Pads\n",
        "ETHERPAD=1\nETHERPAD_URL_BASE=http://etherpad.meet.jitsi:9001\n",
        "ETHERPAD_URL_BASE=https://pad.example.com\n",  # an Etherpad of the admin's own
        "ETHERPAD_URL_BASE=http://etherpad.meet.jitsi.example.com\n",
        "ETHERPAD=1\nETHERPAD_PUBLIC_URL=https://pad.example.com/p/\n",
        "ETHERPAD=1\nETHERPAD_PUBLIC_URL=https://meet.example.com/etherpad/p/\n",
        "DISABLE_HTTPS=0\nHTTPS_PORT=127.0.0.1:8443\n",
        "DISABLE_HTTPS=0\nHTTPS_PORT=443\nENABLE_LETSENCRYPT=1\nLETSENCRYPT_EMAIL=a@b.example\n",
        "DISABLE_HTTPS=0\nHTTPS_PORT=443\nENABLE_HTTP_REDIRECT=1\nENABLE_HSTS=1\n",
        "RESOLUTION=720\nRESOLUTION_MIN=720\n",
        "TURN_HOST=turn.example.com\nTURN_CREDENTIALS=x\n",
        "TURNS_HOST=turn.example.com\nTURN_USERNAME=x\nTURN_PASSWORD=y\n",
        "XMPP_DOMAIN=example.org\n",
        "XMPP_SERVER=prosody.example.org\n",
        "PROSODY_HTTP_PORT=5280\n",
        "PROSODY_MODE=client\n",
        "PROSODY_ENABLE_RATE_LIMITS=0\n",
        "PROSODY_ENABLE_METRICS=1\nPROSODY_METRICS_ALLOWED_CIDR=10.0.0.0/8\n",
        "PROSODY_C2S_LIMIT=100kb/s\n",
        "ENABLE_OCTO=1\nJVB_OCTO_RELAY_ID=a\nOCTO_BRIDGE_SELECTION_STRATEGY=SplitBridgeSelectionStrategy\n",
        "COLIBRI_REST_ENABLED=1\nSHUTDOWN_REST_ENABLED=1\n",
        "ENABLE_RECORDING=1\nJIBRI_XMPP_PASSWORD=x\n",  # a recorder on another host
        "JVB_LOG_FILE=/tmp/jvb.log\n",
        "JITSI_IMAGE_VERSION=stable-11031\nJVB_LOG_FILE=/config/jvb.log\n",
        "JITSI_IMAGE_REPO=registry.example:5000/jitsi\n",
        "JITSI_IMAGE_REPO=jitsi\nJITSI_IMAGE_VERSION=stable-11031\n",
    ],
)
def test_what_is_right_is_not_spoken_of(settle, text):
    assert settle(text).problems == []


@pytest.mark.parametrize("url", ["https://meet.darkstar.lan", "https://meet", "https://meet.home.arpa"])
def test_a_private_address_is_right_on_an_inner_network(settle, url):
    assert settle(f"PUBLIC_URL={url}\nJVB_ADVERTISE_IPS=10.10.10.10\n", bare=True).problems == []


def test_a_private_address_beside_a_public_one_is_right(settle):
    text = "PUBLIC_URL=https://meet.example.com\nJVB_ADVERTISE_IPS=10.10.10.10,203.0.113.10\n"
    assert settle(text, bare=True).problems == []


def test_turn_is_spoken_of_once(settle):
    assert len(settle("TURN_HOST=turn.example.com\nTURNS_HOST=turn.example.com\n").warnings) == 1


def test_unreadable_secrets_count_as_present(settle):
    text = f"{LDAP}LDAP_BINDDN=cn=b\nTURN_HOST=turn.example.com\nENABLE_RECORDING=1\n"
    assert settle(text, lenient_secrets=True).problems == []
    assert settle(JWT, lenient_secrets=True).problems == []


def test_a_secret_that_was_made_and_is_not_needed_any_more_may_stay(settle):
    assert settle("", KEY).problems == []
    assert len(settle(KEY).warnings) == 1, "but not one that was written by hand"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PUBLIC_URL=nonsense\nJVB_ADVERTISE_IPS=192.0.2.1\n", "PUBLIC_URL"),
        ("PUBLIC_URL=https://a.example\nJVB_ADVERTISE_IPS=nonsense\n", "JVB_ADVERTISE_IPS"),
    ],
)
def test_a_wrong_value_is_not_missing_as_well(settle, text, name):
    [problem] = settle(text, bare=True).problems
    assert name in str(problem) and "'nonsense'" in str(problem)


@pytest.mark.parametrize(
    "line",
    ["ETHERPAD_URL_BASE=nonsense", "ETHERPAD=maybe", "AUTH_TYPE=maybe", "HTTP_PORT=0", "TURN_HOST=a_b",
     "ENABLE_AUTH=maybe", "ENABLE_GUESTS=maybe", "JICOFO_ENABLE_REST=maybe", "RESOLUTION=x", "XMPP_DOMAIN=a_b",
     "DISABLE_HTTPS=maybe", "LDAP_URL=x", "ETHERPAD_PUBLIC_URL=x", "JWT_APP_ID='a\"b'", "ENABLE_IPV6=maybe",
     "PROSODY_HTTP_PORT=x", "TOKEN_AUTH_URL=x", "ENABLE_OCTO=maybe", "PROSODY_MODE=x", "RESOLUTION_MIN=x",
     "PROSODY_AUTH_TYPE=x", "ENABLE_RECORDING=maybe", "LETSENCRYPT_DOMAIN=a_b", "XMPP_SERVER=a_b"],
)  # fmt: skip
def test_rules_are_silent_about_a_value_that_is_wrong_by_itself(settle, line):
    """Nor about what it would switch on: ETHERPAD_TITLE beside ETHERPAD=maybe."""
    [problem] = settle(f"{line}\n", host=HostFacts(kernel_ipv6="IPV6" not in line, docker_ipv6=False)).problems
    assert problem.line == 3


@pytest.mark.parametrize(
    "text",
    [
        "ETHERPAD=maybe\nETHERPAD_TITLE=Pads\n",
        "ENABLE_OCTO=maybe\nOCTO_BRIDGE_SELECTION_STRATEGY=SplitBridgeSelectionStrategy\n",
        "PROSODY_ENABLE_METRICS=maybe\nPROSODY_METRICS_ALLOWED_CIDR=10.0.0.0/8\n",
        "ENABLE_AUTH=maybe\nJWT_APP_ID=jitsi\n",
    ],
)
def test_rules_are_silent_about_what_a_wrong_value_would_have_switched(settle, text):
    [problem] = settle(text).problems
    assert problem.line == 3


def test_rules_are_silent_about_defaults(settle):
    """ENABLE_GUESTS is 1 by default: whoever switches the login off did not ask for guests."""
    [warning] = settle("ENABLE_AUTH=0\n").warnings
    assert "ENABLE_AUTH" in warning


def test_an_old_address_is_an_address(settle):
    outcome = settle("PUBLIC_URL=https://a.example\nDOCKER_HOST_ADDRESS=192.0.2.1\n", bare=True)
    assert not any("JVB_ADVERTISE_IPS: is not set" in warning for warning in outcome.warnings)


def test_what_is_not_known_of_a_host_is_not_spoken_of(settle):
    assert settle("ENABLE_IPV6=1\n", host=HostFacts()).problems == []
    assert settle("ENABLE_IPV6=1\n", host=HostFacts(kernel_ipv6=True, docker_ipv6=True)).problems == []
    assert settle("", host=HostFacts(kernel_ipv6=True, docker_ipv6=False)).problems == []
    assert settle("ENABLE_IPV6=0\n", host=HostFacts(kernel_ipv6=False, docker_ipv6=False)).problems == []


@pytest.mark.parametrize(
    ("line", "suggestion"),
    [
        ("HTTP_PORT=8440", "HTTP_PORT=127.0.0.1:8440"),
        ("ENABLE_AUTH=0", "ENABLE_AUTH=1"),
        ("ENABLE_LOBY=1", "ENABLE_LOBBY"),
        ("DISABLE_LOBBY=1", "ENABLE_LOBBY=0"),
        ("JIBRI_PENDING_TIMEOUT=90", "JIBRI_PENDING_TIMEOUT=90 seconds"),
        ("AUTH_TYPE=jwd", "AUTH_TYPE=jwt"),
        ("JITSI_IMAGE_REPO=jitsi", "JITSI_IMAGE_REPO=ghcr.io/jitsi"),
        ("DOCKER_HOST_ADDRESS=192.0.2.1", "JVB_ADVERTISE_IPS"),
        ("ENABLE_LOBBY=maybe", ""),
        ("JVB_AUTH_PASSWORD='hunter2,'", ""),
        ("JVB_AUTH_PASSWORD='hunter2 x'", ""),
    ],
)
def test_what_would_be_right_is_said_apart(settle, line, suggestion):
    found = settle(f"{line}\n").problems
    assert [problem.suggestion for problem in found] == ([suggestion] if found else [])


def test_a_file_that_others_can_read_and_that_holds_a_secret_is_spoken_of(tmp_path):
    paths = Paths(tmp_path)
    paths.conf.parent.mkdir(parents=True)
    paths.conf.write_text("PUBLIC_URL=https://meet.example.com\nJVB_ADVERTISE_IPS=192.0.2.1\nLDAP_BINDPW=x\n")
    paths.conf.chmod(0o600)
    before = intent.problems(paths)
    paths.conf.chmod(0o644)
    [problem] = [problem for problem in intent.problems(paths) if problem not in before]
    assert str(problem) == (
        f"{paths.conf}: warning: holds LDAP_BINDPW, and others than root can read it; write: chmod 600 {paths.conf}"
    )


def test_a_switch_that_is_not_built_yet_switches_no_service():
    """Whoever adds a service to releases/services.yaml takes the mark from its switch."""
    switches = [service.when for service in releases.services().values() if service.when]
    for name, value in switches:
        assert kinds.normalise(catalogue.load()[name].type, value) == value
