"""The page of a walk: what stays at the top, the line below it, and the issues made so far."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.entries import Entry, EntryList
from app.desktop.item.desk import Desk
from app.desktop.item.flow import Flow
from app.desktop.translate import tr, tr_count
from app.desktop.walk.line import WalkLine
from app.desktop.walk.offers import Offers
from app.desktop.walk.setup import NAMES, SetupField
from app.desktop.walk.tray import PhotoTray
from app.desktop.walk.watcher import FolderWatcher
from app.desktop.widgets import Button, ButtonKind, IconButton, Line, Look, Size, Surface, Text
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE, PHRASE
from app.domain.walk import Phrase, Walk, next_place
from app.store.attachments import Attachments
from app.store.touched import Touched

_KEYS = {
    "location": "Alt+L",
    "category": "Alt+T",
    "assignees": "Alt+A",
    "labels": "Alt+B",
    "due": "Alt+D",
}
_WIDEST = 900


class WalkPage(Surface):
    """Type, Enter, next. ``keep`` is called with the walk as text whenever it changes; ``kept`` is that text."""

    left = Signal()
    record_asked = Signal(bytes)
    """Emits an issue that was pressed in the list of those made."""

    def __init__(
        self,
        look: Look,
        desk: Desk,
        workspace: Workspace,
        store: Attachments | None,
        kept: str,
        keep: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, "surface", parent)
        self._look = look
        self._desk = desk
        self._workspace = workspace
        self._keep = keep
        self.walk = Walk.decoded(kept)
        self._made: list[bytes] = []
        self._offers = Offers(workspace)
        self.setAccessibleName(tr("Walk"))
        self.fields = {name: SetupField(desk, name, _KEYS[name], self) for name in NAMES}
        self.line = WalkLine(look, self._offer, lambda: self.walk.titles)
        self.add = Button(look, tr("Add"), kind=ButtonKind.PRIMARY, key="↵")
        self.problem = Text(look, tone="danger", wrap=True)
        self.tray = None if store is None else PhotoTray(look, store, self._stamp)
        self.watcher = FolderWatcher(self)
        self.made = EntryList(look, tr("Issues of this walk"))
        self.count = Text(look, tone="muted")
        self.watch = Button(look, tr("Watch a folder for photos"), kind=ButtonKind.LINK, icon="folder-open")
        self._build()
        self._connect()
        self._show_walk()
        self._show_made()
        if self.walk.folder and self.tray is not None:
            self.watcher.watch(Path(self.walk.folder))

    def _build(self) -> None:
        metrics = self._look.theme.metrics
        inner = QWidget()
        inner.setMaximumWidth(_WIDEST)
        column = QVBoxLayout(inner)
        column.setContentsMargins(metrics.gap_huge, metrics.gap_huge, metrics.gap_huge, metrics.gap_large)
        column.setSpacing(metrics.gap_medium)
        column.addLayout(self._heading())
        column.addWidget(self._setup())
        column.addSpacing(metrics.gap_small)
        line = QHBoxLayout()
        line.setSpacing(metrics.gap)
        line.addWidget(self.line, 1)
        line.addWidget(self.add)
        column.addLayout(line)
        if self.tray is not None:
            column.addWidget(self.tray)
        column.addWidget(self.problem)
        self.problem.hide()
        column.addWidget(Text(self._look, self._help(), size=Size.CAPTION, tone="muted", wrap=True))
        column.addWidget(Line(self._look))
        column.addWidget(self.made, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(inner, 100)
        row.addStretch(1)

    def _heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(Text(self._look, tr("Walk"), size=Size.LARGE))
        row.addSpacing(self._look.theme.metrics.gap)
        row.addWidget(self.count)
        row.addStretch(1)
        self.watch.setVisible(self.tray is not None)
        row.addWidget(self.watch)
        return row

    def _setup(self) -> Flow:
        """The fields that stay; they go on in a second line where the window is narrow."""
        look = self._look
        flow = Flow(look.theme.metrics.gap)
        place = QWidget()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.before = IconButton(look, "caret-left", tr("The place before"), key="Alt+←")
        self.after = IconButton(look, "caret-right", tr("The next place"), key="Alt+→")
        row.addWidget(self.before, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.fields["location"])
        row.addWidget(self.after, 0, Qt.AlignmentFlag.AlignBottom)
        flow.show_widgets([place, *(self.fields[name] for name in NAMES[1:])])
        return flow

    def _help(self) -> str:
        return tr(
            "Enter adds. ↓ a phrase, ↑ what you wrote before, Ctrl+Enter the last one once more, here. "
            "Ctrl+V adds a photo, Ctrl+S keeps the words as a phrase."
        )

    def _connect(self) -> None:
        for field in self.fields.values():
            field.chosen.connect(self._chosen)
            field.failed.connect(self._tell)
            field.closed.connect(self._back_to_line)
        self.line.entered.connect(self._entered)
        self.line.left.connect(self.left)
        self.add.clicked.connect(lambda _checked=False: self._entered(Phrase(self._typed()), False))
        self.before.clicked.connect(lambda _checked=False: self.go(-1))
        self.after.clicked.connect(lambda _checked=False: self.go(1))
        self.watch.clicked.connect(lambda _checked=False: self._choose_folder())
        self.made.taken.connect(lambda entry: self.record_asked.emit(entry.data))
        self._workspace.touched.connect(self._follow)
        self._workspace.stopping.connect(self.stop)
        if self.tray is not None:
            self.line.dropped.connect(self.tray.take)
            self.tray.failed.connect(self._tell)
            self.tray.ready.connect(self._attach)
            self.watcher.arrived.connect(self._photo_arrived)
        self.watcher.lost.connect(self._folder_lost)
        for name, key in _KEYS.items():
            self._shortcut(key, self.fields[name].ask)
        self._shortcut("Alt+Right", lambda: self.go(1))
        self._shortcut("Alt+Left", lambda: self.go(-1))
        self._shortcut("Ctrl+S", self.keep_phrase)

    def _shortcut(self, key: str, call: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(call)

    def start(self) -> None:
        """Put the cursor into the line; what is offered is read between the user's presses."""
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self._workspace.run_steps(self._offers.load_steps())

    def _follow(self, touched: Touched) -> None:
        if self._offers.concerned(touched):
            self._workspace.run_steps(self._offers.load_steps())
        self._show_made()

    def stop(self) -> None:
        """Read no more photos: the page closes."""
        self.watcher.stop()
        if self.tray is not None:
            self.tray.stop()

    def _stamp(self) -> str:
        return self._desk.now().strftime("%Y-%m-%d %H.%M.%S")

    def _typed(self) -> str:
        return " ".join(self.line.text().split())

    # What stays

    def _chosen(self, name: str, value: Any) -> None:
        self._set(self.walk.with_value(name, value))

    def _set(self, walk: Walk) -> None:
        self.walk = walk
        self._keep(walk.encoded())
        self._show_walk()

    def _show_walk(self) -> None:
        for field in self.fields.values():
            field.show_walk(self.walk)
        locations = self._desk.context.directory.locations
        self.before.setEnabled(next_place(locations, self.walk.location, -1) is not None)
        self.after.setEnabled(next_place(locations, self.walk.location, 1) is not None)
        self.watch.say(
            tr("Watching {folder}").format(folder=Path(self.walk.folder).name)
            if self.walk.folder
            else tr("Watch a folder for photos")
        )

    def _back_to_line(self) -> None:
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def go(self, step: int) -> None:
        """To the next place of the building, or the one before."""
        place = next_place(self._desk.context.directory.locations, self.walk.location, step)
        if place is not None:
            self._set(self.walk.with_value("location", place.id))

    # Issues

    def _offer(self, text: str) -> list[Phrase]:
        return self._offers.matching(text, self.walk.category)

    def _entered(self, phrase: Phrase, again: bool) -> None:
        """Make an issue; ``again``: with the words of the last one where none are typed."""
        words = phrase.text or (self.walk.titles[0] if again and self.walk.titles else "")
        if not words and not (self.tray is not None and self.tray.count):
            self._tell(tr("Type what is wrong, then Enter."))
            return
        fields = self._workspace_fields(Phrase(words, phrase.category, phrase.template))
        record = self._workspace.create(ISSUE, fields)
        if record is None:
            # Why not stands in the bottom line; what was typed stays.
            return
        self._tell("")
        if self.tray is not None:
            self.tray.give(record)
        self._made.insert(0, record)
        if words:
            self._offers.note(words, self.walk.category)
            self._set(self.walk.made(words))
        self.line.begin()
        self._show_made()

    def _workspace_fields(self, phrase: Phrase) -> dict[str, Any]:
        """A template's fields, with those of the walk over them."""
        fields = self._offers.fields_of(phrase.template) if phrase.template is not None else {}
        return {**fields, **self.walk.fields(phrase.text, self._desk.context)}

    def _attach(self, operation: Callable[[], Any]) -> None:
        self._tell(self._desk.run(operation))

    def keep_phrase(self) -> None:
        """Keep what is typed, or was made last, as a phrase of the project."""
        words = self._typed() or (self.walk.titles[0] if self.walk.titles else "")
        if not words:
            self._tell(tr("Type the words first; Ctrl+S then keeps them as a phrase."))
            return
        if self._offers.has(words):
            self._tell(tr("“{words}” is a phrase already.").format(words=words))
            return
        if self._workspace.create(PHRASE, {"text": words, "category": self.walk.category or None}):
            self._tell(tr("Kept as a phrase: “{words}”.").format(words=words), tone="success")

    def _tell(self, sentence: str, tone: str = "danger") -> None:
        self.problem.set_tone(tone)
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def _show_made(self) -> None:
        if not self._made:
            return
        columns, directory = self._workspace.columns, self._workspace.directory
        titles, places = columns.column(ISSUE, "title"), columns.column(ISSUE, "location")
        numbers, statuses = columns.column(ISSUE, "number"), columns.column(ISSUE, "status")
        there = [record for record in self._made if record in statuses or record in titles]
        entries = []
        for record in there:
            title, place, number = titles.get(record), places.get(record), numbers.get(record)
            entry = directory.locations.get(place) if isinstance(place, bytes) else None
            status = statuses.get(record)
            known = directory.statuses.get(status) if isinstance(status, bytes) else None
            entries.append(
                Entry(
                    title if isinstance(title, str) and title else tr("Untitled"),
                    detail=entry.path.replace("/", " / ") if entry is not None else "",
                    right=f"#{number}" if isinstance(number, int) else "",
                    sign="status",
                    mark=str(known.meaning) if known is not None else "open",
                    data=record,
                )
            )
        self.made.show_entries(entries, select=None)
        self.count.setText(tr_count("%n issue", "%n issues", len(there)) if there else "")

    # Photos

    def _choose_folder(self) -> None:
        if self.walk.folder:
            self.watcher.watch(None)
            self._set(self._with_folder(""))
            return
        dialog = QFileDialog(self, tr("Watch a folder for photos"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.watch_folder)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def watch_folder(self, folder: str) -> None:
        """Take the photos that come into a folder from now on."""
        self._set(self._with_folder(folder))
        self.watcher.watch(Path(folder))

    def _photo_arrived(self, path: Path) -> None:
        if self.tray is not None:
            self.tray.add_files([path])

    def _folder_lost(self, name: str) -> None:
        self._set(self._with_folder(""))
        self._tell(
            tr("The folder {name} cannot be read; choose it again when it is there.").format(name=name)
        )

    def _with_folder(self, folder: str) -> Walk:
        return self.walk.with_value("folder", folder)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)
