"""The verifier: every row of what Prosody checks, the page's rules, hostile input."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jitsictl.sso.tokens import jws
from jitsictl.sso.tokens.rooms import room
from jitsictl.sso.tokens.verify import PAGE, PROSODY, verify
from unit.sso.tokens.made import DOMAIN, HEADER, NOW, RULES, STRICT, claims, signed

BOTH = [PROSODY, PAGE]


def refused(token, rules=RULES, where=None, now=NOW):
    """{part: who refuses it}"""
    report = verify(token, rules, now, room(where) if where else None)
    found = {row.part: [no.by for no in row.refused] for row in report.rows if row.refused}
    assert report.accepted == (not found)
    return found


def of(header=HEADER, **other):
    return signed(json.dumps(header), json.dumps(claims(**other)))


def test_the_example_of_rfc_7515():
    """A.1: its key is bytes that are no text, and its header has a line break."""
    key = jws.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
    text = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    assert jws.encode(hmac.new(key, text.encode(), hashlib.sha256).digest()) == (
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    header, payload = text.split(".")
    assert jws.read(header).values == {"typ": "JWT", "alg": "HS256"}
    assert jws.read(payload).values == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}


def test_hmac_is_that_of_rfc_4231():
    """Case 2, whose key is text."""
    starts = {"HS256": "5bdcc146bf60754e", "HS384": "af45d2e376484031", "HS512": "164b7a7bfcf819e2"}
    for algorithm, start in starts.items():
        assert jws.signature(algorithm, "what do ya want for nothing?", "Jefe").hex().startswith(start)


def test_a_good_one_is_accepted():
    assert refused(of()) == {}


@pytest.mark.parametrize(
    "other, rules, where, expected",
    [
        # exp: Prosody does without, the page does not; the second in which it ends is over for Prosody
        ({"exp": None}, RULES, None, {"exp": [PAGE]}),
        ({"exp": int(NOW)}, RULES, None, {"exp": [PAGE, PROSODY]}),
        ({"exp": NOW}, RULES, None, {}),
        ({"exp": int(NOW) + 1}, RULES, None, {}),
        ({"exp": "1900000000"}, RULES, None, {"exp": [PAGE, PROSODY]}),
        ({"exp": True}, RULES, None, {"exp": [PAGE, PROSODY]}),
        ({"exp": False}, RULES, None, {"exp": [PAGE]}),
        ({"exp": [1]}, RULES, None, {"exp": [PAGE, PROSODY]}),
        ({"exp": 1e300}, RULES, None, {"exp": [PAGE]}),
        ({"exp": 1900000000.00001}, RULES, None, {"exp": [PAGE]}),
        ({"exp": -1}, RULES, None, {"exp": [PAGE, PROSODY]}),
        # nbf: optional, no leeway
        ({"nbf": None}, RULES, None, {}),
        ({"nbf": int(NOW) + 30}, RULES, None, {"nbf": [PAGE, PROSODY]}),
        ({"nbf": int(NOW) + 1}, RULES, None, {"nbf": [PAGE, PROSODY]}),
        ({"nbf": NOW}, RULES, None, {"nbf": [PROSODY]}),
        ({"nbf": "0"}, RULES, None, {"nbf": [PAGE, PROSODY]}),
        ({"nbf": ""}, RULES, None, {"nbf": [PROSODY]}),
        ({"nbf": 0}, RULES, None, {}),
        # iat: not checked
        ({"iat": int(NOW) + 9999}, RULES, None, {}),
        ({"iat": {}}, RULES, None, {}),
        # iss
        ({"iss": None}, RULES, None, {"iss": [PROSODY]}),
        ({"iss": "other"}, RULES, None, {"iss": [PROSODY]}),
        ({"iss": ["jitsi"]}, RULES, None, {"iss": [PROSODY]}),
        ({"iss": "other"}, replace(RULES, issuers=("other",)), None, {}),
        ({"iss": "other"}, replace(RULES, issuers=("*",)), None, {}),
        # aud: has to be there; a list only where any will do
        ({"aud": None}, RULES, None, {"aud": [PROSODY]}),
        ({"aud": "whatever"}, RULES, None, {}),
        ({"aud": ["jitsi"]}, RULES, None, {}),
        ({"aud": ["jitsi"]}, STRICT, None, {"aud": [PROSODY]}),
        ({"aud": "other"}, STRICT, None, {}),
        ({"aud": "third"}, STRICT, None, {"aud": [PROSODY]}),
        ({"aud": 5}, STRICT, None, {"aud": [PROSODY]}),
        # room
        ({"room": None}, RULES, None, {"room": [PROSODY]}),
        ({"room": 7}, RULES, None, {"room": [PROSODY]}),
        ({"room": "staff"}, RULES, None, {}),
        ({"room": "STAFF"}, RULES, "Staff", {}),
        ({"room": "staff"}, RULES, "other", {"room": [PROSODY]}),
        ({"room": "staff"}, RULES, "acme/staff", {}),
        ({"room": "[acme]staff"}, RULES, "acme/staff", {}),
        ({"room": "[acme]staff"}, RULES, "staff", {"room": [PROSODY]}),
        ({"room": "my room"}, RULES, "My Room", {"room": [PROSODY]}),
        ({"room": "My%20Room"}, RULES, "My Room", {}),
        ({"room": "\u212aeller"}, RULES, "keller", {"room": [PROSODY]}),
        # sub: has to be there; compared with domain verification only
        ({"sub": None}, RULES, None, {"sub": [PROSODY]}),
        ({"sub": "meet.darkstar.lan"}, RULES, None, {}),
        ({"sub": "meet.darkstar.lan"}, DOMAIN, "staff", {"sub": [PROSODY]}),
        ({"sub": "meet.jitsi"}, DOMAIN, "staff", {}),
        ({"sub": "*"}, DOMAIN, "staff", {}),
        ({"sub": "*"}, DOMAIN, "acme/staff", {}),
        ({"sub": "acme"}, DOMAIN, "acme/staff", {}),
        ({"sub": "acme"}, DOMAIN, "staff", {"sub": [PROSODY]}),
        ({"sub": 5}, DOMAIN, "staff", {"sub": [PROSODY]}),
        ({"sub": "vpaas-magic-cookie-1"}, RULES, None, {"sub": [PAGE]}),
        # context: the page's
        ({"context": None}, RULES, None, {"context": BOTH}),
        ({"context": 5}, RULES, None, {"context": BOTH}),
        ({"context": {}}, RULES, None, {}),
        ({"context": {"user": "alien"}}, RULES, None, {"context.user": [PROSODY]}),
        ({"context": {"features": {"recording": "true", "flip": False}}}, RULES, None, {}),
        ({"context": {"features": {"recording": 1}}}, RULES, None, {"context.features": [PAGE]}),
        ({"context": {"features": [1]}}, RULES, None, {"context.features": [PAGE]}),
    ],
)
def test_every_row(other, rules, where, expected):
    assert refused(of(**other), rules, where) == expected


@pytest.mark.parametrize(
    "header, expected",
    [
        ({"alg": "HS256"}, {"typ": [PROSODY]}),
        ({"alg": "HS256", "typ": "at+jwt"}, {"typ": [PROSODY]}),
        ({"alg": "HS256", "typ": "jwt"}, {"typ": [PROSODY]}),
        ({"typ": "JWT"}, {"alg": [PROSODY]}),
        ({"alg": "none", "typ": "JWT"}, {"alg": [PROSODY]}),
        ({"alg": "HS512", "typ": "JWT"}, {"alg": [PROSODY]}),
        ({"alg": ["HS256"], "typ": {}}, {"alg": [PROSODY], "typ": [PROSODY]}),
    ],
)
def test_the_header(header, expected):
    assert refused(of(header)) == expected


def test_signatures():
    token = of()
    assert refused(signed(json.dumps(HEADER), json.dumps(claims()), "x" * 32)) == {"signature": [PROSODY]}
    assert refused(token.rpartition(".")[0] + ".") == {"signature": [PROSODY]}
    assert refused(token[:-1]) == {"signature": [PROSODY]}
    head, _, mark = token.split(".")
    assert "signature" in refused(f"{head}.{jws.encode(json.dumps(claims(room='boss')).encode())}.{mark}")


def test_another_algorithm_of_the_site():
    token = signed('{"alg":"HS512","typ":"JWT"}', json.dumps(claims()), algorithm="HS512")
    assert refused(token, replace(RULES, algorithm="HS512")) == {}
    assert refused(token) == {"alg": [PROSODY], "signature": [PROSODY]}


def test_all_reasons_at_once():
    token = signed('{"alg":"none"}', json.dumps(claims(iss="x", aud=None, room=None, sub=None, exp=1)), "other")
    assert list(refused(token)) == ["typ", "alg", "signature", "exp", "iss", "aud", "room", "sub"]


def test_the_sentences_tell_what_was_found():
    rows = {row.part: row for row in verify(of(exp=int(NOW) - 5, aud=["a"]), STRICT, NOW).rows}
    assert rows["exp"].refused[1].why == "is over since 1799999995 (2027-01-15 07:59:55 UTC)"
    assert "compared as a whole" in rows["aud"].refused[0].why and rows["aud"].found == '["a"]'
    assert rows["iat"].against == "nothing"


HOSTILE = [
    "", ".", "..", "...", "a.b", "a.b.c", "!.!.!", "\x00.\x00.\x00", "\u00e9.\u00e9.\u00e9", "A.A.A", "." * 60_000,
    "A" * 65_000, signed("[]", "[]"), signed("null", "5"), signed("{", "}"), signed("{}", "{}"),
    signed(json.dumps(HEADER), "[" * 60_000), signed(json.dumps(HEADER), '{"a":' * 10_000 + "1" + "}" * 10_000),
    signed(json.dumps(HEADER), '{"exp":NaN}'), signed(json.dumps(HEADER), '{"exp":-Infinity}'),
    signed(json.dumps(HEADER), '{"exp":1e999,"nbf":1e999}'), signed(json.dumps(HEADER), '{"exp":-1e999,"nbf":-1e999}'),
    signed(json.dumps(HEADER), '{"exp":' + "9" * 40_000 + "}"), signed(json.dumps(HEADER), '{"room":"\\ud800"}'),
    signed(json.dumps(HEADER), "\ufeff{}"), f"{jws.encode(b'{}')}.{jws.encode(bytes([0xff]))}.",
    signed(json.dumps(HEADER), json.dumps(claims(iss="\x1b[2J\u202e\x7f"))),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_tokens_are_refused_in_printable_words(number):
    report = verify(HOSTILE[number], RULES, NOW, room("staff"))
    assert not report.accepted
    for row in report.rows:
        for text in (row.part, row.against, row.found, *(no.why for no in row.refused)):
            assert text.isascii() and text.isprintable() and len(text) < 600


def test_names_that_stand_twice_are_told():
    payload = json.dumps(claims())[:-1] + ', "room": "boss"}'
    report = verify(signed(json.dumps(HEADER), payload), RULES, NOW, room("boss"))
    found = {row.part: row.found for row in report.rows}
    assert report.accepted and found["room"] == '"boss"'
    assert found["payload"] == 'an object; has "room" twice, the last one counts'


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CLAIMS = ("iss", "aud", "sub", "room", "iat", "nbf", "exp", "context")


@given(st.dictionaries(st.sampled_from(CLAIMS), ANYTHING), st.dictionaries(st.sampled_from(("alg", "typ")), ANYTHING))
@settings(max_examples=300)
def test_any_value_of_any_claim_has_a_verdict(other, header):
    token = signed(json.dumps({**HEADER, **header}), json.dumps({**claims(), **other}))
    for rules in (RULES, DOMAIN, STRICT):
        for row in verify(token, rules, NOW, room("staff")).rows:
            assert all(text.isascii() and text.isprintable() for text in (row.found, row.against))


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: ".".join([jws.encode(data)] * 3)))
@settings(max_examples=300)
def test_any_text_has_a_verdict(text):
    assert not verify(text, RULES, NOW).accepted


@pytest.mark.parametrize("before", range(100, 170, 3))
def test_no_part_of_the_secret_is_shown_wherever_a_long_claim_is_cut(before):
    secret = RULES.secret
    for value in ("x" * before + secret, ["x" * before, secret * 3], {"a": {"b": "x" * before + secret}}):
        report = verify(of(iss=value, context={"user": value, "features": {secret: 1}}), RULES, NOW)
        text = repr(report)
        assert not any(secret[:length] in text for length in range(6, len(secret) + 1))


def test_what_is_nested_too_deeply_is_refused_and_not_followed():
    deep = signed(json.dumps(HEADER), '{"iss": ' + "[" * 400 + "]" * 400 + "}")
    deeper = signed(json.dumps(HEADER), '{"iss": ' + "[" * 20_000 + "]" * 20_000 + "}")
    for token in (deep, deeper):
        assert PROSODY in refused(token).get("payload", refused(token).get("iss", []))
