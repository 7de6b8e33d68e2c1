"""The services' own accounts in Prosody, and which of them need another password than they have.

Images from stable-10741 on make these accounts at their first start and never touch them again: with another password
in the environment alone jicofo and the bridges are locked out.
"""

from __future__ import annotations

from typing import Dict, List, Mapping, NamedTuple

from jitsictl import releases
from jitsictl.plan import compose, differences
from jitsictl.types.change import ServicePassword
from jitsictl.types.settings import Catalogue
from jitsictl.types.site import Desired, Observed


class Login(NamedTuple):
    """How a service logs in to Prosody. `setting` is the name of its password's setting."""

    setting: str
    user: str
    domain: str
    password: str

    @property
    def jid(self) -> str:
        return f"{self.user}@{self.domain}"


def logins(files: Mapping[str, str], release: str, catalogue: Catalogue) -> List[Login]:
    """The accounts of the services of a generation."""
    values = differences.in_effect(files, release, catalogue)
    known = releases.services()
    return [
        Login(
            account.password,
            values.get(account.user_setting, account.user),
            values[account.domain_setting],
            values[account.password],
        )
        for name in compose.digests(files["compose.yaml"])
        if name in known  # not one that another version of this package ran
        for account in known[name].accounts
        if values.get(account.password) and account.domain_setting in values
    ]


def changed(desired: Desired, observed: Observed, catalogue: Catalogue) -> List[ServicePassword]:
    """A step for every account that is not as it was applied; none on a new site, where the images make them.

    Where a store is found that nothing was applied to, as one that was put back by hand, nobody knows its passwords.
    """
    store = f"{desired.settings['CONFIG']}/{desired.release.layout.store}"
    applied = observed.applied
    if applied is None and store not in observed.paths:
        return []
    before: Dict[str, str] = {}
    if applied is not None:
        before = {login.jid: login.password for login in logins(applied.files, applied.release, catalogue)}
    after = logins(desired.files, desired.release.tag, catalogue)
    return [
        ServicePassword(login.setting, f"{store}/{record(login.user, login.domain)}")
        for login in after
        if before.get(login.jid) != login.password
    ]


def record(user: str, domain: str) -> str:
    """The file of an account, below Prosody's store."""
    return f"{encoded(domain)}/accounts/{encoded(user)}.dat"


def encoded(name: str) -> str:
    """A host or a user as Prosody's store names its directory or file: every byte but letters and digits as %xx."""
    return "".join(c if c.isascii() and c.isalnum() else "".join(f"%{b:02x}" for b in c.encode()) for c in name)
