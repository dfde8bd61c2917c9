"""The search that the whole-program test relies on does find what is there."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable

import pytest
import zstandard

from tests.e2e.readable import Search

SECRET = "Leaking roof in tower"


def _zip(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", data)
    return file.getvalue()


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "utf-16": lambda data: data.decode().encode("utf-16-le"),
    "base64": base64.b64encode,
    "base64 shifted": lambda data: base64.b64encode(b"x" + data),
    "base64 url": base64.urlsafe_b64encode,
    "hex": lambda data: data.hex().encode(),
    "hex shifted": lambda data: b"a" + data.hex().encode() + b"b",
    "zlib": zlib.compress,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "zip": _zip,
    "zlib in base64 not": lambda data: zlib.compress(base64.b64encode(data)),
    "twice": lambda data: gzip.compress(zlib.compress(data * 3)),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_hidden_is_found(way: str) -> None:
    hidden = os.urandom(10_000) + WAYS[way](f"abc {SECRET} def".encode()) + os.urandom(10_000)
    found = Search([SECRET, "Something else"]).data(hidden, deep=2)
    assert any(SECRET.lower() in each for each in found)
    assert not any("something" in each for each in found)


def test_letters_beyond_ascii_are_found() -> None:
    assert Search(["Müller & Söhne"]).data(os.urandom(100) + "müller & söhne".encode()) != []


def test_random_bytes_hold_nothing() -> None:
    assert Search([SECRET, "secret"]).data(os.urandom(1 << 20), deep=2) == []
