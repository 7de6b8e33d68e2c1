"""Tokens for tests: a site's rules, good claims, and what is to be wrong with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict

from jitsictl.sso.tokens.jws import encode, signature
from jitsictl.sso.tokens.rules import Rules

NOW = 1_800_000_000.5
SECRET = "0123456789abcdef0123456789abcdef"
RULES = Rules("jitsi", SECRET, issuers=("jitsi",), audiences=("*",))
STRICT = replace(RULES, audiences=("jitsi", "other"))
DOMAIN = replace(RULES, verifies_domain=True)
HEADER = {"alg": "HS256", "typ": "JWT"}


def claims(**other: Any) -> Dict[str, Any]:
    """Good ones; None leaves one out."""
    made = {
        "iss": "jitsi", "aud": "jitsi", "sub": "*", "room": "*", "iat": int(NOW), "nbf": int(NOW),
        "exp": int(NOW) + 60, "context": {"user": {"name": "alien"}}, **other,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def signed(header: str, payload: str, secret: str = SECRET, algorithm: str = "HS256") -> str:
    """A token of any two texts, JSON or not."""
    text = f"{encode(header.encode())}.{encode(payload.encode())}"
    return f"{text}.{encode(signature(algorithm, text, secret))}"
