"""JSON web tokens by a shared secret (RFC 7515, 7518): base64url, JSON and HMAC. Pure; whatever comes in is hostile."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from typing import Any, Dict, List, NamedTuple, Tuple

DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
LONGEST = 65_536  # bytes of a token or of its link: eight times what a web server takes in one line

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_WHOLE = 18  # digits: a longer number is no time, and long ones take long to read


class Read(NamedTuple):
    """A part as an object, and the names that it has twice: the last one counts, for Prosody and the page, too."""

    values: Dict[str, Any]
    twice: Tuple[str, ...]


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def decode(text: str) -> bytes:
    """ValueError: no base64url, in words."""
    if not _ALPHABET.fullmatch(text):
        raise ValueError("has characters that base64url does not have")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("is cut off: base64url has no text of this length") from None


def signature(algorithm: str, signed: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), signed.encode(), DIGESTS[algorithm]).digest()


def same(one: bytes, other: bytes) -> bool:
    """In a time that does not tell where they differ."""
    return hmac.compare_digest(one, other)


def sign(claims: Dict[str, Any], secret: str, algorithm: str = "HS256") -> str:
    """The token with these claims."""
    signed = f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{_part(claims)}"
    return f"{signed}.{encode(signature(algorithm, signed, secret))}"


def read(part: str) -> Read:
    """Header or payload of a token. ValueError: it is no object, in words."""
    twice: List[str] = []

    def pairs(found: List[Tuple[str, Any]]) -> Dict[str, Any]:
        made: Dict[str, Any] = {}
        for name, value in found:
            if name in made:
                twice.append(name)
            made[name] = value
        return made

    try:
        text = decode(part).decode("utf-8")
        values = json.loads(text, object_pairs_hook=pairs, parse_int=_whole, parse_constant=_constant)
    except UnicodeDecodeError:
        raise ValueError("is no UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if not isinstance(values, dict):
        raise ValueError("is JSON, but no object")
    return Read(values, tuple(twice))


def _part(values: Dict[str, Any]) -> str:
    return encode(json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode())


def _whole(digits: str) -> float:
    return int(digits) if len(digits) <= _WHOLE else float(digits)


def _constant(name: str) -> float:
    raise ValueError(f"is no JSON: {name} is no number")
