"""What happened to an item: who changed what, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby, islice

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.desktop.item.desk import Desk
from app.desktop.item.speech import author_name, exact, field_title, value_text
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind
from app.desktop.words import moment_text
from app.domain.schema import Field
from app.store.records import HistoryEntry, Record

_FIRST = 6
_WORDS = "words"
"""The property of a line that holds its words: their colours are the theme's."""
_MOST = 500
_BURST_MS = 15 * 60_000
"""Edits of one text by one device within so long are told as one."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done: by whom (a device's key), when, and in words with ``<b>`` around values."""

    device: bytes
    at: int
    words: str


def deeds(desk: Desk, record: Record, history: Iterable[HistoryEntry]) -> Iterator[Deed]:
    """Tell a history, which begins with the newest, in words."""
    fields = desk.fields(record.kind)
    last_text: HistoryEntry | None = None
    for _, group in groupby(history, key=lambda entry: entry.change):
        entries = list(group)
        first = entries[0]
        if any(entry.field == "created" for entry in entries):
            yield Deed(first.device, first.at, tr("made this"))
            continue
        for entry in entries:
            if entry.text:
                same = last_text is not None and last_text.device == entry.device
                if same and last_text is not None and last_text.at - entry.at < _BURST_MS:
                    last_text = entry
                    continue
                last_text = entry
                yield Deed(entry.device, entry.at, tr("edited the text"))
            elif entry.field == "deleted":
                yield Deed(entry.device, entry.at, tr("deleted this") if entry.value else tr("kept this"))
            else:
                field = fields.stored(entry.field) if fields is not None else None
                title = field_title(field) if field is not None else entry.field
                said = value_text(desk, _one(field), entry.value) if entry.value is not None else ""
                yield Deed(entry.device, entry.at, _sentence(field is not None and field.many, title, said))


def _one(field: Field | None) -> Field | None:
    return None if field is None else replace(field, many=False)


def _sentence(many: bool, title: str, said: str) -> str:
    name = escape(title[:1].lower() + title[1:])
    value = f"<b>{escape(said if len(said) < 80 else said[:79] + '…')}</b>"
    if not said:
        return tr("cleared {field}").format(field=name)
    if many:
        return tr("added {value} to {field}").format(field=name, value=value)
    return tr("changed {field} to {value}").format(field=name, value=value)


class Activity(QWidget):
    """The newest deeds; the others wait behind one press."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._everything = False
        self._record: bytes | None = None
        self._told: list[str] = []
        self.more = Button(desk.look, tr("Show all"), kind=ButtonKind.PLAIN, icon="caret-down", parent=self)
        self.more.clicked.connect(self._show_all)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(8, 0, 8, 0)
        self._lines.setSpacing(desk.look.theme.metrics.gap)
        self._lines.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        desk.look.theme.changed.connect(self._restyle)

    def show_record(self, record: Record) -> None:
        """Tell what happened to a record."""
        if record.id != self._record:
            self._everything = False
            self._record = record.id
        history = self._desk.source.history(record.id)
        most = _MOST if self._everything else _FIRST
        told = list(islice(deeds(self._desk, record, history), most + 1))
        self.more.setVisible(len(told) > most)
        shown = [(self._line(deed), exact(self._desk, deed.at)) for deed in told[:most]]
        if [line for line, _ in shown] == self._told:
            return
        self._told = [line for line, _ in shown]
        while self._lines.count() > 1:
            item = self._lines.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place, (line, hint) in enumerate(shown):
            label = QLabel(self)
            label.setProperty(_WORDS, line)
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setWordWrap(True)
            label.setToolTip(hint)
            self._lines.insertWidget(place, label)
        self._restyle()

    def _line(self, deed: Deed) -> str:
        author = escape(author_name(self._desk.author(deed.device)))
        when = escape(moment_text(deed.at, self._desk.now()))
        return tr("{person} {deed} · {when}").format(person=f"<b>{author}</b>", deed=deed.words, when=when)

    def _show_all(self) -> None:
        self._everything = True
        record = None if self._record is None else self._desk.source.get(self._record)
        if record is not None:
            self.show_record(record)

    def _restyle(self) -> None:
        theme = self._desk.look.theme
        for label in self.findChildren(QLabel):
            words = str(label.property(_WORDS))
            label.setText(words.replace("<b>", f'<b style="color:{theme.tokens.text}">'))
            label.setFont(theme.font())
            palette = label.palette()
            palette.setColor(palette.ColorRole.WindowText, theme.color("muted"))
            label.setPalette(palette)
