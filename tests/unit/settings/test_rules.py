"""Rules between settings: each with what breaks it, what is said then, and what is right beside it."""

from __future__ import annotations

import pytest

from jitsictl.settings import rules

# rule, lines added to a right file (or the whole file, with bare), what is said
BROKEN = [
    (
        rules.public_url_is_given,
        "JVB_ADVERTISE_IPS=192.0.2.1\n",
        "jitsi.conf: PUBLIC_URL: is missing; write the address that people open: PUBLIC_URL=https://meet.example.com",
    ),
    (
        rules.bridge_advertises_an_address,
        "PUBLIC_URL=https://a.example\n",
        "jitsi.conf: warning: JVB_ADVERTISE_IPS: is not set, so the bridge offers the addresses that it finds "
        "by itself, and a third participant often hears nothing; write this server's public IP address",
    ),
    *[
        (
            rules.page_listens_on_loopback,
            f"HTTP_PORT={address}8440\n",
            "jitsi.conf:3: warning: HTTP_PORT: is open on all addresses, without TLS and past the firewall; the "
            "Apache on this machine needs 127.0.0.1:8440 only",
        )
        for address in ("", "0.0.0.0:", "[::]:")
    ],
    (
        rules.guests_need_authentication,
        "ENABLE_AUTH=0\nENABLE_GUESTS=1\n",
        "jitsi.conf:4: warning: ENABLE_GUESTS: has no effect with ENABLE_AUTH=0: everybody is a guest then",
    ),
    (
        rules.rooms_are_not_open_to_all,
        "ENABLE_AUTH=no\n",
        "jitsi.conf:3: warning: ENABLE_AUTH: is 0: anybody who finds the page can open rooms; write 1 to prevent it",
    ),
    (
        rules.tokens_are_not_optional,
        "AUTH_TYPE=jwt\nJWT_APP_ID=jitsi\nJWT_ALLOW_EMPTY=1\n",
        "jitsi.conf:5: warning: JWT_ALLOW_EMPTY: is 1: anybody gets in without a token; for guests that wait "
        "for a host write ENABLE_GUESTS=1 and 0 here",
    ),
    (
        rules.auth_type_has_what_it_needs,
        "AUTH_TYPE=jwt\n",
        "jitsi.conf: JWT_APP_ID: is missing, AUTH_TYPE=jwt needs it: the name that tokens are issued for, such "
        "as jitsi",
    ),
    (
        rules.auth_type_has_what_it_needs,
        "AUTH_TYPE=hybrid_matrix_token\nMATRIX_UVS_URL=https://uvs.example\n",
        "jitsi.conf: JWT_APP_ID: is missing, AUTH_TYPE=hybrid_matrix_token needs it: the name that tokens are "
        "issued for, such as jitsi",
    ),
    (
        rules.auth_type_has_what_it_needs,
        "AUTH_TYPE=ldap\nLDAP_BASE=dc=example\n",
        "jitsi.conf: LDAP_URL: is missing, AUTH_TYPE=ldap needs it: the directory server, such as "
        "ldaps://ldap.example.com/",
    ),
    (
        rules.auth_type_has_what_it_needs,
        "AUTH_TYPE=ldap\nLDAP_URL=ldaps://a.example\n",
        "jitsi.conf: LDAP_BASE: is missing, AUTH_TYPE=ldap needs it: where the accounts are, such as "
        "ou=people,dc=example,dc=com",
    ),
    (
        rules.auth_type_has_what_it_needs,
        "AUTH_TYPE=matrix\n",
        "jitsi.conf: MATRIX_UVS_URL: is missing, AUTH_TYPE=matrix needs it: the verification service's URL",
    ),
    *[
        (
            rules.auth_settings_fit_the_type,
            f"{line}\n",
            f"jitsi.conf:3: warning: {line.partition('=')[0]}: has no effect with AUTH_TYPE=internal; write "
            f"AUTH_TYPE={kind} or delete it",
        )
        for line, kind in (
            ("JWT_APP_ID=jitsi", "jwt"),
            ("JWT_APP_SECRET=x", "jwt"),
            ("LDAP_URL=ldap://a.example", "ldap"),
            ("MATRIX_UVS_URL=https://a.example", "matrix"),
        )
    ],
    (
        rules.auth_settings_fit_the_type,
        "ENABLE_AUTH=0\nAUTH_TYPE=jwt\nJWT_APP_ID=jitsi\n",
        "jitsi.conf:5: warning: JWT_APP_ID: has no effect with ENABLE_AUTH=0; write AUTH_TYPE=jwt or delete it",
    ),
    (
        rules.ldap_password_comes_with_its_name,
        "AUTH_TYPE=ldap\nLDAP_URL=ldaps://a.example\nLDAP_BASE=dc=a\nLDAP_BINDDN=cn=b\n",
        "jitsi.conf: LDAP_BINDPW: is missing, LDAP_BINDDN has no password; write it into secrets.conf",
    ),
    (
        rules.etherpad_runs_where_it_is_used,
        "ETHERPAD_URL_BASE=http://etherpad.meet.jitsi:9001\n",
        "jitsi.conf:3: ETHERPAD_URL_BASE: names our own Etherpad, which is off; write ETHERPAD=1 and delete this line",
    ),
    (
        rules.etherpad_runs_where_it_is_used,
        "ETHERPAD=1\nETHERPAD_URL_BASE=https://pad.example.com\n",
        "jitsi.conf:4: ETHERPAD_URL_BASE: names another Etherpad than the one that ETHERPAD=1 starts; keep one of them",
    ),
    (
        rules.etherpad_public_url_ends_in_p,
        "ETHERPAD=1\nETHERPAD_PUBLIC_URL=https://pad.example.com/\n",
        "jitsi.conf:4: ETHERPAD_PUBLIC_URL: must end in /p/, since the page puts the pad's name behind it; "
        "delete the line, or write https://pad.example.com/p/",
    ),
    (
        rules.host_ports_differ,
        "HTTP_PORT=127.0.0.1:8888\n",
        "jitsi.conf:3: HTTP_PORT: uses port 8888, which JICOFO_REST_PORT has; write another port",
    ),
    (
        rules.host_ports_differ,
        "JICOFO_REST_PORT=8440\n",
        "jitsi.conf:3: JICOFO_REST_PORT: uses port 8440, which HTTP_PORT has; write another port",
    ),
    (
        rules.host_ports_differ,
        "HTTPS_PORT=0.0.0.0:8080\n",
        "jitsi.conf:3: HTTPS_PORT: uses port 8080, which JVB_COLIBRI_PORT has; write another port",
    ),
    (
        rules.tls_inside_is_complete,
        "ENABLE_LETSENCRYPT=1\nLETSENCRYPT_EMAIL=a@b.example\n",
        "jitsi.conf:3: ENABLE_LETSENCRYPT: is 1 while DISABLE_HTTPS is 1; with TLS in Apache write 0",
    ),
    (
        rules.tls_inside_is_complete,
        "ENABLE_LETSENCRYPT=1\nDISABLE_HTTPS=0\nHTTPS_PORT=443\n",
        "jitsi.conf: LETSENCRYPT_EMAIL: is missing, ENABLE_LETSENCRYPT=1 needs it for its notices",
    ),
    (
        rules.tls_inside_is_complete,
        "DISABLE_HTTPS=0\n",
        "jitsi.conf: HTTPS_PORT: is missing, DISABLE_HTTPS=0 needs it; with TLS in Apache write 1",
    ),
    (
        rules.redirect_does_not_loop,
        "ENABLE_HTTP_REDIRECT=1\n",
        "jitsi.conf:3: ENABLE_HTTP_REDIRECT: is 1 while TLS ends at Apache (DISABLE_HTTPS=1), which makes an "
        "endless redirect; write 0",
    ),
    (
        rules.xmpp_domains_differ,
        "XMPP_DOMAIN=auth.meet.jitsi\n",
        "jitsi.conf:3: XMPP_DOMAIN: is auth.meet.jitsi, and so is XMPP_AUTH_DOMAIN; each needs a name of its own",
    ),
    (
        rules.xmpp_domains_differ,
        "XMPP_GUEST_DOMAIN=meet.jitsi\n",
        "jitsi.conf:3: XMPP_GUEST_DOMAIN: is meet.jitsi, and so is XMPP_DOMAIN; each needs a name of its own",
    ),
    *[
        (
            rules.ranges_are_in_order,
            f"{low}=50\n{high}=40\n",
            f"jitsi.conf:3: {low}: is 50, more than {high}=40",
        )
        for low, high in (
            ("JIGASI_PORT_MIN", "JIGASI_PORT_MAX"),
            ("DESKTOP_SHARING_FRAMERATE_MIN", "DESKTOP_SHARING_FRAMERATE_MAX"),
        )
    ],
    (
        rules.ranges_are_in_order,
        "RESOLUTION_MIN=720\nRESOLUTION=360\n",
        "jitsi.conf:3: RESOLUTION_MIN: is 720, more than RESOLUTION=360",
    ),
    (
        rules.ranges_are_in_order,
        "RESOLUTION_WIDTH_MIN=1280\nRESOLUTION_WIDTH=640\n",
        "jitsi.conf:3: RESOLUTION_WIDTH_MIN: is 1280, more than RESOLUTION_WIDTH=640",
    ),
    *[
        (
            rules.turn_has_credentials,
            f"{name}=turn.example.com\n",
            f"jitsi.conf:3: warning: {name}: has no password, and most TURN servers refuse then; write "
            "TURN_CREDENTIALS, the secret that is shared with the server, into secrets.conf",
        )
        for name in ("TURN_HOST", "TURNS_HOST")
    ],
    (
        rules.rate_limits_tell_users_apart,
        "PROSODY_ENABLE_RATE_LIMITS=1\n",
        "jitsi.conf:3: warning: PROSODY_ENABLE_RATE_LIMITS: counts all users behind Apache as one, so a busy "
        "site locks itself out; write 0",
    ),
    *[
        (
            rules.images_come_from_where_they_are,
            f"JITSI_IMAGE_REPO={hub}\n",
            "jitsi.conf:3: JITSI_IMAGE_REPO: is Docker Hub, which does not have stable-11146-2; delete the line, "
            "or write ghcr.io/jitsi",
        )
        for hub in ("jitsi", "docker.io/jitsi")
    ],
    *[
        (
            rules.health_can_be_seen,
            f"{name}=0\n",
            f"jitsi.conf:3: {name}: is 0, so nobody could see whether jicofo is well; delete the line",
        )
        for name in ("JICOFO_ENABLE_REST", "JICOFO_ENABLE_HEALTH_CHECKS")
    ],
]
BARE = (rules.public_url_is_given, rules.bridge_advertises_an_address)


@pytest.mark.parametrize(("rule", "text", "said"), BROKEN)
def test_a_broken_rule_says_so_and_is_the_one_that_does(settle, monkeypatch, rule, text, said):
    outcome = settle(text, bare=rule in BARE)
    assert said in map(str, outcome.problems)
    monkeypatch.setattr(rules, "RULES", tuple(r for r in rules.RULES if r is not rule))
    assert said not in map(str, settle(text, bare=rule in BARE).problems)


def test_every_rule_is_in_the_table():
    assert {rule for rule, *_ in BROKEN} == set(rules.RULES)


@pytest.mark.parametrize(
    "text",
    [
        "HTTP_PORT=127.0.0.1:9000\n",
        "HTTP_PORT=192.0.2.1:8888\n",  # jicofo's is on loopback
        "HTTP_PORT=[::1]:8888\n",
        "JVB_PORT=8440\n",  # UDP
        "ENABLE_GUESTS=0\n",
        "AUTH_TYPE=jwt\nJWT_APP_ID=jitsi\nJWT_ALLOW_EMPTY=0\n",
        "AUTH_TYPE=hybrid_matrix_token\nJWT_APP_ID=a\nMATRIX_UVS_URL=https://uvs.example\n",
        "AUTH_TYPE=ldap\nLDAP_URL=ldaps://a.example\nLDAP_BASE=dc=a\n",
        "AUTH_TYPE=ldap\nLDAP_URL=ldaps://a.example\nLDAP_BASE=dc=a\nLDAP_BINDDN=cn=b\nLDAP_BINDPW=c\n",
        "ETHERPAD=1\n",
        "ETHERPAD=1\nETHERPAD_URL_BASE=http://etherpad.meet.jitsi:9001\n",
        "ETHERPAD_URL_BASE=https://pad.example.com\n",  # an Etherpad of the admin's own
        "ETHERPAD_URL_BASE=http://etherpad.meet.jitsi.example.com\n",
        "ETHERPAD=1\nETHERPAD_PUBLIC_URL=https://pad.example.com/p/\n",
        "DISABLE_HTTPS=0\nHTTPS_PORT=127.0.0.1:8443\n",
        "DISABLE_HTTPS=0\nHTTPS_PORT=443\nENABLE_LETSENCRYPT=1\nLETSENCRYPT_EMAIL=a@b.example\n",
        "DISABLE_HTTPS=0\nHTTPS_PORT=443\nENABLE_HTTP_REDIRECT=1\n",
        "RESOLUTION=720\nRESOLUTION_MIN=720\n",
        "TURN_HOST=turn.example.com\nTURN_CREDENTIALS=x\n",
        "TURNS_HOST=turn.example.com\nTURN_USERNAME=x\nTURN_PASSWORD=y\n",
        "XMPP_DOMAIN=example.org\n",
        "PROSODY_ENABLE_RATE_LIMITS=0\n",
        "JITSI_IMAGE_REPO=registry.example:5000/jitsi\n",
        "JITSI_IMAGE_REPO=jitsi\nJITSI_IMAGE_VERSION=stable-11031\n",
    ],
)
def test_what_is_right_is_not_spoken_of(settle, text):
    assert settle(text).problems == []


def test_turn_is_spoken_of_once(settle):
    assert len(settle("TURN_HOST=turn.example.com\nTURNS_HOST=turn.example.com\n").warnings) == 1


def test_unreadable_secrets_count_as_present(settle):
    text = "AUTH_TYPE=ldap\nLDAP_URL=ldaps://a.example\nLDAP_BASE=dc=a\nLDAP_BINDDN=cn=b\nTURN_HOST=turn.example.com\n"
    assert settle(text, lenient_secrets=True).problems == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PUBLIC_URL=nonsense\nJVB_ADVERTISE_IPS=192.0.2.1\n", "PUBLIC_URL"),
        ("PUBLIC_URL=https://a.example\nJVB_ADVERTISE_IPS=nonsense\n", "JVB_ADVERTISE_IPS"),
    ],
)
def test_a_wrong_value_is_not_missing_as_well(settle, text, name):
    [problem] = settle(text, bare=True).problems
    assert f"{name}: 'nonsense'" in str(problem)


@pytest.mark.parametrize(
    "line",
    ["ETHERPAD_URL_BASE=nonsense", "ETHERPAD=maybe", "AUTH_TYPE=maybe", "HTTP_PORT=0", "TURN_HOST=a_b",
     "ENABLE_AUTH=maybe", "ENABLE_GUESTS=maybe", "JICOFO_ENABLE_REST=maybe", "RESOLUTION=x", "XMPP_DOMAIN=a_b",
     "DISABLE_HTTPS=maybe", "LDAP_URL=x", "ETHERPAD_PUBLIC_URL=x", "JWT_APP_ID='a\"b'"],
)  # fmt: skip
def test_rules_are_silent_about_a_value_that_is_wrong_by_itself(settle, line):
    [problem] = settle(f"{line}\n").problems
    assert problem.line == 3


def test_rules_are_silent_about_defaults(settle):
    """ENABLE_GUESTS is 1 by default: whoever switches the login off did not ask for guests."""
    [warning] = settle("ENABLE_AUTH=0\n").warnings
    assert "ENABLE_AUTH" in warning


def test_an_old_address_is_an_address(settle):
    outcome = settle("PUBLIC_URL=https://a.example\nDOCKER_HOST_ADDRESS=192.0.2.1\n", bare=True)
    assert not any("JVB_ADVERTISE_IPS: is not set" in warning for warning in outcome.warnings)
