"""When the account verbs go ahead, in which order, and what they say when not."""

from __future__ import annotations

import contextlib

import pytest

from jitsictl.accounts import home, users
from jitsictl.change import generations
from jitsictl.doors import lock
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.site import Container
from unit import site


def never(name: str = "") -> str:
    raise AssertionError("asked although the answer was known")


def new(_name: str) -> str:
    return "new"


@pytest.fixture
def told():
    return []


def test_accounts_get_the_domain_and_the_configuration_of_the_applied_release(world, told):
    users.add(world.paths, ["eric", "eva"], lambda name: f"of {name}", told.append)
    assert told == [users.Account(name, f"{name}@meet.jitsi", "https://meet.example.org") for name in ("eric", "eva")]
    assert world.has("eric", "of eric") and world.has("eva", "of eva")
    assert world.orders == ["/config/prosody.cfg.lua eric@meet.jitsi", "/config/prosody.cfg.lua eva@meet.jitsi"]


@pytest.mark.parametrize("verb, names, code", [
    (users.add, ["eric", "alien"], Exit.ACCOUNT_EXISTS), (users.add, ["eric", "Eva"], Exit.USAGE),
    (users.change_passwords, ["alien", "ghost"], Exit.NO_ACCOUNT), (users.delete, ["alien", "ghost"], Exit.NO_ACCOUNT),
])
def test_nothing_is_asked_or_done_when_one_name_is_taken_missing_or_none(world, told, verb, names, code):
    with pytest.raises(Failure) as refused:
        verb(world.paths, names, never, told.append)
    assert refused.value.exit == code
    assert not told and not world.orders and world.has("alien", "old")


def test_a_change_may_run_while_a_person_types_and_is_not_run_over(world, told, monkeypatch):
    """The lock is free during the question; when a change holds it afterwards, nothing is added."""
    monkeypatch.setattr(home, "LOCK_SECONDS", 0)
    with contextlib.ExitStack() as change:
        def typed(_name: str) -> str:
            change.enter_context(lock.lock(world.paths.lock, exclusive=True, deadline=0, verb="upgrade"))
            return "new"

        with pytest.raises(Failure, match="by `upgrade`") as busy:
            users.add(world.paths, ["eric"], typed, told.append)
    assert busy.value.exit == Exit.BUSY and not world.home.has("eric")


def test_two_account_verbs_run_side_by_side(world, told, monkeypatch):
    monkeypatch.setattr(home, "LOCK_SECONDS", 0)
    with lock.lock(world.paths.lock, exclusive=False, deadline=0, verb="user add"):
        users.change_passwords(world.paths, ["alien"], new, told.append)
    assert world.has("alien", "new")


def test_an_account_that_prosody_does_not_know_afterwards_was_not_added(world, told):
    world.lost = True
    with pytest.raises(Failure, match="to have eric@meet.jitsi with this password after it was added, found that it"):
        users.add(world.paths, ["eric"], new, told.append)
    with pytest.raises(Failure, match="alien@meet.jitsi with this password after it was changed, found another pass"):
        users.change_passwords(world.paths, ["alien"], new, told.append)
    assert told == []


def test_what_was_done_before_a_failure_is_told(world, told, monkeypatch):
    order = users.prosodyctl.adduser

    def full(container, config, jid, password):
        if jid.startswith("eva"):
            raise Failure("no room")
        order(container, config, jid, password)

    monkeypatch.setattr(users.prosodyctl, "adduser", full)
    with pytest.raises(Failure, match="no room"):
        users.add(world.paths, ["eric", "eva", "erin"], new, told.append)
    assert [account.name for account in told] == ["eric"] and not world.home.has("erin")


def test_several_are_deleted_at_once(world, told):
    world.put("eric", "x")
    users.delete(world.paths, ["alien", "eric"], lambda: None, told.append)
    assert [account.name for account in told] == ["alien", "eric"] and not world.home.has("alien")


def test_who_says_no_keeps_the_account(world, told):
    def no() -> None:
        raise Failure("left")

    with pytest.raises(Failure, match="left"):
        users.delete(world.paths, ["alien"], no, told.append)
    assert world.has("alien", "old")


@pytest.mark.parametrize("conf, found", [
    ("ENABLE_AUTH=0\n", "expected ENABLE_AUTH=1, found 0: everybody may open rooms"),
    ("AUTH_TYPE=jwt\nJWT_APP_ID=app\nJWT_APP_SECRET=secret4711secret\nTOKEN_AUTH_URL=https://sso.example.org/{room}\n",
     "expected AUTH_TYPE=internal, found jwt: accounts are kept elsewhere, with the sign-on that issues tokens for the "
     "application app, at https://sso.example.org/{room}"),
    ("AUTH_TYPE=ldap\nLDAP_URL=ldaps://ldap.example.org/\nLDAP_BASE=ou=people\n",
     "in the directory ldaps://ldap.example.org/, below ou=people"),
    ("AUTH_TYPE=matrix\nMATRIX_UVS_URL=https://uvs.example.org\n", "Matrix server that https://uvs.example.org asks"),
])
def test_where_prosody_keeps_no_accounts(world, told, conf, found):
    world.conf(site.CONF + conf)
    for call in (lambda: users.add(world.paths, ["eric"], never, told.append), lambda: home.find(world.paths)):
        with pytest.raises(Failure) as refused:
            call()
        assert found in refused.value.what and refused.value.exit == 1


@pytest.mark.parametrize("container, found", [
    (None, "expected prosody to run, found no container of it; start the site with: /etc/rc.d/rc.jitsi start"),
    (Container("prosody", "c1", "exited", "", "", ""), "expected prosody to run, found it exited"),
    (Container("prosody", "c1", "restarting", "", "", ""), "expected prosody to run, found it restarting"),
])
def test_a_prosody_that_does_not_run(world, told, container, found):
    world.container = container
    with pytest.raises(Failure, match=found):
        users.delete(world.paths, ["alien"], never, told.append)
    assert home.find(world.paths).has("alien"), "reading needs none"


def test_where_nothing_was_applied(world, told, monkeypatch):
    monkeypatch.setattr(generations, "current", lambda _: None)
    world.paths.current.unlink()
    with pytest.raises(Failure, match="found none applied; run: jitsictl setup"):
        users.add(world.paths, ["eric"], never, told.append)
