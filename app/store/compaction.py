"""Making a project file smaller in quiet moments.

Once a confirmed bundle on the server covers an envelope, nobody needs its bytes from this device: header and
signature stay as evidence, and what was in it is in the tables. Pages that became free are used again; where they are
a large part of the file, they are given back: beside a window a few pages at a time (``auto_vacuum = INCREMENTAL``,
in files made since schema 5), at the command line by ``VACUUM``, which makes older files such ones too. It copies the
file within the write-ahead log while others read, and is given up as soon as somebody waits to write; only writing
the copy back cannot be, some milliseconds for each megabyte: so it is done at the command line, not beside a window.
``VACUUM INTO`` makes another file, while this one is open.
"""

from __future__ import annotations

from typing import Final

import apsw

from app.store.bundle_state import covered_version
from app.store.core import Core
from app.store.touched import Touched

_AT_ONCE: Final = 24
"""Envelopes made bare in one transaction."""
_FREE_SHARE: Final = 0.25
_FREE_BYTES: Final = 8 << 20
"""So much of the file has to be free, and so many bytes, before it is worth copying."""
_PAGES: Final = 32
"""Pages given back in one transaction: each is a page of the file's end that moves into a hole."""
_SLACK: Final = "slack"
_STEPS: Final = 2_000
"""Instructions of SQLite between two questions whether somebody waits: well under a millisecond."""


def drop_covered(core: Core, most: int) -> int:
    """Let go of the bytes of envelopes that a confirmed bundle covers. Returns how many; others write in between."""
    covered = covered_version(core)
    if not covered:
        return 0
    from app.store.bundle_image import bare_wire

    done = 0
    while done < most:
        rows = core.db.all(
            "SELECT eid, wire FROM envelopes WHERE bare = 0 AND kind = 0 AND state = 0 AND pushed = 1 AND seq > 0"
            " AND version <= ? ORDER BY eid LIMIT ?",
            (covered, _AT_ONCE),
        )
        if not rows:
            break
        bare = [(bare_wire(bytes(wire)), int(eid)) for eid, wire in rows]
        with core.writing(Touched()):
            core.db.connection.executemany(
                "UPDATE envelopes SET wire = ?, bare = 1 WHERE eid = ? AND state = 0 AND pushed = 1", bare
            )
            # Rows that became shorter leave room within their pages, of which SQLite keeps no count.
            gone = sum(len(wire) for _, wire in rows) - sum(len(wire) for wire, _ in bare)
            core.put_meta(_SLACK, int(core.get_meta(_SLACK, 0)) + gone)
        done += len(rows)
    return done


def free_bytes(core: Core) -> tuple[int, int]:
    """(bytes of the file that hold nothing, bytes of the file)."""
    free, pages, size = (
        int(core.db.all(f"PRAGMA {name}")[0][0]) for name in ("freelist_count", "page_count", "page_size")
    )
    return free * size, pages * size


def give_back_slices(core: Core, most: int, *, worth_bytes: int = _FREE_BYTES) -> int:
    """Give free pages back a few at a time, where they are many. Returns how many went; others write in between.

    A file of an older version has none that could go so.
    """
    free, size = free_bytes(core)
    if free < worth_bytes or free < _FREE_SHARE * size or core.db.one("PRAGMA auto_vacuum") != (2,):
        return 0
    done = 0
    while done < most and not core.lock.wanted:
        before = free_bytes(core)[1]
        with core.writing(Touched()):
            # Each row that the statement gives is a page: all are read, so that all go.
            core.db.all(f"PRAGMA incremental_vacuum({min(_PAGES, most - done)})")
        if free_bytes(core)[1] >= before:
            break
        done += min(_PAGES, most - done)
    return done


def give_back(core: Core, *, worth_bytes: int = _FREE_BYTES) -> bool:
    """Give free pages back to the system where they are many; False where it is not worth it or somebody waits."""
    free, size = free_bytes(core)
    free += int(core.get_meta(_SLACK, 0))
    if free < worth_bytes or free < _FREE_SHARE * size or core.lock.wanted:
        return False
    with core.lock.hold(urgent=False):
        core.db.connection.set_progress_handler(lambda: core.lock.wanted, _STEPS)
        try:
            core.db.connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            core.db.connection.execute("VACUUM")
            core.db.run("DELETE FROM meta WHERE name = ?", (_SLACK,))
        except apsw.InterruptError:
            return False
        except (apsw.BusyError, apsw.FullError, apsw.LockedError):
            return False  # another process writes, or the disk has no room for a copy: another time
        finally:
            core.db.connection.set_progress_handler(None)
    return True
