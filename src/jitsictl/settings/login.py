"""How people log in to a site: one answer for rules and for the secrets that are made."""

from __future__ import annotations

from typing import Optional

from jitsictl.types.settings import Settings

TOKEN_TYPES = ("jwt", "hybrid_matrix_token")


def decider(settings: Settings) -> str:
    """The setting that says how Prosody checks a login: PROSODY_AUTH_TYPE where it is set."""
    return "PROSODY_AUTH_TYPE" if "PROSODY_AUTH_TYPE" in settings else "AUTH_TYPE"


def login_type(settings: Settings) -> Optional[str]:
    """How people log in: "" when they need not, None when a wrong line leaves it open."""
    name = decider(settings)
    if not {"ENABLE_AUTH", name} <= set(settings):
        return None
    return settings[name] if settings.on("ENABLE_AUTH") else ""
