"""The services' own accounts in Prosody: giving one another password, putting it back, and logging in with all."""

from __future__ import annotations

from pathlib import Path
from typing import List

from jitsictl import releases
from jitsictl.accounts import prosodyctl
from jitsictl.change import generations
from jitsictl.change.journal import Journal, Saved
from jitsictl.change.tools import Tools
from jitsictl.doors import files
from jitsictl.plan import passwords
from jitsictl.plan.passwords import Login
from jitsictl.settings import catalogue
from jitsictl.types.change import ServicePassword
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.site import Applied


def save(step: ServicePassword, _tools: Tools, journal: Journal, index: int) -> Saved:
    """The account's record: salted hashes, no password. Prosody writes a new file for each change."""
    copy = journal.keep_file(index, Path(step.record))
    return {"absent": True} if copy is None else {"copy": copy}


def do(step: ServicePassword, tools: Tools) -> None:
    current = _current(tools.paths)
    login = next((login for login in _logins(current) if login.setting == step.setting), None)
    if login is None:
        raise Failure(f"expected {step.setting} in generation {current.number}, found none; run: jitsictl reseed")
    config = releases.layout_of(current.release).prosody_config
    prosodyctl.set_password(tools.docker, tools.container("prosody"), config, login.jid, login.password)


def undo(step: ServicePassword, saved: Saved, _tools: Tools, journal: Journal) -> None:
    """Put the record back. A running Prosody reads it at the next login, so it need not run, nor be asked."""
    if saved.get("absent"):
        files.remove(Path(step.record))
    else:
        files.copy_file(journal.directory / saved["copy"], Path(step.record))


def applied(paths: Paths) -> List[Login]:
    """The service accounts of what is applied."""
    return _logins(_current(paths))


def _logins(current: Applied) -> List[Login]:
    return passwords.logins(current.files, current.release, catalogue.load())


def _current(paths: Paths) -> Applied:
    found = generations.current(paths)
    if found is None:
        raise Failure("expected an applied configuration, found none; run: jitsictl reseed")
    return found
