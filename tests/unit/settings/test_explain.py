"""What is said of a setting, a sentence at a time."""

from __future__ import annotations

import dataclasses

import pytest

from jitsictl.settings import catalogue, explain_text
from jitsictl.settings.explain import Known, called, changed, explain, group_called, groups, members
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.settings import Line, Problem, Settings, Value

CATALOGUE = catalogue.load()
NEW = "stable-11146-2"


def site(applied=None, **values):
    """A site with these settings: NAME=("value", "origin")."""
    settings = Settings(NEW, {name: Value(*value) for name, value in values.items()})
    return Known(NEW, settings, applied=applied)


def text(name, known):
    return "\n".join(explain_text.whole([explain(CATALOGUE[name], known, CATALOGUE)]))


def row(name, known, label):
    """What stands behind a label; None when there is no such row."""
    lines = [line[12:] for line in text(name, known).splitlines() if line.startswith(f"  {label:<10}")]
    return lines[0] if lines else None


@pytest.mark.parametrize(
    "known, said",
    [
        (site(TZ=("UTC", "jitsi.conf:3")), "UTC, from jitsi.conf:3"),
        (site(TZ=("UTC", "default")), "UTC, the default"),
        (site(TZ=("UTC", "derived from X")), "UTC, derived from X"),
        (site(TZ=("", "jitsi.conf:3")), "empty, from jitsi.conf:3"),
        (site(), "UTC, the default"),
        (Known(NEW, why="not known: jitsi.conf is for root"), "not known: jitsi.conf is for root"),
        (
            Known(NEW, lines={"TZ": Line("TZ", "Mars", "/etc/jitsi.conf", 4)}, why="as it stands there"),
            "Mars, from jitsi.conf:4; as it stands there",
        ),
    ],
)
def test_the_value_and_where_it_comes_from(known, said):
    assert row("TZ", known, "value") == said


def test_what_is_not_set_is_left_to_the_images():
    assert row("ENABLE_LOBBY", site(), "value") == "not set"
    assert row("ENABLE_LOBBY", site(), "default").endswith(", the images' own")


def test_what_is_applied_is_told_only_where_it_differs():
    assert row("TZ", site({"TZ": "UTC"}, TZ=("UTC", "default")), "applied") is None
    assert row("TZ", site({"TZ": "GMT"}, TZ=("UTC", "default")), "applied") == "GMT; see jitsictl plan"
    assert row("ENABLE_LOBBY", site({}, ENABLE_LOBBY=("0", "x")), "applied") == "not set; see jitsictl plan"


def test_a_secret_is_masked_and_still_held_against_what_is_applied():
    known = site({"JVB_AUTH_PASSWORD": "hunter2"}, JVB_AUTH_PASSWORD=("hunter3", "secrets.conf:2"))
    said = text("JVB_AUTH_PASSWORD", known)
    assert "********, from secrets.conf:2" in said and "another value; see jitsictl plan" in said
    assert "hunter" not in said
    same = site({"JVB_AUTH_PASSWORD": "hunter3"}, JVB_AUTH_PASSWORD=("hunter3", "secrets.conf:2"))
    assert row("JVB_AUTH_PASSWORD", same, "applied") is None
    assert row("JVB_AUTH_PASSWORD", same, "secret") == "made by itself, in secrets.conf"


def test_a_password_in_a_url_is_not_shown():
    name = next(name for name, entry in CATALOGUE.items() if entry.type.startswith("url") and not entry.secret)
    assert "hunter2" not in text(name, site(**{name: ("https://me:hunter2@example.org/", "jitsi.conf:1")}))


def test_a_name_that_is_gone_says_what_to_write():
    assert row("DOCKER_HOST_ADDRESS", site(), "gone") == "write JVB_ADVERTISE_IPS instead"


def test_type_services_and_releases_in_words():
    assert row("JVB_PORT", site(), "services") == "jvb"
    assert row("CONFIG", site(), "services") == "none: jitsictl and Compose alone read it"
    assert row("APP_NAME", site(), "services") == "web, by lines in its custom-*.js that set interfaceConfig.APP_NAME"
    assert row("TZ", site(), "releases") == "all"
    assert row("ENABLE_SCTP", site(), "releases") == "releases up to stable-11031"
    assert row("ENABLE_LOBBY", site(), "write") == "1 or 0"


def test_problems_of_this_setting_and_no_others():
    problems = (Problem("TZ: is no zone", "jitsi.conf", 3, name="TZ"), Problem("X: y", "jitsi.conf", 4, name="X"))
    known = dataclasses.replace(site(), problems=problems)
    assert row("TZ", known, "wrong") == "jitsi.conf:3: TZ: is no zone"
    assert row("JVB_PORT", known, "wrong") is None


def test_every_setting_can_be_explained_in_80_columns():
    known = site()
    for entry in CATALOGUE.values():
        each = explain(entry, known, CATALOGUE)
        assert each.help and each.type and each.group
        wide = [line for line in explain_text.whole([each]) if len(line) > 80 and " " in line[12:].strip()]
        assert wide == []


def test_names_are_found_in_any_case_and_all_unknown_ones_are_told():
    assert [entry.name for entry in called(["tz", "Enable_Lobby"], CATALOGUE)] == ["TZ", "ENABLE_LOBBY"]
    with pytest.raises(Failure) as failed:
        called(["ENABLE_LOBY", "TZ", "XYZZY_PLUGH"], CATALOGUE)
    assert failed.value.exit == Exit.USAGE
    first, second = failed.value.what.splitlines()
    assert first == "ENABLE_LOBY is not a setting; did you mean ENABLE_LOBBY?"
    assert second.startswith("XYZZY_PLUGH is not a setting; ")


def test_what_is_changed_is_what_differs_from_its_default():
    known = site(
        TZ=("UTC", "jitsi.conf:1"),  # the default, written down
        JVB_PORT=("10001", "jitsi.conf:2"),
        ETHERPAD_URL_BASE=("http://x", "derived from ETHERPAD"),
        JVB_AUTH_PASSWORD=("hunter2", "secrets.conf:1"),
    )
    found = changed(known, CATALOGUE)
    assert [each.name for each in found] == ["JVB_PORT", "ETHERPAD_URL_BASE", "JVB_AUTH_PASSWORD"]
    lines = list(explain_text.short(found))
    assert lines[0] == "JVB_PORT=10001  (jitsi.conf:2, not 10000)"
    assert lines[-1] == "JVB_AUTH_PASSWORD=********  (secrets.conf:1)"
    with pytest.raises(Failure, match="what differs is not known: it is for root"):
        changed(Known(NEW, why="not known: it is for root"), CATALOGUE)


def test_groups_hold_every_setting_once_and_are_called_by_name_or_title():
    found = groups(CATALOGUE)
    assert [each.name for each in found] == list(catalogue.titles())
    assert all(each.settings for each in found)
    listed = [entry.name for each in found for entry in members(each.name, CATALOGUE)]
    assert len(listed) == len(set(listed)) and {"TZ", "ENABLE_SCTP"} <= set(listed)
    assert group_called("Rooms") == group_called("rooms") == "rooms"
    assert group_called("the site") == "site"
    with pytest.raises(Failure, match="found nope; there are: site, ") as failed:
        group_called("nope")
    assert failed.value.exit == Exit.USAGE


def test_a_group_is_listed_one_line_a_setting():
    for group in catalogue.titles():
        each = [explain(entry, site(), CATALOGUE) for entry in members(group, CATALOGUE)]
        lines = list(explain_text.listing(each))
        assert len(lines) == len(each) and max(map(len, lines)) <= 80
    assert max(map(len, explain_text.overview(groups(CATALOGUE)))) <= 80
