"""The files of one project as ``sync.transfer`` sees them, on a connection of its own.

``local_files`` remembers what is here, on the server, and on other devices. Rows are made when a record is seen
for the first time, by a look at the disk; afterwards they follow what is done. What a row says about the disk is
never trusted where a file could be lost: bytes are checked against their name when they are sent, and a file goes
from here only after the server said, just then, that it has all of it.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from app.domain.schema import ATTACHMENT
from app.store.attached_file import AttachedFile, chunks_of, read_attached
from app.store.file_places import DAY_MS, mark_kept
from app.store.project import Project
from app.store.sync_side import load_membership
from app.store.touched import Touched
from sync.attachments import TAG
from sync.epochs import KeyRing
from sync.errors import Damaged, Malformed, NewerFormat, NotFound, Refused, SitebookError
from sync.keys import SigningKey
from sync.membership_actions import Role
from sync.notice import NoticeKind, every_notice, make_notice, open_body, read_notice, seal_body
from sync.transfer import FileRoad, Way
from sync.transport.base import MAX_NOTICE_BYTES

__all__ = ["FileTransfers"]

GRACE_MS: Final = 7 * DAY_MS
"""A file that was looked at stays here for so long, whatever else is to be kept."""
RECHECK_MS: Final = 7 * DAY_MS
"""After so long the server is asked again whether it still has a file."""
FIRST_GAP_MS: Final = 60_000
LONGEST_GAP_MS: Final = 6 * 3600 * 1000
"""How long a file that the server does not have is not asked for, at first and at most."""
LIVE_EVERY_MS: Final = 3600 * 1000
HELD_EVERY_MS: Final = 2 * 60 * 1000
READ_EVERY: Final = 120.0
"""Seconds between two looks at what others told."""
_LOOKED_AT_ONCE: Final = 50
_ID: Final = 16
_LONGEST_LIST: Final = MAX_NOTICE_BYTES - 4096
_NOT_DELETED: Final = "r.state NOT IN (1, 3)"
_SELECT: Final = {
    Way.WANTED: "f.held = 0 AND f.wanted = 1 AND {due} ORDER BY f.used_ms DESC, f.made_ms DESC",
    Way.UPLOAD: "f.held = 1 AND f.served <> 1 AND f.served = 0 ORDER BY f.rid",
    Way.BACKGROUND: "f.held = 0 AND f.keep = 1 AND {due} ORDER BY f.made_ms DESC",
    # What nobody else knows of is in no list but this device's.
    Way.FREE: "f.held = 1 AND f.served = 1 AND f.keep = 0 AND f.wanted = 0 AND f.used_ms < :unused"
    " AND NOT EXISTS (SELECT 1 FROM local_pending p WHERE p.rid = f.rid)",
    Way.RECHECK: "f.held = 1 AND f.served = 1 AND (f.asked_ms < :checked OR f.asked_ms > :now + :longest)"
    " ORDER BY f.asked_ms",
}
_DUE: Final = "(f.due_ms <= :now OR f.due_ms > :now + :longest)"
"""A clock that was a year ahead must not silence a file for a year."""
RECENT_MS: Final = 3_600_000
"""A round that went through this long ago still says that all that the server has is here."""


class FileTransfers:
    """Fulfils ``sync.transfer.FileStore``. Used by one thread, with that thread's connection."""

    def __init__(
        self,
        project: Project,
        directory: Path,
        signing: SigningKey,
        keys: KeyRing,
        *,
        notices: bool = True,
        eager: bool = False,
    ) -> None:
        """``notices``: tell other devices what is held here, and the server what is referred to.

        ``eager``: tell what is held at once, since this is not going to run for long.
        """
        self._store = project
        self._directory = directory
        self._chunks = chunks_of(directory)
        self._signing = signing
        self._keys = keys
        self._tells = notices
        self._held_every = 0 if eager else HELD_EVERY_MS
        self._read_due = project.clock.monotonic()
        self._tell_due = self._read_due
        self._live: tuple[tuple[int, int], bytes | None] | None = None
        self._success_before = project.get_meta("last_success_ms")
        self._above: str | None = None
        self._fetching: tuple[bytes, deque[bytes]] | None = None

    @property
    def project(self) -> bytes:
        """The project's id."""
        return self._store.id

    # What there is

    def look(self) -> None:
        """Take in records that came since the last look, and mark what is to be kept here."""
        self._finish_freeing()
        while True:
            rows = self._store.db.all(
                "SELECT r.rid, r.id FROM records r LEFT JOIN local_files f USING (rid)"
                " WHERE r.kind = ? AND f.rid IS NULL AND r.state <> 3 ORDER BY r.rid DESC LIMIT ?",
                (ATTACHMENT, _LOOKED_AT_ONCE),
            )
            if not self._take_in([(int(rid), bytes(record)) for rid, record in rows]):
                break
        with self._store.lightly(), self._store.writing(Touched()):
            mark_kept(self._store)

    def _take_in(self, rows: Sequence[tuple[int, bytes]]) -> bool:
        """Make rows; tells whether there may be more. Records whose file cannot be read yet stay out."""
        made = []
        for rid, record in rows:
            file = self._file(record)
            if file is None or file.manifest is None:
                continue
            born = int.from_bytes(record[:6], "big")
            held = file.held()
            used = min(born, self._store.clock.now_ms()) if held else 0
            made.append((rid, file.manifest.names[0], file.size, born, used, int(held)))
        if made:
            with self._store.lightly(), self._store.writing(Touched()):
                for row in made:
                    self._store.db.run(
                        "INSERT OR IGNORE INTO local_files (rid, first, size, made_ms, used_ms, held)"
                        " VALUES (?, ?, ?, ?, ?, ?)",
                        row,
                    )
                self._count_others([rid for rid, *_ in made])
        return len(made) == _LOOKED_AT_ONCE

    def _file(self, record: bytes) -> AttachedFile | None:
        found = self._store.get(record, ATTACHMENT)
        if found is None or not found.fields:
            return None
        try:
            return read_attached(found, self._directory)
        except SitebookError:
            return None

    def _known(self, record: bytes) -> AttachedFile:
        file = self._file(record)
        if file is None or file.manifest is None:
            raise Damaged("This attachment has no file that this version can read.")
        return file

    def next_file(self, way: Way, beyond: int = 1) -> list[bytes]:
        """The first files to go a way now."""
        if way is Way.UPLOAD and self._store.get_meta("role") == Role.VIEWER:
            return []
        now = self._store.clock.now_ms()
        condition = _SELECT[way].format(due=_DUE)
        rows = self._store.db.connection.execute(
            f"SELECT r.id FROM local_files f JOIN records r USING (rid) WHERE {_NOT_DELETED} AND {condition}"  # noqa: S608
            " LIMIT :count",
            {
                "now": now,
                "longest": LONGEST_GAP_MS,
                "unused": now - GRACE_MS,
                "checked": now - RECHECK_MS,
                "count": beyond,
            },
        )
        return [bytes(record) for (record,) in rows]

    def names(self, file: bytes) -> list[bytes]:
        """The names of all chunks of a file that is here."""
        found = self._known(file)
        assert found.manifest is not None
        return list(found.manifest.everything(self._chunks, found.key))

    def missing(self, file: bytes) -> Sequence[bytes]:
        """The names of chunks to be fetched next: those of the list of chunks first, where there is one."""
        if self._fetching is not None and self._fetching[0] == file:
            # Of a file of gigabytes the disk is not asked about each chunk again for every chunk that comes.
            left = self._fetching[1]
            while left and left[0] in self._chunks:
                left.popleft()
            if left:
                return left
        found = self._known(file)
        manifest = found.manifest
        assert manifest is not None
        lists = [name for name in manifest.names if name not in self._chunks]
        if not lists and manifest.depth:
            lists = [name for name in manifest.chunks(self._chunks, found.key) if name not in self._chunks]
        self._fetching = (file, deque(lists))
        return self._fetching[1]

    def read(self, name: bytes) -> bytes:
        """The bytes of a chunk."""
        return self._chunks.read(name, (16 << 20) + TAG)

    def write(self, data: bytes) -> None:
        """Keep a chunk."""
        self._chunks.write(data)

    # What became of it

    def _update(self, files: Sequence[bytes], assignments: str, *values: object) -> None:
        with self._store.lightly(), self._store.writing(Touched()):
            for file in files:
                self._store.db.run(
                    f"UPDATE local_files SET {assignments}"  # noqa: S608 - constants
                    " WHERE rid = (SELECT rid FROM records WHERE id = ? AND kind = ?)",
                    (*values, file, ATTACHMENT),
                )

    def came(self, file: bytes) -> None:
        """All of a file is here: it is on the disk for good before that is written down."""
        self._chunks.settle(self.names(file))
        self._tell_due = min(self._tell_due, self._store.clock.monotonic() + self._held_every / 1000)
        now = self._store.clock.now_ms()
        self._update(
            [file],
            "held = 1, served = 1, wanted = 0, tries = 0, due_ms = 0, sentence = '', asked_ms = ?,"
            " used_ms = CASE WHEN wanted THEN max(used_ms, ?) ELSE used_ms END",
            now,
            now,
        )

    def served(self, files: Sequence[bytes]) -> None:
        """The server has all of these."""
        self._update(files, "served = 1, sentence = '', asked_ms = ?", self._store.clock.now_ms())

    def unserved(self, file: bytes) -> None:
        """The server lost something of a file: it is to be given again."""
        self._update([file], "served = 0")

    def absent(self, file: bytes) -> None:
        """The server does not have all of a file: it is asked again, with growing gaps."""
        row = self._store.db.one(
            "SELECT f.tries FROM local_files f JOIN records r USING (rid) WHERE r.id = ? AND r.kind = ?",
            (file, ATTACHMENT),
        )
        tries = 0 if row is None else int(row[0])
        gap = min(LONGEST_GAP_MS, FIRST_GAP_MS << min(tries, 20))
        spread = int.from_bytes(self._store.random(2), "big") / 0x10000
        due = self._store.clock.now_ms() + int(gap * (0.5 + spread / 2))
        self._update(
            [file],
            "tries = tries + 1, due_ms = ?, served = 0, sentence = ?",
            due,
            "The server does not have this file yet; a device that holds it has to come online.",
        )

    def refused(self, file: bytes, sentence: str) -> None:
        """The server does not take a file."""
        self._update([file], "served = 2, due_ms = ?, sentence = ?", self._store.clock.now_ms(), sentence)

    def broken(self, file: bytes, sentence: str) -> None:
        """What is here of a file is damaged: the damaged pieces go, and are fetched where the server has them."""
        with suppress(SitebookError):
            found = self._known(file)
            assert found.manifest is not None
            for name in found.manifest.names:
                self._remove_damaged(name)
            for name in found.manifest.chunks(self._chunks, found.key):
                self._remove_damaged(name)
        self._update(
            [file],
            "held = 0, tries = tries + 1, due_ms = ?, sentence = ?",
            self._store.clock.now_ms() + FIRST_GAP_MS,
            sentence,
        )

    def _remove_damaged(self, name: bytes) -> None:
        try:
            self.read(name)
        except NotFound:
            return
        except Damaged:
            self._chunks.remove(name)

    def free(self, file: bytes) -> bool:
        """Remove a file from this device; the server said just now that it has all of it."""
        row = self._store.db.one(
            "SELECT f.rid, f.first FROM local_files f JOIN records r USING (rid) WHERE r.id = ? AND r.kind = ?"
            " AND f.held AND f.served = 1 AND NOT f.keep AND NOT f.wanted",
            (file, ATTACHMENT),
        )
        if row is None:
            return False
        rid, first = int(row[0]), bytes(row[1])
        names = self.names(file)
        # Written down first: nothing is thought to be here that is not, and a crash leaves a word of the rest.
        with self._store.writing(Touched()):
            shared = self._store.db.one(
                "SELECT 1 FROM local_files WHERE first = ? AND rid <> ? AND held AND (keep OR wanted)",
                (first, rid),
            )
            if shared is not None:
                return False
            self._store.db.run("UPDATE local_files SET held = 0 WHERE first = ?", (first,))
            self._store.db.run("INSERT OR REPLACE INTO local_transfers VALUES ('freeing', ?)", (file,))
        self._remove(names)
        return True

    def _remove(self, names: Sequence[bytes]) -> None:
        for name in names:
            self._chunks.remove(name)
        with self._store.lightly(), self._store.writing(Touched()):
            self._store.db.run("DELETE FROM local_transfers WHERE name = 'freeing'")

    def _finish_freeing(self) -> None:
        """Remove what a crash left of a file that went from here."""
        row = self._store.db.one(
            "SELECT t.value, f.held OR f.keep OR f.wanted FROM local_transfers t JOIN records r ON r.id = t.value"
            " JOIN local_files f USING (rid) WHERE t.name = 'freeing' AND r.kind = ?",
            (ATTACHMENT,),
        )
        if row is not None:
            file = self._file(bytes(row[0]))
            names: list[bytes] = []
            if file is not None and file.manifest is not None and not row[1]:
                with suppress(NotFound, Damaged):
                    names = list(file.manifest.everything(self._chunks, file.key))
            self._remove(names)

    def due_in(self) -> float:
        """Seconds until something that waits for its time has its turn."""
        row = self._store.db.one(
            "SELECT min(due_ms) FROM local_files WHERE held = 0 AND (keep OR wanted) AND due_ms > 0"
        )
        ends = [self._read_due - self._store.clock.monotonic()] if self._tells else []
        if row is not None and row[0] is not None:
            ends.append((int(row[0]) - self._store.clock.now_ms()) / 1000)
        return max(0.5, min(ends, default=3600.0))

    # What is told beside the log

    def message(self) -> Callable[[FileRoad], None] | None:
        """Tell or ask something, where it is time for it."""
        now = self._store.clock.monotonic()
        if not self._tells:
            return None
        if self._above is not None:
            kind = self._above
            return lambda road: self._find_own(road, kind)
        if now >= self._read_due:
            return self._read_held
        # Who does not run for long tells at the end, and all of it.
        if now < self._tell_due or (not self._held_every and self.next_file(Way.BACKGROUND)):
            return None
        self._tell_due = now + 30.0
        held = self._held_body()
        never = not held and self._last(NoticeKind.HELD)[0] == 0
        if not never and self._is_news(NoticeKind.HELD, hashlib.sha256(held).digest(), self._held_every):
            return lambda road: self._tell(road, NoticeKind.HELD, held)
        live = self._live_body() if self._is_due(NoticeKind.LIVE, LIVE_EVERY_MS) else None
        if live is not None and self._is_news(NoticeKind.LIVE, hashlib.sha256(live).digest(), LIVE_EVERY_MS):
            return lambda road: self._tell(road, NoticeKind.LIVE, live)
        return None

    def _last(self, kind: str) -> tuple[int, int, bytes]:
        row = self._store.db.one(
            "SELECT number, sent_ms, body FROM local_notices WHERE kind = ?", (str(kind),)
        )
        return (0, 0, b"") if row is None else (int(row[0]), int(row[1]), bytes(row[2]))

    def _is_due(self, kind: str, every_ms: int) -> bool:
        _, sent, _ = self._last(kind)
        return not sent <= self._store.clock.now_ms() < sent + every_ms

    def _is_news(self, kind: str, digest: bytes, every_ms: int) -> bool:
        return self._last(kind)[2] != digest and self._is_due(kind, every_ms)

    def _tell(self, road: FileRoad, kind: str, body: bytes) -> None:
        number = max(self._store.clock.now_ms(), self._last(kind)[0] + 1)
        sent = body
        if kind == NoticeKind.HELD:
            sent = seal_body(
                body,
                project=self.project,
                kind=kind,
                device=self._signing.public,
                key=self._keys.current(),
                random=self._store.random,
            )
        wire = make_notice(project=self.project, kind=kind, number=number, body=sent, key=self._signing)
        try:
            road.put_notice(self.project, wire)
        except Refused:
            # The server may have a newer one, of this device before it was restored: it is looked at next.
            self._above = kind
            self._remember(kind, number, b"")
            return
        self._remember(kind, number, hashlib.sha256(body).digest())
        self._tell_due = 0.0

    def _remember(self, kind: str, number: int, digest: bytes) -> None:
        with self._store.lightly(), self._store.writing(Touched()):
            self._store.db.run(
                "INSERT OR REPLACE INTO local_notices VALUES (?, ?, ?, ?)",
                (str(kind), number, self._store.clock.now_ms(), digest),
            )

    def _find_own(self, road: FileRoad, kind: str) -> None:
        """Go above the number that the server has of this device's own notice."""
        self._above = None
        for wire in every_notice(road, self.project, kind):
            with suppress(Malformed, NewerFormat):
                notice = read_notice(wire)
                if notice.device == self._signing.public:
                    last, sent, digest = self._last(kind)
                    with self._store.lightly(), self._store.writing(Touched()):
                        self._store.db.run(
                            "INSERT OR REPLACE INTO local_notices VALUES (?, ?, ?, ?)",
                            (str(kind), max(last, notice.number), sent, digest),
                        )

    def _held_body(self) -> bytes:
        rows = self._store.db.all(
            "SELECT r.id FROM local_files f JOIN records r USING (rid) WHERE f.held AND r.state <> 3 ORDER BY r.id"
        )
        return b"".join(bytes(record) for (record,) in rows)[: _LONGEST_LIST // _ID * _ID]

    def _live_body(self) -> bytes | None:
        """The names of all chunks that records refer to; None while not all of them are known here."""
        if not self._is_up_to_date():
            return None
        row = self._store.db.one(
            # What was set aside and counts again is a record as before: its place and number tell nothing new.
            "SELECT count(*), coalesce(sum(rid), 0) FROM records WHERE kind = ? AND state <> 3",
            (ATTACHMENT,),
        )
        assert row is not None
        mark = (int(row[0]), int(row[1]))
        if self._live is None or self._live[0] != mark:
            self._live = (mark, self._all_names())
        return self._live[1]

    def _is_up_to_date(self) -> bool:
        """Whether all that the server has is applied here, and all that is here is on the server."""
        success = self._store.get_meta("last_success_ms")
        # A device that was away, or was restored from a copy, knows nothing of what came since: it looks first.
        age = None if success is None else self._store.clock.now_ms() - int(success)
        if age is None or (success == self._success_before and not 0 <= age < RECENT_MS):
            return False
        row = self._store.db.one(
            "SELECT (SELECT count(*) FROM envelopes WHERE pushed = 0)"
            " + (SELECT count(*) FROM changes WHERE eid IS NULL)"
            " + (SELECT count(*) FROM envelopes WHERE state <> 0 AND state IN (1, 4))"
        )
        return row is not None and row[0] == 0

    def _all_names(self) -> bytes | None:
        names: list[bytes] = []
        for (record,) in self._store.db.all(
            "SELECT id FROM records WHERE kind = ? AND state <> 3 ORDER BY id", (ATTACHMENT,)
        ):
            try:
                names += self.names(bytes(record))
            except SitebookError:
                return None  # a later version's file, or a list of chunks that is not here
        found = b"".join(dict.fromkeys(names))
        return found if len(found) <= _LONGEST_LIST else None

    def _read_held(self, road: FileRoad) -> None:
        """Take in which files other devices hold."""
        db = self._store.db
        row = db.one("SELECT value FROM local_transfers WHERE name = 'held after'")
        after = 0 if row is None else int(row[0])
        found = road.notices(self.project, NoticeKind.HELD, after)
        self._read_due = self._store.clock.monotonic() + READ_EVERY
        if not found:
            return
        membership = load_membership(self._store)
        with self._store.lightly(), self._store.writing(Touched()):
            for came_ms, wire in found:
                after = max(after, came_ms)
                with suppress(Malformed, NewerFormat, msgspec.DecodeError):
                    notice = read_notice(wire)
                    if notice.project != self.project or notice.kind != NoticeKind.HELD:
                        continue
                    if notice.device == self._signing.public or membership.device(notice.device) is None:
                        continue
                    body = open_body(notice, self._keys)
                    if body is None or len(body) % _ID:
                        continue
                    db.run(
                        "INSERT INTO local_receipts VALUES (?1, ?2, ?3) ON CONFLICT (device) DO UPDATE"
                        " SET number = ?2, files = ?3 WHERE number < ?2",
                        (notice.device, notice.number, body),
                    )
            db.run("INSERT OR REPLACE INTO local_transfers VALUES ('held after', ?)", (after,))
            for (device,) in db.all("SELECT device FROM local_receipts"):
                standing = membership.device(bytes(device))
                if standing is None or getattr(standing, "revoked", False):
                    db.run("DELETE FROM local_receipts WHERE device = ?", (device,))
            self._count_others(None)

    def _count_others(self, rids: Sequence[int] | None) -> None:
        """Count anew on how many other devices files are; the caller has a transaction open."""
        db = self._store.db
        counts: Counter[bytes] = Counter()
        for (files,) in db.all("SELECT files FROM local_receipts"):
            body = bytes(files)
            counts.update({body[at : at + _ID] for at in range(0, len(body), _ID)})
        condition = "" if rids is None else f" WHERE f.rid IN ({', '.join('?' for _ in rids)})"
        rows = db.all(
            f"SELECT f.rid, r.id, f.others FROM local_files f JOIN records r USING (rid){condition}",  # noqa: S608
            () if rids is None else rids,
        )
        for rid, record, others in rows:
            if counts[bytes(record)] != others:
                db.run("UPDATE local_files SET others = ? WHERE rid = ?", (counts[bytes(record)], rid))
