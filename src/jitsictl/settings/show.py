"""Values as people may see them."""

from __future__ import annotations

import re
from typing import Optional

from jitsictl.types.settings import Catalogue, Entry

MASK = "********"
_IN_URL = re.compile(r"(?<=//)[^/@\s]+@")


def masked(name: str, value: str, catalogue: Catalogue) -> str:
    """`value`, or the mask where it is a secret or its name is not known to be none; a URL without its password.

    `name` is a setting's, or the one that its service sees (TITLE for ETHERPAD_TITLE).
    """
    entry = catalogue.get(name) or _by_inside(name, catalogue)
    if not value or (entry is not None and not entry.secret):
        return _IN_URL.sub("***@", value)
    return MASK


def _by_inside(name: str, catalogue: Catalogue) -> Optional[Entry]:
    return next((entry for entry in catalogue.values() if name in entry.inside.values()), None)
