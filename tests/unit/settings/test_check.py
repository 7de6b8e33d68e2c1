"""All problems of a site at once, in the order of its files; or its settings, with where they come from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jitsictl.settings import catalogue, check, read
from jitsictl.types.settings import Problem, Value


def test_a_right_file_has_settings_and_nothing_to_say(settle):
    outcome = settle()
    assert outcome.problems == []
    assert outcome.settings["PUBLIC_URL"] == "https://meet.example.com"
    assert outcome.settings.release == "stable-11146-2"


def test_origins(settle):
    settings = settle("ETHERPAD=yes\n", "LDAP_BINDPW=x\n").settings
    assert settings.values["PUBLIC_URL"] == Value("https://meet.example.com", "jitsi.conf:1")
    assert settings.values["ETHERPAD"] == Value("1", "jitsi.conf:3")
    assert settings.values["LDAP_BINDPW"] == Value("x", "secrets.conf:1")
    assert settings.values["TZ"] == Value("UTC", "default")
    assert settings.values["ETHERPAD_PUBLIC_URL"].origin == "derived from PUBLIC_URL"


def test_an_origin_is_short_and_a_problem_is_not():
    lines, _ = read.parse("PUBLIC_URL=https://a.example\nTZ=1\n", "/etc/jitsi-meet/jitsi.conf")
    settings, problems = check.settle(lines[:1], [], catalogue.load(), ["stable-11146-2"])
    assert settings.values["PUBLIC_URL"].origin == "jitsi.conf:1"
    _, problems = check.settle(lines, [], catalogue.load(), ["stable-11146-2"])
    assert any(p.file == "/etc/jitsi-meet/jitsi.conf" and p.line == 2 for p in problems)


def test_our_defaults(settle):
    settings = settle().settings
    ours = {
        "NGINX_RESOLVER": "127.0.0.11 valid=5s", "ENABLE_AUTH": "1", "ENABLE_GUESTS": "1",
        "AUTH_TYPE": "internal", "JICOFO_ENABLE_REST": "1", "JICOFO_ENABLE_HEALTH_CHECKS": "1",
        "HTTP_PORT": "127.0.0.1:8440", "DISABLE_HTTPS": "1", "ENABLE_LETSENCRYPT": "0",
        "ENABLE_HTTP_REDIRECT": "0", "RESTART_POLICY": "unless-stopped", "ETHERPAD": "0",
        "CONFIG": "/usr/share/docker/data/jitsi-meet-cfg", "JITSI_IMAGE_VERSION": "stable-11146-2",
    }  # fmt: skip
    assert {name: settings[name] for name in ours} == ours
    assert "HTTPS_PORT" not in settings and "JITSI_IMAGE_REPO" not in settings


def test_a_default_starts_with_the_release_that_reads_it(settle):
    assert settle(tags=["stable-6826"]).settings.get("JICOFO_REST_PORT") == ""
    assert settle(tags=["stable-8719"]).settings["JICOFO_REST_PORT"] == "8888"


def test_all_problems_come_at_once_in_the_order_of_the_files(settle):
    outcome = settle(
        "ENABLE_LOBBI=1\nHTTP_PORT=99999\nAUTH_TYPE=ldap\nENABLE_SIMULCAST=maybe\n",
        "JVB_AUTH_PASSWORD='a b'\nFOO=1\n",
    )
    assert outcome.settings is None
    assert outcome.errors == [
        "jitsi.conf: LDAP_URL: is missing, AUTH_TYPE=ldap needs it: the directory server, such as "
        "ldaps://ldap.example.com/",
        "jitsi.conf: LDAP_BASE: is missing, AUTH_TYPE=ldap needs it: where the accounts are, such as "
        "ou=people,dc=example,dc=com",
        "jitsi.conf:3: ENABLE_LOBBI is not a setting; did you mean ENABLE_LOBBY?",
        "jitsi.conf:4: HTTP_PORT: '99999' is no port; write ADDRESS:PORT, such as 127.0.0.1:8440",
        "jitsi.conf:6: ENABLE_SIMULCAST: 'maybe' is neither on nor off; write 1 or 0",
        "secrets.conf:1: JVB_AUTH_PASSWORD: has a blank, which the services' start scripts split at; write it without",
        "secrets.conf:2: FOO is not a setting; jitsi.conf(5) lists all names",
    ]


def test_a_suggestion_ignores_case(settle):
    assert settle("public_url=x\n").errors == ["jitsi.conf:3: public_url is not a setting; did you mean PUBLIC_URL?"]


def test_a_secret_is_not_repeated(settle):
    [error] = settle("", 'JVB_AUTH_PASSWORD="hunter2\\\\"\n').errors
    assert "hunter2" not in error and "has a backslash" in error


@pytest.mark.parametrize(("length", "shown"), [(60, "9" * 60), (61, "9" * 57 + "...")])
def test_a_long_value_is_cut(settle, length, shown):
    assert settle(f"JVB_PORT={'9' * length}\n").errors == [
        f"jitsi.conf:3: JVB_PORT: '{shown}' is no port; write a number from 1 to 65535"
    ]


def test_an_empty_value_counts_as_not_set(settle):
    outcome = settle("TZ=\nJVB_STUN_SERVERS=\nHTTP_PORT=''\n", "JVB_AUTH_PASSWORD=\n")
    assert outcome.problems == []
    assert outcome.settings["TZ"] == "UTC"
    assert "JVB_STUN_SERVERS" not in outcome.settings and "JVB_AUTH_PASSWORD" not in outcome.settings


def test_secrets_conf_wins_with_a_warning(settle):
    outcome = settle("JVB_AUTH_PASSWORD=old\n", "JVB_AUTH_PASSWORD=new\n")
    assert outcome.settings["JVB_AUTH_PASSWORD"] == "new"
    assert outcome.warnings == [
        "jitsi.conf:3: warning: JVB_AUTH_PASSWORD: secrets.conf:1 has another value, and that one counts; "
        "delete this line"
    ]
    assert settle("JVB_AUTH_PASSWORD=same\n", "JVB_AUTH_PASSWORD=same\n").problems == []


def test_what_is_no_secret_belongs_into_jitsi_conf(settle):
    outcome = settle("", "TZ=Europe/Amsterdam\n")
    assert outcome.settings["TZ"] == "Europe/Amsterdam"
    assert outcome.warnings == ["secrets.conf:1: warning: TZ: is no secret; it belongs into jitsi.conf"]


def test_time_zones_are_the_hosts(settle):
    zones = frozenset(("UTC", "Europe/Amsterdam"))
    assert settle("TZ=Europe/Amsterdam\n", zones=zones).problems == []
    assert settle("TZ=Europe/Amsterdm\n", zones=zones).errors == [
        "jitsi.conf:3: TZ: 'Europe/Amsterdm' is no time zone of this machine; did you mean Europe/Amsterdam?"
    ]
    assert settle("TZ=Mars/Olympus\n", zones=zones).errors == [
        "jitsi.conf:3: TZ: 'Mars/Olympus' is no time zone of this machine; write a name below /usr/share/zoneinfo"
    ]
    assert settle("TZ=Europe/Amsterdm\n").problems == []


def test_the_release_is_pinned_by_its_variable(settle):
    """A wrong one is in corpus/types; here a release that could run, and is not among those that may."""
    assert settle("JITSI_IMAGE_VERSION=stable-11031\n").settings.release == "stable-11031"
    assert settle("JITSI_IMAGE_VERSION=stable-11031\n", tags=["stable-11146-2"]).errors == [
        "jitsi.conf:3: JITSI_IMAGE_VERSION: stable-11031 is not among the releases that may run here: stable-11146-2"
    ]


def test_a_setting_that_the_release_does_not_read_is_left_out_with_a_warning(settle):
    outcome = settle("CSP_HEADER=x\n", tags=["stable-10655"])
    assert "CSP_HEADER" not in outcome.settings
    assert outcome.warnings == [
        "jitsi.conf:3: warning: CSP_HEADER: has no effect at stable-10655: only stable-10741 and later read it"
    ]
    assert settle("CSP_HEADER=x\n", tags=["stable-10741"]).settings["CSP_HEADER"] == "x"


def test_a_name_that_is_gone_says_what_to_write(settle):
    outcome = settle("ENABLE_COLIBRI_WEBSOCKET=1\n")
    assert "ENABLE_COLIBRI_WEBSOCKET" not in outcome.settings
    assert outcome.warnings == [
        "jitsi.conf:3: warning: ENABLE_COLIBRI_WEBSOCKET: has no effect at stable-11146-2: the bridge uses "
        "data channels now; delete the line"
    ]


def test_a_value_that_nobody_reads_cannot_be_wrong(settle):
    """Or a line that was right before the upgrade would stop it."""
    outcome = settle(r"COLIBRI_WEBSOCKET_REGEX=jvb\.[0-9]+" + "\nENABLE_SCTP=perhaps\n")
    assert outcome.errors == [] and len(outcome.warnings) == 2


def test_where_the_release_comes_from(settle):
    pinned = settle("JITSI_IMAGE_VERSION=stable-11031\n").settings
    assert pinned.values["JITSI_IMAGE_VERSION"] == Value("stable-11031", "jitsi.conf:3")
    assert settle().settings.values["JITSI_IMAGE_VERSION"] == Value("stable-11146-2", "default")


def test_a_name_that_is_still_read_but_has_a_successor(settle):
    assert settle("DOCKER_HOST_ADDRESS=192.0.2.1\n").warnings == [
        "jitsi.conf:3: warning: DOCKER_HOST_ADDRESS: write JVB_ADVERTISE_IPS instead"
    ]


def test_a_wrong_value_leaves_no_default_behind(settle):
    """Or a rule would speak of a value that nobody wrote."""
    assert settle("AUTH_TYPE=ladp\nJWT_APP_ID=jitsi\n").errors == [
        "jitsi.conf:3: AUTH_TYPE: 'ladp' is none of the choices; write internal, jwt, ldap, matrix or "
        "hybrid_matrix_token; did you mean ldap?"
    ]
    assert settle("AUTH_TYPE=ladp\nJWT_APP_ID=jitsi\n").warnings == []


def test_the_lines_that_hold_a_secret():
    text = "PUBLIC_URL=https://a.example\nLDAP_BINDPW=x\nJVB_AUTH_PASSWORD=\nNO_SUCH=1\n"
    lines, _ = read.parse(text, "f")
    assert [line.name for line in check.secret_lines(lines, catalogue.load())] == ["LDAP_BINDPW"]


def test_problems_of_reading_and_of_settling_go_together():
    found = [Problem("c", "b.conf", 1), Problem("b", "a.conf", 9), Problem("a", "a.conf", 2), Problem("d", "b.conf")]
    assert [p.what for p in check.in_order(found)] == ["a", "b", "d", "c"]
    assert [p.what for p in check.in_order(found, ["b.conf"])] == ["d", "c", "a", "b"]


def test_reading_and_settling_import_nothing_heavy():
    """Start-up is counted in milliseconds; these are only for messages and for a checkout without JSON."""
    heavy = {"yaml", "zoneinfo", "difflib", "textwrap", "click", "docker", "requests"}
    code = (
        "import sys; from jitsictl.settings import catalogue, check, quote, read, secrets, show; "
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    source = Path(check.__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=source, capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout == "[]\n"
