"""Streams of .xz, against the xz command and Python's own reader."""

from __future__ import annotations

import io
import lzma
import random
import subprocess

import pytest

from jitsictl.doors._xz import Reader, Writer

SIZES = (0, 1, 3, 65535, 65536, 65537, 300_001)


def written(packed: bytes, stored: bytes) -> bytes:
    out = io.BytesIO()
    writer = Writer(out)
    writer.write(packed)
    writer.store()
    for start in range(0, len(stored), 1000):
        writer.write(stored[start : start + 1000])
    assert writer.tell() == len(packed) + len(stored)
    writer.close()
    return out.getvalue()


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("before", [0, 70_000])
def test_what_is_stored_is_read_by_xz_and_by_python_and_by_us(size, before):
    whole = noise(before) + noise(size)
    made = written(noise(before), noise(size))
    assert lzma.decompress(made) == whole
    assert subprocess.run(["xz", "-dc"], input=made, stdout=subprocess.PIPE, check=True).stdout == whole
    subprocess.run(["xz", "-t"], input=made, check=True)
    reader = Reader(io.BytesIO(made), 1 << 20)
    assert reader.read(1 << 20) == whole
    reader.renew()
    assert reader.read(1) == b""


def test_stored_data_takes_hardly_more_than_itself():
    assert len(written(b"", bytes(10_000_000))) < 10_000_000 * 1.001


@pytest.mark.parametrize("part", ["packed", "stored"])
def test_a_flipped_bit_is_found_and_an_end_that_is_missing(part):
    made = written(noise(5000), b"") if part == "packed" else written(b"", noise(5000))
    for at in range(0, len(made), 97):
        broken = bytearray(made)
        broken[at] ^= 4
        with pytest.raises((lzma.LZMAError, EOFError)):
            _all(bytes(broken))
        if at:
            with pytest.raises((lzma.LZMAError, EOFError)):
                _all(made[:at])


def _all(data: bytes) -> None:
    reader = Reader(io.BytesIO(data), 1 << 20)
    while reader.read(1000):
        pass


def test_a_file_that_wants_much_memory_is_refused():
    data = lzma.compress(b"x" * 1000, filters=[{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 1 << 30}])
    with pytest.raises(lzma.LZMAError, match="[Mm]emory"):
        _all(data)


def test_reading_goes_forwards_only_and_in_small_bites():
    reader = Reader(io.BytesIO(written(noise(5000), b"")), 1000)
    assert reader.seek(2000) == 2000 and reader.read(10) == noise(5000)[2000:2010]
    with pytest.raises(ValueError, match="backwards"):
        reader.seek(5)
    reader.renew()
    assert len(reader.read(600)) == 600
    with pytest.raises(ValueError, match="a header of more than 1000 bytes"):
        reader.read(401)
    reader.renew()
    assert len(reader.read(401)) == 401
