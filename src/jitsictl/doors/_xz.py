"""Files of .xz streams: written, partly without compression, and read back without trust.

Python's lzma writes a file as fast as the xz command does (0.5 s for the records of 10,000 accounts); it cannot
store what is compressed already, nor bound the memory that a file asks for when it is opened as one.
"""

from __future__ import annotations

import lzma
import struct
import zlib
from typing import BinaryIO, List, Optional, Union

PRESET = 1
MEMORY = 32 << 20  # what a hostile file may ask for; one made with PRESET needs 2 MB
_CHUNK = 1 << 16


class Writer:
    """Takes what tarfile writes. `store` ends compression: recordings are compressed by themselves."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._parts: List[bytes] = []
        self._held = 0
        self._position = 0
        self._stream: Union[_Packed, _Stored] = _Packed()

    def write(self, data: bytes) -> int:
        self._parts.append(data)
        self._held += len(data)
        self._position += len(data)
        if self._held >= _CHUNK:
            self._flush()
        return len(data)

    def tell(self) -> int:
        return self._position

    def store(self) -> None:
        """From here on everything is written as it is, in a second stream; any reader of .xz goes on with it."""
        self._finish()
        self._stream = _Stored()

    def close(self) -> None:
        self._finish()

    def _flush(self) -> None:
        whole = b"".join(self._parts)
        self._parts, self._held = [], 0
        for start in range(0, len(whole), _CHUNK):
            self._file.write(self._stream.add(whole[start : start + _CHUNK]))

    def _finish(self) -> None:
        self._flush()
        self._file.write(self._stream.end())


class _Packed:
    def __init__(self) -> None:
        self._packer = lzma.LZMACompressor(lzma.FORMAT_XZ, check=lzma.CHECK_CRC64, preset=PRESET)

    def add(self, data: bytes) -> bytes:
        return self._packer.compress(data)

    def end(self) -> bytes:
        return self._packer.flush()


class _Stored:
    """One stream with one block of LZMA2 chunks that are not compressed (the .xz file format, version 1.1.0)."""

    _FLAGS = b"\0\1"  # checked by CRC32
    _BLOCK = b"\2\0\x21\1\x08\0\0\0"  # a header of 12 bytes, one filter: LZMA2 with a dictionary of 64 KiB

    def __init__(self) -> None:
        self._size = 0  # of the block without its padding
        self._plain = 0
        self._check = 0

    def add(self, data: bytes) -> bytes:
        """`data` has 1 to 65536 bytes."""
        head = b"" if self._plain else self._begin()
        kind = b"\2" if self._plain else b"\1"  # the first one resets the dictionary
        chunk = kind + struct.pack(">H", len(data) - 1) + data
        self._size += len(chunk)
        self._plain += len(data)
        self._check = zlib.crc32(data, self._check)
        return head + chunk

    def end(self) -> bytes:
        if not self._plain:
            return b""
        self._size += 1
        rest = b"\0" + bytes(-self._size % 4) + struct.pack("<I", self._check)
        index = b"\0\1" + _varint(self._size + 4) + _varint(self._plain)
        index += bytes(-len(index) % 4)
        index += _crc(index)
        footer = struct.pack("<I", len(index) // 4 - 1) + self._FLAGS
        return rest + index + _crc(footer) + footer + b"YZ"

    def _begin(self) -> bytes:
        block = self._BLOCK + _crc(self._BLOCK)
        self._size = len(block)
        return b"\xfd7zXZ\0" + self._FLAGS + _crc(self._FLAGS) + block


def _crc(data: bytes) -> bytes:
    return struct.pack("<I", zlib.crc32(data))


def _varint(number: int) -> bytes:
    made = bytearray()
    while number >= 0x80:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    made.append(number)
    return bytes(made)


class Reader:
    """What is in a .xz file, forwards only, in bounded memory. EOFError: it is cut short. LZMAError: damaged.

    More than `most` bytes without a call of `renew` between them are refused with ValueError: no header of ours is
    that long. They are counted, because newer versions of tarfile read a long header in parts and join them.
    """

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file = file
        self._most = self._left = most
        self._raw = b""
        self._unpacker: Optional[lzma.LZMADecompressor] = None
        self._plain = b""
        self._at = 0  # in _plain
        self._position = 0

    def renew(self) -> None:
        """What is read from here on is another header, or content."""
        self._left = self._most

    def read(self, size: int) -> bytes:
        """As many bytes as asked for, fewer only at the end."""
        if size > self._left:
            raise ValueError(f"a header of more than {self._most} bytes")
        self._left -= size
        while len(self._plain) - self._at < size and self._more():
            pass
        data = self._plain[self._at : self._at + size]
        self._at += len(data)
        self._position += len(data)
        return data

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> int:
        """Forwards; tarfile passes over padding so."""
        if position < self._position:
            raise ValueError("a header that leads backwards")
        self.renew()  # nobody keeps what is passed over
        while self._position < position:
            if not self.read(min(self._left, _CHUNK, position - self._position)):
                raise EOFError
            self.renew()
        return position

    def _more(self) -> bool:
        """Unpack a bit more; False at the proper end of the last stream."""
        if self._unpacker is None:
            self._raw = self._raw or self._file.read(_CHUNK)
            if not self._raw:
                return False
            self._unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY)
        elif self._unpacker.needs_input and not self._raw:
            self._raw = self._file.read(_CHUNK)
            if not self._raw:
                raise EOFError
        plain = self._unpacker.decompress(self._raw, _CHUNK)
        self._raw = b""
        self._plain, self._at = self._plain[self._at :] + plain, 0
        if self._unpacker.eof:
            self._raw, self._unpacker = self._unpacker.unused_data, None
        return True
