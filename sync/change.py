r"""A change: what one user action did on one device in one project.

Bytes: msgpack ``[1, author, random, clock, group, operations]``, all arrays. The id of a change is
``SHA-256("sitebook/change/1\0" + bytes)``; the bytes hold the author's device and 16 random bytes, so the
same change sent again, by any road or under a new signature, has the same id and is applied once. A write is
named by (id of its change, index of its operation).

Operations, each an array that begins with its code:

== ======================================================= ==========================================
1  ``[1, kind, record, field, value, replaces]``            set a field with one value
2  ``[2, kind, record, field, value, replaces]``            add a member to a field with many
3  ``[3, kind, record, field, replaces]``                   remove members, or withdraw writes
4  ``[4, kind, record, covers, replaces]``                  delete a record as far as it was seen
5  ``[5, kind, record, field, update, client]``             a Yjs update (version 1) of a rich text
== ======================================================= ==========================================

``replaces`` and ``covers`` are arrays of ``[change id, [index, ...]]``. Codes that this version does not know
make the change wait for a newer one: it is kept and passed on, and never applied in part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec

from sync.clock import Random
from sync.errors import Malformed, NewerFormat

FORMAT: Final = 1
MAX_CHANGE: Final = 1 << 20
"""Most bytes of one change."""
MAX_VALUE: Final = 256 << 10
"""Most bytes of one value, as msgpack."""
MAX_OPERATIONS: Final = 20_000
MAX_NAME: Final = 80
"""Most bytes of the name of a kind or a field."""
MAX_CLOCK: Final = 1 << 47
"""In the year 6429: every clock can be written as a date, in every time zone."""
MAX_DEPTH: Final = 32
"""Most arrays and maps of a value that lie in each other: how deep a reader can go depends on its own stack."""
_LABEL: Final = b"sitebook/change/1\0"

WriteId = tuple[bytes, int]
"""(change id, index of the operation in it)"""
Names = tuple[tuple[bytes, tuple[int, ...]], ...]
"""Write ids, grouped by change, as they are encoded."""


class Set(msgspec.Struct, frozen=True, array_like=True, tag=1, gc=False):
    """Give a field one value in place of the writes named."""

    kind: str
    record: bytes
    field: str
    value: Any
    replaces: Names = ()


class Add(msgspec.Struct, frozen=True, array_like=True, tag=2, gc=False):
    """Add one member to a field with many values."""

    kind: str
    record: bytes
    field: str
    value: Any
    replaces: Names = ()


class Remove(msgspec.Struct, frozen=True, array_like=True, tag=3, gc=False):
    """Take the writes named out of a field, putting nothing in their place."""

    kind: str
    record: bytes
    field: str
    replaces: Names


class Delete(msgspec.Struct, frozen=True, array_like=True, tag=4, gc=False):
    """Delete a record and its children as far as the writes and text updates in ``covers`` go."""

    kind: str
    record: bytes
    covers: Names
    replaces: Names = ()


class Text(msgspec.Struct, frozen=True, array_like=True, tag=5, gc=False):
    """Apply a Yjs update to a rich text; it inserts under ``client`` only."""

    kind: str
    record: bytes
    field: str
    update: bytes
    client: int


Operation = Set | Add | Remove | Delete | Text


class Group(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Place of a change in a larger action: each stands alone, and they are undone as one."""

    id: bytes
    index: int
    count: int


class _Wire(msgspec.Struct, frozen=True, array_like=True, gc=False):
    format: int
    author: bytes
    random: bytes
    clock: int
    group: Group | None
    operations: tuple[Operation, ...]


class Change(msgspec.Struct, frozen=True, gc=False):
    """A change with its id and its exact bytes."""

    id: bytes
    author: bytes
    clock: int
    group: Group | None
    operations: tuple[Operation, ...]
    data: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Wire)
_head_decoder = msgspec.msgpack.Decoder(tuple[int, bytes, bytes, int, Any, list[Any]])
_UNREADABLE: Final = (msgspec.DecodeError, RecursionError, ValueError)
"""ValueError: of text that is not UTF-8, and of a time after the year 9999."""
_KNOWN_CODES = frozenset({1, 2, 3, 4, 5})


def names(writes: Iterable[WriteId]) -> Names:
    """Group write ids by change, in a canonical order."""
    grouped: dict[bytes, set[int]] = {}
    for change, index in writes:
        grouped.setdefault(change, set()).add(index)
    return tuple((change, tuple(sorted(grouped[change]))) for change in sorted(grouped))


def each_name(named: Names) -> Iterable[WriteId]:
    """Yield the write ids of a group again."""
    for change, indexes in named:
        for index in indexes:
            yield change, index


def change_id(data: bytes) -> bytes:
    """Hash the bytes of a change."""
    return hashlib.sha256(_LABEL + data).digest()


def encode_change(
    author: bytes, clock: int, operations: Sequence[Operation], random: Random, group: Group | None = None
) -> Change:
    """Make a change. Raises Malformed where it is larger than a change may be."""
    wire = _Wire(FORMAT, author, random(16), clock, group, tuple(operations))
    data = _encoder.encode(wire)
    _check(wire, data)
    return Change(change_id(data), author, clock, group, wire.operations, data)


def decode_change(data: bytes) -> Change:
    """Read a change, checking its bounds. Raises Malformed, or NewerFormat for a later version's."""
    if len(data) > MAX_CHANGE:
        raise Malformed("A change is larger than 1 MiB.")
    try:
        wire = _decoder.decode(data)
    except _UNREADABLE as error:
        if _is_newer(data):
            raise NewerFormat("A change was made by a newer Sitebook; update this one to see it.") from error
        raise Malformed("A change cannot be read.") from error
    if wire.format != FORMAT:
        if wire.format > FORMAT:
            raise NewerFormat("A change was made by a newer Sitebook; update this one to see it.")
        raise Malformed("A change has no valid format number.")
    _check(wire, data)
    return Change(change_id(data), wire.author, wire.clock, wire.group, wire.operations, data)


def _is_newer(data: bytes) -> bool:
    """Tell a later version's change from rubbish: the frame reads, and something in it is beyond us."""
    try:
        format_number, *_, operations = _head_decoder.decode(data)
    except _UNREADABLE:
        return False
    if format_number > FORMAT:
        return True
    return format_number == FORMAT and any(
        isinstance(item, list)
        and item
        and type(item[0]) is int
        and item[0] not in _KNOWN_CODES
        and item[0] > 0
        for item in operations
    )


def _check(wire: _Wire, data: bytes) -> None:
    if len(data) > MAX_CHANGE:
        raise Malformed("This is more than one change can hold (1 MiB); enter it in smaller pieces.")
    if len(wire.author) != 32 or len(wire.random) != 16 or not 0 <= wire.clock <= MAX_CLOCK:
        raise Malformed("A change has a wrong author, random part or clock.")
    group = wire.group
    if group is not None and (len(group.id) != 16 or not 0 <= group.index < group.count):
        raise Malformed("A change has a wrong group.")
    if not 0 < len(wire.operations) <= MAX_OPERATIONS:
        raise Malformed("A change has no operations or too many.")
    for operation in wire.operations:
        _check_operation(operation)


def _check_operation(operation: Operation) -> None:
    if len(operation.record) != 16 or not 0 < len(operation.kind.encode()) <= MAX_NAME:
        raise Malformed("An operation names no valid record.")
    if not isinstance(operation, Delete) and not 0 < len(operation.field.encode()) <= MAX_NAME:
        raise Malformed("An operation names no valid field.")
    if isinstance(operation, Text):
        if not 0 <= operation.client < 1 << 32:
            raise Malformed("A text update has a wrong client number.")
        return
    _check_names(operation.replaces)
    if isinstance(operation, Delete):
        _check_names(operation.covers)
    elif isinstance(operation, Remove):
        if not operation.replaces:
            raise Malformed("An operation removes nothing.")
    else:
        if not _is_plain(operation.value, MAX_DEPTH):
            raise Malformed("A value is of a type that no field has.")
        if _value_size(operation.value) > MAX_VALUE:
            raise Malformed("A value is larger than 256 KiB; put long texts into the description.")


def _check_names(named: Names) -> None:
    """Names come in the order of :func:`names`, each once."""
    last = b""
    for change, indexes in named:
        if len(change) != 32 or change <= last or not indexes or indexes[0] < 0:
            raise Malformed("An operation names writes that cannot exist.")
        if indexes[-1] >= MAX_OPERATIONS or any(a >= b for a, b in pairwise(indexes)):
            raise Malformed("An operation names writes that cannot exist.")
        last = change


def _is_plain(value: Any, levels: int) -> bool:
    """Whether a value has no extension types, only strings as keys, and at most so many levels."""
    if value is None or isinstance(value, str | bytes | bool | int | float):
        return True
    if not levels:
        return False
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(each, levels - 1) for key, each in value.items())
    return isinstance(value, list | tuple) and all(_is_plain(each, levels - 1) for each in value)


def _value_size(value: Any) -> int:
    """Bytes of a value; the common small ones are not encoded for it."""
    if value is None or isinstance(value, bool | int | float):
        return 9
    if isinstance(value, str) and len(value) < MAX_VALUE // 4:
        return len(value)
    return len(_encoder.encode(value))
