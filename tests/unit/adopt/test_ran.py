"""Values that run and are not in the .env any more."""

from __future__ import annotations

import pytest

from jitsictl.adopt import ran
from jitsictl.settings import catalogue
from jitsictl.types.settings import Line
from unit.adopt.site import CONFIG, ENV, container, site

KNOWN = catalogue.load()
LINES = [Line(name, value, "/f/.env", number) for number, (name, value) in enumerate(ENV.items(), start=1)]


def differing(lines, described, literals=None, **environments):
    found = [container(service, environment=environment) for service, environment in environments.items()]
    return ran.differences(lines, site(*found, described=described), literals or {}, KNOWN)


def test_an_env_that_is_as_the_containers_have_it_differs_in_nothing():
    described = {"prosody": {"TZ": "UTC", "ENABLE_AUTH": None}}
    assert differing(LINES, described, prosody={"TZ": "UTC", "PATH": "/bin"}) == []


def test_an_edit_after_the_start_is_not_what_runs():
    (found,) = differing(LINES, {"web": {"TZ": "UTC"}}, web={"TZ": "Europe/Amsterdam"})
    assert (found.name, found.written, found.ran, found.services) == ("TZ", "UTC", "Europe/Amsterdam", ("web",))
    assert ran.sentence(found, KNOWN) == "TZ: line 3 says 'UTC', web runs with 'Europe/Amsterdam'"
    lines = ran.effective(LINES, [found], "/f/.env")
    assert [line.value for line in lines if line.name == "TZ"] == ["Europe/Amsterdam"]
    assert len(lines) == len(LINES)


def test_a_line_that_was_added_since_never_ran():
    lines = [*LINES, Line("ENABLE_LOBBY", "0", "/f/.env", 99)]
    (found,) = differing(lines, {"prosody": {"ENABLE_LOBBY": "0"}}, prosody={})
    assert found.ran is None
    assert "no value" in ran.sentence(found, KNOWN)
    assert ran.effective(lines, [found], "/f/.env")[-1].value == ""


def test_a_line_that_was_removed_since_still_runs():
    (found,) = differing(LINES, {"prosody": {"ENABLE_LOBBY": None}}, prosody={"ENABLE_LOBBY": "0"})
    assert ran.sentence(found, KNOWN) == "ENABLE_LOBBY: the .env has no value, prosody runs with '0'"
    assert ran.effective(LINES, [found], "/f/.env")[-1] == Line("ENABLE_LOBBY", "0", "/f/.env", 0)


def test_where_services_disagree_prosody_counts():
    described = {"prosody": {"ENABLE_AUTH": "1"}, "web": {"ENABLE_AUTH": "1"}}
    (found,) = differing(LINES, described, prosody={"ENABLE_AUTH": "0"}, web={"ENABLE_AUTH": ""})
    assert (found.ran, found.services) == ("0", ("prosody",))


def test_a_name_inside_is_the_settings_own():
    (found,) = differing(LINES, {"etherpad": {"TITLE": "New"}}, etherpad={"TITLE": "Old"})
    assert found.name == "ETHERPAD_TITLE"


def test_a_value_that_stands_in_the_compose_file_is_taken():
    literals = ran.literals(["services:\n  web:\n    environment:\n      - TZ=${TZ}\n      - RESOLUTION=1080\n"])
    assert literals == {"web": {"RESOLUTION": "1080"}}
    described = {"web": {"TZ": "UTC", "RESOLUTION": "1080"}}
    (found,) = differing(LINES, described, literals, web={"TZ": "UTC", "RESOLUTION": "1080"})
    assert (found.name, found.ran) == ("RESOLUTION", "1080")


def test_the_second_compose_file_counts_and_one_that_is_no_yaml_is_passed_over():
    first, second = ("services:\n  web:\n    environment: {A: 1}\n", "services:\n  web:\n    environment: [A=2]\n")
    texts = [first, "services: [\n", second]
    assert ran.literals(texts) == {"web": {"A": "2"}}


@pytest.mark.parametrize(
    "text", ["", "[]", "services: 3", "services:\n  web:\n", "services:\n  web: {environment: 7}\n"]
)
def test_odd_compose_files_hold_no_values(text):
    assert not any(ran.literals([text]).values())


def test_a_password_is_not_shown():
    written, name = "bbbb2222bbbb2222", "JVB_AUTH_PASSWORD"
    (found,) = differing(LINES, {"jvb": {name: written}}, jvb={name: "cccc3333"})
    assert "cccc3333" not in ran.sentence(found, KNOWN) and "bbbb2222" not in ran.sentence(found, KNOWN)


def test_a_name_that_nobody_knows_is_left_out():
    assert differing(LINES, {"web": {"MY_OWN": "1"}}, web={"MY_OWN": "2"}) == []


def test_config_is_where_prosodys_folder_is_mounted_from():
    moved = site(container("prosody", config="/srv/cfg"))
    (found,) = ran.places(LINES, moved, [])
    assert (found.name, found.ran) == ("CONFIG", "/srv/cfg")
    assert ran.places(LINES, site(), []) == []
    assert ran.config_of(site()) == CONFIG
    assert ran.config_of(site(container("prosody", mounts={"/config": "/var/lib/docker/volumes/x/_data"}))) is None


@pytest.mark.parametrize(
    ("bound", "expected"),
    [(":8440", None), ("0.0.0.0:8440", None), (":8000", "8000"), ("127.0.0.1:8440", "127.0.0.1:8440")],
)
def test_a_port_is_what_is_published(bound, expected):
    web = site(container("web", published={"80/tcp": bound}))
    found = ran.places(LINES, web, [("web", "80/tcp", "HTTP_PORT", None)])
    assert [difference.ran for difference in found] == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("bound", "expected"), [("127.0.0.1:9001", None), (":9001", "9001"), ("127.0.0.1:9100", "127.0.0.1:9100")]
)
def test_a_port_that_stood_in_the_compose_file_alone_is_held_against_the_usual_one(bound, expected):
    pads = ("etherpad", "9001/tcp", "ETHERPAD_PORT", "127.0.0.1:9001")
    found = ran.places(LINES, site(container("etherpad", published={"9001/tcp": bound})), [pads])
    assert [(each.name, each.written, each.ran) for each in found] == (
        [] if expected is None else [("ETHERPAD_PORT", None, expected)]
    )
    assert ran.places(LINES, site(container("etherpad")), [pads]) == []
