"""A strict reader of Yjs updates (version 1), for what a rich text may hold.

Format: the Yjs source's ``encoding.js`` and ``structs/`` (https://github.com/yjs/yjs), lib0 variable-length
integers. It is read here, before any CRDT library sees it, because some damaged updates are accepted by
libraries, and because a receiver must know *which* characters an update inserts: an update may insert under
one client number only, and what is set aside has to be integrated with its insertions deleted, so that text
behind it is not stranded and all replicas still agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from sync.errors import Malformed

ROOT: Final = "content"
"""Name of the root text of every rich text document."""
_MAX_INT: Final = 1 << 31
"""Numbers of characters stay below it: yrs, under pycrdt, counts in 32 bits."""
_MAX_CLIENT: Final = 1 << 32
_DELETED, _STRING, _EMBED, _FORMAT = 1, 4, 5, 6


class Span(NamedTuple):
    """Characters ``clock`` to ``clock + length`` (exclusive; UTF-16 units) of one client."""

    client: int
    clock: int
    length: int


class YUpdate(NamedTuple):
    """What an update inserts, what it deletes, and where its delete set begins in the bytes."""

    inserts: tuple[Span, ...]
    deletes: tuple[Span, ...]
    delete_offset: int


class _Reader:
    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise Malformed("A text update is cut off.")
        value = self.data[self.at]
        self.at += 1
        return value

    def integer(self, limit: int = _MAX_INT) -> int:
        value = shift = 0
        while True:
            part = self.byte()
            value |= (part & 0x7F) << shift
            if part < 0x80:
                break
            shift += 7
            if shift > 28:
                raise Malformed("A text update holds a number that is too large.")
        if value >= limit:
            raise Malformed("A text update holds a number that is too large.")
        return value

    def client(self) -> int:
        return self.integer(_MAX_CLIENT)

    def string(self) -> str:
        length = self.integer()
        end = self.at + length
        if end > len(self.data):
            raise Malformed("A text update is cut off.")
        raw = self.data[self.at : end]
        self.at = end
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed("A text update holds text that is not UTF-8.") from error


def _utf16_length(text: str) -> int:
    return len(text) + sum(1 for c in text if ord(c) > 0xFFFF) if not text.isascii() else len(text)


def _read_origin(reader: _Reader, client: int, clock: int) -> None:
    """Read the neighbour beside which an item was put: of its own client's, it can only be an earlier one."""
    other, place = reader.client(), reader.integer()
    if other == client and place >= clock:
        raise Malformed("A text update puts a piece beside one that cannot have been there.")


def _read_item(reader: _Reader, info: int, client: int, clock: int) -> int:
    """Read one item after its info byte; return its length in clock units."""
    content = info & 0x1F
    if info & 0x20:
        raise Malformed("A text update writes outside the text.")
    if info & 0x80:
        _read_origin(reader, client, clock)
    if info & 0x40:
        _read_origin(reader, client, clock)
    if not info & 0xC0 and (reader.integer() != 1 or reader.string() != ROOT):
        raise Malformed("A text update writes outside the text.")
    if content == _DELETED:
        return reader.integer()
    if content == _STRING:
        return _utf16_length(reader.string())
    if content == _EMBED:
        _check_json(reader.string())
        return 1
    if content == _FORMAT:
        reader.string()
        _check_json(reader.string())
        return 1
    # No text has collected garbage (0) of its own, and one client's pieces have no gaps (10).
    raise Malformed("A text update holds something that no text has.")


def _check_json(text: str) -> None:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed("A text update holds a format that cannot be read.") from error


def read_update(data: bytes) -> YUpdate:
    """Read a whole update. Raises Malformed for anything that is not exactly one update of a rich text."""
    reader = _Reader(data)
    inserts: list[Span] = []
    for _ in range(_count(reader)):
        structs = _count(reader)
        client = reader.client()
        clock = reader.integer()
        for _ in range(structs):
            length = _read_item(reader, reader.byte(), client, clock)
            if length == 0:
                raise Malformed("A text update holds an empty piece.")
            if inserts and inserts[-1].client == client and sum(inserts[-1][1:]) == clock:
                inserts[-1] = Span(client, inserts[-1].clock, inserts[-1].length + length)
            else:
                inserts.append(Span(client, clock, length))
            clock += length
            if clock >= _MAX_INT:
                raise Malformed("A text update holds a number that is too large.")
    delete_offset = reader.at
    deletes: list[Span] = []
    for _ in range(_count(reader)):
        client = reader.client()
        for _ in range(_count(reader)):
            span = Span(client, reader.integer(), reader.integer())
            if span.clock + span.length >= _MAX_INT:
                raise Malformed("A text update holds a number that is too large.")
            deletes.append(span)
    if reader.at != len(data):
        raise Malformed("A text update is followed by other bytes.")
    return YUpdate(tuple(inserts), tuple(deletes), delete_offset)


def _count(reader: _Reader) -> int:
    count = reader.integer()
    if count > len(reader.data):
        raise Malformed("A text update is cut off.")
    return count


def read_insertion(data: bytes, client: int) -> YUpdate:
    """Read an update as a change may carry it: it inserts under ``client`` alone. Raises Malformed."""
    update = read_update(data)
    if any(span.client != client for span in update.inserts):
        raise Malformed("A text update inserts under another device's number.")
    if len(update.inserts) > 1:
        raise Malformed("A text update inserts pieces that do not follow each other.")
    return update


def _integer(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | (value & 0x7F))
        value >>= 7
    out.append(value)
    return bytes(out)


def delete_update(spans: Iterable[Span]) -> bytes:
    """Encode an update that deletes the spans given and inserts nothing."""
    return b"\0" + _delete_set(spans)


def _delete_set(spans: Iterable[Span]) -> bytes:
    by_client: dict[int, list[Span]] = {}
    for span in spans:
        by_client.setdefault(span.client, []).append(span)
    out = bytearray(_integer(len(by_client)))
    for client in sorted(by_client, reverse=True):
        out += _integer(client) + _integer(len(by_client[client]))
        for span in sorted(by_client[client]):
            out += _integer(span.clock) + _integer(span.length)
    return bytes(out)


def neutralise(data: bytes, update: YUpdate) -> bytes:
    """Rewrite an update so that it inserts the same characters and deletes just those."""
    return data[: update.delete_offset] + _delete_set(update.inserts)
