"""What the parts of a project share: the connection, the numbers, time, and the one way to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from app.domain.schema import CUSTOM_PREFIX, FIELD, KINDS, MANY_TYPES
from app.store.apply import Applier
from app.store.cache import Cache
from app.store.database import Database, WriteLock
from app.store.interning import Numbers
from app.store.touched import Touched
from sync.change import Change, Group, Operation, Text, encode_change
from sync.clock import Clock, Random
from sync.errors import Malformed, Refused
from sync.ids import new_id
from sync.membership_actions import Role
from sync.permissions import may_write
from sync.yitems import split_update, without_formats
from sync.yupdate import is_short, read_insertion

_unpack = msgspec.msgpack.Decoder().decode
_pack = msgspec.msgpack.Encoder().encode


CACHE_BYTES = 16 << 20
"""Most memory for what was read of records and texts, for each connection."""
_LONG_UPDATE = 512 << 10
"""Bytes of text updates from which on they become several changes."""
_ROLE_SENTENCES = {
    Role.VIEWER: "You may read this project but not change it; ask an owner for another role.",
    Role.CONTRIBUTOR: "As a contributor you may comment, add photos and set the status; ask an owner for another role.",
}


class Core:
    """One connection to a project file, used by one thread."""

    def __init__(
        self,
        database: Database,
        lock: WriteLock,
        *,
        device: bytes,
        clock: Clock,
        random: Random,
        urgent: bool = True,
    ) -> None:
        self.db = database
        self.lock = lock
        self._device = device
        self.clock = clock
        self.random = random
        self._urgent = urgent
        self.numbers = Numbers(database)
        self.applier = Applier(database, self.numbers)
        self.texts_store = self.applier.texts
        self.deletions = self.applier.deletions
        self.documents = self.applier.documents
        self.cache = Cache(lock.journal, CACHE_BYTES)
        self._custom_many: dict[str, bool] = {}
        self._last_id = bytes(16)

    @property
    def device(self) -> bytes:
        """The key under which this device writes: it may have taken a new one while the program runs."""
        return self.lock.device or self._device

    @property
    def id(self) -> bytes:
        """The project's id: 32 bytes."""
        return bytes(self.get_meta("project"))

    def get_meta(self, name: str, default: Any = None) -> Any:
        """A value kept about the file itself."""
        row = self.db.one("SELECT value FROM meta WHERE name = ?", (name,))
        return default if row is None else row[0]

    def put_meta(self, name: str, value: Any) -> None:
        """Keep a value about the file; the caller has a transaction open."""
        self.db.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    @contextmanager
    def writing(self, touched: Touched | None = None) -> Iterator[None]:
        """Hold the right to write and a transaction; a failure leaves the state before it.

        ``touched``: what is written is noted there, and nothing else that readers of records see is written;
        without it, what was read of records before counts for nothing.
        """
        with self.lock.hold(urgent=self._urgent):
            try:
                with self.db.transaction():
                    yield
            except BaseException:
                self.numbers.forget()
                raise
        known = touched is not None and FIELD not in touched.kinds.values()
        self.lock.journal.note(touched.records if touched is not None and known else None)

    def cached(self, record: bytes, what: str, read: Callable[[], tuple[Any, int]]) -> Any:
        """What ``read`` gives of a record (with its size in bytes), or what it gave and would give again.

        None is not kept.
        """
        if self.db.connection.in_transaction:
            return read()[0]
        row = self.db.one("PRAGMA data_version")
        assert row is not None
        self.cache.refresh(int(row[0]))
        found = self.cache.get((record, what))
        if found is None:
            found, size = read()
            if found is not None:
                self.cache.put((record, what), found, size)
        return found

    @contextmanager
    def lightly(self) -> Iterator[None]:
        """Commits inside do not wait for the disk: a power cut may take the last of them, never one in between.

        Any commit outside, on whichever connection, brings them to the disk with it.
        """
        self.db.run("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self.db.run("PRAGMA synchronous = FULL")

    def new_id(self) -> bytes:
        """A fresh record id, greater than those made here in the same millisecond."""
        fresh = new_id(self.clock.now_ms(), self.random)
        if fresh[:6] == self._last_id[:6] and fresh <= self._last_id:
            # RFC 9562, section 6.2, method 2: the random part of the last one, counted on.
            fresh = self._last_id[:8] + (int.from_bytes(self._last_id[8:], "big") + 1).to_bytes(8, "big")
        self._last_id = fresh
        return fresh

    def client(self) -> int:
        """A fresh client number for a Yjs document (32 bits, never 0)."""
        return int.from_bytes(self.random(4), "big") or 1

    def commit(
        self, build: Callable[[Touched], Sequence[Operation]], group: Group | None = None
    ) -> tuple[Touched, Change | None]:
        """Make one change of what ``build`` gives, inside the transaction that it reads in."""
        touched = Touched()
        with self.writing(touched):
            change = self.append(build(touched), touched, group)
        return touched, change

    def append(
        self, operations: Sequence[Operation], touched: Touched, group: Group | None = None
    ) -> Change | None:
        """Make a change of operations and apply it; the caller has the transaction open.

        Where texts are so long that one change cannot hold them it becomes several of one group: the first is given.
        """
        if not operations:
            return None
        if not self.permits(operations):
            raise Refused(_ROLE_SENTENCES[Role(self.get_meta("role"))])
        parts = in_parts(operations)
        if len(parts) > 1 and group is None:
            group = Group(self.random(16), 0, 1)
        first = None
        for part in parts:
            change = encode_change(self.device, self.clock.now_ms(), part, self.random, group)
            self.enter(change, touched)
            first = first or change
        return first

    def enter(self, change: Change, touched: Touched) -> None:
        """Apply a change of this device's, which is then to be sent; the caller has the transaction open."""
        cid = self.applier.apply(change, touched, eid=None, keep_data=True)
        for kind, record in {(operation.kind, operation.record) for operation in change.operations}:
            self.db.run(
                "INSERT OR IGNORE INTO local_pending VALUES (?, ?)",
                (self.numbers.record(kind, record)[0], cid),
            )
        if any(operation.kind == FIELD for operation in change.operations):
            self._custom_many.clear()

    def permits(self, operations: Sequence[Operation]) -> bool:
        """Whether this device's role allows a change of these operations."""
        role = self.get_meta("role")
        return role is None or may_write(Role(role), operations)

    def is_many(self, kind: str, name: str) -> bool:
        """Whether a field holds a set. A custom field's definition says so; an unknown field is a register."""
        known = KINDS.get(kind)
        if known is not None and name in known.fields:
            return known.fields[name].many
        if not name.startswith(CUSTOM_PREFIX):
            return False
        found = self._custom_many.get(name)
        if found is None:
            found = self._custom_many[name] = self._definition_type(name) in MANY_TYPES
        return found

    def forget_definitions(self) -> None:
        """Read the definitions of custom fields anew: one changed."""
        self._custom_many.clear()

    def _definition_type(self, name: str) -> str:
        fid = self.numbers.known_field(FIELD, "type")
        try:
            rid = self.numbers.known_record(FIELD, bytes.fromhex(name.removeprefix(CUSTOM_PREFIX)))
        except ValueError:
            return ""
        if fid is None or rid is None:
            return ""
        row = self.db.one(
            "SELECT w.value FROM writes w JOIN changes c USING (cid) JOIN devices d USING (did)"
            " WHERE w.fid = ? AND w.rid = ? ORDER BY c.clock DESC, d.key DESC, c.id DESC, w.idx DESC LIMIT 1",
            (fid, rid),
        )
        found = None if row is None else _unpack(row[0])
        return found if isinstance(found, str) else ""


def in_parts(operations: Sequence[Operation]) -> list[list[Operation]]:
    """Operations in as many changes as long texts need; what is short stays together."""
    parts: list[list[Operation]] = [[]]
    size = 0
    for operation in operations:
        if not isinstance(operation, Text):
            parts[-1].append(operation)
            continue
        written = _with_short_formats(operation.update, operation.client)
        for update in split_update(written, operation.client, _LONG_UPDATE):
            if size and size + len(update) > _LONG_UPDATE:
                parts.append([])
                size = 0
            size += len(update)
            parts[-1].append(msgspec.structs.replace(operation, update=update))
    return parts


def _with_short_formats(update: bytes, client: int) -> bytes:
    """A text update without formats that are longer than a change may carry: what they were given to stays plain."""
    try:
        read_insertion(update, client)
    except Malformed:
        return without_formats(update, client, is_short)
    return update


def pack(value: Any) -> bytes:
    """Encode a stored value."""
    return _pack(value)


def unpack(data: bytes) -> Any:
    """Decode a stored value."""
    return _unpack(data)
