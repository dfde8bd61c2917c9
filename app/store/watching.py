"""What others did that concerns somebody: for the inbox, and for looking through what is new.

Changes are counted in the order in which they came to this device (their numbers), not by their authors'
clocks: what was written yesterday and arrives today is news today. How far the user is through it is this
device's matter: by record for the inbox (done, or to be told again later), by name for whole lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.domain.schema import COMMENT, ISSUE
from app.richtext.formats import MENTION
from app.store.core import pack
from app.store.deletion import DELETED, EMPTY
from app.store.origins import authors

if TYPE_CHECKING:
    from app.store.project import Project

MENTIONED = "mentioned"
REASONS = {"assignees": "assigned", "watchers": "watching", "mentions": MENTIONED}
"""The fields that say that something is somebody's concern, and what they are called."""
_FEW = 1_500
"""Records of somebody's concern up to which each is asked for its changes; beyond, the changes are read backwards."""
_PAGE = 2_000
_HIDDEN = (DELETED, EMPTY)
_BY_CHANGE = (
    "SELECT rid, cid, fid FROM writes WHERE cid BETWEEN ?1 AND ?2"
    " UNION ALL SELECT rid, cid, fid FROM history WHERE cid BETWEEN ?1 AND ?2"
    " UNION ALL SELECT rid, cid, fid FROM updates WHERE cid BETWEEN ?1 AND ?2"
    " UNION ALL SELECT rid, cid, fid FROM replacements WHERE cid BETWEEN ?1 AND ?2"
)
_BY_RECORD = (
    "SELECT rid, cid, fid FROM writes WHERE rid = ?1 UNION ALL SELECT rid, cid, fid FROM history WHERE rid = ?1"
    " UNION ALL SELECT rid, cid, fid FROM updates WHERE rid = ?1"
    " UNION ALL SELECT rid, cid, fid FROM replacements WHERE rid = ?1"
)


@dataclass(slots=True)
class News:
    """What others did to one record, and why it is somebody's concern.

    ``fields``: what they wrote, by stored name; ``comments``: their comments on it; ``new``: they made it;
    ``since``: reasons that hold only since then (assigned now, mentioned now). ``at`` and ``device`` are of the
    last that came; ``mark`` is its number, for ``done`` and ``snooze``.
    """

    record: bytes
    kind: str
    reasons: frozenset[str]
    mark: int
    at: int
    device: bytes
    fields: set[str] = field(default_factory=set)
    comments: set[bytes] = field(default_factory=set)
    since: set[str] = field(default_factory=set)
    new: bool = False


class Watching:
    """News of one project, on its connection. ``own``: the devices of the user, whose changes are none."""

    def __init__(self, project: Project, own: Collection[bytes] = ()) -> None:
        self._project = project
        self._db = project.db
        self._own = {project.device, *own}

    # How far the user is

    def newest(self) -> int:
        """The number of the last change that is here: a mark for everything up to now."""
        row = self._db.one("SELECT max(cid) FROM changes")
        return 0 if row is None else int(row[0] or 0)

    def mark(self, name: str) -> int | None:
        """The last change that was there when the user last looked through a list; None if he never did."""
        row = self._db.one("SELECT cid FROM local_marks WHERE name = ?", (name,))
        return None if row is None else int(row[0])

    def looked(self, name: str, mark: int | None = None) -> None:
        """Remember that the user has looked through a list, up to now or up to a mark."""
        with self._project.writing():
            value = self.newest() if mark is None else mark
            self._db.run("INSERT OR REPLACE INTO local_marks VALUES (?, ?)", (name, value))

    def done(self, news: Iterable[News]) -> None:
        """The user is through with these; what comes after is news again."""
        with self._project.writing():
            for each in news:
                self._db.run(
                    "INSERT INTO local_inbox (rid, done) VALUES (?, ?) ON CONFLICT DO UPDATE SET done = excluded.done",
                    (self._rid(each), each.mark),
                )

    def snooze(self, news: Iterable[News], until_ms: int) -> None:
        """Tell these again at a time, or before, when something more happens."""
        with self._project.writing():
            for each in news:
                self._db.run(
                    "INSERT INTO local_inbox (rid, snoozed, until_ms) VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
                    " SET snoozed = excluded.snoozed, until_ms = excluded.until_ms",
                    (self._rid(each), each.mark, until_ms),
                )

    def forget(self, news: Iterable[News]) -> None:
        """Take ``done`` and ``snooze`` back: all that happened to these is news again."""
        with self._project.writing():
            for each in news:
                self._db.run("DELETE FROM local_inbox WHERE rid = ?", (self._rid(each),))

    def _rid(self, news: News) -> int:
        return self._project.numbers.record(news.kind, news.record)[0]

    # What is news

    def inbox(self, people: Collection[bytes], *, since: int = 0, limit: int = 200) -> list[News]:
        """What others did to records that people are assigned to, watch or are mentioned in, the newest first.

        ``people``: the ids of the user's person records; ``since``: the mark from which on anything is news.
        A mention is a field's or stands in a text; one in a comment counts for what the comment is on.
        """
        mentioning = self._mentioning(people)
        concerns = self._concerns(people, mentioning)
        if not concerns:
            return []
        now = self._project.clock.now_ms()
        done = {
            int(rid): int(mark)
            for rid, mark in self._db.all(
                "SELECT rid, max(done, iif(until_ms > ?, snoozed, 0)) FROM local_inbox", (now,)
            )
        }

        def starts_at(rid: int) -> int:
            return max(since, done.get(rid, 0))

        found = _Collected(self, concerns, starts_at, limit, mentioning=mentioning)
        few = len(concerns) <= _FEW
        return found.told(self._of_records(concerns) if few else self._backwards(since))

    def changed(self, kind: str = ISSUE, *, since: int, limit: int = 1_000) -> list[News]:
        """The records of a kind that others made or changed after a mark, or commented on, the newest first."""
        found = _Collected(self, None, lambda rid: since, limit, kind)
        return found.told(self._backwards(since))

    def _concerns(
        self, people: Collection[bytes], mentioning: Collection[tuple[int, int]]
    ) -> dict[int, set[str]]:
        """Why which records are somebody's concern."""
        found: dict[int, set[str]] = {}
        rows = self._db.all(
            "SELECT fid, kind, name FROM fields WHERE name IN ('assignees', 'watchers', 'mentions')"
        )
        values = [pack(person) for person in people]
        marks = ", ".join("?" for _ in values)
        for fid, kind, name in rows:
            sql = f"SELECT DISTINCT rid FROM writes WHERE fid = ? AND value IN ({marks})"  # noqa: S608
            for (rid,) in self._db.all(sql, (fid, *values)):
                above = self._above(int(rid)) if kind == COMMENT else int(rid)
                if above is not None:
                    found.setdefault(above, set()).add(REASONS[name])
        for rid, _ in mentioning:
            kind = self._project.numbers.record_id(rid)[0]
            above = self._above(rid) if kind == COMMENT else rid
            if above is not None:
                found.setdefault(above, set()).add(MENTIONED)
        return found

    def _mentioning(self, people: Collection[bytes]) -> set[tuple[int, int]]:
        """The texts, as (record, field), that mention people and are not in the trash."""
        project = self._project
        texts = project.texts_store.pointing(people, [MENTION])
        return {(rid, fid) for rid, fid in texts if project.deletions.state_of(rid) not in _HIDDEN}

    def _above(self, rid: int) -> int | None:
        parent = self._project.deletions.parent(rid)
        kind = None if parent is None else self._project.kind_of(parent)
        return None if parent is None or kind is None else self._project.numbers.known_record(kind, parent)

    def _of_records(self, rids: Iterable[int]) -> Iterator[tuple[int, int, int]]:
        """(change, record, field) of all writes to some records and their comments, the newest first."""
        rows: list[tuple[int, int, int]] = []
        for rid in rids:
            below = self._db.all(
                "SELECT ch.rid FROM records r JOIN children ch ON ch.parent = r.id JOIN records c ON c.rid = ch.rid"
                " WHERE r.rid = ? AND c.kind = ?",
                (rid, COMMENT),
            )
            for each in (rid, *(int(row[0]) for row in below)):
                rows.extend((int(cid), int(r), int(fid)) for r, cid, fid in self._db.all(_BY_RECORD, (each,)))
        return iter(sorted(rows, reverse=True))

    def _backwards(self, since: int) -> Iterator[tuple[int, int, int]]:
        """(change, record, field) of all writes after a mark, the newest first, as far as they are asked for."""
        stop = self.newest()
        while stop > since:
            start = max(since + 1, stop - _PAGE + 1)
            rows = self._db.all(_BY_CHANGE, (start, stop))
            yield from sorted(((int(cid), int(rid), int(fid)) for rid, cid, fid in rows), reverse=True)
            stop = start - 1


class _Collected:
    """Gathers news by record from writes that come the newest first."""

    def __init__(
        self,
        watching: Watching,
        concerns: dict[int, set[str]] | None,
        starts_at: Any,
        limit: int,
        kind: str | None = None,
        mentioning: Collection[tuple[int, int]] = (),
    ) -> None:
        self._watching = watching
        self._mentioning = mentioning
        self._project = watching._project
        self._db = watching._db
        self._own = watching._own
        self._concerns = concerns
        self._starts_at = starts_at
        self._limit = limit
        self._kind = kind
        self._found: dict[int, News] = {}
        self._changes: dict[int, tuple[int, bytes] | None] = {}
        self._records: dict[int, tuple[bytes, str, int]] = {}
        self._wrote = authors(self._project)

    def told(self, writes: Iterator[tuple[int, int, int]]) -> list[News]:
        for cid, rid, fid in writes:
            subject = self._subject(rid)
            if subject is None or cid <= self._starts_at(subject):
                continue
            change = self._change(cid)
            if change is None:
                continue
            news = self._found.get(subject)
            if news is None:
                if len(self._found) == self._limit:
                    break
                news = self._begun(subject, cid, change)
                if news is None:
                    continue
            self._note(news, subject, rid, fid)
        return list(self._found.values())

    def _begun(self, subject: int, cid: int, change: tuple[int, bytes]) -> News | None:
        record, kind, state = self._record(subject)
        if state in _HIDDEN:
            return None
        reasons = frozenset(() if self._concerns is None else self._concerns[subject])
        news = self._found[subject] = News(record, kind, reasons, cid, *change)
        return news

    def _note(self, news: News, subject: int, rid: int, fid: int) -> None:
        name = self._project.numbers.field_name(fid)[1]
        if rid != subject:
            record, _, state = self._record(rid)
            if state not in _HIDDEN:
                news.comments.add(record)
                if name == "mentions" or (rid, fid) in self._mentioning:
                    news.since.add(MENTIONED)
            return
        news.fields.add(name)
        if (rid, fid) in self._mentioning:
            news.since.add(MENTIONED)
        if name == "created":
            news.new = True
        if REASONS.get(name) in news.reasons:
            news.since.add(REASONS[name])

    def _subject(self, rid: int) -> int | None:
        """The record that a write to this one is news of, or None where it is nobody's concern."""
        _, kind, _ = self._record(rid)
        if kind == COMMENT:
            above = self._watching._above(rid)
            if above is None:
                return None
            rid, kind = above, self._record(above)[1]
        if self._concerns is not None:
            return rid if rid in self._concerns else None
        return rid if kind == self._kind else None

    def _record(self, rid: int) -> tuple[bytes, str, int]:
        found = self._records.get(rid)
        if found is None:
            row = self._db.one("SELECT id, kind, state FROM records WHERE rid = ?", (rid,))
            assert row is not None
            found = self._records[rid] = (bytes(row[0]), str(row[1]), int(row[2]))
        return found

    def _change(self, cid: int) -> tuple[int, bytes] | None:
        """When and on which device a change was made; None for one's own, and for what was set aside."""
        if cid not in self._changes:
            row = self._db.one(
                "SELECT c.clock, d.key, c.aside, c.id FROM changes c JOIN devices d USING (did) WHERE c.cid = ?",
                (cid,),
            )
            assert row is not None
            device = self._wrote.get(bytes(row[3]), bytes(row[1]))
            ours = bytes(row[1]) in self._own or bool(row[2])
            self._changes[cid] = None if ours else (int(row[0]), device)
        return self._changes[cid]
