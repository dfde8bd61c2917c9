"""What one pass over a folder shares: what is remembered, what is in the project, and what has been done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from app.domain.directory import Context
from app.domain.fields import load_fields
from app.domain.schema import ATTACHMENT, ISSUE, KINDS, NOTE, Field
from app.interchange.folder.front_matter import Value
from app.interchange.folder.keys import KINDS_HERE, Keys
from app.interchange.folder.names import folded, folder_of
from app.interchange.folder.places import Names, Places, titled
from app.interchange.folder.root import Root
from app.interchange.folder.state import FileRow, Setting, State
from app.richtext.delta import Insert
from app.richtext.yjs import read_document
from app.store.attachments import Attachments
from app.store.deletion import DELETED, EMPTY
from app.store.project import Project
from app.store.slices import BACKGROUND_SECONDS
from app.store.texts import document_text, open_document
from app.store.touched import Touched
from sync.change import Change, Group

_MANY: Final = 100
"""Records from which on it is faster to read columns than records."""


@dataclass
class Report:
    """What a pass did, in numbers, and what waits for somebody: by path, with the end of a sentence about the file."""

    written: int = 0
    taken_in: int = 0
    made: int = 0
    moved: int = 0
    removed: int = 0
    trashed: int = 0
    files: int = 0
    vanished: int = 0
    """So many files were missing at once that nothing was done; 0 where it was not so."""
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether anything was done."""
        return bool(self.written or self.taken_in or self.made or self.moved or self.removed or self.trashed)


class Step(NamedTuple):
    """How far a pass is, in one of its phases, and what it wrote in the project since the last step."""

    phase: str
    done: int = 0
    total: int = 0
    touched: Touched = Touched()


@dataclass(slots=True)
class Info:
    """A note, an issue or an attachment: its numbers, whether it is deleted, and the last change to it."""

    rid: int
    id: bytes
    kind: str
    gone: bool
    updated: int


class Work:
    """One pass. Everything in it belongs to one thread."""

    def __init__(
        self,
        project: Project,
        root: Root,
        setting: Setting,
        context: Context,
        attachments: Attachments | None,
    ) -> None:
        self.project = project
        self.root = root
        self.setting = setting
        self.context = context
        self.attachments = attachments
        self.state = State(project)
        self.report = Report()
        self.rows = self.state.files()
        self.by_rid = {row.rid: row.path for row in self.rows.values()}
        self._displaced: dict[int, FileRow] = {}
        """Rows of records whose path another file has by now."""
        self.made: list[Change] = []
        """The first change that moved something to the trash."""
        self.renamed: set[int] = set()
        """Records whose files have another path than before."""
        self._group = b""
        self._grouped = 0
        self.infos: dict[int, Info] = {}
        self.by_id: dict[bytes, Info] = {}
        self._load()
        self.keys = {kind: Keys(load_fields(kind, project), context) for kind in KINDS_HERE}
        self.places = Places(titled(project.column(kind, "title") for kind in KINDS_HERE))
        self.taken = {folded(path.rstrip("/")) for path in self.rows}
        """Paths that are in use, folded."""
        for row in self.rows.values():
            info = self.infos.get(row.rid)
            if info is not None and not info.gone:
                self.places.put(info.id, row)

    def _load(self) -> None:
        for rid, record, kind, state, updated in self.project.db.all(
            "SELECT rid, id, kind, state, updated FROM records WHERE kind IN (?, ?, ?)",
            (NOTE, ISSUE, ATTACHMENT),
        ):
            self.know(Info(int(rid), bytes(record), kind, state in (DELETED, EMPTY), int(updated)))

    def know(self, info: Info) -> None:
        """Take a record up among those that are known."""
        self.infos[info.rid] = info
        known = self.by_id.get(info.id)
        if known is None or known.kind == ATTACHMENT:
            self.by_id[info.id] = info

    def learn(self, kind: str, record: bytes) -> Info:
        """Read anew what is known of a record, after it was written to."""
        rid = self.project.numbers.record(kind, record)[0]
        row = self.project.db.one("SELECT state, updated FROM records WHERE rid = ?", (rid,))
        assert row is not None
        info = Info(rid, record, kind, row[0] in (DELETED, EMPTY), int(row[1]))
        self.know(info)
        return info

    # Rows: in memory and in the file; the caller has a transaction open

    def put_row(self, row: FileRow) -> None:
        """Remember a file; another path of the same record is forgotten."""
        there = self.rows.get(row.path)
        if there is not None and there.rid != row.rid:
            # Files that changed places: the other one is where it was until its own turn comes.
            self._displaced[there.rid] = there
            self.by_rid.pop(there.rid, None)
        old = self.row_of(row.rid)
        if old is not None and old.path != row.path:
            self.drop_row(old)
            self.renamed.add(row.rid)
        self.rows[row.path] = row
        self.by_rid[row.rid] = row.path
        self.taken.add(folded(row.path.rstrip("/")))
        info = self.infos.get(row.rid)
        if info is not None:
            self.places.put(info.id, row)
        self.state.put_files([row])

    def drop_row(self, row: FileRow) -> None:
        """Forget the file of a record; that of another one which has its path by now stays."""
        self._displaced.pop(row.rid, None)
        info = self.infos.get(row.rid)
        if info is not None and self.places.path(info.id) == row.path:
            self.places.drop(info.id)
        there = self.rows.get(row.path)
        if there is None or there.rid != row.rid:
            return
        del self.rows[row.path]
        if self.by_rid.get(row.rid) == row.path:
            del self.by_rid[row.rid]
        self.taken.discard(folded(row.path.rstrip("/")))
        self.state.drop_files([row.path])

    def row_of(self, rid: int) -> FileRow | None:
        """The file of a record."""
        path = self.by_rid.get(rid)
        return self._displaced.get(rid) if path is None else self.rows[path]

    # The project

    def document(self, info: Info) -> list[Insert]:
        """The text of a record as it is in the log: what is being typed comes with the next pass."""
        rid, fid = info.rid, self.project.numbers.known_field(info.kind, "text")
        state = None if fid is None else self.project.texts_store.state(rid, fid)
        return read_document(document_text(open_document(state)))

    def values(self, infos: Sequence[Info]) -> Callable[[Info, Field], Any] | None:
        """What gives the values of many records, column by column; None for a few, which are faster read one by one."""
        if len(infos) < _MANY:
            return None
        columns: dict[tuple[str, str], Mapping[bytes, Any]] = {}

        def value(info: Info, each: Field) -> Any:
            key = (info.kind, each.name)
            if key not in columns:
                columns[key] = self.project.column(*key)
            return columns[key].get(info.id)

        return value

    def rendered(self, info: Info, value_of: Callable[[Info, Field], Any] | None = None) -> dict[str, Value]:
        """The front matter of a record as it would be written now."""
        keys = self.keys[info.kind]
        if value_of is not None:
            return keys.render(lambda each: value_of(info, each))
        found = self.project.get(info.id, info.kind)
        if found is None:
            return {}
        return keys.render(lambda each: found.values(each.name) if each.many else found.value(each.name))

    def names(self, path: str, links: Mapping[str, bytes] = MappingProxyType({})) -> Names:
        """What the names in a file stand for."""
        people = self.context.directory.people

        def person(record: bytes) -> str | None:
            entry = people.get(record)
            return None if entry is None else entry.shown

        return Names(self.places, folder_of(path), links, people=person)

    def title(self, info: Info) -> str:
        """The title of a record."""
        value = self.project.field(info.id, KINDS[info.kind].heading, info.kind).value
        return value if isinstance(value, str) else ""

    def slices(
        self, phase: str, units: Iterable[Callable[[], Callable[[Touched], None] | None]], total: int
    ) -> Iterator[Step]:
        """Prepare units one after the other, and write some of them in one transaction, letting others in between."""
        ready: deque[Callable[[Touched], None]] = deque()
        done = 0
        clock = self.project.clock
        begun = clock.monotonic()
        for prepare in units:
            write = prepare()
            done += 1
            if write is not None:
                ready.append(write)
            if len(ready) >= 50 or clock.monotonic() - begun > BACKGROUND_SECONDS:
                yield Step(phase, done, total, self._write(ready))
                begun = clock.monotonic()
        while ready:
            yield Step(phase, done, total, self._write(ready))

    def _write(self, ready: deque[Callable[[Touched], None]]) -> Touched:
        touched = Touched()
        clock = self.project.clock
        begun = clock.monotonic()
        with self.project.writing(touched):
            while ready:
                ready.popleft()(touched)
                if self.project.lock.wanted or clock.monotonic() - begun > BACKGROUND_SECONDS:
                    break
        return touched

    def trash(self, record: bytes, touched: Touched) -> None:
        """Move a record to the trash, as a part of one action; the caller has a transaction open."""
        self._group = self._group or self.project.random(16)
        place = Group(self._group, self._grouped, 1 << 20)
        self._grouped += 1
        change = self.project.append(self.project.deletion(record), touched, place)
        if change is not None and not self.made:
            self.made.append(change)

    def say(self, path: str, problem: str) -> None:
        """Note what waits for somebody at a file."""
        self.report.problems[path] = problem
