"""Comparing a bundle with what a device holds by itself: the same changes, and the same in them.

Both sides number records, fields and changes by themselves, so they are joined by their long names. The bundle may
stand before what the device has by now: only changes up to the bundle's place count, and whether a write is live
follows from which writes name it, so that is looked at inside the bundle.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import apsw

from app.store.bundle_image import Opened
from app.store.database import translate

_MAPS: Final = (
    # Changes that the server had given up to the bundle's place, or that came in a bundle before it.
    (
        "CREATE TEMP TABLE c AS SELECT o.cid AS mine, m.cid AS theirs, o.aside OR m.aside AS aside, o.id AS id"
        " FROM own.changes o JOIN own.envelopes e USING (eid) LEFT JOIN main.changes m ON m.id = o.id"
        " WHERE e.version <= ?1 OR (e.version IS NULL AND e.bare)"
    ),
    "CREATE UNIQUE INDEX temp.c_mine ON c (mine)",
    "CREATE INDEX temp.c_theirs ON c (theirs)",
    (
        "CREATE TEMP TABLE r AS SELECT o.rid AS mine, m.rid AS theirs FROM own.records o"
        " JOIN main.records m ON m.id = o.id AND m.kind = o.kind"
    ),
    "CREATE UNIQUE INDEX temp.r_mine ON r (mine)",
    (
        "CREATE TEMP TABLE f AS SELECT o.fid AS mine, m.fid AS theirs FROM own.fields o"
        " JOIN main.fields m ON m.kind = o.kind AND m.name = o.name"
    ),
    "CREATE UNIQUE INDEX temp.f_mine ON f (mine)",
)
_ONLY_THERE: Final = "cid IN (SELECT theirs FROM c WHERE NOT aside)"
_ONLY_MINE: Final = "x.cid IN (SELECT mine FROM c WHERE NOT aside)"
_JOINED: Final = (
    "JOIN c ON c.mine = x.cid JOIN r ON r.mine = x.rid JOIN f ON f.mine = x.fid WHERE NOT c.aside"
)
_PLACE: Final = "r.theirs, f.theirs, c.theirs"
# Each gives how many rows of the bundle are not here as they are there, or the other way round.
# ruff: noqa: S608 - all is constant
_DIFFERENCES: Final = (
    # the changes
    "SELECT count(*) FROM c WHERE theirs IS NULL",
    "SELECT (SELECT count(*) FROM main.changes) - (SELECT count(*) FROM c)",
    (
        "SELECT count(*) FROM (SELECT hash, version FROM main.envelopes WHERE version IS NOT NULL AND version <= ?1"
        " EXCEPT SELECT hash, version FROM own.envelopes)"
    ),
    # what was written, be it live or replaced
    (
        f"SELECT count(*) FROM (SELECT rid, fid, cid, idx, value FROM"
        f" (SELECT rid, fid, cid, idx, value FROM main.writes UNION ALL"
        f"  SELECT rid, fid, cid, idx, value FROM main.history) WHERE {_ONLY_THERE}"
        f" EXCEPT SELECT {_PLACE}, x.idx, x.value FROM (SELECT rid, fid, cid, idx, value FROM own.writes UNION ALL"
        f"  SELECT rid, fid, cid, idx, value FROM own.history) x {_JOINED})"
    ),
    (
        f"SELECT (SELECT count(*) FROM main.writes WHERE {_ONLY_THERE}) + (SELECT count(*) FROM main.history"
        f" WHERE {_ONLY_THERE}) - (SELECT count(*) FROM own.writes x WHERE {_ONLY_MINE})"
        f" - (SELECT count(*) FROM own.history x WHERE {_ONLY_MINE})"
    ),
    # who named what
    (
        f"SELECT count(*) FROM (SELECT rid, fid, cid, target, idx FROM main.replacements WHERE {_ONLY_THERE}"
        f" EXCEPT SELECT {_PLACE}, x.target, x.idx FROM own.replacements x {_JOINED})"
    ),
    (
        f"SELECT (SELECT count(*) FROM main.replacements WHERE {_ONLY_THERE})"
        f" - (SELECT count(*) FROM own.replacements x WHERE {_ONLY_MINE})"
    ),
    # what deletions had seen
    (
        f"SELECT count(*) FROM (SELECT cid, idx, names FROM main.covers WHERE {_ONLY_THERE}"
        " EXCEPT SELECT c.theirs, x.idx, x.names FROM own.covers x JOIN c ON c.mine = x.cid)"
    ),
    # texts
    (
        f"SELECT count(*) FROM (SELECT rid, fid, cid, idx, client, data FROM main.updates WHERE {_ONLY_THERE}"
        f" EXCEPT SELECT {_PLACE}, x.idx, x.client, x.data FROM own.updates x {_JOINED})"
    ),
    (
        f"SELECT (SELECT count(*) FROM main.updates WHERE {_ONLY_THERE})"
        f" - (SELECT count(*) FROM own.updates x WHERE {_ONLY_MINE})"
    ),
    # a write is live where nothing that is there names it, and only there
    (
        "SELECT count(*) FROM main.writes w JOIN main.changes m USING (cid) JOIN main.replacements p"
        " ON p.rid = w.rid AND p.fid = w.fid AND p.target = m.id AND p.idx = w.idx"
    ),
    (
        "SELECT count(*) FROM main.history h JOIN main.changes m USING (cid) WHERE NOT EXISTS (SELECT 1 FROM"
        " main.replacements p WHERE p.rid = h.rid AND p.fid = h.fid AND p.target = m.id AND p.idx = h.idx)"
    ),
)


class Comparison:
    """Compares a bundle with a project file in pieces; close it."""

    def __init__(self, opened: Opened, path: Path, key: bytes, version: int, vfs: str | None = None) -> None:
        """``version``: the bundle's place in the order of the server that both are of. Raises SitebookError."""
        self._connection = opened.database.connection
        self._path = path
        self._version = version
        address = f"file:{quote(str(path))}?mode=ro&cipher=aegis&key=raw:{key.hex()}"
        if vfs is not None:
            address += f"&vfs={quote(vfs)}"
        try:
            self._connection.execute("ATTACH ? AS own", (address,))
            self._connection.execute("BEGIN")
        except apsw.Error as error:
            raise translate(error, path) from error
        self._pieces = self._run()

    def step(self) -> bool | None:
        """Do a piece; says whether the two are the same, once that is known. Raises SitebookError."""
        try:
            return next(self._pieces)
        except apsw.Error as error:
            raise translate(error, self._path) from error

    def _run(self) -> Iterator[bool | None]:
        for sql in _MAPS:
            self._connection.execute(sql, (self._version,) if "?1" in sql else ())
            yield None
        for sql in _DIFFERENCES:
            row = self._connection.execute(sql, (self._version,) if "?1" in sql else ()).fetchone()
            if row is None or row[0]:
                yield False
                return
            yield None
        yield True

    def close(self) -> None:
        """Let go of the bundle and of the file."""
        self._connection.close()
