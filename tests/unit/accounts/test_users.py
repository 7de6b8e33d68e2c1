"""When the account verbs go ahead, in which order, and what they say when not. Prosody is a dictionary here."""

from __future__ import annotations

import contextlib
from typing import Dict, List

import pytest

from jitsictl.accounts import prosodyctl, users
from jitsictl.change import generations
from jitsictl.doors import docker, lock
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths
from jitsictl.types.site import Applied, Container
from unit import site


@pytest.fixture
def world(tmp_path, monkeypatch):
    """An applied site of stable-11031 whose Prosody keeps `accounts`; settings and container may be changed."""

    class World:
        paths = Paths(tmp_path)
        settings = site.settings(release="stable-11031")
        container = Container("prosody", "c1", "running", "", "jitsi/prosody:stable-11031", "")
        accounts: Dict[str, str] = {"alien@meet.jitsi": "old"}
        configs: List[str] = []

    made = World()
    made.paths.state.mkdir(parents=True)

    def put(_container, config, jid, password):
        made.configs.append(config)
        made.accounts[jid] = password

    monkeypatch.setattr(generations, "current", lambda _: Applied(1, "stable-11031", {}))
    monkeypatch.setattr(generations, "settings_of", lambda _: made.settings)
    monkeypatch.setattr(docker, "service", lambda _: made.container)
    monkeypatch.setattr(prosodyctl, "exists", lambda _container, _config, jid: jid in made.accounts)
    monkeypatch.setattr(prosodyctl, "adduser", put)
    monkeypatch.setattr(prosodyctl, "passwd", put)
    monkeypatch.setattr(prosodyctl, "deluser", lambda _container, _config, jid: made.accounts.pop(jid))
    return made


def never() -> str:
    raise AssertionError("asked although the answer was known")


def test_the_account_gets_the_domain_and_the_configuration_of_the_applied_release(world):
    account = users.add(world.paths, "eric", lambda: "new")
    assert account == users.Account("eric", "eric@meet.jitsi", "https://meet.example.org")
    assert world.accounts["eric@meet.jitsi"] == "new" and world.configs == ["/config/prosody.cfg.lua"]


def test_nothing_is_asked_for_a_name_that_is_taken_missing_or_none(world):
    for verb, name, code in (
        (users.add, "alien", Exit.ACCOUNT_EXISTS), (users.add, "Alien", Exit.USAGE),
        (users.change_password, "ghost", Exit.NO_ACCOUNT), (users.delete, "ghost", Exit.NO_ACCOUNT),
    ):
        with pytest.raises(Failure) as refused:
            verb(world.paths, name, never)
        assert refused.value.exit == code
    assert world.accounts == {"alien@meet.jitsi": "old"}


def test_a_change_may_run_while_a_person_types_and_is_not_run_over(world, monkeypatch):
    """The lock is free during the question; when a change holds it afterwards, nothing is added."""
    monkeypatch.setattr(users, "LOCK_SECONDS", 0)
    with contextlib.ExitStack() as change:
        def typed() -> str:
            change.enter_context(lock.lock(world.paths.lock, exclusive=True, deadline=0, verb="upgrade"))
            return "new"

        with pytest.raises(Failure, match="by `upgrade`") as busy:
            users.add(world.paths, "eric", typed)
    assert busy.value.exit == Exit.BUSY and "eric@meet.jitsi" not in world.accounts


def test_two_account_verbs_run_side_by_side(world, monkeypatch):
    monkeypatch.setattr(users, "LOCK_SECONDS", 0)
    with lock.lock(world.paths.lock, exclusive=False, deadline=0, verb="user add"):
        users.change_password(world.paths, "alien", lambda: "new")
    assert world.accounts["alien@meet.jitsi"] == "new"


def test_an_account_that_prosody_does_not_know_afterwards_was_not_added(world, monkeypatch):
    monkeypatch.setattr(prosodyctl, "adduser", lambda *_: None)
    with pytest.raises(Failure, match="expected Prosody to know eric@meet.jitsi after adding it, found that"):
        users.add(world.paths, "eric", lambda: "new")


def test_an_account_that_is_still_there_was_not_deleted(world, monkeypatch):
    monkeypatch.setattr(prosodyctl, "deluser", lambda *_: None)
    with pytest.raises(Failure, match="expected alien@meet.jitsi to be gone"):
        users.delete(world.paths, "alien", lambda: None)


def test_who_says_no_keeps_the_account(world):
    def no() -> None:
        raise Failure("left")

    with pytest.raises(Failure, match="left"):
        users.delete(world.paths, "alien", no)
    assert "alien@meet.jitsi" in world.accounts


@pytest.mark.parametrize("conf, found", [
    ("ENABLE_AUTH=0\n", "expected ENABLE_AUTH=1, found 0: everybody may open rooms"),
    ("AUTH_TYPE=jwt\nJWT_APP_ID=app\nJWT_APP_SECRET=secret4711secret\n", "expected AUTH_TYPE=internal, found jwt"),
])
def test_where_prosody_keeps_no_accounts(world, conf, found):
    world.settings = site.settings(site.CONF + conf, "stable-11031")
    with pytest.raises(Failure, match=found):
        users.add(world.paths, "eric", never)


@pytest.mark.parametrize("container, found", [
    (None, "expected prosody to run, found no container of it; start the site with: /etc/rc.d/rc.jitsi start"),
    (Container("prosody", "c1", "exited", "", "", ""), "expected prosody to run, found it exited"),
    (Container("prosody", "c1", "restarting", "", "", ""), "expected prosody to run, found it restarting"),
])
def test_a_prosody_that_does_not_run(world, container, found):
    world.container = container
    with pytest.raises(Failure, match=found):
        users.delete(world.paths, "alien", never)


def test_where_nothing_was_applied(world, monkeypatch):
    monkeypatch.setattr(generations, "current", lambda _: None)
    with pytest.raises(Failure, match="found none applied; run: jitsictl setup"):
        users.add(world.paths, "eric", never)
