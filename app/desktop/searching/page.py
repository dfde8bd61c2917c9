"""The page that searches everything: titles at once, then the texts, newest first, then in order of fit."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop.entries import Entry, EntryList
from app.desktop.palette.items import Goal, item_entry
from app.desktop.searching.hits import hit_entry, put_in_order
from app.desktop.searching.searcher import Searcher
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Button, ButtonKind, Line, Look, Size, Surface, Text
from app.desktop.workspace import Workspace
from app.domain.schema import COMMENT, ELEMENT, ISSUE, NOTE, PERSON
from app.query.titles import Titles
from app.store.search import Hit

_TITLES = 12
_TITLES_ALONE = 40
_PAGE = 8


class SearchPage(Surface):
    """What was typed stays in its line and its finds below it, while items are opened beside it."""

    chosen = Signal(object)
    """Emits the Goal."""
    left = Signal()

    def __init__(
        self,
        look: Look,
        workspace: Workspace,
        titles: Titles,
        searcher: Searcher,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, "surface", parent)
        self._look = look
        self._workspace = workspace
        self._titles = titles
        self._searcher = searcher
        self._kinds: tuple[str, ...] = ()
        self._moved = False
        self._by_title: list[Entry] = []
        self.setAccessibleName(tr("Search"))
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Words in titles, texts, notes and comments; quotes for a phrase"))
        self.line.setAccessibleName(tr("Search all texts"))
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._typed)
        self.list = EntryList(look, tr("Found"))
        self.list.taken.connect(self._take)
        self.kinds = [self._kind_button(name, kinds) for name, kinds in _kind_names()]
        self.kinds[0].setChecked(True)
        self.note = Text(look, size=Size.BASE, tone="muted")
        self._build()
        searcher.found.connect(self._hits_came)
        searcher.ranked.connect(self._best_came)
        searcher.failed.connect(self._say)
        look.theme.changed.connect(self._resize_bar)
        self._resize_bar()

    def _build(self) -> None:
        look = self._look
        metrics = look.theme.metrics
        bar = QHBoxLayout()
        bar.setContentsMargins(metrics.gap_large, 0, metrics.gap_large, 0)
        bar.setSpacing(metrics.gap_medium)
        bar.addWidget(Text(look, tr("Search"), size=Size.TITLE))
        bar.addWidget(self.line, 1)
        self._bar = QWidget()
        self._bar.setLayout(bar)
        kinds = QHBoxLayout()
        kinds.setContentsMargins(metrics.gap_medium, 0, metrics.gap_large, metrics.gap_small)
        kinds.setSpacing(2)
        for button in self.kinds:
            kinds.addWidget(button)
        kinds.addStretch(1)
        body = QVBoxLayout()
        body.setContentsMargins(metrics.gap, metrics.gap, metrics.gap, 0)
        body.setSpacing(metrics.gap)
        self.note.setContentsMargins(metrics.gap, 0, metrics.gap, 0)
        body.addWidget(self.note)
        body.addWidget(self.list, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addLayout(kinds)
        layout.addWidget(Line(look))
        layout.addLayout(body, 1)

    def _resize_bar(self) -> None:
        self._bar.setFixedHeight(self._look.theme.metrics.bar - 1)
        self.line.setFont(self._look.theme.font())
        self.line.setTextMargins(5, 0, 5, 0)

    def _kind_button(self, name: str, kinds: tuple[str, ...]) -> Button:
        button = Button(self._look, name, kind=ButtonKind.PLAIN)
        button.setCheckable(True)
        button.clicked.connect(lambda _checked=False: self._choose(button, kinds))
        return button

    def start(self) -> None:
        """Put the cursor into the line."""
        self._say_what_to_do()
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.line.selectAll()

    # Searching

    def _choose(self, chosen: Button, kinds: tuple[str, ...]) -> None:
        for button in self.kinds:
            button.setChecked(button is chosen)
        self._kinds = kinds
        self._typed(self.line.text())
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def _typed(self, text: str) -> None:
        """Titles in the same frame; the texts are asked for, and what was asked before is let go."""
        self._moved = False
        found = self._titles.find(text, _TITLES_ALONE, self._title_kinds()) if text.strip() else []
        self._by_title = [item_entry(self._workspace, each) for each in found]
        self._show([], waiting=bool(text.strip()))
        self._searcher.ask(text)

    def _title_kinds(self) -> tuple[str, ...]:
        every = (ISSUE, NOTE, PERSON, ELEMENT)
        return tuple(each for each in every if each in self._kinds) if self._kinds else every

    def _fits(self, hit: Hit) -> bool:
        return not self._kinds or hit.kind in self._kinds

    def _text_entries(self, hits: list[Hit]) -> list[Entry]:
        """Hits in texts; what is found by its title already stands above, unless the words around say more."""
        return [hit_entry(self._workspace, each) for each in hits if self._fits(each)]

    def _show(self, texts: list[Entry], *, waiting: bool = False) -> None:
        goals = {each.data for each in texts}
        titles = [each for each in self._by_title if each.data not in goals]
        titles = titles[: _TITLES if texts else _TITLES_ALONE]
        entries: list[Entry] = []
        if titles:
            entries += [Entry(tr("Titles"), heading=True), *titles]
        if texts:
            entries += [Entry(tr("Texts"), heading=True), *texts]
        current = self.list.current if self._moved else None
        self.list.show_entries(entries)
        if current is not None:
            self.list.select_data(current.data)
        if not self.line.text().strip():
            self._say_what_to_do()
        elif entries or waiting:
            self.note.hide()
        else:
            self._say(tr("Nothing found. Fewer words, or their beginnings, find more."))
        self.list.setAccessibleDescription(tr_count("%n found", "%n found", len(entries)))

    def _say_what_to_do(self) -> None:
        if not self.line.text().strip():
            self._say(tr("Type words or their beginnings. Accents and capitals do not matter."))

    def _say(self, sentence: str) -> None:
        self.note.setText(sentence)
        self.note.show()

    def _hits_came(self, text: str, hits: list[Hit]) -> None:
        if self.isVisible() and text == self.line.text():
            self._show(self._text_entries(hits))

    def _best_came(self, text: str, hits: list[Hit]) -> None:
        """The best order. What the user stands on, and all above it, stays where it is."""
        if not self.isVisible() or text != self.line.text():
            return
        wanted = self._text_entries(hits)
        if not self._moved:
            self._show(wanted)
            return
        titles = [each for each in self.list.entries if not each.heading and not each.below]
        put_in_order(self.list, [*titles, *wanted], held=True)

    # Choosing

    def _take(self, entry: Entry) -> None:
        self._moved = True
        if isinstance(entry.data, Goal):
            self.chosen.emit(entry.data)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = watched is self.line and event.type() is QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and self._key(event):
            return True
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _PAGE,
            Qt.Key.Key_PageUp: -_PAGE,
        }
        if key in steps:
            self._moved = True
            self.list.step(steps[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.list.take()
        elif key == Qt.Key.Key_Escape:
            if self.line.text():
                self.line.clear()
            else:
                self.left.emit()
        else:
            return False
        return True


def _kind_names() -> list[tuple[str, tuple[str, ...]]]:
    return [
        (tr("Everything"), ()),
        (tr("Issues"), (ISSUE,)),
        (tr("Notes"), (NOTE,)),
        (tr("Comments"), (COMMENT,)),
        (tr("People"), (PERSON,)),
        (tr("Elements"), (ELEMENT,)),
    ]
