"""Which lines of jitsi.conf a single sign-on needs and which contradict it, and which go for internal accounts. Pure.

Everything that follows from SSO is derived (settings/derive.py): a line that says otherwise is taken out, one that says
the same may stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, Iterable, List, Mapping, Optional, Sequence

from jitsictl.settings import catalogue, kinds
from jitsictl.settings.login import TOKEN_TYPES
from jitsictl.settings.quote import conf_line
from jitsictl.sso.setup import client
from jitsictl.sso.setup.client import JITSI_KEYCLOAK, OIDC
from jitsictl.types.failure import Exit, Failure
from jitsictl.types.settings import Line

CLIENT = "jitsi"  # OIDC_CLIENT_ID's default
_LOGINS = ("AUTH_TYPE", "PROSODY_AUTH_TYPE", "JICOFO_AUTH_TYPE")

Edits = Dict[str, Optional[str]]  # None takes a line out


@dataclass(frozen=True)
class Wish:
    """The sign-on that is wanted. `page` is PUBLIC_URL, `url` and `realm` are Keycloak's, "" is not said."""

    adapter: str
    page: str
    url: str
    realm: str
    client: str = CLIENT
    sign_on: str = ""  # SSO_URL, of jitsi-keycloak
    authority: str = ""  # KEYCLOAK_CA
    address: str = ""  # KEYCLOAK_ADDRESS

    @property
    def issuer(self) -> str:
        return f"{self.url}/realms/{self.realm}"

    @property
    def token_url(self) -> str:
        """TOKEN_AUTH_URL, as it follows from the adapter."""
        return f"{self.page}/oidc/auth?state={{state}}" if self.adapter == OIDC else f"{self.sign_on}/{{room}}"


def wanted(conf: Sequence[Line], wish: Wish) -> Edits:
    """What differs in jitsi.conf. Failure (exit 2): a value that its setting does not take."""
    lines = _values(conf)
    values = {
        "SSO": wish.adapter,
        "SSO_URL": wish.sign_on if wish.adapter == JITSI_KEYCLOAK else "",
        "KEYCLOAK_URL": wish.url,
        "KEYCLOAK_REALM": wish.realm,
        "KEYCLOAK_CA": wish.authority,
        "KEYCLOAK_ADDRESS": wish.address,
        "OIDC_CLIENT_ID": wish.client if wish.client != CLIENT or "OIDC_CLIENT_ID" in lines else "",
    }
    edits: Edits = {}
    for name, value in values.items():
        if value and lines.get(name) != _checked(name, value):
            edits[name] = value
    edits.update({name: None for name, contradicts in _contradictions(wish).items() if _said(lines, name, contradicts)})
    return edits


def internal(conf: Sequence[Line]) -> Edits:
    """What has to go for accounts in Prosody; what only says where Keycloak is stays."""
    lines = _values(conf)
    gone = ["SSO", "TOKEN_AUTH_URL", *(name for name in _LOGINS if lines.get(name) in TOKEN_TYPES)]
    return {name: None for name in gone if lines.get(name, "none") != "none"}


def shown(conf: Sequence[Line], edits: Mapping[str, Optional[str]]) -> List[str]:
    """The edits as lines of a difference; what is taken out first."""
    before = {line.name: line.value for line in conf}
    out = [f"- {name}={client.shown(before[name])}" for name in edits if name in before]
    return out + [f"+ {conf_line(name, value)}" for name, value in edits.items() if value is not None]


def _contradictions(wish: Wish) -> Dict[str, Callable[[str], bool]]:
    """By name: whether this value contradicts the wish."""
    tutorial = wish.adapter == JITSI_KEYCLOAK
    signs = ("HS256",) if tutorial else ("HS256", "HS384", "HS512")
    return {
        "ENABLE_AUTH": lambda value: value == "0",
        **{name: lambda value: value != "jwt" for name in _LOGINS},
        "TOKEN_AUTH_URL": lambda value: value != wish.token_url,
        "OIDC_ISSUER_URL": lambda value: value != wish.issuer,
        "JWT_APP_ID": lambda value: tutorial and value != "jitsi",
        "JWT_ASAP_KEYSERVER": lambda _: True,
        "JWT_SIGN_TYPE": lambda value: value not in signs,
        "SSO_URL": lambda _: not tutorial,
    }


def _said(lines: Mapping[str, str], name: str, contradicts: Callable[[str], bool]) -> bool:
    return name in lines and contradicts(lines[name])


def _values(conf: Iterable[Line]) -> Dict[str, str]:
    """What jitsi.conf says, in the form in which it is written for the services, where it has one."""
    return {line.name: _normal(line.name, line.value) for line in conf if line.value}


def _normal(name: str, value: str) -> str:
    entry = catalogue.load().get(name)
    try:
        return kinds.normalise(entry.type, value) if entry is not None else value
    except ValueError:
        return value


def _checked(name: str, value: str) -> str:
    """Failure: the type of the setting refuses it."""
    try:
        return kinds.normalise(catalogue.load()[name].type, value)
    except ValueError as error:
        what = "" if repr(value) in str(error) else f"{value!r} "
        raise Failure(f"{name}: {what}{error}", Exit.USAGE) from None
