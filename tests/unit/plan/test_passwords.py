"""Which changes give Prosody a service's password: all whose two sides differ in it, whatever the verb."""

from __future__ import annotations

import pytest

from jitsictl import releases
from jitsictl.plan.build import plan, return_to
from jitsictl.plan.passwords import encoded, record
from jitsictl.settings import catalogue
from jitsictl.types.change import Recreate, ServicePassword, from_data, to_data
from jitsictl.types.site import Kept, Observed
from unit.site import CONF, PLACES, SECRETS, running, wanted

CATALOGUE = catalogue.load()
CONFIG = "/usr/share/docker/data/jitsi-meet-cfg"
ACCOUNTS = f"{CONFIG}/storage/prosody/data/auth%2emeet%2ejitsi/accounts"
JVB, FOCUS = f"{ACCOUNTS}/jvb.dat", f"{ACCOUNTS}/focus.dat"
OTHER = SECRETS.replace("bbbb2222", "dddd4444")  # of jvb


def given(change):
    return [step for step in change.steps if isinstance(step, ServicePassword)]


def test_a_new_password_is_given_to_prosody_between_its_start_and_that_of_the_service():
    change = plan(wanted(secrets=OTHER), running(wanted()), CATALOGUE, PLACES, "rotate")
    assert given(change) == [ServicePassword("JVB_AUTH_PASSWORD", JVB)]
    there = change.steps.index(given(change)[0])
    assert change.steps.index(Recreate(("prosody",))) < there < change.steps.index(Recreate(("jvb",)))
    assert change.restarts == ("prosody", "jvb")


def test_an_unchanged_password_is_not_touched():
    assert given(plan(wanted(CONF + "ENABLE_LOBBY=0\n"), running(wanted()), CATALOGUE, PLACES, "reseed")) == []


def test_a_new_site_has_its_accounts_made_by_the_images():
    assert given(plan(wanted(), Observed(), CATALOGUE, PLACES, "reseed")) == []


def test_a_store_that_nothing_was_applied_to_gets_them_all():
    found = Observed(paths={f"{CONFIG}/storage/prosody/data": Kept(1000, 1000, 0o755, True)})
    change = plan(wanted(), found, CATALOGUE, PLACES, "reseed")
    assert {step.record for step in given(change)} == {JVB, FOCUS}


def test_going_back_gives_back_the_passwords_of_then_where_that_release_keeps_them():
    now = running(wanted(secrets=OTHER), number=2, before=1)
    change = return_to(wanted(release="stable-11031"), now, 1, CATALOGUE, PLACES)
    old = f"{CONFIG}/prosody/config/data/auth%2emeet%2ejitsi/accounts/jvb.dat"
    assert given(change) == [ServicePassword("JVB_AUTH_PASSWORD", old)]


def test_another_user_or_domain_is_another_account():
    change = plan(wanted(CONF + "JVB_AUTH_USER=bridge\n"), running(wanted()), CATALOGUE, PLACES, "reseed")
    assert given(change) == [ServicePassword("JVB_AUTH_PASSWORD", f"{ACCOUNTS}/bridge.dat")]
    change = plan(wanted(CONF + "XMPP_AUTH_DOMAIN=auth.b\n"), running(wanted()), CATALOGUE, PLACES, "reseed")
    assert {step.setting for step in given(change)} == {"JVB_AUTH_PASSWORD", "JICOFO_AUTH_PASSWORD"}


def test_no_step_holds_a_password():
    change = plan(wanted(secrets=OTHER), running(wanted()), CATALOGUE, PLACES, "rotate")
    assert not [step for step in given(change) if "dddd4444" in str(step) or "bbbb2222" in str(step)]
    assert from_data(to_data(change)) == change


def test_prosody_restarts_with_every_password_that_an_account_has():
    """The step comes after prosody's own start, so prosody's environment has to have them all."""
    for service in releases.services().values():
        for account in service.accounts:
            assert {"prosody", service.name} <= set(CATALOGUE[account.password].services)
            assert account.domain_setting in CATALOGUE


@pytest.mark.parametrize(
    "name, on_disk",
    [("jvb", "jvb"), ("auth.meet.jitsi", "auth%2emeet%2ejitsi"), ("a_b-ä", "a%5fb%2d%c3%a4")],
)
def test_names_are_written_as_prosody_writes_them(name, on_disk):
    assert encoded(name) == on_disk
    assert record("a.b", name) == f"{on_disk}/accounts/a%2eb.dat"
