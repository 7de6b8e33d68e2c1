"""What another release means: settings that come and go, defaults, and what moves."""

from __future__ import annotations

import dataclasses

import pytest

from jitsictl import releases
from jitsictl.plan.upgrade import upgrade
from jitsictl.settings import catalogue
from jitsictl.types.preview import Move
from unit.site import CONF, running, wanted

CATALOGUE = catalogue.load()
OLD, NEW = "stable-11031", "stable-11146-2"


def going(before, after, conf=CONF):
    return upgrade(wanted(conf, after), running(wanted(conf, before)), CATALOGUE)


def test_across_the_layouts_the_store_moves_and_what_was_rendered_is_set_aside():
    found = going(OLD, NEW)
    assert found.layout == releases.get(NEW).layout.about
    data = [
        ("transcripts", "transcripts", "storage/transcripts"),
        ("recordings", "jibri/recordings", "storage/jibri/recordings"),
        ("keys of the page", "web/keys", "storage/web/keys"),
        ("certificates", "web/acme-certs", "storage/web/acme-certs"),
    ]
    rendered = f"{len(releases.get(OLD).layout.rendered)} files and directories"
    assert found.moves == (
        Move("accounts", "prosody/config/data", "storage/prosody/data"),
        *(Move(*one) for one in data),
        Move("what the old images rendered", rendered, ".snapshots"),
    )
    back = going(NEW, OLD)
    assert back.moves == (
        Move("accounts", "storage/prosody/data", "prosody/config/data"),
        *(Move(what, new, old) for what, old, new in data),
    )


def test_within_a_layout_nothing_moves():
    found = going("stable-10741", OLD)
    assert (found.layout, found.moves) == ("", ())


@pytest.mark.parametrize("before, after", [("stable-10741", "stable-10888"), (OLD, NEW), ("stable-10741", NEW)])
def test_what_one_way_adds_the_other_way_drops(before, after):
    there, back = going(before, after), going(after, before)
    assert (set(there.added), set(there.dropped)) == (set(back.dropped), set(back.added))
    assert there.added or there.dropped


def test_names_of_jitsi_conf_that_lose_their_effect_come_with_what_to_do():
    conf = CONF + "ENABLE_SCTP=1\nJVB_WS_DOMAIN=meet.example.org\n"
    assert going(OLD, NEW, conf).lost == {
        name: CATALOGUE[name].replaced_by for name in ("ENABLE_SCTP", "JVB_WS_DOMAIN")
    }
    assert going(OLD, NEW).lost == {}
    assert set(going(NEW, OLD, conf).gained) == {"ENABLE_SCTP", "JVB_WS_DOMAIN"}


def test_defaults_of_the_images_that_change_are_told_unless_jitsi_conf_says_another():
    for before in ("stable-10741", OLD):
        (default,) = going(before, NEW).defaults
        assert (default.name, default.before, default.after) == (
            "JIBRI_RECORDING_DIR", "/config/recordings", "/storage/recordings",
        )  # fmt: skip
    (back,) = going(NEW, OLD).defaults
    assert (back.before, back.after) == ("/storage/recordings", "/config/recordings")
    assert going(OLD, NEW, CONF + "JIBRI_RECORDING_DIR=/elsewhere\n").defaults == ()


def test_defaults_stand_in_the_catalogue_as_the_newest_release_has_them():
    for release in releases.known():
        for name, (before, after) in release.defaults.items():
            assert before != after
            if CATALOGUE[name].image_default is not None:
                assert CATALOGUE[name].image_default == after


def test_a_release_newer_than_the_package_is_like_the_newest():
    after = dataclasses.replace(wanted(), release=releases.get("stable-99999", force=True))
    found = upgrade(after, running(wanted()), CATALOGUE)
    assert (found.after, found.added, found.dropped, found.moves) == ("stable-99999", (), (), ())
