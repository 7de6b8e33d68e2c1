"""What this site's Prosody checks tokens against, from its settings. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Tuple

from jitsictl.settings.login import decider, login_type
from jitsictl.settings.secrets import signs_tokens
from jitsictl.sso.tokens.jws import DIGESTS
from jitsictl.types.failure import Failure
from jitsictl.types.settings import Settings

_MODERATORS = "token_affiliation"  # the Prosody module that reads who moderates from a token


@dataclass(frozen=True)
class Rules:
    """`issuers` and `audiences` may have *, which takes any. `domain` is the sub that rooms of no tenant want."""

    app: str
    secret: str = field(repr=False)
    algorithm: str = "HS256"
    issuers: Tuple[str, ...] = ()
    audiences: Tuple[str, ...] = ("*",)
    domain: str = "meet.jitsi"
    verifies_domain: bool = False
    names_moderators: bool = False  # whether Prosody reads from the token who moderates


def rules(settings: Settings) -> Rules:
    """Failure: this site takes no tokens, or only those that are signed by somebody's private key."""
    kind = login_type(settings)
    if kind != "jwt":
        found = "ENABLE_AUTH=0" if kind == "" else f"{decider(settings)}={kind}"
        raise Failure(
            f"expected a site that takes tokens, found {found}; write ENABLE_AUTH=1, AUTH_TYPE=jwt and JWT_APP_ID in "
            "jitsi.conf, then: /etc/rc.d/rc.jitsi reload"
        )
    algorithm = settings.get("JWT_SIGN_TYPE") or "HS256"
    if not signs_tokens(settings) or algorithm not in DIGESTS:
        raise Failure(
            "expected tokens that are signed with a secret of this site, found a key server (JWT_ASAP_KEYSERVER); "
            "get tokens from whoever has the private key, or delete the line and JWT_SIGN_TYPE, and reload"
        )
    app = settings["JWT_APP_ID"]
    return Rules(
        app,
        settings["JWT_APP_SECRET"],
        algorithm,
        _list(settings, "JWT_ACCEPTED_ISSUERS") or (app,),
        _list(settings, "JWT_ACCEPTED_AUDIENCES") or ("*",),
        settings["XMPP_MUC_DOMAIN"].partition(".")[2],
        settings.on("JWT_ENABLE_DOMAIN_VERIFICATION"),
        _MODERATORS in _list(settings, "XMPP_MUC_MODULES"),
    )


def _list(settings: Settings, name: str) -> Tuple[str, ...]:
    return tuple(item.strip() for item in settings.get(name).split(",") if item.strip())
