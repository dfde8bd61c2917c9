"""Decoded records and texts kept in memory, up to a bound in bytes, and dropped as soon as somebody writes to them.

Every commit of this program tells the ``Journal`` which records it touched, or that it may be any; a cache asks
it, and SQLite's own mark of commits by other connections, before each use. So nothing stale is given, whichever
thread wrote.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Any

_REMEMBERED = 256

Key = tuple[bytes, str]
"""(record, what of it)"""


class Journal:
    """What the latest commits touched; shared by all connections of this program to one file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: deque[frozenset[bytes] | None] = deque(maxlen=_REMEMBERED)
        self._count = 0

    def note(self, records: Iterable[bytes] | None) -> None:
        """Tell of a commit, after it: the records that it touched; None: any may be."""
        with self._lock:
            self._latest.append(None if records is None else frozenset(records))
            self._count += 1

    def since(self, count: int) -> tuple[int, set[bytes] | None]:
        """How many commits there were, and what those after ``count`` touched; None: any."""
        with self._lock:
            fresh = self._count - count
            if fresh > len(self._latest):
                return self._count, None
            found: set[bytes] = set()
            for at in range(len(self._latest) - fresh, len(self._latest)):
                records = self._latest[at]
                if records is None:
                    return self._count, None
                found |= records
            return self._count, found


class Cache:
    """What was read lately, on one connection; what was not used for longest goes first."""

    def __init__(self, journal: Journal, most: int) -> None:
        """``most``: bytes."""
        self._journal = journal
        self._most = most
        self._seen = journal.since(0)[0]
        self._version: int | None = None
        self._kept: OrderedDict[Key, tuple[Any, int]] = OrderedDict()
        self._of: dict[bytes, set[Key]] = {}
        self.size = 0
        """Bytes of what is kept, about."""

    def __len__(self) -> int:
        """How many things are kept."""
        return len(self._kept)

    def refresh(self, version: int) -> None:
        """Drop what was written to. ``version``: SQLite's mark, which commits by other connections change."""
        count, touched = self._journal.since(self._seen)
        # A commit that the journal does not know (yet) may have touched anything.
        if touched is None or (version != self._version and count == self._seen):
            self.clear()
        else:
            for record in touched:
                for key in self._of.pop(record, ()):
                    self.size -= self._kept.pop(key)[1]
        self._seen, self._version = count, version

    def get(self, key: Key) -> Any:
        """What is kept under a key, or None."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Key, value: Any, size: int) -> None:
        """Keep something of about so many bytes."""
        if size > self._most // 4:
            return
        self._kept[key] = (value, size)
        self._of.setdefault(key[0], set()).add(key)
        self.size += size
        while self.size > self._most:
            old, (_, freed) = self._kept.popitem(last=False)
            self.size -= freed
            keys = self._of[old[0]]
            keys.discard(old)
            if not keys:
                del self._of[old[0]]

    def clear(self) -> None:
        """Drop everything."""
        self._kept.clear()
        self._of.clear()
        self.size = 0
