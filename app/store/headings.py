"""What records are called: the value that shows in the field that names them."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.domain.schema import KINDS
from app.store.database import Database
from app.store.interning import Numbers

NAMED_BY: Final = {
    (kind.name, kind.heading) for kind in KINDS.values() if kind.heading not in kind.text_fields
}
"""The fields that name records, as (kind, name): where one changes, texts that point to the record read otherwise."""
SEPARATOR: Final = " · "
_decode = msgspec.msgpack.Decoder().decode


class Values:
    """Reads single values that show, on one connection, for who needs no more of a record."""

    def __init__(self, database: Database, numbers: Numbers) -> None:
        self._db = database
        self._numbers = numbers

    def value(self, rid: int, kind: str, name: str) -> Any:
        """The value that shows in a field; None where there is none."""
        fid = self._numbers.known_field(kind, name)
        if fid is None:
            return None
        rows = self._db.all("SELECT value FROM writes WHERE fid = ? AND rid = ? LIMIT 2", (fid, rid))
        if len(rows) > 1:
            rows = self._db.all(
                "SELECT w.value FROM writes w JOIN changes c USING (cid) JOIN devices d USING (did)"
                " WHERE w.fid = ? AND w.rid = ? ORDER BY c.clock DESC, d.key DESC, c.id DESC, w.idx DESC LIMIT 1",
                (fid, rid),
            )
        return _decode(rows[0][0]) if rows else None

    def shown(self, rid: int, kind: str, name: str) -> str:
        """The value that shows in a field, in words."""
        return words_of(self.value(rid, kind, name))

    def name_of(self, record: bytes) -> str:
        """What a record that a text points to is called; empty where none is here, or where it has no name."""
        rows = self._db.all("SELECT rid, kind FROM records WHERE id = ? ORDER BY kind", (record,))
        named = (
            self.shown(int(rid), str(kind), KINDS[kind].heading)
            for rid, kind in rows
            if kind in KINDS and (kind, KINDS[kind].heading) in NAMED_BY
        )
        return next((name for name in named if name), "")


def words_of(value: Any) -> str:
    """A stored value in words."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return SEPARATOR.join(f"{name} {words_of(each)}" for name, each in value.items())
    if isinstance(value, list):
        return " ".join(words_of(each) for each in value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
