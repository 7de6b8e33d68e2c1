"""Adding, deleting and giving passwords to accounts of the site that is applied, one or several at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, Iterable, Mapping, Sequence

from jitsictl.accounts import names, prosodyctl
from jitsictl.accounts.home import Home, Running, running
from jitsictl.accounts.shell import shell
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.paths import Paths


@dataclass(frozen=True)
class Account:
    """An account as people use it: they log in at `url` as `name`; Prosody knows it as `jid`."""

    name: str
    jid: str
    url: str


Password = Callable[[str], str]  # of a name; asked for once each, when nothing stands in the way of using it
Told = Callable[[Account], None]  # of each account when it is done and proved


def add(paths: Paths, wanted: Sequence[str], password: Password, told: Told) -> None:
    """Make accounts. Failure: a name is none, one exists (9), nothing runs, or Prosody refuses.

    All names are looked at before the first password is asked for. Each account was then looked up in Prosody, and
    has the key of its password.
    """
    names.check_all(wanted)
    with running(paths, "user add") as live:
        must_be_free(live.home, wanted)
    passwords = {name: password(name) for name in wanted}  # a person may take minutes: no lock is held meanwhile
    with running(paths, "user add") as live:
        _each(live, passwords, prosodyctl.adduser, "added", told)


def change_passwords(paths: Paths, wanted: Sequence[str], password: Password, told: Told) -> None:
    """Give accounts other passwords, likewise. Failure: one of them does not exist (6)."""
    names.check_all(wanted)
    with running(paths, "user passwd") as live:
        must_exist(live.home, wanted)
    passwords = {name: password(name) for name in wanted}
    with running(paths, "user passwd") as live:
        _each(live, passwords, prosodyctl.passwd, "changed", told)


def delete(paths: Paths, wanted: Sequence[str], confirm: Callable[[], None], told: Told) -> None:
    """Delete accounts. `confirm` is called when all exist (else 6), and raises to leave them."""
    names.check_all(wanted)
    with running(paths, "user del") as live:
        must_exist(live.home, wanted)
    confirm()
    with running(paths, "user del") as live, shell(live) as prosody:
        gone = prosody.delete(wanted)
        for name in gone:
            told(_account(live.home, name))
        missing = [name for name in wanted if name not in gone]
        if missing:
            raise _absent(missing)


def must_be_free(home: Home, wanted: Iterable[str]) -> None:
    """Failure (exit 9): some of these accounts are in the store."""
    taken = [name for name in wanted if home.has(name)]
    if taken:
        raise Failure(
            f"expected no account {', '.join(taken)}, found one; give it another password with: "
            f"jitsi-passwd {' '.join(taken)}",
            Exit.ACCOUNT_EXISTS,
        )


def must_exist(home: Home, wanted: Iterable[str]) -> None:
    """Failure (exit 6): some of these accounts are not in the store."""
    missing = [name for name in wanted if not home.has(name)]
    if missing:
        raise _absent(missing)


def _absent(missing: Sequence[str]) -> Failure:
    return Failure(
        f"expected an account {', '.join(missing)}, found none; add it with: jitsi-useradd {' '.join(missing)}",
        Exit.NO_ACCOUNT,
    )


def _each(live: Running, passwords: Mapping[str, str], order: Callable[..., None], done: str, told: Told) -> None:
    """Do it one by one through Prosody's own prompts, then hold what it stored against every password."""
    finished: Dict[str, str] = {}
    try:
        for name, password in passwords.items():
            order(live.container, live.home.config, live.home.jid(name), password)
            finished[name] = password
    finally:
        if finished:
            _prove(live, finished, done, told)


def _prove(live: Running, passwords: Mapping[str, str], done: str, told: Told) -> None:
    with shell(live) as prosody:
        found = prosody.keys(list(passwords))
    for name, password in passwords.items():
        has = found.get(name)
        if has is None or has.key is None or not has.key.fits(password):
            what = "that it does not know it" if has is None else "another password"
            raise Failure(
                f"expected Prosody to have {live.home.jid(name)} with this password after it was {done}, "
                f"found {what}; {prosodyctl.LOOK}"
            )
        told(_account(live.home, name))


def _account(home: Home, name: str) -> Account:
    return Account(name, home.jid(name), home.url)
