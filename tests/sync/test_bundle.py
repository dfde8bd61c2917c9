"""The manifest of a bundle: what it says comes back, and no other bytes are taken for one."""

from __future__ import annotations

import io
import random
from pathlib import Path

import msgspec
import pytest

from sync import attachments
from sync.bundle import (
    LABEL,
    Summary,
    change_sum,
    make_manifest,
    open_contents,
    read_manifest,
    stream_of,
)
from sync.chunks import ChunkDirectory
from sync.cookie import Cookie
from sync.envelope import Head
from sync.epochs import EpochKey, KeyRing
from sync.errors import Malformed, NewerFormat
from sync.keys import SigningKey

_PROJECT = b"p" * 32
_KEY = SigningKey(b"k" * 32)
_EPOCH = EpochKey(0, b"e" * 32, b"s" * 32)
_SUMMARY = Summary((Head(b"d" * 32, 7, b"h" * 32),), b"x" * 32, 12, 2, (b"m" * 32,))


def _made(folder: Path, data: bytes = b"content" * 300) -> tuple[bytes, attachments.SealedFile]:
    randomness = random.Random(3).randbytes
    sealed = attachments.seal(
        io.BytesIO(data), ChunkDirectory(folder, randomness), randomness, chunk_size=1024
    )
    wire = make_manifest(
        project=_PROJECT,
        key=_KEY,
        cookie=Cookie(b"g" * 16, 40, b"r" * 32),
        stream=sealed,
        raw_size=5000,
        schema=5,
        summary=_SUMMARY,
        epoch_key=_EPOCH,
        random=randomness,
    )
    return wire, sealed


def test_what_a_manifest_says_comes_back(tmp_path: Path) -> None:
    wire, sealed = _made(tmp_path)
    manifest = read_manifest(wire)
    assert manifest.publisher == _KEY.public
    assert (manifest.project, manifest.generation, manifest.version) == (_PROJECT, b"g" * 16, 40)
    assert manifest.chunks == sealed.manifest.names
    contents = open_contents(manifest, KeyRing((_EPOCH,)))
    assert contents is not None
    assert contents.summary == _SUMMARY
    assert (contents.raw_size, contents.schema) == (5000, 5)
    stream = stream_of(manifest, contents)
    pieces = attachments.pieces(ChunkDirectory(tmp_path), contents.key, stream)
    assert b"".join(pieces) == b"content" * 300
    assert contents.key.hex() not in repr(contents)


def test_a_manifest_with_any_byte_changed_or_missing_is_none(tmp_path: Path) -> None:
    wire, _ = _made(tmp_path)
    for at in range(len(wire)):
        changed = bytearray(wire)
        changed[at] ^= 1 << (at % 8)
        with pytest.raises((Malformed, NewerFormat)):
            read_manifest(bytes(changed))
        with pytest.raises((Malformed, NewerFormat)):
            read_manifest(wire[:at])


def test_the_sealed_part_opens_with_its_key_only_and_in_its_place_only(tmp_path: Path) -> None:
    wire, _ = _made(tmp_path)
    manifest = read_manifest(wire)
    assert open_contents(manifest, KeyRing()) is None
    with pytest.raises(Malformed):
        open_contents(manifest, KeyRing((EpochKey(0, b"e" * 32, b"t" * 32),)))
    head = msgspec.msgpack.decode(msgspec.msgpack.decode(wire)[0])
    head[4] = Cookie(b"g" * 16, 41, b"r" * 32).encode()
    moved = msgspec.msgpack.encode(head)
    again = read_manifest(msgspec.msgpack.encode([moved, _KEY.sign(LABEL, moved)]))
    with pytest.raises(Malformed):
        open_contents(again, KeyRing((_EPOCH,)))


def test_a_bundle_for_newer_readers_says_so(tmp_path: Path) -> None:
    wire, _ = _made(tmp_path)
    head = msgspec.msgpack.decode(msgspec.msgpack.decode(wire)[0])
    for place in (0, 1):
        later = list(head)
        later[place] = 2
        data = msgspec.msgpack.encode(later)
        with pytest.raises(NewerFormat, match="update"):
            read_manifest(msgspec.msgpack.encode([data, _KEY.sign(LABEL, data)]))
    longer = msgspec.msgpack.encode([*head, "from later"])
    read = read_manifest(msgspec.msgpack.encode([longer, _KEY.sign(LABEL, longer)]))
    assert open_contents(read, KeyRing((_EPOCH,))) is not None


def test_the_digest_knows_the_set_and_what_is_set_aside_but_no_order() -> None:
    changes = [(bytes([number]) * 32, number % 3 == 0) for number in range(9)]
    mixed = random.Random(1).sample(changes, len(changes))
    assert change_sum(changes) == change_sum(mixed)
    assert change_sum(changes)[1:] == (9, 3)
    assert change_sum(changes)[0] != change_sum([(changes[0][0], False), *changes[1:]])[0]
    assert change_sum(changes)[0] != change_sum(changes[1:])[0]
