"""A preview, as data and in words."""

from __future__ import annotations

import dataclasses
import json

import pytest

from jitsictl.plan import build, durations, show
from jitsictl.plan.preview import Around, preview
from jitsictl.settings import catalogue
from jitsictl.types.preview import Calls, Edit, FileChange, Usual
from jitsictl.types.site import ByHand, Kept, Observed
from unit.site import CONF, PLACES, running, wanted

CATALOGUE = catalogue.load()
CONFIG = "/usr/share/docker/data/jitsi-meet-cfg"


def looked(after, seen=None, around=None, verb="reseed"):
    seen = running(wanted()) if seen is None else seen
    change = build.plan(after, seen, CATALOGUE, PLACES, verb)
    return preview(change, after, seen, CATALOGUE, PLACES, around or Around())


def text(*args, **more):
    return "\n".join(show.lines(looked(*args, **more)))


def services(found):
    return [(each.service, each.action) for each in found.services]


def test_nothing_to_do_is_an_empty_preview():
    found = looked(wanted())
    assert not (found.settings or found.files or found.directories or found.services or found.fetched or found.edits)
    assert (found.generation, found.seconds, found.upgrade) == (1, None, None)


def test_services_stand_in_the_order_in_which_they_are_touched():
    assert services(looked(wanted(CONF.replace("ETHERPAD=1", "ETHERPAD=0")))) == [
        ("etherpad", "removed"), ("web", "recreated"),
    ]  # fmt: skip
    assert services(looked(wanted(CONF + "ETHERPAD_TITLE=Pads\n"))) == [("etherpad", "recreated"), ("web", "reloaded")]
    order = ["prosody", "jvb", "jicofo", "etherpad", "web"]
    assert services(looked(wanted(), Observed())) == [(name, "new") for name in order]


def test_a_stopped_container_is_started_and_made_anew_only_when_something_else_differs():
    stopped = dataclasses.replace(running(wanted()).containers["jvb"], state="exited")
    seen = running(wanted(), jvb=stopped)
    assert services(looked(wanted(), seen)) == [("jvb", "started")]
    (jvb,) = looked(wanted(CONF + "VIDEOBRIDGE_MAX_MEMORY=1g\n"), seen).services
    assert jvb.action == "recreated" and not jvb.interrupts_calls and not jvb.cost


@pytest.mark.parametrize(
    "calls, said",
    [
        (None, "how many run now cannot be known, since jicofo does not tell."),
        (Calls(0, 0), "none runs now."),
        (Calls(1, 1), "1 conference with 1 person now."),
        (Calls(2, 5), "2 conferences with 5 people now."),
    ],
)
def test_running_calls_are_counted_where_they_are_interrupted(calls, said):
    lines = text(wanted(CONF + "VIDEOBRIDGE_MAX_MEMORY=1g\n"), around=Around(calls=calls))
    assert f"Running calls are interrupted; {said}" in " ".join(lines.split())


def test_running_calls_go_on_when_only_the_page_restarts_and_are_no_matter_on_a_first_start():
    assert "Running calls go on." in text(wanted(CONF + "TOOLBAR_BUTTONS=hangup\n"))
    assert "calls" not in text(wanted(), Observed())


def test_how_long_it_takes_comes_from_here_or_from_the_package_and_says_which():
    after = wanted(CONF + "ENABLE_LOBBY=0\nVIDEOBRIDGE_MAX_MEMORY=1g\n")  # prosody and jvb
    own = looked(after)
    said = " ".join(" ".join(show.lines(own)).split())
    assert "by the package's own figures, since none were recorded here yet." in said
    past = {"recreate prosody": [1.0, 3.0, 2.0], "recreate jvb": [4.0, 5.0], "verify": [0.5]}
    here = looked(after, around=Around(past=past))
    assert [each.usual for each in here.services] == [Usual(2.0, 3), Usual(4.5, 2)]
    assert here.seconds == 7.0
    assert "It usually takes about 7.0 s, by the median of past changes here." in show.lines(here)
    together = looked(after, around=Around(past={"recreate jvb, jicofo": [6.0]}))  # no less than jvb alone
    assert [each.usual for each in together.services] == [Usual(4, 0), Usual(6.0, 1)]
    mixed = looked(after, around=Around(past={"recreate jvb": [4.0]}))
    told = durations.source(mixed.services)
    assert told == "by past changes here, for prosody by the package's own figures"


def test_images_to_fetch_are_named_and_the_time_is_without_them():
    seen = dataclasses.replace(running(wanted()), images=())
    found = text(wanted(CONF + "ENABLE_LOBBY=0\n"), seen)
    assert "Images to be fetched\n  etherpad/etherpad:2.0.3\n  ghcr.io/jitsi/jicofo:stable-11146-2\n" in found
    assert "once the images are here" in found


def test_directories_that_are_made_or_put_right_stand_below_the_one_they_are_in():
    seen = running(wanted())
    paths = dict(seen.paths, **{f"{CONFIG}/storage/prosody": Kept(0, 0, 0o755, True)})
    del paths[f"{CONFIG}/etherpad"]
    found = text(wanted(), dataclasses.replace(seen, paths=paths))
    assert f"Directories in {CONFIG}\n  etherpad         made, owner 5001:0\n" in found
    assert "  storage/prosody  owner 0:0 -> 1000:1000\n" in found
    open_to_all = dataclasses.replace(seen, paths=dict(seen.paths, **{CONFIG: Kept(0, 0, 0o755, True)}))
    assert "jitsi-meet-cfg  mode 0755 -> 0700" in text(wanted(), open_to_all)


def test_files_are_the_generation_the_links_and_what_the_verb_edits():
    around = Around((FileChange("/etc/jitsi-meet/jitsi.conf", "JITSI_IMAGE_VERSION becomes stable-11146-2"),))
    files = {file.path: file.what for file in looked(wanted(CONF + "ENABLE_LOBBY=0\n"), around=around).files}
    assert files == {
        "/g/2": "a new generation; new in it: compose.yaml, env/prosody.env, jitsi.conf",
        "/etc/jitsi-meet/jitsi.conf": "JITSI_IMAGE_VERSION becomes stable-11146-2",
    }
    first = {file.path for file in looked(wanted(), Observed()).files}
    assert first == {"/g/1", "/p/compose.yaml", "/p/.env", "/p/env"}
    stray = dataclasses.replace(running(wanted()), strays={".env": ByHand("X=1\n", 5.0)})
    assert ("/p/.env", "the link is put back") in [(file.path, file.what) for file in looked(wanted(), stray).files]


def test_a_comment_restarts_nothing_and_says_so():
    assert show.lines(looked(wanted(CONF + "# a note\n")))[-1] == "No service restarts."


def test_settings_stand_by_group_and_long_values_on_lines_of_their_own():
    buttons = ",".join(f"button{number}" for number in range(12))
    assert text(wanted(CONF.replace("TZ=UTC", "TZ=GMT") + f"TOOLBAR_BUTTONS={buttons}\n")).startswith(
        "reseed: release stable-11146-2, generation 1 is applied\n"
        "Settings\n"
        "  The site\n"
        "    TZ  UTC -> GMT  jitsi.conf:3\n"
        "  The page\n"
        "    TOOLBAR_BUTTONS  (jitsi.conf:5)\n"
        "      not set ->\n"
        f"        {buttons}\n"
    )


def test_an_upgrade_is_told_before_all_else():
    found = looked(wanted(), running(wanted(release="stable-11031")), verb="upgrade")
    lines = show.lines(found)
    assert lines[0] == "upgrade: release stable-11146-2, generation 1 is applied"
    assert lines[1] == "stable-11031 -> stable-11146-2"
    assert any(line.strip().startswith("moved below CONFIG, accounts: prosody/config/data ->") for line in lines)


def test_an_edit_whose_old_text_is_not_kept_says_so():
    assert show.diff(Edit("env/web.env", "/g/1/env/web.env", ())) == [
        "/g/1/env/web.env", "  what it was is not kept: an older package made it",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "seen", [Observed(), running(wanted(release="stable-11031")), running(wanted(CONF + "ENABLE_LOBBY=0\n"))]
)
def test_everything_fits_in_80_columns(seen):
    assert [line for line in show.lines(looked(wanted(), seen)) if len(line) > 80] == []


def test_all_of_it_is_data_for_json():
    found = looked(wanted(), running(wanted(release="stable-11031")))
    data = json.loads(json.dumps(dataclasses.asdict(found)))
    assert data["upgrade"]["moves"][0]["after"] == "storage/prosody/data"
    assert data["services"][0]["why"]


def test_warnings_are_wrapped_and_marked_once():
    told = show.warnings(["/etc/jitsi-meet/jitsi.conf:3: warning: " + "word " * 30, "warning: a change was cut off"])
    assert told[-1] == "warning: a change was cut off" and max(map(len, told)) <= 80
    assert "\n".join(told).count("warning:") == 2
