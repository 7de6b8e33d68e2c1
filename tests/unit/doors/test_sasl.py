"""SCRAM against the example of RFC 5802, section 5."""

from __future__ import annotations

import pytest

from jitsictl.doors import sasl

NONCE = "fyko+d2lbbFgONRv9qkxdawL"
CHALLENGE = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"


def test_the_example_of_the_rfc():
    first = sasl.scram_first("user", NONCE)
    assert first == f"n=user,r={NONCE}"
    assert sasl.scram_final("pencil", first, CHALLENGE) == (
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")


def test_names_with_the_mechanisms_own_signs():
    assert sasl.scram_first("a,b=c", "x") == "n=a=2Cb=3Dc,r=x"


@pytest.mark.parametrize("challenge", [
    CHALLENGE.replace("fyko", "ofyk"), f"r={NONCE},s=QSXC,i=4096", CHALLENGE.replace("4096", "0"),
    CHALLENGE.replace("4096", "99999999"), "e=other-error", "",
], ids=["another nonce", "only our nonce", "no rounds", "rounds for minutes", "an error", "nothing"])
def test_a_challenge_that_is_none(challenge):
    with pytest.raises(ValueError, match="challenge is not one"):
        sasl.scram_final("pencil", sasl.scram_first("user", NONCE), challenge)


def test_plain_is_one_message():
    assert sasl.plain("älien", "pass word") == b"\0\xc3\xa4lien\0pass word"
