"""One open project as the window holds it: columns in memory, names, marks, and the operations.

Every operation, and every pull, ends in ``apply_touched``: it brings the columns up to date and says in two
signals what changed, so that the views refresh only that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QElapsedTimer, QLocale, QObject, QTimer, Signal

from app.desktop.contested import Contested
from app.desktop.following import Growing
from app.desktop.marks import Marks
from app.desktop.session import ProjectInfo
from app.desktop.trash import Trash
from app.domain.collation import collation
from app.domain.directory import Context
from app.domain.fields import FieldSet, load_fields
from app.domain.schema import (
    CATEGORY,
    CLOSED_MEANINGS,
    ELEMENT,
    FIELD,
    ISSUE,
    LABEL,
    LOCATION,
    NOTE,
    PERSON,
    PROJECT,
    STATUS,
)
from app.query.frames import Frames, Moved
from app.query.made_names import MadeNames
from app.store.operations import Bulk, Edit
from app.store.slices import Step
from app.store.touched import Touched
from sync.errors import SitebookError

if TYPE_CHECKING:
    from app.desktop.file_desk import FileDesk
    from app.store.attachments import Attachments
    from app.store.project import Project
    from app.store.records import AttentionItem, Conflict, Record

_DIRECTORY_KINDS = frozenset({PERSON, STATUS, LABEL, LOCATION})
LISTED_KINDS = (ISSUE, NOTE, PERSON, ELEMENT)
TRASHED_KINDS = (*LISTED_KINDS, LABEL, LOCATION, CATEGORY, FIELD, STATUS)
"""What can be taken out of the trash."""
_AT_ONCE = 20
"""Changes of an action from which on it is taken back in steps: so many take about a frame."""
_SLICE_SECONDS = 0.004
"""For so long an action's changes are gathered into a transaction here, where its commit must fit into a frame too."""
_STEPS_MS = 4
"""How long steps run before the window may answer."""
_DAY_CHECK_MS = 20_000
"""How often the day is looked at."""


class Workspace(QObject):
    """The open project. Lives on the GUI thread."""

    rows_changed = Signal(set)
    """Emits the ids of records whose rows look different now."""
    lists_changed = Signal()
    """Records came, went, or may stand elsewhere: lists filter and sort again."""
    moved = Signal(object)
    """Emits what became of the columns by a change, a ``Moved``, as soon as columns and names follow it."""
    touched = Signal(object)
    """Emits each ``Touched`` after everything here follows it."""
    day_changed = Signal()
    """It is another day: what is due today, and how days are said, is not what it was."""
    failed = Signal(str)
    """Emits one sentence about an operation that could not be done."""
    stopping = Signal()
    """The project is about to be closed: what runs beside it must end."""
    drop_asked = Signal(object)
    """Emits the hash of an envelope that the server refused and that the user gives up."""
    wrote = Signal()
    """Something was written here that the server does not have."""
    marks_read = Signal()
    """What waits for the server, and what is in trouble, was asked again."""

    def __init__(
        self,
        source: Project,
        info: ProjectInfo,
        now: Callable[[], datetime],
        me: bytes | None = None,
        parent: QObject | None = None,
        *,
        attachments: Attachments | None = None,
    ) -> None:
        super().__init__(parent)
        self.source = source
        self.attachments = attachments
        self.files: FileDesk | None = None
        """Where files are, once the window knows how they travel."""
        self.info = info
        self.now = now
        self.me = me
        self.columns = Frames(source, self.context, self._flagged)
        self.writing_here = False
        """Whether what is being followed was made in this window."""
        self.directory = self.columns.directory
        """The names in the project, as they are now."""
        self.directory.me = me
        self.contested = Contested(source)
        self.trash = Trash(source, TRASHED_KINDS)
        self._fields: dict[str, FieldSet] = {}
        self.marks = Marks(source)
        self._marks_asked = False
        self._reading_marks = False
        self._marks_stale = False
        """Whether what waits changed while it was being read."""
        self._told: set[bytes] = set()
        """The records that rows may show as troubled since ``rows_changed`` last told of marks."""
        self._behind = Touched()
        """What the columns are still to follow in steps."""
        self._catching_up = False
        """Whether the steps that follow it wait for their turn."""
        self._steps: list[Iterator[None]] = []
        self._stopped = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)
        self._collate = collation(QLocale.system().name())
        self._today = now().date()
        self._clock = QTimer(self, interval=_DAY_CHECK_MS)
        self._clock.timeout.connect(self.look_at_clock)
        self._clock.start()

    # What stands in the project

    def ids(self, kind: str) -> list[bytes]:
        """The records of a kind that are not deleted, the newest first."""
        return self.columns.ids(kind)

    @property
    def pending(self) -> set[bytes]:
        """Records with changes that the server does not have, as far as they have been read."""
        if not self._marks_asked:
            self.sync_marks_changed()
        return self.marks.pending

    @cached_property
    def attention(self) -> Sequence[AttentionItem]:
        """Everything that waits for a person."""
        return self.source.attention()

    @cached_property
    def troubled(self) -> set[bytes]:
        """The records among ``attention``."""
        return {record for each in self.attention for record in each.records}

    @property
    def conflicts(self) -> Sequence[Conflict]:
        """Every field with more than one value."""
        return self.contested.all()

    @cached_property
    def conflicted(self) -> set[bytes]:
        """The records among ``conflicts``."""
        return {each.record for each in self.conflicts}

    @cached_property
    def trash_size(self) -> int:
        """How many records lie in the trash."""
        return self.source.trash_size(TRASHED_KINDS)

    def read_conflicts(self) -> None:
        """Read in steps what is contested; ``lists_changed`` tells when it is known."""

        def steps() -> Iterator[None]:
            yield from self.contested.steps()
            self._forget_conflicts()
            self.lists_changed.emit()

        self.run_steps(steps())

    def read_trash(self) -> None:
        """Read in steps what lies in the trash; ``lists_changed`` tells when it is known."""

        def steps() -> Iterator[None]:
            yield from self.trash.steps()
            self.lists_changed.emit()

        self.run_steps(steps())

    @cached_property
    def conflicted_fields(self) -> Mapping[bytes, set[str]]:
        """The fields with more than one value, by record."""
        found: dict[bytes, set[str]] = {}
        for each in self.conflicts:
            found.setdefault(each.record, set()).add(each.field)
        return found

    def _flagged(self, _kind: str, flag: str) -> set[bytes]:
        """The records of which a flag of the query language holds."""
        return {"unsynced": self.pending, "attention": self.troubled, "conflict": self.conflicted}[flag]

    def sync_of(self, record: bytes) -> str:
        """Where a record is: pending, synced or attention."""
        if record in self.troubled:
            return "attention"
        return "pending" if record in self.pending else "synced"

    @property
    def has_come(self) -> bool:
        """Whether anything of the project is here: every project begins with its statuses."""
        return bool(self.directory.statuses)

    def made_name(self, kind: str, record: bytes) -> str:
        """The name that a template makes for a record without one; empty where none does, or it is not read yet."""
        names = MadeNames(self.columns)
        row = self.columns.frame(kind).row(record)
        return names.name(kind, row) if row is not None and names.ready(kind) else ""

    def is_open(self, issue: bytes) -> bool:
        """Whether an issue still asks for something."""
        status = self.columns.column(ISSUE, "status").get(issue)
        entry = self.directory.statuses.get(status) if isinstance(status, bytes) else None
        return entry is None or entry.meaning not in CLOSED_MEANINGS

    def view(self, record: bytes, kind: str) -> Record | None:
        """One record, whole."""
        return self.source.get(record, kind)

    def fields(self, kind: str) -> FieldSet:
        """The fields of a kind in this project, those of its people included."""
        known = self._fields.get(kind)
        if known is None:
            known = self._fields[kind] = load_fields(kind, self.columns)
        return known

    def context(self) -> Context:
        """What reading and showing values depends on, as of now."""
        now = self.now()
        zone = now.tzinfo
        assert zone is not None, "the window's clock tells the device's time zone"
        return Context(self.directory, now.date(), zone, self._currency, self._collate)

    @cached_property
    def _currency(self) -> str:
        currency = next(iter(self.columns.column(PROJECT, "currency").values()), "")
        return currency if isinstance(currency, str) else ""

    # Loading in steps

    def run_steps(self, steps: Iterator[None]) -> None:
        """Do the steps one by one, between the user's presses; none once the project is about to be closed."""
        if self._stopped:
            return
        self._steps.append(steps)
        self._timer.start()

    def finish_steps(self) -> None:
        """Do everything that waits, at once."""
        while self._steps:
            self._step()

    def stop(self) -> None:
        """Leave what waits undone: the project is about to be closed."""
        self.stopping.emit()
        self._stopped = True
        self._steps.clear()
        self._timer.stop()
        self._clock.stop()

    def look_at_clock(self) -> None:
        """Tell of another day, once it has begun."""
        today = self.now().date()
        if today != self._today:
            self._today = today
            moved = self.columns.day_changed()
            if moved.stale:
                self._follow_later(Touched())
            self.day_changed.emit()

    def _step(self) -> None:
        """Do as many steps as fit between two frames."""
        clock = QElapsedTimer()
        clock.start()
        while self._steps and clock.elapsed() < _STEPS_MS:
            steps = self._steps[0]
            if next(steps, self) is self:
                self._steps = [each for each in self._steps if each is not steps]
        if not self._steps:
            self._timer.stop()

    # Operations

    def create(self, kind: str, fields: Mapping[str, Any]) -> bytes | None:
        """Make a record; None where it could not be, which ``failed`` has said."""
        result = self._do(lambda: self.source.create(kind, fields))
        if result is None:
            return None
        record: bytes = result[0]
        self._take(result[1])
        return record

    def create_issue(self) -> bytes | None:
        """Make an empty issue; the project gives it its number and first status."""
        return self.create(ISSUE, {})

    def delete(self, records: Iterable[bytes]) -> None:
        """Move records to the trash."""
        self._together(list(records), Bulk.delete, self.source.delete)

    def restore(self, records: Iterable[bytes]) -> None:
        """Take records back out of the trash."""
        self._together(list(records), Bulk.restore, self.source.restore)

    def edit(self, edits: Mapping[bytes, Sequence[Edit]]) -> bool:
        """Edit records as one action, many of them in steps; False where nothing was edited, or could not be, which
        ``failed`` has said.
        """
        if len(edits) > _AT_ONCE:
            return self._in_slices(_edit_slices(self.source, edits))

        def write() -> Touched:
            bulk = self.source.bulk()
            for record, each in edits.items():
                bulk.update(record, each)
            return bulk.commit()

        return bool(edits) and self._take(self._do(write))

    def undo(self) -> bool:
        """Take back one's own last action, a large one in steps; False where there was none."""
        if self.source.undo_size() > _AT_ONCE:
            return self._in_slices(self.source.undo_steps(_SLICE_SECONDS))
        return self._take(self._do(self.source.undo))

    def redo(self) -> bool:
        """Do again what was taken back last, a large action in steps; False where there was nothing."""
        if self.source.redo_size() > _AT_ONCE:
            return self._in_slices(self.source.redo_steps(_SLICE_SECONDS))
        return self._take(self._do(self.source.redo))

    def _in_slices(self, slices: Iterator[Step]) -> bool:
        """Write slices of a larger action between the user's presses."""
        self.run_steps(self.slice_steps(slices))
        return True

    def edit_steps(
        self, edits: Mapping[bytes, Sequence[Edit]], told: Callable[[Step], None]
    ) -> Iterator[None]:
        """Edit many records in steps, as one action; ``told`` hears of each slice that is written."""
        yield from self.slice_steps(_edit_slices(self.source, edits), told)

    def slice_steps(
        self, slices: Iterator[Step], told: Callable[[Step], None] | None = None
    ) -> Iterator[None]:
        """Write slices, and follow now and then what they wrote."""
        touched = Touched()
        growing = Growing(self.source.clock.monotonic)
        try:
            while True:
                # A flush to the disk for each of thousands of slices would take longer than they do.
                with self.source.lightly():
                    each = next(slices, None)
                if each is None:
                    break
                touched.merge(each.touched)
                if told is not None:
                    told(each)
                yield
                if growing.due():
                    self._take(touched)
                    touched = Touched()
            # The whole action is on the disk when it is over, as a small one is.
            self.source.tend_log()
        except SitebookError as error:
            self.failed.emit(str(error))
        self._take(touched)

    def _take(self, touched: Touched | None) -> bool:
        if not touched:
            return False
        self.wrote.emit()
        self.writing_here = True
        try:
            self.apply_touched(touched)
        finally:
            self.writing_here = False
        return True

    def _together(
        self,
        records: Sequence[bytes],
        plan: Callable[[Bulk, bytes], None],
        alone: Callable[[bytes], Touched],
    ) -> None:
        """Do the same to records as one action: many of them in slices, one by itself, however much is below it."""
        if len(records) == 1:
            self._take(self._do(lambda: alone(records[0])))
            return
        bulk = self.source.bulk()
        for record in records:
            plan(bulk, record)
        if len(records) > _AT_ONCE:
            self._in_slices(bulk.steps(_SLICE_SECONDS))
        elif records:
            self._take(self._do(bulk.commit))

    def _do(self, operation: Callable[[], Any]) -> Any:
        try:
            return operation()
        except SitebookError as error:
            self.failed.emit(str(error))
            return None

    # Following changes

    def written(self, touched: Touched) -> None:
        """Follow an operation that was made elsewhere in the window."""
        self._take(touched)

    def apply_touched(self, touched: Touched) -> None:
        """Follow what an operation or a pull changed."""
        kinds = {touched.kinds.get(record, "") for record in touched.records}
        moved = self.columns.apply(touched)
        self._follow_marks(touched)
        self._follow_troubles(touched)
        if moved.stale:
            self._follow_later(touched)
        self._announce(touched, kinds, moved)

    def sync_marks_changed(self) -> None:
        """What is waiting or in trouble may be other records now: after a push, or a refusal."""
        self._marks_asked = self._marks_stale = True
        if self._reading_marks:
            return
        self._reading_marks = True
        steps = self._read_marks()
        # A few are read at once, many thousands in steps.
        if next(steps, self) is not self:
            self.run_steps(steps)

    def _read_marks(self) -> Iterator[None]:
        while self._marks_stale:
            self._marks_stale = False
            changed = yield from self.marks.read_steps()
            self._forget_attention()
            changed |= self._told ^ self.troubled
            self._told = set(self.troubled)
            if changed:
                self.rows_changed.emit(changed)
            self.marks_read.emit()
        self._reading_marks = False

    def _follow_marks(self, touched: Touched) -> None:
        self._forget_attention()
        if self._marks_asked and not self.marks.touched(touched.records):
            self.run_steps(self.marks.settle_steps())

    def _forget_attention(self) -> None:
        """Ask anew when next asked; that rows stand there with the marks from before is remembered."""
        self._told |= self.__dict__.get("troubled", set())
        for name in ("attention", "troubled"):
            self.__dict__.pop(name, None)

    def _forget_conflicts(self) -> None:
        for name in ("conflicted", "conflicted_fields"):
            self.__dict__.pop(name, None)

    def _follow_troubles(self, touched: Touched) -> None:
        """Conflicts and the trash after a change; what did not change in them is not asked for again."""
        if not self.contested.follow(touched):
            self.read_conflicts()
        self._forget_conflicts()
        if touched.visibility:
            self.__dict__.pop("trash_size", None)
        if not self.trash.follow(touched):
            self.read_trash()

    def _announce(self, touched: Touched, kinds: set[str], moved: Moved) -> None:
        renewed = bool(kinds & _DIRECTORY_KINDS)
        if FIELD in kinds:
            self._fields.clear()
        if not moved.stale or moved.cells or moved.came or moved.gone:
            self.moved.emit(moved)
        self.rows_changed.emit(set(self.ids(ISSUE)) if renewed else set(touched.records))
        self.lists_changed.emit()
        self.touched.emit(touched)

    def _follow_later(self, touched: Touched) -> None:
        """Bring the columns up to date in steps: once, for all that comes before they begin."""
        self._behind.merge(touched)
        if not self._catching_up:
            self._catching_up = True
            self.run_steps(self._catch_up())

    def _catch_up(self) -> Iterator[None]:
        self._catching_up = False
        touched, self._behind = self._behind, Touched()
        kinds = {touched.kinds.get(record, "") for record in touched.records}
        moved = yield from self.columns.stale_steps()
        self._fields.clear()
        self.__dict__.pop("_currency", None)
        self.moved.emit(moved)
        self.rows_changed.emit(set(self.ids(ISSUE)) if kinds & _DIRECTORY_KINDS else set(touched.records))
        self.lists_changed.emit()


def _edit_slices(source: Project, edits: Mapping[bytes, Sequence[Edit]]) -> Iterator[Step]:
    bulk = source.bulk()
    for record, each in edits.items():
        bulk.update(record, each)
    yield from bulk.steps(_SLICE_SECONDS)
