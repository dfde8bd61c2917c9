"""Looks for secrets in files: as they are, encoded, and in whatever unpacks at any place."""

from __future__ import annotations

import base64
import binascii
import bz2
import lzma
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard

SHORTEST = 6
"""Shorter words may stand anywhere by chance or rightly (a role, a column's name)."""
_MOST = 1 << 20
_RUN = re.compile(rb"[\x20-\x7e]{6,}")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){6,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){6,}")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_GZIP = re.compile(rb"\x1f\x8b\x08")
_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd")
_BZ2 = re.compile(rb"BZh[1-9]1AY&SY")
_XZ = re.compile(rb"\xfd7zXZ\x00")
_ZIP = re.compile(rb"PK\x03\x04.{22}(..)(..)", re.DOTALL)


class Search:
    """Searches bytes for any of some secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = sorted({each.strip().lower() for each in secrets if len(each.strip()) >= SHORTEST})
        self._needles = [each.encode() for each in self.secrets if each.isascii()]
        self._others = [each.encode() for each in self.secrets if not each.isascii()]

    def files(self, paths: Iterable[Path]) -> list[str]:
        """What was found in which file, as sentences."""
        return [f"{path}: {each}" for path in paths for each in self.data(path.read_bytes(), deep=2)]

    def data(self, data: bytes, *, deep: int = 1) -> list[str]:
        """What was found in some bytes."""
        # Bytes without meaning hold few runs of letters, so this is quick however many secrets there are.
        found = self._in(b"\n".join(_RUN.findall(data)), "as it is")
        found += [f"“{needle.decode()}” as it is" for needle in self._others if needle in data]
        found += self._in(b"\n".join(run[::2] for run in _WIDE.findall(data)), "in UTF-16")
        found += self._in(
            b"\n".join(run for each in _BASE64.findall(data) for run in _unbase64(each)), "in base 64"
        )
        found += self._in(b"\n".join(map(_unhex, _HEX.findall(data))), "in hexadecimal")
        if deep:
            for way, inner in unpacked(data):
                found += [f"{each}, {way}" for each in self.data(inner, deep=deep - 1)]
        return found

    def _in(self, text: bytes, way: str) -> list[str]:
        folded = text.lower()
        return [f"“{needle.decode()}” {way}" for needle in self._needles if needle in folded]


def _unbase64(run: bytes) -> Iterator[bytes]:
    plain = run.translate(bytes.maketrans(b"-_", b"+/"))
    for start in range(4):
        part = plain[start:]
        part = part[: len(part) // 4 * 4]
        if part:
            yield base64.b64decode(part)


def _unhex(run: bytes) -> bytes:
    # A run may begin in the middle of a pair.
    other = run[1:-1] if len(run) > 2 else b""
    return binascii.unhexlify(run) + b"\n" + binascii.unhexlify(other)


def unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Everything that unpacks, wherever it begins."""
    for match in _ZLIB.finditer(data):
        yield from _inflated("zlib", data, match.start(), zlib.MAX_WBITS)
    for match in _GZIP.finditer(data):
        yield from _inflated("gzip", data, match.start(), 16 + zlib.MAX_WBITS)
    for match in _ZIP.finditer(data):
        start = match.end() + int.from_bytes(match[1], "little") + int.from_bytes(match[2], "little")
        yield from _inflated("zip", data, start, -zlib.MAX_WBITS)
    for match in _ZSTD.finditer(data):
        try:
            reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(data[match.start() :])
            inner = reader.read(_MOST)
        except zstandard.ZstdError:
            continue
        yield f"zstd at {match.start()}", inner
    for match in _BZ2.finditer(data):
        try:
            yield f"bz2 at {match.start()}", bz2.BZ2Decompressor().decompress(data[match.start() :], _MOST)
        except (OSError, EOFError):
            continue
    for match in _XZ.finditer(data):
        try:
            yield f"xz at {match.start()}", lzma.LZMADecompressor().decompress(data[match.start() :], _MOST)
        except (lzma.LZMAError, EOFError):
            continue


def _inflated(name: str, data: bytes, start: int, bits: int) -> Iterator[tuple[str, bytes]]:
    reader = zlib.decompressobj(bits)
    out = b""
    try:
        # In pieces, so that what came out before an error is looked at too.
        for at in range(start, min(len(data), start + _MOST), 4096):
            out += reader.decompress(data[at : at + 4096], _MOST - len(out))
            if reader.eof or len(out) >= _MOST:
                break
    except zlib.error:
        pass
    if len(out) >= SHORTEST:
        yield f"{name} at {start}", out
