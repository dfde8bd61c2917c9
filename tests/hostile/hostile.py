"""What a hostile member can put together by hand: changes and Yjs updates that no Sitebook would make."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from app.domain.schema import KINDS
from app.store.project import Project
from app.store.touched import Touched
from sync.change import Change, decode_change
from sync.errors import Malformed, NewerFormat
from tests.app.store.replicas import picture, replica

pack = msgspec.msgpack.encode
EVE = b"e" * 32
MALLORY = b"m" * 32
ISSUE = b"I" * 16
_chance = random.Random(7)


def raw_change(
    *operations: Any, author: bytes = EVE, clock: Any = 1_700_000_000_000, group: Any = None
) -> bytes:
    """The bytes of a change with anything in it; an operation that is bytes is taken as it is."""
    parts = [each if isinstance(each, bytes) else pack(each) for each in operations]
    head = b"".join(pack(each) for each in (1, author, _chance.randbytes(16), clock, group))
    count = len(parts)
    array = bytes([0x90 | count]) if count < 16 else b"\xdc" + count.to_bytes(2, "big")
    return b"\x96" + head + array + b"".join(parts)


def change(*operations: Any, author: bytes = EVE, clock: int = 1_700_000_000_000) -> Change:
    """A change that passes as one."""
    return decode_change(raw_change(*operations, author=author, clock=clock))


def set_to(
    field: str, value: Any, replaces: Any = (), *, kind: str = "issue", record: bytes = ISSUE
) -> list[Any]:
    return [1, kind, record, field, value, list(replaces)]


def number(value: int) -> bytes:
    """A variable-length integer of lib0."""
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | (value & 0x7F))
        value >>= 7
    return bytes([*out, value])


def string(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return number(len(data)) + data


def item(
    content: bytes,
    *,
    origin: tuple[int, int] | None = None,
    right: tuple[int, int] | None = None,
    root: str = "content",
) -> bytes:
    """One Yjs item; ``content`` begins with its type."""
    info = content[0] | (0x80 if origin else 0) | (0x40 if right else 0)
    sides = b"".join(number(a) + number(b) for a, b in filter(None, (origin, right)))
    parent = b"" if origin or right else number(1) + string(root)
    return bytes([info]) + sides + parent + content[1:]


def text_item(text: str, **where: Any) -> bytes:
    return item(b"\x04" + string(text), **where)


def update(client: int, clock: int, *items: bytes, deletes: Sequence[tuple[int, int, int]] = ()) -> bytes:
    """A Yjs update of one client's items; ``deletes``: (client, clock, length)."""
    inserts = (
        number(1) + number(len(items)) + number(client) + number(clock) + b"".join(items) if items else b"\0"
    )
    gone = b"".join(number(c) + number(1) + number(at) + number(length) for c, at, length in deletes)
    return inserts + number(len(deletes)) + gone


def text(
    data: bytes, client: int, *, kind: str = "issue", record: bytes = ISSUE, field: str = "text"
) -> list[Any]:
    return [5, kind, record, field, data, client]


def take(project: Project, changes: Sequence[Change]) -> set[bytes]:
    """Apply changes as the sync side does, one by one; the ids of those that were refused."""
    refused = set()
    for each in changes:
        try:
            with project.writing():
                project.applier.apply(each, Touched(), eid=1)
        except Malformed:
            refused.add(each.id)
    return refused


def judged(data: bytes) -> Change | None:
    """What the intake makes of the bytes of a change: one, or nothing that is applied."""
    try:
        return decode_change(data)
    except (Malformed, NewerFormat):
        return None


def seen(project: Project) -> dict[str, Any]:
    """What must be equal everywhere; a record of which all was set aside is none."""
    found = picture(project)
    found["records"] = [row for row in found["records"] if row[2] != 3]
    return found


def spread(changes: Sequence[Change], orders: int = 3, *, refused: int = 0) -> dict[str, Any]:
    """Give changes to replicas in different orders; all must read, and end in the same picture."""
    with TemporaryDirectory() as folder:
        pictures = []
        for order in range(orders):
            project = replica(Path(folder), order)
            shuffled = list(changes)
            if order:
                random.Random(order).shuffle(shuffled)
            assert len(take(project, shuffled)) == refused
            read_all(project)
            pictures.append(seen(project))
            project.close()
    for other in pictures[1:]:
        assert other == pictures[0]
    return pictures[0]


def read_all(project: Project) -> None:
    """Read everything that there is to read."""
    project.conflicts()
    project.attention()
    project.status()
    project.pending_records()
    assert project.name is not None
    fields = project.db.all("SELECT kind, name FROM fields")
    for kind in {*(str(kind) for kind, _ in fields), *KINDS}:
        for deleted in (False, True):
            for record in project.records(kind, deleted=deleted):
                assert project.get(record, kind) is not None
                assert project.get(record) is not None
                project.history(record)
                project.children(record, "comment")
        project.created(kind)
        project.updated(kind)
    for kind, name in fields:
        project.column(str(kind), str(name))
        for record, plain in project.texts(str(kind), str(name)).items():
            assert isinstance(plain, str)
            project.text_state(record, str(name))
            project.text_document(record, str(name))
            project.text_sessions(record, str(name))
            project.links_from(record, str(name))
            project.links_to(record)
            project.unlinked_mentions(record)
    project.check()
