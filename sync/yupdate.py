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
MAX_INT: Final = 1 << 31
"""Numbers of characters stay below it: yrs, under pycrdt, counts in 32 bits."""
MAX_FORMAT_NAME: Final = 80
MAX_FORMAT_VALUE: Final = 4096
"""Most characters of a format's name, and of its value as JSON."""
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
    formats: frozenset[str] = frozenset()
    """The names of the formats that it gives."""


class Reader:
    """Reads the numbers and strings of an update; all raise Malformed where it is cut off or holds another thing."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        """One byte."""
        if self.at >= len(self.data):
            raise Malformed("A text update is cut off.")
        value = self.data[self.at]
        self.at += 1
        return value

    def integer(self, limit: int = MAX_INT) -> int:
        """A number below a limit."""
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
        """A client number."""
        return self.integer(_MAX_CLIENT)

    def string(self) -> str:
        """A text in UTF-8."""
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


def utf16_length(text: str) -> int:
    """UTF-16 units of a text: what Yjs counts in."""
    return len(text) + sum(1 for c in text if ord(c) > 0xFFFF) if not text.isascii() else len(text)


def read_origin(reader: Reader, client: int, clock: int) -> None:
    """Read the neighbour beside which an item was put: of its own client's, it can only be an earlier one."""
    other, place = reader.client(), reader.integer()
    if other == client and place >= clock:
        raise Malformed("A text update puts a piece beside one that cannot have been there.")


def _read_item(reader: Reader, info: int, client: int, clock: int, formats: set[str]) -> int:
    """Read one item after its info byte, noting the name of a format; return its length in clock units."""
    content = info & 0x1F
    if info & 0x20:
        raise Malformed("A text update writes outside the text.")
    if info & 0x80:
        read_origin(reader, client, clock)
    if info & 0x40:
        read_origin(reader, client, clock)
    if not info & 0xC0 and (reader.integer() != 1 or reader.string() != ROOT):
        raise Malformed("A text update writes outside the text.")
    if content == _DELETED:
        return reader.integer()
    if content == _STRING:
        return utf16_length(reader.string())
    if content == _EMBED:
        check_embed(reader.string())
        return 1
    if content == _FORMAT:
        name = reader.string()
        check_format(name, reader.string())
        formats.add(name)
        return 1
    # No text has collected garbage (0) of its own, and one client's pieces have no gaps (10).
    raise Malformed("A text update holds something that no text has.")


def check_embed(text: str) -> None:
    """Check an embedded object. Raises Malformed. A string would be taken for text, which has another length."""
    if isinstance(_json(text), str):
        raise Malformed("A text update holds an object that is text.")


def is_short(name: str, value: str) -> bool:
    """Whether a format, its value as JSON, is no longer than one may be."""
    return len(name) <= MAX_FORMAT_NAME and len(value) <= MAX_FORMAT_VALUE


def check_format(name: str, value: str) -> None:
    """Check a format. Raises Malformed. All that stands behind it has it, so a long one would take much memory."""
    if not is_short(name, value):
        raise Malformed("A text update holds a format that is too long.")
    _json(value)


def _json(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed("A text update holds a format that cannot be read.") from error


def read_update(data: bytes) -> YUpdate:
    """Read a whole update. Raises Malformed for anything that is not exactly one update of a rich text."""
    reader = Reader(data)
    inserts: list[Span] = []
    formats: set[str] = set()
    for _ in range(read_count(reader)):
        structs = read_count(reader)
        client = reader.client()
        clock = reader.integer()
        for _ in range(structs):
            length = _read_item(reader, reader.byte(), client, clock, formats)
            if length == 0:
                raise Malformed("A text update holds an empty piece.")
            if inserts and inserts[-1].client == client and sum(inserts[-1][1:]) == clock:
                inserts[-1] = Span(client, inserts[-1].clock, inserts[-1].length + length)
            else:
                inserts.append(Span(client, clock, length))
            clock += length
            if clock >= MAX_INT:
                raise Malformed("A text update holds a number that is too large.")
    delete_offset = reader.at
    deletes = read_deletes(reader)
    return YUpdate(tuple(inserts), deletes, delete_offset, frozenset(formats))


def read_deletes(reader: Reader) -> tuple[Span, ...]:
    """Read what an update deletes, with which it ends. Raises Malformed."""
    deletes: list[Span] = []
    for _ in range(read_count(reader)):
        client = reader.client()
        for _ in range(read_count(reader)):
            span = Span(client, reader.integer(), reader.integer())
            if span.clock + span.length >= MAX_INT:
                raise Malformed("A text update holds a number that is too large.")
            deletes.append(span)
    if reader.at != len(reader.data):
        raise Malformed("A text update is followed by other bytes.")
    return tuple(deletes)


def read_count(reader: Reader) -> int:
    """How many things follow: not more than there are bytes."""
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


def encode_integer(value: int) -> bytes:
    """Write a number as Yjs does."""
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | (value & 0x7F))
        value >>= 7
    out.append(value)
    return bytes(out)


def delete_update(spans: Iterable[Span]) -> bytes:
    """Encode an update that deletes the spans given and inserts nothing."""
    return b"\0" + delete_set(spans)


def delete_set(spans: Iterable[Span]) -> bytes:
    """Write what an update deletes."""
    by_client: dict[int, list[Span]] = {}
    for span in spans:
        by_client.setdefault(span.client, []).append(span)
    out = bytearray(encode_integer(len(by_client)))
    for client in sorted(by_client, reverse=True):
        out += encode_integer(client) + encode_integer(len(by_client[client]))
        for span in sorted(by_client[client]):
            out += encode_integer(span.clock) + encode_integer(span.length)
    return bytes(out)


def neutralise(data: bytes, update: YUpdate) -> bytes:
    """Rewrite an update so that it inserts the same characters and deletes just those."""
    return data[: update.delete_offset] + delete_set(update.inserts)
