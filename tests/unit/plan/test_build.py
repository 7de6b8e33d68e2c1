"""What a change consists of, compared as values: no Docker, no files."""

from __future__ import annotations

import dataclasses

import pytest

from jitsictl import releases
from jitsictl.plan.build import plan, return_to
from jitsictl.settings import catalogue
from jitsictl.types.change import (
    Account,
    Command,
    Copy,
    Dir,
    File,
    Link,
    Move,
    Prune,
    Pull,
    Recreate,
    Remove,
    Rendered,
    Return,
    Stop,
    Verify,
    from_data,
    to_data,
)
from jitsictl.types.site import ByHand, Container, Kept, Observed
from unit.site import CONF, PLACES, running, wanted

CATALOGUE = catalogue.load()
CONFIG = "/usr/share/docker/data/jitsi-meet-cfg"


def changed(conf=CONF, release="stable-11146-2", observed=None, **more):
    target = wanted(conf, release, **more)
    return plan(target, observed if observed is not None else running(wanted()), CATALOGUE, PLACES, "reseed")


def of_kind(change, kind):
    return [step for step in change.steps if isinstance(step, kind)]


def test_nothing_differs_gives_no_step():
    assert not changed()


def test_first_start_makes_directories_generation_and_every_service_web_last():
    change = plan(wanted(), Observed(), CATALOGUE, PLACES, "reseed")
    groups = [("prosody",), ("jvb", "jicofo"), ("etherpad",), ("web",)]  # who logs in at prosody starts together
    assert of_kind(change, Recreate) == [Recreate(group, new=group) for group in groups]
    assert {step.image for step in of_kind(change, Pull)} == set(wanted().images.values())
    assert Dir(f"{CONFIG}", 0o700) in change.steps
    assert Dir(f"{CONFIG}/storage/prosody", 0o755, (1000, 1000)) in change.steps
    assert Dir(f"{CONFIG}/etherpad", 0o755, (5001, 0)) in change.steps
    links = {step.path: step.target for step in of_kind(change, Link)}
    assert links == {
        "/current": "/g/1",
        "/p/compose.yaml": "/current/compose.yaml",
        "/p/.env": "/current/.env",
        "/p/env": "/current/env",
    }


def test_parents_come_before_what_is_below_them():
    made = [step.path for step in of_kind(plan(wanted(), Observed(), CATALOGUE, PLACES, "reseed"), Dir)]
    for path in made:
        parents = [other for other in made if path.startswith(f"{other}/")]
        assert all(made.index(parent) < made.index(path) for parent in parents)


def test_nothing_is_touched_before_images_are_here_and_the_switch_comes_after_every_file():
    change = plan(wanted(), Observed(), CATALOGUE, PLACES, "reseed")
    kinds = [type(step) for step in change.steps]
    assert kinds.index(Dir) > max(i for i, kind in enumerate(kinds) if kind is Pull)
    assert kinds.index(Link) > max(i for i, kind in enumerate(kinds) if kind is File)
    assert kinds.index(Recreate) > kinds.index(Link)


def test_verification_ends_what_can_be_undone_and_its_account_goes_after_the_commit():
    change = changed(CONF + "ENABLE_LOBBY=0\n")
    assert isinstance(change.steps[change.commit - 1], Verify)
    assert change.steps[change.commit :] == (
        Account("jitsictl-verify", present=False),
        Prune(f"{CONFIG}/.snapshots", 5),
    )


def test_only_the_service_that_reads_a_setting_restarts():
    assert changed(CONF + "VIDEOBRIDGE_MAX_MEMORY=1024m\n").restarts == ("jvb",)


def test_a_comment_makes_a_generation_and_restarts_nothing():
    change = changed(CONF + "# a note\n")
    assert change and change.restarts == ()
    assert not of_kind(change, Verify)


@pytest.mark.parametrize(
    "path, service",
    [
        ("web/custom-config.js", "web"),
        ("jicofo/custom-jicofo.conf", "jicofo"),
        ("jvb/custom-jvb.conf", "jvb"),
    ],
)
def test_a_mounted_file_that_compose_cannot_see_restarts_its_service(path, service):
    assert changed(reads={path: "abc"}).restarts == (service,)


def test_the_admins_override_restarts_the_services_it_names():
    assert changed(override="services: {jvb: {mem_limit: 1g}}").restarts == ("jvb",)


def test_a_stopped_container_is_brought_up():
    seen = running(wanted())
    stopped = dataclasses.replace(seen.containers["jvb"], state="exited")
    assert changed(observed=running(wanted(), jvb=stopped)).restarts == ("jvb",)


def test_a_service_switched_off_is_removed_before_it_leaves_the_file():
    change = changed(CONF.replace("ETHERPAD=1", "ETHERPAD=0"))
    assert Remove("etherpad") in change.steps
    assert change.steps.index(Remove("etherpad")) < change.steps.index(Link("/current", "/g/2"))


def test_a_service_of_the_admins_override_is_left_alone():
    own = Container("watchtower", "id-own", "running", "", "own/image", "")
    seen = running(wanted(), watchtower=own)
    assert not changed(observed=seen)
    assert not of_kind(changed(CONF + "ENABLE_LOBBY=0\n", observed=seen), Remove)


def test_pads_are_copied_and_compared_when_etherpad_alone_restarts():
    copy = f"{CONFIG}/.snapshots/{PLACES.id}/dirty.db"
    change = changed(CONF + "ETHERPAD_TITLE=Pads\n")
    assert Copy(f"{CONFIG}/etherpad/dirty.db", copy) in change.steps
    assert of_kind(change, Verify) == [Verify("jitsictl-verify", pads=copy)]


def test_nginx_looks_etherpad_up_again_when_only_etherpad_restarts():
    change = changed(CONF + "ETHERPAD_TITLE=Pads\n")
    assert change.restarts == ("etherpad",)
    assert of_kind(change, Command) == [
        Command("web", ("nginx", "-c", "/run/web/config/nginx/nginx.conf", "-s", "reload"))
    ]


def test_accounts_are_copied_before_prosody_restarts_and_compared_after():
    change = changed(CONF + "ENABLE_LOBBY=0\n")
    snapshot = f"{CONFIG}/.snapshots/{PLACES.id}/store"
    store = f"{CONFIG}/storage/prosody/data"
    assert Copy(store, snapshot, links=True) in change.steps
    assert of_kind(change, Verify) == [Verify("jitsictl-verify", snapshot, store)]


def test_crossing_to_rootless_copies_the_store_with_prosody_down_and_sets_the_old_one_aside():
    change = plan(wanted(), running(wanted(release="stable-11031")), CATALOGUE, PLACES, "upgrade")
    old, new = f"{CONFIG}/prosody/config/data", f"{CONFIG}/storage/prosody/data"
    aside = f"{CONFIG}/.snapshots/{PLACES.id}"
    moving = [step for step in change.steps if isinstance(step, (Stop, Copy, Move)) and "dirty.db" not in str(step)]
    assert moving[:3] == [Stop(("prosody",)), Copy(old, new, owner=(1000, 1000)), Move(old, f"{aside}/store")]
    layout = releases.get("stable-11031").layout
    for path in (*layout.rendered, *layout.left):
        assert Move(f"{CONFIG}/{path}", f"{aside}/{path.replace('/', '_')}") in moving[3:]
    assert len(moving[3:]) == len({*layout.rendered, *layout.left})
    assert change.steps.index(moving[2]) < change.steps.index(Link("/current", "/g/2"))
    assert of_kind(change, Verify) == [Verify("jitsictl-verify", f"{aside}/store", new)]


def test_a_store_left_in_the_way_is_set_aside_never_merged():
    seen = running(wanted(release="stable-11031"))
    paths = dict(seen.paths, **{f"{CONFIG}/storage/prosody/data": Kept(1000, 1000, 0o755, True)})
    change = plan(wanted(), dataclasses.replace(seen, paths=paths), CATALOGUE, PLACES, "upgrade")
    aside = f"{CONFIG}/.snapshots/{PLACES.id}"
    assert Move(f"{CONFIG}/storage/prosody/data", f"{aside}/replaced-store") in change.steps


def test_going_back_recreates_with_the_earlier_generation_and_moves_accounts_back():
    seen = running(wanted(), number=2, before=1)
    earlier = wanted(release="stable-11031")
    seen = dataclasses.replace(seen, paths=dict(seen.paths, **{f"{CONFIG}/prosody/config": Kept(101, 0, 0o755, True)}))
    change = return_to(earlier, seen, 1, CATALOGUE, PLACES)
    assert Link("/current", "/g/1") in change.steps
    assert Recreate(("web",)) in change.steps
    new, old = f"{CONFIG}/storage/prosody/data", f"{CONFIG}/prosody/config/data"
    assert Copy(new, old, owner=(101, 0)) in change.steps  # as the directory that the old image took for its own
    (rendered,) = of_kind(change, Rendered)
    assert f"{CONFIG}/prosody/config/certs" in rendered.paths
    assert change.steps.index(rendered) < change.steps.index(Link("/current", "/g/1"))
    assert not [step for step in of_kind(change, File) if step.path.startswith("/g/")]


def test_what_differs_is_told_with_secrets_masked():
    seen = running(wanted())
    target = wanted(CONF + "ENABLE_LOBBY=0\n")
    files = {name: text.replace("aaaa1111", "cccc3333") for name, text in target.files.items()}
    change = plan(dataclasses.replace(target, files=files), seen, CATALOGUE, PLACES, "reseed")
    assert "ENABLE_LOBBY: not set -> 0 (jitsi.conf:5)" in change.why
    assert [line for line in change.why if line.startswith("JICOFO_AUTH_PASSWORD")]
    assert not [line for line in change.why if "aaaa" in line or "cccc" in line]


def test_undoing_ends_with_the_services_that_ran_after_their_data_is_back():
    change = plan(wanted(), running(wanted(release="stable-11031")), CATALOGUE, PLACES, "upgrade")
    (back,) = of_kind(change, Return)
    assert back.services == ("prosody", "jvb", "jicofo", "web")  # etherpad is the same in both releases
    later = change.steps[change.steps.index(back) + 1 :]
    assert {type(step) for step in change.steps} & {Stop, Move, Link, Recreate} == {type(s) for s in later} & {
        Stop,
        Move,
        Link,
        Recreate,
    }


def test_an_edit_by_hand_is_told():
    seen = running(wanted())
    by_hand = {"compose.yaml": ByHand("x: y\n", 5.0)}
    edited = dataclasses.replace(seen, applied=dataclasses.replace(seen.applied, edited=by_hand))
    change = changed(CONF + "# x\n", observed=edited)
    assert "compose.yaml was changed by hand since it was made; it is replaced, and stays in generation 1" in change.why


def test_an_owner_the_container_needs_is_put_right():
    seen = running(wanted())
    path = f"{CONFIG}/storage/prosody"
    wrong = dataclasses.replace(seen, paths=dict(seen.paths, **{path: Kept(0, 0, 0o755, True)}))
    assert of_kind(changed(observed=wrong), Dir)[0] == Dir(path, 0o755, (1000, 1000))


def test_a_change_survives_being_written_down():
    change = plan(wanted(), running(wanted(release="stable-11031")), CATALOGUE, PLACES, "upgrade")
    assert from_data(to_data(change)) == change
