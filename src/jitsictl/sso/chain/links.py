"""The links of the chain from the page to Keycloak and back: what each is, and what was found of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator, List, Optional, Sequence, Tuple

from jitsictl.plan import signon
from jitsictl.sso import discovery
from jitsictl.types.failure import Failure
from jitsictl.types.release import Service
from jitsictl.types.settings import Settings


@dataclass(frozen=True)
class Link:
    """`found` in words. `wrong`: what was expected, found, and what to do; "" for a link that holds.

    `asked` False: it was not looked at, since one before it is broken.
    """

    name: str
    found: str = ""
    wrong: str = ""
    asked: bool = True


@dataclass
class Chain:
    """What the links need of the applied site, and what they learn from each other."""

    settings: Settings
    adapter: Service
    authorization: str = ""  # Keycloak's addresses, from its discovery document
    tokens: str = ""
    broken: List[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return signon.issuer(self.settings)

    @property
    def document(self) -> str:
        """Where it says so."""
        return discovery.document(self.issuer)

    @property
    def client(self) -> str:
        return self.settings["OIDC_CLIENT_ID"]

    @property
    def authority(self) -> Optional[Path]:
        return Path(self.settings["KEYCLOAK_CA"]) if self.settings.get("KEYCLOAK_CA") else None

    @property
    def below_the_page(self) -> bool:
        return signon.below_the_page(self.settings)

    @property
    def origin(self) -> str:
        """Of the pages that ask Keycloak from a browser."""
        return self.settings["PUBLIC_URL"] if self.below_the_page else self.settings["SSO_URL"]

    @property
    def back(self) -> str:
        """Where Keycloak sends people after the login."""
        return f"{self.origin}/oidc/tokenize" if self.below_the_page else f"{self.origin}/{ROOM}"


ROOM = "jitsictl-check"
Look = Callable[[Chain], str]  # what was found; Failure: what is wrong


@dataclass(frozen=True)
class Asked:
    """A link with the one who looks at it, and the links without which there is nothing to look at."""

    name: str
    look: Look
    after: Tuple[str, ...] = ()


def looked_at(chain: Chain, links: Sequence[Asked]) -> Iterator[Link]:
    """Each link in order. One that is broken is told and does not keep the others from being looked at."""
    for link in links:
        before = [name for name in link.after if name in chain.broken]
        if before:
            chain.broken.append(link.name)
            yield Link(link.name, f"not looked at: {before[0]} is broken", asked=False)
            continue
        try:
            yield Link(link.name, link.look(chain))
        except Failure as failure:
            chain.broken.append(link.name)
            yield Link(link.name, wrong=failure.what)
