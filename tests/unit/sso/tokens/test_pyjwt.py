"""PyJWT as the oracle of our own tokens, of those that we make and those that we judge.

It is installed where the tests are developed, and not among what the bed's other Pythons have.
"""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jitsictl.sso.tokens import mint
from jitsictl.sso.tokens.rooms import room
from jitsictl.sso.tokens.verify import PROSODY, verify
from unit.sso.tokens.made import DOMAIN, HEADER, NOW, RULES, SECRET, STRICT, claims

jwt = pytest.importorskip("jwt")


def often(good, *bad):
    """Mostly the good one, so that as many tokens are right as wrong."""
    return st.sampled_from([good] * (9 * len(bad)) + list(bad))


TIMES = tuple(int(NOW) + by for by in (-30, -1, 0, 1, 30))
TOKENS = st.fixed_dictionaries({
    "iss": often("jitsi", "other", None),
    "aud": often("jitsi", "other", ["jitsi"], None),
    "sub": often("*", "meet.jitsi", "acme", None),
    "room": often("*", "staff", "Staff", "other", None),
    "nbf": often(int(NOW), None, *TIMES), "exp": often(int(NOW) + 3600, None, *TIMES),
})  # fmt: skip
SIGNED = st.tuples(often(SECRET, "y" * 32), often("HS256", "HS384"), often("JWT", "at+jwt"))


def oracle(token, rules, where):
    """Prosody's verdict by PyJWT, in the way that Prosody's rules were first written down."""
    try:
        head = jwt.get_unverified_header(token)
        if head.get("typ") != "JWT":
            return False
        unchecked = {"verify_aud": False, "verify_iat": False, "verify_exp": False, "verify_nbf": False,
                     "verify_sub": False}  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = jwt.decode(token, rules.secret, algorithms=[rules.algorithm], options=unchecked)
    except jwt.PyJWTError:
        return False
    return (
        int(NOW) < said.get("exp", NOW + 1)
        and said.get("nbf", 0) <= int(NOW)
        and said.get("iss") in rules.issuers
        and "aud" in said
        and ("*" in rules.audiences or said["aud"] in rules.audiences)
        and said.get("room", "").lower() in ("*", where)
        and "sub" in said
        and (not rules.verifies_domain or said["sub"] in ("*", rules.domain))
    )


@given(TOKENS, SIGNED, st.sampled_from([RULES, STRICT, DOMAIN]))
@settings(max_examples=500)
def test_pyjwt_agrees_on_500_tokens(other, how, rules):
    secret, algorithm, kind = how
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        token = jwt.encode(claims(**other), secret, algorithm, {"typ": kind})
    assert verify(token, rules, NOW, room("staff")).refused_by(PROSODY) == (not oracle(token, rules, "staff"))


@given(st.text(min_size=1, max_size=50).filter(lambda name: name.isprintable() and name.strip()), st.booleans(),
       st.sampled_from(["*", "staff", "My Room", "acme/Br\u00fccke"]),
       st.integers(mint.SHORTEST, mint.LONGEST), st.sampled_from([RULES, STRICT, DOMAIN]))
@settings(max_examples=500)
def test_what_we_make_is_what_pyjwt_reads_and_what_we_accept(name, moderator, where, lasts, rules):
    said = mint.claims(rules, mint.person(name, moderator=moderator), room(where), lasts, NOW)
    token = mint.token(rules, said)
    ignored = {"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    assert jwt.decode(token, SECRET, algorithms=["HS256"], options=ignored) == said
    assert jwt.get_unverified_header(token) == HEADER
    report = verify(token, rules, NOW, None if where == "*" else room(where))
    assert report.accepted, report
