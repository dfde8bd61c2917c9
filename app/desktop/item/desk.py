"""What all parts of an open item share: the project, its names, the time, and the way to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.item.source import Author, Authors, ItemSource
from app.desktop.widgets import Look
from app.domain.directory import Context, ProjectDirectory
from app.domain.fields import FieldSet, load_fields
from app.domain.schema import (
    CATEGORY,
    DEVICE,
    ELEMENT,
    FIELD,
    ISSUE,
    KINDS,
    LABEL,
    LOCATION,
    NOTE,
    PERSON,
    PROJECT,
    STATUS,
)
from app.query.frames import Frames
from app.query.made_names import MadeNames
from app.store.touched import Touched
from sync.errors import SitebookError

if TYPE_CHECKING:
    from app.desktop.editor.rich import RichTextEditor

_NAMING = frozenset({PERSON, STATUS, LABEL, LOCATION, CATEGORY})
_TITLED = frozenset({ISSUE, NOTE, ELEMENT})
_TITLES = frozenset({"title", "name", "number"})

PAUSE_MS = 1000
"""After a pause of so long what was typed becomes a change."""


class Desk(QObject):
    """Handed to every part of the item panel. ``columns`` reads whole columns, from memory where possible."""

    touched = Signal(object)
    """Emits the Touched of each operation that was made here."""
    failed = Signal(str)
    """Emits the sentence of an operation that was refused, where no field shows it."""
    derived_read = Signal()
    """What is worked out from columns can be asked for now: they have been read."""

    def __init__(
        self,
        look: Look,
        source: ItemSource,
        *,
        columns: Any = None,
        authors: Authors,
        now: Callable[[], datetime],
        me: Callable[[], bytes | None] = lambda: None,
        run_steps: Callable[[Iterator[None]], None] | None = None,
        equip: Callable[[RichTextEditor], object] = lambda editor: None,
        parent: QObject | None = None,
    ) -> None:
        """``run_steps`` does long work between the user's presses; without it, it is done at once.

        ``equip`` gives an editor its tools.
        """
        super().__init__(parent)
        self.look = look
        self.source = source
        self.authors = authors
        self.now = now
        self._me = me
        self._columns: Any = columns or source
        self._run_steps = run_steps
        self.equip = equip
        self._frames: Frames | None = columns if isinstance(columns, Frames) else None
        self._reading: set[tuple[str, str]] = set()
        self._context: Context | None = None
        self._fields: dict[str, FieldSet] = {}
        self._known_authors: dict[bytes, Author] = {}
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._paused)

    @property
    def context(self) -> Context:
        """What showing and reading values depends on, as of now."""
        now = self.now()
        zone = now.tzinfo
        assert zone is not None, "the panel's clock tells the device's time zone"
        if self._context is None or self._context.today != now.date():
            currency = next(iter(self._columns.column(PROJECT, "currency").values()), "")
            directory = ProjectDirectory(self._columns, self._me())
            self._context = Context(
                directory, now.date(), zone, currency if isinstance(currency, str) else ""
            )
        return self._context

    def column(self, kind: str, field: str) -> Mapping[bytes, Any]:
        """The shown value of a field in all records of a kind."""
        column: Mapping[bytes, Any] = self._columns.column(kind, field)
        return column

    def fields(self, kind: str) -> FieldSet | None:
        """The fields of a kind in this project; None for a kind of a later version."""
        if kind not in KINDS:
            return None
        found = self._fields.get(kind)
        if found is None:
            found = self._fields[kind] = load_fields(kind, self._columns)
        return found

    # What is worked out

    @property
    def frames(self) -> Frames:
        """The columns from which values are worked out."""
        if self._frames is None:
            self._frames = Frames(self._columns, lambda: self.context)
        return self._frames

    def derived(self, kind: str, record: bytes, name: str) -> object:
        """The value of a formula or an auto-number; None where there is none, or it is not known yet."""
        frames = self.frames
        path = frames.catalog.find(kind, name)
        if path is None or not self._is_read(kind, [path.text]):
            return None
        frame = frames.frame(kind)
        row = frame.row(record)
        return None if row is None else frame.value(path.text, row)

    def made_name(self, kind: str, record: bytes) -> str:
        """The name that a template makes for a record without one; empty where none does, or not yet."""
        names = MadeNames(self.frames)
        needs = names.needs(kind)
        if not needs or not self._is_read(kind, needs):
            return ""
        row = self.frames.frame(kind).row(record)
        return "" if row is None else names.name(kind, row)

    def _is_read(self, kind: str, paths: list[str]) -> bool:
        """Whether columns are in memory; where they are not they are read, and ``derived_read`` tells."""
        frames = self.frames
        if frames.is_loaded(kind, paths):
            return True
        if self._run_steps is None:
            for _ in frames.load_steps(kind, paths):
                pass
            return True
        missing = {(kind, path) for path in paths} - self._reading
        if missing:
            self._reading |= missing
            self._run_steps(self._read(frames, kind, paths, missing))
        return False

    def steps(self, steps: Iterator[None]) -> None:
        """Do long work between the user's presses; at once where nothing else is shown."""
        if self._run_steps is None:
            for _ in steps:
                pass
        else:
            self._run_steps(steps)

    def _read(
        self, frames: Frames, kind: str, paths: list[str], missing: set[tuple[str, str]]
    ) -> Iterator[None]:
        yield from frames.load_steps(kind, paths)
        self._reading -= missing
        self.derived_read.emit()

    def author(self, device: bytes) -> Author:
        """Who is behind a device's key."""
        found = self._known_authors.get(device)
        if found is None:
            found = self._known_authors[device] = self.authors.author(device)
        return found

    def forget(self, touched: Touched) -> bool:
        """Forget names that changed. Returns whether any did, so that what shows them is made anew."""
        kinds = {touched.kinds.get(record, "") for record in touched.records}
        kinds |= {touched.kinds.get(record, "") for record in touched.visibility}
        if self._frames is not self._columns:
            self._frames = None
        renamed = bool(kinds & _NAMING) or any(
            touched.kinds.get(record) in _TITLED and names & _TITLES
            for record, names in touched.records.items()
        )
        if PERSON in kinds or DEVICE in kinds:
            self._known_authors.clear()
        if renamed or PROJECT in kinds:
            self._context = None
        if FIELD in kinds:
            self._fields.clear()
        return renamed or FIELD in kinds or PROJECT in kinds

    def announce(self, touched: Touched) -> None:
        """Tell everyone what an operation of one's own changed."""
        if touched:
            self.touched.emit(touched)

    def run(self, operation: Callable[[], Touched]) -> str:
        """Make an operation and announce it; gives the sentence of its refusal, or an empty text."""
        try:
            touched = operation()
        except SitebookError as error:
            return str(error)
        self.announce(touched)
        return ""

    def do(self, operation: Callable[[], Touched]) -> bool:
        """Like ``run``, where no field is at hand to show a refusal: ``failed`` tells it."""
        sentence = self.run(operation)
        if sentence:
            self.failed.emit(sentence)
        return not sentence

    # Typing

    def typed(self) -> None:
        """Something was typed and is kept as a draft; a pause makes it a change."""
        self._pause.start()

    def leave(self) -> str:
        """Make changes of everything that was typed; gives the sentence of a refusal, or an empty text."""
        self._pause.stop()
        return self.run(self.source.finish_drafts)

    def rest(self) -> None:
        """Nobody types any more: what still waits for a pause does not wait longer."""
        if self._pause.isActive():
            self._pause.stop()
            self.do(self.source.finish_drafts)

    def _paused(self) -> None:
        self.do(lambda: self.source.finish_drafts(leave=False))

    def later(self, call: Callable[[], object]) -> None:
        """Call when what happens now is over, unless the panel is gone by then."""
        QTimer.singleShot(0, self, call)
