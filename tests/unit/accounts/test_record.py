"""Reading Prosody's store: names of files, and records as versions 0.11 to 13 wrote them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jitsictl.accounts import record, scram
from jitsictl.plan.passwords import encoded
from unit.accounts.world import record as written

# By Prosody 13.0.1; 0.11.9 writes the same without the times.
REAL = b"""\
return {
\t["stored_key"] = "f884c5e759adb2c6facca3068fd02dbfe5785446";
\t["salt"] = "69c31311-2fcb-409e-acf9-a0b8462a24ed";
\t["updated"] = 1795510566;
\t["iteration_count"] = 10000;
\t["created"] = 1795510566;
\t["server_key"] = "1c2159d695a0a4a8ade671966eab40e3224801d4";
};
"""


@given(st.text(min_size=1, max_size=40).filter(lambda name: name.isprintable()))
def test_a_name_comes_back_from_the_name_of_its_file(name):
    assert record.name_of(f"{encoded(name)}.dat") == name


@pytest.mark.parametrize("file", ["prosody.sock", "alien.dat~", ".dat.swp", "a%ff.dat", "alien.list"])
def test_what_is_no_record(file):
    assert record.name_of(file) is None


def test_a_record_of_prosody():
    kept = record.parse(REAL)
    assert (kept.created, kept.password_set, kept.disabled) == (1795510566, 1795510566, False)
    assert kept.key is not None and (kept.key.hash, kept.key.rounds) == ("SHA-1", 10000)
    assert kept.key.salt == b"69c31311-2fcb-409e-acf9-a0b8462a24ed" and kept.key.stored[:2] == b"\xf8\x84"


def test_an_old_one_without_times():
    lines = [line for line in REAL.splitlines(True) if b"updated" not in line and b"created" not in line]
    kept = record.parse(b"".join(lines))
    assert kept.created is None and kept.password_set is None and kept.key is not None


@given(st.binary(min_size=1, max_size=30))
def test_any_salt(salt):
    key = scram.derived("x", "SHA-256", 1, salt)
    assert record.parse(written(key)).key == key


def test_a_disabled_one_with_a_reason_that_looks_like_a_field():
    lua = '{\n\t\t["reason"] = "left\\\n\t[\\"disabled\\"] = false;";\n\t}'
    kept = record.parse(written(None, disabled="true", disabled_meta=lua))
    assert kept.disabled and kept.key is None


@pytest.mark.parametrize("data", [
    b"", b"return {", b"os.execute('x')", REAL[:40], REAL.replace(b"f884", b"zz"), REAL.replace(b"f884", b""),
    REAL.replace(b'\t["salt"] = "69c31311-2fcb-409e-acf9-a0b8462a24ed";\n', b""),
])
def test_a_damaged_one(data):
    with pytest.raises(ValueError, match=r"no record of Prosody's|its key is damaged"):
        record.parse(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    for text in (data, b"return {\n" + data + b"};\n", REAL.replace(b"10000", data)):
        try:
            record.parse(text)
        except ValueError:
            continue
