"""Keys of passwords: against RFC 5802's and RFC 7677's own examples and the client in doors/sasl.py."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jitsictl.accounts import scram
from jitsictl.accounts.scram import Key
from jitsictl.doors import sasl

RFC_5802 = ("SHA-1", "QSXCR+Q6sek8bf92", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "fyko+d2lbbFgONRv9qkxdawL",
            "3rfcNHYJY1ZVvWVs7j")
RFC_7677 = ("SHA-256", "W22ZaJ0SNY7soEsUEjb6gQ==", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            "rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")


@pytest.mark.parametrize("name, salt, verifier, client, server", [RFC_5802, RFC_7677])
def test_the_examples_of_the_standards(name, salt, verifier, client, server):
    key = scram.derived("pencil", name, 4096, base64.b64decode(salt))
    signed = f"n=user,r={client},r={client}{server},s={salt},i=4096,c=biws,r={client}{server}".encode()
    signature = hmac.digest(key.server, signed, scram.HASHES[name])
    assert f"v={base64.b64encode(signature).decode()}" == verifier


def test_a_client_that_knows_the_password_fits_the_stored_key():
    key = scram.made("pencil", "SHA-1", 4)
    first = sasl.scram_first("user", "abc")
    challenge = f"r=abcdef,s={base64.b64encode(key.salt).decode()},i=4"
    final, _ = sasl.scram_final("pencil", first, challenge)
    without_proof, _, proof = final.partition(",p=")
    signed = f"{first},{challenge},{without_proof}".encode()
    signature = hmac.digest(key.stored, signed, "sha1")
    client = bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature))
    assert hashlib.sha1(client).digest() == key.stored


@given(st.sampled_from(["SHA-1", "SHA-256"]), st.integers(1, 9), st.binary(min_size=1, max_size=40))
def test_a_key_that_was_written_is_the_same(name, rounds, salt):
    key = scram.derived("pencil", name, rounds, salt)
    assert scram.parsed(scram.written(key)) == key
    assert key.fits("pencil") and not key.fits("pencils")


def test_no_two_keys_of_a_password_are_alike():
    assert scram.made("pencil", "SHA-1", 2) != scram.made("pencil", "SHA-1", 2)


GOOD = scram.written(Key("SHA-1", 4096, b"salt", b"x" * 20, b"y" * 20))


@pytest.mark.parametrize("text, why", [
    ("", "not of the form"), ("pencil", "not of the form"), (GOOD + "$", "not of the form"),
    (GOOD.replace("c2FsdA==", "not base64"), "not of the form"),
    (GOOD.replace("SHA-1", "SHA-512"), "of another kind than SCRAM-SHA-1 and SCRAM-SHA-256"),
    (GOOD.replace("SCRAM-SHA-1", "MD5"), "of another kind"),
    (GOOD.replace("SHA-1", "SHA-256"), "SHA-256 makes 32 bytes"),
    (GOOD.replace("4096", "0"), "rounds that nobody uses"), (GOOD.replace("4096", "-1"), "rounds that nobody uses"),
    (GOOD.replace("4096", "99999999"), "rounds that nobody uses"), (GOOD.replace("c2FsdA==", ""), "has no salt"),
])
def test_what_is_no_key(text, why):
    with pytest.raises(ValueError, match="its key ") as wrong:
        scram.parsed(text)
    assert why in str(wrong.value)


@given(st.text(max_size=60))
def test_whatever_is_written_there_gives_a_reason_and_no_piece_of_it(text):
    try:
        scram.parsed(text)
    except ValueError as error:
        assert str(error).startswith("its key ")
