"""Which settings are said to differ, what they were and are, and where the new value comes from."""

from __future__ import annotations

import dataclasses

from jitsictl.plan import differences
from jitsictl.settings import catalogue
from jitsictl.types.site import Observed
from unit.site import CONF, running, wanted

CATALOGUE = catalogue.load()


def found(before, after):
    """(name, old, new, origin) of each setting that differs between two sites."""
    changes = differences.settings(after, running(before) if before else Observed(), CATALOGUE)
    return [(c.name, c.before, c.after, c.origin) for c in changes]


def test_nothing_differs_between_equals():
    assert found(wanted(), wanted()) == []


def test_a_setting_is_told_once_however_many_services_see_it():
    after = wanted(CONF.replace("TZ=UTC", "TZ=Europe/Amsterdam"))
    assert found(wanted(), after) == [("TZ", "UTC", "Europe/Amsterdam", "jitsi.conf:3")]


def test_a_line_that_is_taken_away_leaves_the_images_own_default():
    assert found(wanted(CONF + "ENABLE_LOBBY=0\n"), wanted()) == [("ENABLE_LOBBY", "0", None, "no longer set")]


def test_a_default_of_ours_comes_back_as_such():
    assert found(wanted(CONF + "ENABLE_GUESTS=0\n"), wanted()) == [("ENABLE_GUESTS", "0", "1", "default")]


def test_another_way_to_write_the_same_is_no_difference():
    assert found(wanted(CONF.replace("ETHERPAD=1", "ETHERPAD=yes")), wanted()) == []


def test_what_follows_from_another_setting_says_from_which_and_defaults_of_a_new_service_are_not_told():
    assert found(wanted(CONF.replace("ETHERPAD=1", "ETHERPAD=0")), wanted()) == [
        ("ETHERPAD", "0", "1", "jitsi.conf:4"),
        ("ETHERPAD_URL_BASE", None, "http://etherpad.meet.jitsi:9001", "derived from ETHERPAD"),
        ("ETHERPAD_PUBLIC_URL", None, "https://meet.example.org/etherpad/p/", "derived from PUBLIC_URL"),
    ]


def test_a_first_configuration_tells_what_is_not_the_default():
    names = [name for name, *_ in found(None, wanted())]
    assert {"PUBLIC_URL", "JVB_ADVERTISE_IPS", "ETHERPAD", "JVB_AUTH_PASSWORD"} <= set(names)
    assert "ENABLE_GUESTS" not in names and "HTTP_PORT" not in names


def test_secrets_are_masked_on_both_sides_and_still_differ():
    after = wanted()
    files = {name: text.replace("aaaa1111", "cccc3333") for name, text in after.files.items()}
    told = found(wanted(), dataclasses.replace(after, files=files))
    assert told == [("JICOFO_AUTH_PASSWORD", "********", "********", "secrets.conf:1")]


def test_a_name_that_the_release_does_not_read_says_so_and_the_releases_own_values_are_not_settings():
    conf = CONF + "ENABLE_SCTP=1\n"
    assert found(wanted(conf, "stable-11031"), wanted(conf)) == [
        ("ENABLE_SCTP", "1", None, "stable-11146-2 does not read it")
    ]


def test_old_values_are_those_of_the_environment_whatever_the_defaults_are_today():
    seen = running(wanted())
    files = {name: text.replace("ENABLE_GUESTS='1'", "ENABLE_GUESTS='0'") for name, text in seen.applied.files.items()}
    seen = dataclasses.replace(seen, applied=dataclasses.replace(seen.applied, files=files))
    (change,) = differences.settings(wanted(), seen, CATALOGUE)
    assert (change.name, change.before, change.after, change.origin) == ("ENABLE_GUESTS", "0", "1", "default")


def test_lines_for_the_log_say_name_both_values_and_origin():
    changes = differences.settings(wanted(CONF + "ENABLE_LOBBY=0\n"), running(wanted()), CATALOGUE)
    assert differences.sentences(changes) == ["ENABLE_LOBBY: not set -> 0 (jitsi.conf:5)"]
