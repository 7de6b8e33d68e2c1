"""Stored keys of passwords (RFC 5802 section 3), as Prosody keeps them. Pure.

Prosody would make the same keys itself, on one core and while nobody else can log in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass

from jitsictl.accounts.prep import saslprep

ROUNDS = (1, 10_000_000)  # what a record may have; Prosody makes 10,000
HASHES = {"SHA-1": "sha1", "SHA-256": "sha256"}  # Prosody's `password_hash` -> Python's name


@dataclass(frozen=True)
class Key:
    """What is stored of a password. Whoever has it can try passwords against it, and pose as this server."""

    hash: str  # of HASHES
    rounds: int
    salt: bytes
    stored: bytes
    server: bytes

    def fits(self, password: str) -> bool:
        """Whether this is the key of the password."""
        other = derived(password, self.hash, self.rounds, self.salt)
        return secrets.compare_digest(other.stored + other.server, self.stored + self.server)


def made(password: str, hash_name: str, rounds: int) -> Key:
    """A key with a salt of its own. ValueError: XMPP does not allow the password."""
    return derived(password, hash_name, rounds, str(uuid.uuid4()).encode())


def derived(password: str, hash_name: str, rounds: int, salt: bytes) -> Key:
    name = HASHES[hash_name]
    salted = hashlib.pbkdf2_hmac(name, saslprep(password).encode(), salt, rounds)
    client = hmac.digest(salted, b"Client Key", name)
    return Key(hash_name, rounds, salt, hashlib.new(name, client).digest(), hmac.digest(salted, b"Server Key", name))


def written(key: Key) -> str:
    """SCRAM-SHA-1$ROUNDS:SALT$STORED:SERVER in base64, the form that RFC 5803 and PostgreSQL use."""
    salt, stored, server = (base64.b64encode(part).decode() for part in (key.salt, key.stored, key.server))
    return f"SCRAM-{key.hash}${key.rounds}:{salt}${stored}:{server}"


def parsed(text: str) -> Key:
    """The key that `written` wrote. ValueError says in a few words what is wrong, without a piece of it."""
    try:
        scheme, first, second = text.split("$")
        rounds, salt = first.split(":")
        stored, server = second.split(":")
        name = scheme[len("SCRAM-") :] if scheme.startswith("SCRAM-") else ""
        parts = [base64.b64decode(part, validate=True) for part in (salt, stored, server)]
        count = int(rounds) if rounds.isascii() and rounds.isdigit() else 0
    except ValueError:
        raise ValueError("its key is not of the form SCRAM-SHA-1$ROUNDS:SALT$STORED:SERVER") from None
    if name not in HASHES:
        raise ValueError(f"its key is of another kind than {' and '.join(f'SCRAM-{known}' for known in HASHES)}")
    if not ROUNDS[0] <= count <= ROUNDS[1] or not parts[0]:
        raise ValueError("its key has no salt, or rounds that nobody uses")
    size = hashlib.new(HASHES[name]).digest_size
    if len(parts[1]) != size or len(parts[2]) != size:
        raise ValueError(f"its key is damaged: {name} makes {size} bytes")
    return Key(name, count, *parts)
