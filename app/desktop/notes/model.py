"""The tree of notes as lines: what is open, what a filter leaves, and how both follow every change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, overload

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.desk.answer import LiveAnswer
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE, NOTE
from app.query.frames import Moved
from app.store.operations import Edit
from app.store.touched import Touched
from app.workspace.notes import FIELDS, GROUPS, NOTES, NoteTree, Spot
from sync.errors import SitebookError

_SHOWN = (*FIELDS, "tags", "became")
_MANY = 200
"""From so many changed notes on, the tree is made anew in steps."""
SHELF = "shelf"
"""The section of the side bar, which can be closed too."""
_NAMED = (*GROUPS, SHELF)
_CLOSED = "local_notes_closed"
_SAVE_MS = 1500
_MOST_CLOSED = 20_000


class TreeLine(NamedTuple):
    """One line: a note with its depth, or the head of a group, which has no record."""

    record: bytes | None
    depth: int
    group: str


class TreeLines(Sequence[TreeLine]):
    """The lines, kept as what they are made of: making 10,000 of them would take a frame."""

    def __init__(self, groups: Iterable[tuple[str, bool, list[tuple[bytes, int]]]] = ()) -> None:
        """Groups from top to bottom: their names, whether they have heads, and their notes with depths."""
        self._lines: list[tuple[bytes | None, int]] = []
        self._starts: list[tuple[int, str]] = []
        self.heads: dict[str, int] = {}
        """The line on which the head of each group stands."""
        for group, headed, notes in groups:
            self._starts.append((len(self._lines), group))
            if headed:
                self.heads[group] = len(self._lines)
                self._lines.append((None, 0))
            self._lines += notes
        self.places = {record: at for at, (record, _) in enumerate(self._lines) if record is not None}
        """The line of each note that has one."""

    def __len__(self) -> int:
        return len(self._lines)

    def _line(self, at: int) -> TreeLine:
        record, depth = self._lines[at]
        group = next(
            (name for start, name in reversed(self._starts) if start <= at % len(self._lines)), NOTES
        )
        return TreeLine(record, depth, group)

    @overload
    def __getitem__(self, at: int) -> TreeLine: ...

    @overload
    def __getitem__(self, at: slice) -> list[TreeLine]: ...

    def __getitem__(self, at: int | slice) -> TreeLine | list[TreeLine]:
        if isinstance(at, slice):
            return [self._line(each) for each in range(*at.indices(len(self._lines)))]
        return self._line(at)


class NotesModel(QObject):
    """What stands in the tree of one project, for the page and the side bar."""

    changed = Signal()
    """Other lines, or another order."""
    looks_changed = Signal()
    """The lines are the same, and may say something else."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.tree = NoteTree(workspace.columns)
        self.lines = TreeLines()
        self.loaded = False
        self.live = LiveAnswer(workspace, NOTE, eager=True, parent=self)
        """What the filter finds; asked only while there is one."""
        self._loading = False
        self._stale = False
        self._text = ""
        self._sticky: bytes | None = None
        self._found: set[bytes] | None = None
        self.matches: Collection[bytes] | None = None
        """The notes that the filter finds; None without one. The others stand above these."""
        self._closed: set[str] = set()
        self._unsaved = False
        self._read_closed()
        self._save = QTimer(self, singleShot=True, interval=_SAVE_MS)
        self._save.timeout.connect(self.keep_closed)
        workspace.moved.connect(self._follow)
        workspace.stopping.connect(self.keep_closed)
        self.live.changed.connect(self._answered)

    # Reading

    def load(self) -> None:
        """Read the notes, in steps; ``changed`` tells when they stand there."""
        if self.loaded or self._loading:
            return
        self._loading = True
        self.workspace.run_steps(self._load_steps())

    def _load_steps(self) -> Iterator[None]:
        columns = self.workspace.columns
        yield from columns.load_steps(NOTE, _SHOWN)
        yield from columns.load_steps(ISSUE, ("number",))
        yield from self._fill_steps()
        self._loading = False
        self.loaded = True
        yield
        self.rebuild()

    def _fill_steps(self) -> Iterator[None]:
        self._stale = True
        while self._stale:
            # What changes while it is read is read again; mostly nothing does.
            self._stale = False
            yield from self.tree.fill_steps(list(self.workspace.ids(NOTE)))

    def _follow(self, moved: Moved) -> None:
        """Take in what became of the columns."""
        if self._loading:
            self._stale = True
            return
        if not self.loaded:
            return
        frame = self.workspace.columns.frame(NOTE)
        rows = {
            row
            for field in FIELDS
            if (found := moved.cells.get((NOTE, field))) is not None
            for row in found.tolist()
        }
        changed = (
            {frame.record(row) for row in rows} | moved.came.get(NOTE, set()) | moved.gone.get(NOTE, set())
        )
        if moved.whole or moved.stale or len(changed) > _MANY:
            self._loading = True
            self.workspace.run_steps(self._again_steps())
        elif changed and self.tree.follow(changed, {each for each in changed if frame.row(each) is not None}):
            self.rebuild()
        elif changed or any(kind == NOTE for kind, _ in moved.cells):
            self.looks_changed.emit()

    def _again_steps(self) -> Iterator[None]:
        yield from self._fill_steps()
        self._loading = False
        yield
        self.rebuild()

    # What is shown

    def rebuild(self) -> None:
        """Lay the lines out."""
        if not self.loaded:
            return
        tree = self.tree
        among = self._among()
        closed = self._closed_notes() if among is None else set()
        there = [group for group in GROUPS if tree.child_count(group)]
        headed = there not in ([], [NOTES])
        groups = []
        for group in there:
            hidden = among is None and headed and group in self._closed
            notes = tree.lines(tree.children(group), closed, among)
            if notes:
                groups.append((group, headed, [] if hidden else notes))
        self.lines = TreeLines(groups)
        self.changed.emit()

    def _among(self) -> set[bytes] | None:
        """What a filter leaves: what it finds, what stands above that, and what is open."""
        if self._found is None:
            self.matches = None
            return None
        self.matches = self._found
        shown = {each for each in self._found if each in self.tree}
        if self._sticky is not None and self._sticky in self.tree:
            shown.add(self._sticky)
        for each in list(shown):
            for above in self.tree.ancestors(each):
                if above in shown and above in self._found:
                    break
                shown.add(above)
        return shown

    @property
    def places(self) -> dict[bytes, int]:
        """The line of each note that has one."""
        return self.lines.places

    @property
    def text(self) -> str:
        """The filter."""
        return self._text

    def ask(self, text: str) -> None:
        """Show only what fits a filter, and what stands above it."""
        self._text = text
        self._sticky = None
        self.live.eager = bool(text.strip())
        if self.live.eager:
            self.live.ask(text)
        else:
            self._found = None
            self.rebuild()

    def keep(self, record: bytes | None) -> None:
        """Keep the line of an open note, whatever the filter says."""
        if record != self._sticky:
            self._sticky = record
            if self._found is not None:
                self.rebuild()

    def _answered(self, _structure: bool) -> None:
        if self._text.strip():
            self._found = set(self.live.records())
            self.rebuild()

    @property
    def count(self) -> int:
        """How many notes there are, templates not counted."""
        return len(self.tree)

    @property
    def found(self) -> int:
        """How many of them the filter finds; all without one."""
        if self._found is None:
            return self.count
        return sum(each in self.tree and not self.tree.is_template(each) for each in self._found)

    # What is open

    def is_closed(self, what: bytes | str) -> bool:
        """Whether what stands below a note, or in a group, is hidden."""
        if self._found is not None and what != SHELF:
            return False
        return (what if isinstance(what, str) else what.hex()) in self._closed

    def set_closed(self, what: Iterable[bytes | str], closed: bool) -> None:
        """Hide or show what stands below notes, or in groups; remembered on this device."""
        names = {each if isinstance(each, str) else each.hex() for each in what}
        before = set(self._closed)
        self._closed = self._closed | names if closed else self._closed - names
        if self._closed != before:
            self._unsaved = True
            self._save.start()
            self.rebuild()

    def close_all(self, closed: bool) -> None:
        """Hide or show what stands below every note."""
        every = [each for each in self.workspace.ids(NOTE) if self.tree.has_children(each)]
        self.set_closed(every, closed)

    def open_to(self, record: bytes) -> None:
        """Open everything that a note stands below."""
        self.set_closed([*self.tree.ancestors(record), self.tree.group(record)], False)

    def _closed_notes(self) -> set[bytes]:
        return {bytes.fromhex(each) for each in self._closed if each not in _NAMED}

    def _read_closed(self) -> None:
        stored = self.workspace.source.get_meta(_CLOSED)
        try:
            names = msgspec.json.decode(stored, type=list[str]) if isinstance(stored, bytes) else []
        except msgspec.MsgspecError:
            names = []
        self._closed = {each for each in names if each in _NAMED or _is_hex(each)}

    def keep_closed(self) -> None:
        """Remember on this device what is closed; notes that are gone are forgotten."""
        if not self._unsaved:
            return
        self._unsaved = False
        self._save.stop()
        kept = sorted(each for each in self._closed if each in _NAMED or bytes.fromhex(each) in self.tree)
        source = self.workspace.source
        try:
            with source.lightly(), source.writing(Touched()):
                source.put_meta(_CLOSED, msgspec.json.encode(kept[:_MOST_CLOSED]))
        except SitebookError as error:
            self.workspace.failed.emit(str(error))

    # Writing

    def move(self, records: Collection[bytes], spot: Spot) -> bool:
        """Move notes, with what stands below them, as one action; False where they cannot go there."""
        moved = self.tree.outermost(records)
        try:
            edits = self.tree.move(moved, spot)
        except SitebookError as error:
            self.workspace.failed.emit(str(error))
            return False
        return self.write(edits)

    def write(self, edits: Mapping[bytes, list[Edit]]) -> bool:
        """Edit notes as one action."""
        return self.workspace.edit(edits)

    def pin(self, records: Iterable[bytes]) -> None:
        """Pin notes; where all of them are, unpin them."""
        notes = [each for each in records if each in self.tree]
        value = None if all(map(self.tree.is_pinned, notes)) else True
        self.write({each: [Edit("pinned", value)] for each in notes})


def _is_hex(name: str) -> bool:
    try:
        return len(bytes.fromhex(name)) == 16
    except ValueError:
        return False
