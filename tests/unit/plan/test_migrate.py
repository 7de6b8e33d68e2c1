"""What moves between two layouts: all that releases.yaml says they keep in different places, in either direction."""

from __future__ import annotations

import dataclasses

import pytest

from jitsictl import releases
from jitsictl.plan import migrate
from jitsictl.plan.build import plan, return_to
from jitsictl.plan.migrate import Crossing
from jitsictl.settings import catalogue
from jitsictl.types.change import Copy, Dir, Move, MoveInto, Recreate, Rendered, Stop
from jitsictl.types.failure import Failure
from jitsictl.types.site import Kept
from unit.site import PLACES, running, wanted

CATALOGUE = catalogue.load()
CONFIG = "/usr/share/docker/data/jitsi-meet-cfg"
ASIDE = f"{CONFIG}/.snapshots/{PLACES.id}"
ROOT, FIRST, ROOTLESS = (releases.layout_of(tag) for tag in ("stable-11031", "stable-11146", "stable-11146-2"))
THERE = Kept(101, 0, 0o755, True)


def crossing(before, after, *there, runs=()):
    return Crossing(before, after, "/c", "/aside", {f"/c/{path}": THERE for path in there}, runs)


@pytest.mark.parametrize(
    "tag, layout",
    [
        ("stable-6826", "root"),
        ("stable-9823", "root"),
        ("stable-11031", "root"),
        ("stable-11146", "rootless-first"),
        ("stable-11146-1", "rootless-first"),
        ("stable-11146-2", "rootless"),
        ("stable-12000", "rootless"),
    ],
)
def test_every_release_has_the_layout_of_its_time_also_one_that_is_not_run(tag, layout):
    assert releases.layout_of(tag).name == layout


@pytest.mark.parametrize("tag", ["stable-5076", "unstable"])
def test_no_layout_is_guessed(tag):
    with pytest.raises(Failure):
        releases.layout_of(tag)


def test_data_is_renamed_with_the_owner_that_the_next_images_need():
    steps = migrate.data(crossing(ROOT, ROOTLESS, "transcripts", "jibri", "jibri/recordings", "storage"))
    assert steps == [
        Dir("/c/storage/transcripts", 0o755, (1000, 1000)),
        MoveInto("/c/transcripts", "/c/storage/transcripts", (1000, 1000)),
        Dir("/c/storage/jibri", 0o755, (1000, 1000)),
        Dir("/c/storage/jibri/recordings", 0o755, (1000, 1000)),
        MoveInto("/c/jibri/recordings", "/c/storage/jibri/recordings", (1000, 1000)),
    ]


def test_going_back_it_belongs_to_whom_it_did():
    steps = migrate.data(crossing(ROOTLESS, ROOT, "storage/transcripts", "transcripts", "storage/web/keys", "web"))
    assert steps == [
        MoveInto("/c/storage/transcripts", "/c/transcripts", (101, 0)),
        Dir("/c/web/keys", 0o755, None),
        MoveInto("/c/storage/web/keys", "/c/web/keys", None),
    ]


def test_who_writes_there_is_stopped_before():
    there = ("transcripts", "storage", "storage/transcripts")
    steps = migrate.data(crossing(ROOT, ROOTLESS, *there, runs=("transcriber",)))
    assert steps == [Stop(("transcriber",)), MoveInto("/c/transcripts", "/c/storage/transcripts", (1000, 1000))]


@pytest.mark.parametrize("layout", [ROOT, FIRST, ROOTLESS], ids=lambda layout: layout.name)
def test_within_a_layout_nothing_moves(layout):
    everything = [path.partition("/c/")[2] for path in migrate.watched("/c", ROOT, ROOTLESS)]
    assert migrate.steps(crossing(layout, layout, *everything)) == {"": []}


def test_accounts_of_the_first_rootless_releases_go_one_level_down():
    steps = migrate.steps(crossing(FIRST, ROOTLESS, "storage/prosody"))[""]
    into = "/c/storage/prosody/data"
    assert steps == [
        Stop(("prosody",)),
        Copy("/c/storage/prosody", "/aside/store", links=True),
        Dir(into, 0o755, (1000, 1000)),
        MoveInto("/c/storage/prosody", into, (1000, 1000)),
        Rendered(()),
    ]


def test_service_accounts_that_were_made_there_meanwhile_are_set_aside_first():
    steps = migrate.store(crossing(FIRST, ROOTLESS, "storage/prosody", "storage/prosody/data"))
    assert steps[:3] == [
        Stop(("prosody",)),
        Move("/c/storage/prosody/data", "/aside/replaced-store"),
        Copy("/c/storage/prosody", "/aside/store", links=True),
    ]


def test_what_a_service_rendered_is_set_aside_only_before_its_own_recreation():
    """The old page is served from web's until then."""
    everything = [path.partition("/c/")[2] for path in migrate.watched("/c", ROOT, ROOTLESS)]
    moved = migrate.steps(crossing(ROOT, ROOTLESS, *everything))
    assert {"web", "prosody", "jicofo", "jvb"} < set(moved)
    assert Move("/c/web/config.js", "/aside/web_config.js") in moved["web"]
    assert sum(len(steps) for service, steps in moved.items() if service) <= len(ROOT.rendered)
    steps = plan(wanted(), running(wanted(release="stable-11031")), CATALOGUE, PLACES, "upgrade").steps
    *others, web = (n for n, step in enumerate(steps) if isinstance(step, Recreate))
    page = steps.index(Move(f"{CONFIG}/web/config.js", f"{ASIDE}/web_config.js"))
    assert max(others) < page < web


def test_both_directions_move_the_same():
    everything = [path.partition("/c/")[2] for path in migrate.watched("/c", ROOT, ROOTLESS)]
    there = migrate.data(crossing(ROOT, ROOTLESS, *everything))
    back = migrate.data(crossing(ROOTLESS, ROOT, *everything))
    moved = {(step.source, step.target) for step in there if isinstance(step, MoveInto)}
    assert len(moved) == len(ROOT.data)
    assert {(step.target, step.source) for step in back if isinstance(step, MoveInto)} == moved


def test_what_acme_keeps_for_itself_is_left_behind_in_both():
    assert Move("/c/web/acme.sh", "/aside/web_acme.sh") in migrate.set_aside(crossing(ROOT, ROOTLESS, "web/acme.sh"))
    back = migrate.set_aside(crossing(ROOTLESS, ROOT, "storage/web/acme.sh"))
    assert Move("/c/storage/web/acme.sh", "/aside/storage_web_acme.sh") in back


def test_a_plan_across_the_layouts_has_all_of_it_in_both_directions():
    forth = plan(wanted(), running(wanted(release="stable-11031")), CATALOGUE, PLACES, "upgrade")
    back = return_to(wanted(release="stable-11031"), running(wanted(), 2, 1), 1, CATALOGUE, PLACES)
    for change, source, target in (
        (forth, "transcripts", "storage/transcripts"),
        (back, "storage/transcripts", "transcripts"),
    ):
        assert [s for s in change.steps if isinstance(s, MoveInto) and s.source == f"{CONFIG}/{source}"][0].target == (
            f"{CONFIG}/{target}"
        )


def fresh(release):
    target = dataclasses.replace(wanted(release=release), fresh=True)
    return target, running(target)


def test_fresh_sets_aside_what_each_service_renders_just_before_that_one_starts():
    target, seen = fresh("stable-11031")
    change = plan(target, seen, CATALOGUE, PLACES, "reseed")
    assert change.restarts == ("prosody", "jvb", "jicofo", "web")
    steps = list(change.steps)
    web = [Move(f"{CONFIG}/web/{name}", f"{ASIDE}/web_{name}") for name in ("config.js", "interface_config.js")]
    start = steps.index(Recreate(("web",), force=True))
    assert steps.index(Recreate(("jvb", "jicofo"), force=True)) < steps.index(web[0]) < steps.index(web[1]) < start
    made = steps[start - 1]
    assert isinstance(made, Rendered) and f"{CONFIG}/web/config.js" in made.paths  # undone first: the way is free
    assert Dir(ASIDE, 0o700) in steps
    moved = {step.source for step in steps if isinstance(step, Move)}
    assert moved == {f"{CONFIG}/{path}" for path in ROOT.rendered}


def test_fresh_touches_nothing_that_must_survive():
    """facts: custom files, own modules and configuration, keys, certificates, accounts, transcripts, recordings."""
    must_survive = [
        "prosody/config/data",
        "prosody/prosody-plugins-custom",
        "prosody/config/conf.d/own.cfg.lua",
        "web/custom-config.js",
        "web/custom-interface_config.js",
        "web/nginx/custom-meet.conf",
        "web/nginx-custom",
        "web/keys",
        "web/acme.sh",
        "web/acme-certs",
        "storage",
        "jicofo/custom-jicofo.conf",
        "jvb/custom-jvb.conf",
        "jvb/custom-sip-communicator.properties",
        "jibri",
        "jigasi/custom-sip-communicator.properties",
        "jigasi/custom-logging.properties",
        "transcripts",
        "transcriber/custom-logging.properties",
        "web/jaas-account-created.txt",
        "etherpad",
    ]
    dropped = migrate.every_rendered()
    for path in must_survive:
        assert not [one for one in dropped if path == one or path.startswith(f"{one}/") or one.startswith(f"{path}/")]


def test_fresh_without_such_files_is_nothing_to_do():
    target, seen = fresh("stable-11146-2")
    none = dataclasses.replace(seen, paths={p: k for p, k in seen.paths.items() if "config.js" not in p})
    left = {f"{CONFIG}/{path}" for path in ROOT.rendered}
    none = dataclasses.replace(none, paths={p: k for p, k in none.paths.items() if p not in left})
    assert not plan(target, none, CATALOGUE, PLACES, "reseed")


def test_fresh_at_a_rootless_release_sets_leftovers_aside_and_restarts_nobody():
    target, seen = fresh("stable-11146-2")
    left = f"{CONFIG}/web/config.js"
    others = {f"{CONFIG}/{path}" for path in ROOT.rendered} - {left}
    seen = dataclasses.replace(seen, paths={p: k for p, k in seen.paths.items() if p not in others})
    change = plan(target, seen, CATALOGUE, PLACES, "reseed")
    assert change.restarts == ()
    assert [step for step in change.steps if isinstance(step, Move)] == [Move(left, f"{ASIDE}/web_config.js")]
    assert f"rendered files set aside, to be made anew where a service still does: 1, in {ASIDE}" in change.why
