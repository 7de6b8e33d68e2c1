"""Rooms as people write them, as an address has them, and as Prosody knows them. Pure."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple
from urllib.parse import quote

from jitsictl.types.failure import Exit, Failure

ANY = "*"
LONGEST = 200

_DROPPED = frozenset(":?#[]@!$&'()*+,;=></\"\\%")  # the page takes them out of a room's name, or reads them otherwise
_KEPT = "-_.!~*'()"  # by encodeURIComponent


class Room(NamedTuple):
    """`tenant` is the folder in front of the room, "" for none."""

    name: str
    tenant: str = ""

    @property
    def any(self) -> bool:
        return self.name == ANY

    @property
    def node(self) -> str:
        """The room's name in Prosody, as the page makes it: what a token's claim is compared with."""
        return _safe(self.name)

    @property
    def folder(self) -> str:
        return _safe(self.tenant)

    @property
    def path(self) -> str:
        """Behind the / of the page's address."""
        return "/".join(quote(part, safe=_KEPT) for part in (self.tenant, self.name) if part)


def room(text: str) -> Room:
    """ROOM, TENANT/ROOM or *. Failure: no room can have that name."""
    tenant, slash, name = text.rpartition("/")
    parts = (tenant, name) if slash else (name,)
    if text == ANY:
        return Room(ANY)
    for part in parts:
        wrong = sorted(_DROPPED & set(part))
        if wrong:
            what = f"found {' '.join(wrong)} in it"
        elif not part.strip() or part != part.strip():
            what = "found nothing, or a blank at an end of it"
        elif not part.isprintable() or len(part) > LONGEST:
            what = f"found characters that cannot be printed, or more than {LONGEST}"
        else:
            continue
        raise Failure(
            f"expected a room such as staff, or TENANT/ROOM, {what}; write another name, or * for any room", Exit.USAGE
        )
    return Room(name, tenant)


def _safe(name: str) -> str:
    """As the page does before it asks for the room: one form of each character, lower case, percent-encoded."""
    return quote(unicodedata.normalize("NFKC", name).lower(), safe=_KEPT).lower()
