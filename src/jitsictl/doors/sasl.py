"""The client's side of SASL PLAIN (RFC 4616), ANONYMOUS (RFC 4505) and SCRAM-SHA-1 (RFC 5802). Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Dict, Tuple

MOST_ROUNDS = 1_000_000  # Prosody uses 10,000; a server must not keep us busy for minutes


def plain(user: str, password: str) -> bytes:
    """The one message of PLAIN."""
    return f"\0{user}\0{password}".encode()


def scram_first(user: str, nonce: str) -> str:
    """The client's first message without its GS2 header `n,,`, which goes before it on the wire."""
    return f"n={user.replace('=', '=3D').replace(',', '=2C')},r={nonce}"


def scram_final(password: str, first: str, challenge: str) -> Tuple[str, str]:
    """The client's last message, and what the server must answer to it (`v=...`).

    ValueError: the challenge is none, does not continue our nonce, or asks for too many rounds.
    """
    fields = _fields(challenge)
    nonce = _fields(first)["r"]
    rounds = int(fields.get("i", "0"))
    if not fields.get("r", "").startswith(nonce) or fields["r"] == nonce or not 0 < rounds <= MOST_ROUNDS:
        raise ValueError("the server's SCRAM challenge is not one")
    salted = hashlib.pbkdf2_hmac("sha1", password.encode(), base64.b64decode(fields["s"]), rounds)
    without_proof = f"c={base64.b64encode(b'n,,').decode()},r={fields['r']}"
    signed = f"{first},{challenge},{without_proof}".encode()
    key = hmac.digest(salted, b"Client Key", "sha1")
    signature = hmac.digest(hashlib.sha1(key).digest(), signed, "sha1")  # noqa: S324 - the mechanism's own hash
    proof = bytes(a ^ b for a, b in zip(key, signature))
    verifier = hmac.digest(hmac.digest(salted, b"Server Key", "sha1"), signed, "sha1")
    return f"{without_proof},p={base64.b64encode(proof).decode()}", f"v={base64.b64encode(verifier).decode()}"


def _fields(message: str) -> Dict[str, str]:
    return {part[0]: part[2:] for part in message.split(",") if part[1:2] == "="}
