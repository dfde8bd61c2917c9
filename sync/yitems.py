"""Yjs updates taken apart into their items, and put together otherwise.

An update that a change may carry inserts under one client number, without gaps, and is not too long. What another Yjs
program gives is the state of a document, or a part of it, with items of many clients, with gaps, and with items that
are known here already. ``read_pieces`` reads such an update as strictly as ``sync.yupdate`` does; ``cut`` and
``encode_run`` make updates of any part of it that say the same about that part.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from sync.errors import Malformed
from sync.yupdate import (
    MAX_INT,
    ROOT,
    Reader,
    Span,
    check_embed,
    check_format,
    delete_set,
    encode_integer,
    read_count,
    read_deletes,
    read_origin,
    utf16_length,
)

_DELETED, _STRING, _EMBED, _FORMAT, _SKIP = 1, 4, 5, 6, 10
_LEFT, _RIGHT, _CONTENT = 0x80, 0x40, 0x1F
_ROOT: Final = encode_integer(1) + encode_integer(len(ROOT)) + ROOT.encode()
_FOREIGN: Final = (
    "This is no update of a text of Sitebook: it holds lists, maps or other texts beside “content”."
)


class Item(NamedTuple):
    """One piece of a text: its place among its client's, its neighbours when it was put there, and what it is.

    ``left`` and ``right`` are bytes as they are in the update, empty where there is no such neighbour. ``content`` is
    the text of a string, else bytes as they are; it is empty for what is deleted.
    """

    clock: int
    length: int
    sort: int
    left: bytes
    right: bytes
    content: str | bytes


class Pieces(NamedTuple):
    """An update: items by client, in order, and what it deletes."""

    items: dict[int, list[Item]]
    deletes: tuple[Span, ...]


def read_pieces(data: bytes, *, whole: bool = True) -> Pieces:
    """Read an update, or a whole state, of a rich text; clients may have gaps. Raises Malformed for anything else.

    ``whole``: formats and objects are checked too.
    """
    reader = Reader(data)
    items: dict[int, list[Item]] = {}
    for _ in range(read_count(reader)):
        structs = read_count(reader)
        client, clock = reader.client(), reader.integer()
        own = items.setdefault(client, [])
        for _ in range(structs):
            item = _read_item(reader, client, clock, whole=whole)
            clock += item.length
            if item.length == 0 or clock >= MAX_INT:
                raise Malformed("A text update holds an empty piece, or a number that is too large.")
            if item.sort != _SKIP:
                own.append(item)
    deletes = read_deletes(reader)
    for own in items.values():
        own.sort(key=lambda item: item.clock)
        if any(before.clock + before.length > after.clock for before, after in pairwise(own)):
            raise Malformed("A text update says twice what stands at one place.")
    return Pieces({client: own for client, own in items.items() if own}, deletes)


def read_vector(data: bytes) -> dict[int, int]:
    """Read a state vector: how far each client's items go without a gap."""
    reader = Reader(data)
    vector = ((reader.client(), reader.integer()) for _ in range(read_count(reader)))
    return {client: past for client, past in vector if past}


def _read_item(reader: Reader, client: int, clock: int, *, whole: bool) -> Item:
    info = reader.byte()
    sort = info & _CONTENT
    if info == _SKIP:
        return Item(clock, reader.integer(), _SKIP, b"", b"", b"")
    if info & 0x20 or sort not in (_DELETED, _STRING, _EMBED, _FORMAT):
        raise Malformed(_FOREIGN)
    left = _neighbour(reader, client, clock) if info & _LEFT else b""
    right = _neighbour(reader, client, clock) if info & _RIGHT else b""
    if not left and not right and (reader.integer() != 1 or reader.string() != ROOT):
        raise Malformed(_FOREIGN)
    if sort == _DELETED:
        return Item(clock, reader.integer(), sort, left, right, b"")
    start = reader.at
    text = reader.string()
    if sort == _STRING:
        return Item(clock, utf16_length(text), sort, left, right, text)
    value = reader.string() if sort == _FORMAT else ""
    if whole and sort == _FORMAT:
        check_format(text, value)
    elif whole:
        check_embed(text)
    return Item(clock, 1, sort, left, right, reader.data[start : reader.at])


def _neighbour(reader: Reader, client: int, clock: int) -> bytes:
    start = reader.at
    read_origin(reader, client, clock)
    return reader.data[start : reader.at]


def cut(items: Iterable[Item], client: int, first: int, past: int) -> list[Item]:
    """The part of a client's items from one clock to before another."""
    found = []
    for item in items:
        low, high = max(item.clock, first), min(item.clock + item.length, past)
        if low < high:
            found.append(_part(item, client, low - item.clock, high - item.clock))
    return found


def _part(item: Item, client: int, start: int, stop: int) -> Item:
    """What stands in an item between two UTF-16 units; half a character becomes the sign for a damaged one."""
    if start == 0 and stop == item.length:
        return item
    left = item.left
    if start:
        left = encode_integer(client) + encode_integer(item.clock + start - 1)
    content = item.content
    if isinstance(content, str):
        units = content.encode("utf-16-le")[2 * start : 2 * stop]
        content = units.decode("utf-16-le", "surrogatepass")
        content = "".join("\ufffd" if "\ud800" <= each <= "\udfff" else each for each in content)
    return Item(item.clock + start, stop - start, item.sort, left, item.right, content)


def encode_run(client: int, items: Sequence[Item], deletes: Iterable[Span] = ()) -> bytes:
    """An update that inserts items of one client that follow each other, and deletes spans."""
    if not items:
        return b"\0" + delete_set(deletes)
    head = b"\1" + encode_integer(len(items)) + encode_integer(client) + encode_integer(items[0].clock)
    return b"".join((head, *(_encode_item(item) for item in items), delete_set(deletes)))


def _encode_item(item: Item) -> bytes:
    info = item.sort | (_LEFT if item.left else 0) | (_RIGHT if item.right else 0)
    head = bytes([info]) + item.left + item.right + (b"" if item.left or item.right else _ROOT)
    if item.sort == _DELETED:
        return head + encode_integer(item.length)
    if isinstance(item.content, str):
        raw = item.content.encode()
        return head + encode_integer(len(raw)) + raw
    return head + item.content


def split_update(data: bytes, client: int, most: int) -> Iterator[bytes]:
    """Cut an update of one client into several, none much longer than ``most`` bytes; the last one deletes."""
    if len(data) <= most:
        yield data
        return
    pieces = read_pieces(data)
    batch: list[Item] = []
    size = 0
    for item in _small(pieces.items.get(client, ()), client, most // 2):
        length = len(_encode_item(item))
        if batch and size + length > most:
            yield encode_run(client, batch)
            batch, size = [], 0
        batch.append(item)
        size += length
    if batch:
        yield encode_run(client, batch)
    if pieces.deletes:
        yield encode_run(client, (), pieces.deletes)


def _small(items: Iterable[Item], client: int, most: int) -> Iterator[Item]:
    """Items with long strings cut between characters."""
    for item in items:
        if not isinstance(item.content, str) or len(item.content) * 4 <= most:
            yield item
            continue
        step = max(most // 4, 1)
        at = 0
        for start in range(0, len(item.content), step):
            text = item.content[start : start + step]
            length = utf16_length(text)
            left = encode_integer(client) + encode_integer(item.clock + at - 1) if at else item.left
            yield Item(item.clock + at, length, item.sort, left, item.right, text)
            at += length


def without_formats(data: bytes, client: int, kept: Callable[[str, str], bool]) -> bytes:
    """An update of one client in which formats that are not kept, by name and value, are deleted."""
    pieces = read_pieces(data, whole=False)
    items = [
        item if item.sort != _FORMAT or _is_kept(item, kept) else item._replace(sort=_DELETED, content=b"")
        for item in pieces.items.get(client, [])
    ]
    return encode_run(client, items, pieces.deletes)


def _is_kept(item: Item, kept: Callable[[str, str], bool]) -> bool:
    assert isinstance(item.content, bytes)
    reader = Reader(item.content)
    return kept(reader.string(), reader.string())


def without_first(data: bytes, client: int, count: int) -> bytes:
    """An update of one client without the first units that it inserts; what it deletes stays."""
    pieces = read_pieces(data)
    items = pieces.items.get(client, [])
    kept = cut(items, client, items[0].clock + count, MAX_INT) if items else []
    return encode_run(client, kept, pieces.deletes)


def deletes_beyond(deletes: Iterable[Span], known: Iterable[Span]) -> list[Span]:
    """What some spans have that others do not."""
    there: dict[int, list[tuple[int, int]]] = {}
    for span in known:
        there.setdefault(span.client, []).append((span.clock, span.clock + span.length))
    for spans in there.values():
        spans.sort()
    found = []
    for span in sorted(deletes):
        start, end = span.clock, span.clock + span.length
        spans = there.get(span.client, [])
        for low, high in spans[max(bisect_left(spans, (start, 0)) - 1, 0) :]:
            if low >= end:
                break
            if low > start:
                found.append(Span(span.client, start, low - start))
            start = max(start, high)
        if start < end:
            found.append(Span(span.client, start, end - start))
    return found
