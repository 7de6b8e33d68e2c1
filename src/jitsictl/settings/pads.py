"""Where people open shared documents: through the page, at a path of its host, or on a host of their own."""

from __future__ import annotations

from typing import NamedTuple, Optional
from urllib.parse import urlsplit

from jitsictl.types.settings import Settings

BUILT_IN = "/etherpad/"  # web serves it, once it knows where Etherpad is
PUBLIC_URL = "ETHERPAD_PUBLIC_URL"
PORT = "ETHERPAD_PORT"


class Published(NamedTuple):
    """Etherpad with a port of its own on this host, which Apache leads to.

    `path` is what stands before `p/NAME`, from slash to slash; `own_host`: not that of the page.
    """

    address: str
    path: str
    own_host: bool


def built_in(public_url: str) -> str:
    """Where the page itself shows pads."""
    return f"{public_url}{BUILT_IN}p/"


def published(settings: Settings) -> Optional[Published]:
    """None: there is no Etherpad of ours, or web leads to it and nothing needs a port."""
    address, page = settings.get(PUBLIC_URL), settings.get("PUBLIC_URL")
    if not settings.on("ETHERPAD") or not address.endswith("/p/") or not page or address == built_in(page):
        return None
    before = address[: -len("p/")]
    return Published(address, urlsplit(before).path, urlsplit(before).netloc.lower() != urlsplit(page).netloc.lower())
