"""Which secrets a site needs that nobody has to think of: those are made, never asked for."""

from __future__ import annotations

from typing import Callable, Dict, List, Mapping, Sequence

from jitsictl.settings.login import TOKEN_TYPES, login_type
from jitsictl.settings.quote import conf_line
from jitsictl.settings.read import parse
from jitsictl.types.settings import Catalogue, Line, Settings


def missing(conf: Sequence[Line], secrets: Sequence[Line], catalogue: Catalogue, settings: Settings) -> List[str]:
    """Names of the generated secrets that this site needs and that neither file has, in catalogue order.

    They are to be 32 hexadecimal digits (upstream's own form), so that no image chokes on them.
    """
    present = {line.name for line in (*conf, *secrets) if line.value}
    return [
        name for name, entry in catalogue.items() if entry.generated and name not in present and _WANTED[name](settings)
    ]


def renewed(text: str, values: Mapping[str, str]) -> str:
    """secrets.conf with other values on the lines of these names; comments and all other lines stay as they are."""
    lines = text.split("\n")
    for line in parse(text, "secrets.conf")[0]:
        if line.name in values:
            lines[line.number - 1] = conf_line(line.name, values[line.name])
    return "\n".join(lines)


def signs_tokens(settings: Settings) -> bool:
    """Tokens checked by a shared secret; with a key server they are checked by its public keys."""
    return login_type(settings) in TOKEN_TYPES and "JWT_ASAP_KEYSERVER" not in settings


def _always(_: Settings) -> bool:
    return True


_WANTED: Dict[str, Callable[[Settings], bool]] = {
    "JICOFO_AUTH_PASSWORD": _always,
    "JVB_AUTH_PASSWORD": _always,
    "JWT_APP_SECRET": signs_tokens,
}
