"""The change that takes an installation over: what is done, and in which order."""

from __future__ import annotations

import pytest

from jitsictl import releases
from jitsictl.change.steps import title
from jitsictl.plan import adopt
from jitsictl.plan.adopt import Taken, adoption, dump, giving_back, letting_go, load
from jitsictl.plan.migrate import Crossing
from jitsictl.settings import catalogue
from jitsictl.types import change as kinds
from jitsictl.types.change import from_data, to_data
from jitsictl.types.failure import Failure
from jitsictl.types.site import Kept, Observed
from unit.adopt.site import SERVICES, container, site
from unit.site import CONF, PLACES, wanted

CONFIG = "/usr/share/docker/data/jitsi-meet-cfg"
WHERE = f"{CONFIG}/.snapshots/{PLACES.id}"
OWNER = Kept(101, 102, 0o750, True)
RECORD = "/state/adopted.json"


def planned(old=None, release="stable-11146-2", there=(), conf=CONF, without=False):
    old = old or site()
    target = wanted(conf, release)
    paths = dict.fromkeys(adopt.watched(target, old.layout), OWNER)
    paths.update({f"{CONFIG}/prosody/config": Kept(101, 0, 0o755, True), **dict.fromkeys(there, OWNER)})
    if without:
        paths.pop(f"{CONFIG}/{old.layout.store}")
    observed = Observed(images=tuple(target.images.values()), paths=paths)
    taken = Taken(old, "http://127.0.0.1:8440/config.js", RECORD)
    return adoption(target, observed, catalogue.load(), PLACES, taken, (kinds.File("/conf", "x"),))


def steps(change, kind):
    return [step for step in change.steps if isinstance(step, kind)]


def place(change, wanted_step):
    return change.steps.index(wanted_step)


def test_the_old_site_is_stopped_last_and_its_data_is_moved_before_ours_starts():
    change = planned()
    (stop,) = steps(change, kinds.Foreign)
    assert stop.containers == tuple(f"id-{service}" for service in SERVICES)
    assert stop.run == () and set(stop.policies) == {"no"}
    at = place(change, stop)
    before, after = change.steps[:at], change.steps[at + 1 :]
    assert {type(step) for step in before} == {kinds.Dir, kinds.File}  # all of them harmless while the old site runs
    kind = [type(step) for step in after]
    assert kind.index(kinds.Transfer) < kind.index(kinds.Move) < kind.index(kinds.Link) < kind.index(kinds.Recreate)
    assert change.steps[change.commit - 1] == steps(change, kinds.Verify)[0]
    assert change.steps[change.commit] == kinds.Account(kinds.VERIFY_ACCOUNT, present=False)
    assert not steps(change, kinds.Return) and all(step.new for step in steps(change, kinds.Recreate))


def test_accounts_go_to_where_the_next_release_looks_and_the_old_store_stays_whole():
    change = planned()
    assert kinds.Move(f"{CONFIG}/prosody/config/data", f"{WHERE}/store") in change.steps
    assert kinds.Copy(f"{WHERE}/store", f"{CONFIG}/storage/prosody/data", owner=(1000, 1000)) in change.steps
    (verify,) = steps(change, kinds.Verify)
    assert (verify.snapshot, verify.store) == (f"{WHERE}/store", f"{CONFIG}/storage/prosody/data")


def test_where_the_place_is_the_same_prosody_gets_a_copy_all_the_same():
    change = planned(release="stable-11031")
    assert kinds.Move(f"{CONFIG}/prosody/config/data", f"{WHERE}/store") in change.steps
    assert kinds.Copy(f"{WHERE}/store", f"{CONFIG}/prosody/config/data") in change.steps
    rendered = steps(change, kinds.Rendered)[0]
    assert f"{CONFIG}/prosody/config/certs" in rendered.paths
    moved = [step.source for step in steps(change, kinds.Move)]
    assert f"{CONFIG}/prosody/config/certs" in moved
    # What the new images make is deleted first when it is undone, and only then the old files come back.
    assert place(change, rendered) > max(place(change, step) for step in steps(change, kinds.Move))


def test_a_store_that_holds_the_next_place_is_moved_away_before():
    """stable-11146 and 11146-1 kept accounts in storage/prosody itself."""
    change = planned(site(release="stable-11146-1"))
    aside = kinds.Move(f"{CONFIG}/storage/prosody", f"{WHERE}/store")
    copied = kinds.Copy(f"{WHERE}/store", f"{CONFIG}/storage/prosody/data", owner=(1000, 1000))
    again = kinds.Dir(f"{CONFIG}/storage/prosody", 0o755, (1000, 1000))
    between = change.steps[place(change, aside) : place(change, copied)]
    assert again in between


def test_a_store_in_the_next_place_is_set_aside_not_merged():
    change = planned(there=[f"{CONFIG}/storage/prosody/data"])
    assert kinds.Move(f"{CONFIG}/storage/prosody/data", f"{WHERE}/replaced-store") in change.steps


def test_transcripts_and_the_pages_keys_come_along():
    change = planned(there=[f"{CONFIG}/transcripts", f"{CONFIG}/web/keys"])
    owner = (1000, 1000)
    assert kinds.MoveInto(f"{CONFIG}/transcripts", f"{CONFIG}/storage/transcripts", owner) in change.steps
    assert kinds.MoveInto(f"{CONFIG}/web/keys", f"{CONFIG}/storage/web/keys", owner) in change.steps
    assert not steps(change, kinds.Stop)  # nothing of ours runs yet
    assert not steps(planned(release="stable-11031", there=[f"{CONFIG}/transcripts"]), kinds.MoveInto)


def test_pads_come_out_of_the_container():
    change = planned()
    out = kinds.Transfer("id-etherpad", adopt.DIRTY_DB, f"{WHERE}/dirty.db", out=True, owner=(5001, 0))
    assert out in change.steps
    assert kinds.Copy(f"{WHERE}/dirty.db", f"{CONFIG}/etherpad/dirty.db") in change.steps
    assert steps(change, kinds.Verify)[0].pads == f"{WHERE}/dirty.db"
    replaced = planned(there=[f"{CONFIG}/etherpad/dirty.db"])
    assert kinds.Move(f"{CONFIG}/etherpad/dirty.db", f"{WHERE}/replaced-dirty.db") in replaced.steps


def test_pads_that_are_already_where_ours_are_stay():
    mounted = container("etherpad", mounts={"/opt/etherpad-lite/var": f"{CONFIG}/etherpad"})
    change = planned(site(container("prosody"), mounted), there=[f"{CONFIG}/etherpad/dirty.db"])
    assert not steps(change, kinds.Transfer)
    assert load(record_of(change)).pads is None


def test_without_an_etherpad_or_its_container_there_are_no_pads():
    assert not steps(planned(site(container("prosody"))), kinds.Transfer)
    assert not steps(planned(conf=CONF.replace("ETHERPAD=1", "ETHERPAD=0")), kinds.Transfer)


def test_service_accounts_get_the_passwords_of_the_site_whatever_the_store_knows():
    change = planned()
    given = [step.setting for step in steps(change, kinds.ServicePassword)]
    assert given == ["JVB_AUTH_PASSWORD", "JICOFO_AUTH_PASSWORD"]
    place_of = {step.services[0]: place(change, step) for step in steps(change, kinds.Recreate)}
    at = [place(change, step) for step in steps(change, kinds.ServicePassword)]
    assert place_of["prosody"] < min(at) and max(at) < place_of["jvb"]
    assert not steps(planned(without=True), kinds.ServicePassword)  # no store: the images make the accounts


def test_the_record_tells_how_everything_was():
    containers = (container("prosody"), container("web", running=False, policy="on-failure:3"))
    record = load(record_of(planned(site(*containers))))
    assert record.containers == ("id-prosody", "id-web") and record.running == ("id-prosody",)
    assert record.policies == ("unless-stopped", "on-failure:3")
    assert record.store == f"{CONFIG}/prosody/config/data" and record.owner == (101, 102)
    assert load(dump(record)) == record


def test_a_record_of_a_newer_package_or_a_damaged_one_is_refused():
    text = record_of(planned())
    with pytest.raises(Failure, match="newer package"):
        load(text.replace('"format": 1', '"format": 2'))
    for damaged in ("", "{}", '{"format": 1}'):
        with pytest.raises(Failure, match="damaged"):
            load(damaged)


def test_giving_back_takes_ours_down_and_the_data_with_it():
    record = load(record_of(planned()))
    new, old = releases.get("stable-11146-2").layout, site().layout
    there = {f"{CONFIG}/storage/transcripts": OWNER, f"{CONFIG}/transcripts": OWNER}
    crossing = Crossing(new, old, CONFIG, WHERE, there)
    change = giving_back(record, crossing, ("prosody", "web"), PLACES, "/conf", RECORD)
    assert change.steps[2] == kinds.Return(("prosody", "web")) and change.commit == len(change.steps)
    assert [step.service for step in steps(change, kinds.Remove)] == ["web", "prosody"]
    assert kinds.Copy(f"{WHERE}/store", record.store, owner=(101, 102)) in change.steps
    assert kinds.Transfer("id-etherpad", adopt.DIRTY_DB, f"{CONFIG}/etherpad/dirty.db", out=False) in change.steps
    assert kinds.MoveInto(f"{CONFIG}/storage/transcripts", f"{CONFIG}/transcripts", (101, 102)) in change.steps
    (start,) = steps(change, kinds.Foreign)
    assert start.run == record.running and start.policies == record.policies
    assert {step.path for step in steps(change, kinds.Delete)} >= {PLACES.current, RECORD}


def test_letting_go_is_committed_before_it_begins():
    change = letting_go(load(record_of(planned())), RECORD)
    assert change.commit == 0 and [type(step) for step in change.steps] == [kinds.Discard, kinds.Delete]


def test_every_step_survives_the_journal_and_has_a_title():
    for change in (planned(), letting_go(load(record_of(planned())), RECORD)):
        assert from_data(to_data(change)) == change
        assert all(title(step) for step in change.steps)
        assert not [step for step in change.steps if "aaaa1111" in title(step)]


def record_of(change):
    (found,) = [step for step in steps(change, kinds.File) if step.path == RECORD]
    return found.text
