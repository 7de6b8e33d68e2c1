"""Which secrets are made, and how values are shown."""

from __future__ import annotations

import pytest

from jitsictl.settings import catalogue, read
from jitsictl.settings.secrets import missing
from jitsictl.settings.show import MASK, masked

PASSWORDS = ["JVB_AUTH_PASSWORD", "JICOFO_AUTH_PASSWORD"]
TOKENS = "AUTH_TYPE=jwt\nJWT_APP_ID=jitsi\n"


@pytest.mark.parametrize(
    ("conf", "secrets", "names"),
    [
        ("", "", PASSWORDS),
        ("", "JVB_AUTH_PASSWORD=\n", PASSWORDS),
        ("", "JVB_AUTH_PASSWORD=x\n", ["JICOFO_AUTH_PASSWORD"]),
        ("JVB_AUTH_PASSWORD=x\n", "JICOFO_AUTH_PASSWORD=y\n", []),
        (TOKENS, "", ["JWT_APP_SECRET", *PASSWORDS]),
        (TOKENS, "JWT_APP_SECRET=x\n", PASSWORDS),
        (TOKENS + "JWT_ASAP_KEYSERVER=https://keys.example\n", "", PASSWORDS),
        (TOKENS + "ENABLE_AUTH=0\n", "", PASSWORDS),
        (
            "AUTH_TYPE=hybrid_matrix_token\nJWT_APP_ID=a\nMATRIX_UVS_URL=https://a.example\n",
            "",
            ["JWT_APP_SECRET", *PASSWORDS],
        ),
    ],
)
def test_only_what_is_needed_and_not_there(settle, conf, secrets, names):
    settings = settle(conf, secrets).settings
    lines, kept = read.parse(conf, "jitsi.conf")[0], read.parse(secrets, "secrets.conf")[0]
    assert missing(lines, kept, catalogue.load(), settings) == names


def test_every_generated_secret_has_its_condition(settle):
    """Or `missing` would end in a KeyError for an entry that was added to the catalogue alone."""
    generated = {name for name, entry in catalogue.load().items() if entry.generated}
    made = missing([], [], catalogue.load(), settle(TOKENS).settings)
    assert generated == set(made)
    assert all(catalogue.load()[name].secret for name in generated)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("TZ", "value"),
        ("TITLE", "value"),  # what Etherpad sees of ETHERPAD_TITLE
        ("JVB_AUTH_PASSWORD", MASK),
        ("LDAP_BINDPW", MASK),
        ("NO_SUCH_NAME", MASK),
    ],
)
def test_what_people_see(name, shown):
    assert masked(name, "value", catalogue.load()) == shown


def test_nothing_is_shown_as_nothing():
    assert masked("JVB_AUTH_PASSWORD", "", catalogue.load()) == ""
