"""What is set once for a walk and stays: place, trade, people, labels, and when it is due."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.item.desk import Desk
from app.desktop.item.fields.button import ValueButton
from app.desktop.item.fields.making import make_option
from app.desktop.item.fields.options import Option, OptionSource, none_yet, options_for
from app.desktop.item.fields.picker import Picker
from app.desktop.item.fields.pieces import Piece, pieces_of
from app.desktop.item.speech import field_title
from app.desktop.translate import tr
from app.desktop.widgets import Size, Text
from app.desktop.words import day_text
from app.domain.dates import find_date
from app.domain.names import fold
from app.domain.schema import ISSUE, KINDS, Field
from app.domain.walk import DUE_RULES, Walk
from sync.errors import SitebookError

NAMES = ("location", "category", "assignees", "labels", "due")
"""The fields that a walk sets, from left to right."""
_WIDTHS = {"location": 152, "category": 136, "assignees": 152, "labels": 136, "due": 160}
"""In device-independent pixels at the usual density: together they fill one line of the page."""


def rule_words(rule: str) -> str:
    """A rule for the due date as people say it."""
    words = {
        "today": tr("Today"),
        "+1d": tr("Tomorrow"),
        "+3d": tr("In 3 days"),
        "+7d": tr("In a week"),
        "+14d": tr("In 2 weeks"),
        "+1m": tr("In a month"),
        "end of month": tr("End of the month"),
    }
    return words.get(rule, rule)


class SetupField(QWidget):
    """One field of the walk: its name above its value; a press, or its key, asks for the choices."""

    chosen = Signal(str, object)
    """Emits the field's name and its new value."""
    failed = Signal(str)
    closed = Signal()
    """The choices are closed: typing goes on."""

    def __init__(self, desk: Desk, name: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.name = name
        self._key = key
        self._walk = Walk()
        self.picker: Picker | None = None
        title = field_title(self._field)
        self.label = Text(desk.look, f"{title}   {key}", size=Size.CAPTION, tone="muted")
        self.button = ValueButton(desk.look, tr("Not set"))
        self.button.setAccessibleName(tr("{field} of the walk").format(field=title))
        self.button.asked.connect(self.ask)
        self.button.cleared.connect(lambda: self.chosen.emit(name, None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        inset = QHBoxLayout()
        inset.setContentsMargins(desk.look.theme.metrics.gap, 0, 0, 0)
        inset.addWidget(self.label)
        layout.addLayout(inset)
        layout.addWidget(self.button)
        desk.look.theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setFixedWidth(round(_WIDTHS[self.name] * self._desk.look.theme.metrics.base / 13))

    @property
    def _field(self) -> Field:
        """As the project has it: its choices may have changed."""
        fields = self._desk.fields(ISSUE)
        found = None if fields is None else fields.find(self.name)
        return KINDS[ISSUE].fields[self.name] if found is None else found

    def show_walk(self, walk: Walk) -> None:
        """Show what the walk has."""
        self._walk = walk
        value = getattr(walk, self.name)
        if self.name == "due":
            pieces = self._due_pieces(walk.due)
        else:
            pieces = pieces_of(self._desk, self._field, value or None)
        spoken = ", ".join(piece.text for piece in pieces)
        self.button.show_pieces(pieces, spoken or tr("Not set"))

    def _due_pieces(self, rule: str) -> list[Piece]:
        today = self._desk.context.today
        day = find_date(rule, today) if rule else None
        return [] if day is None else [Piece(rule_words(rule), detail=day_text(day, today))]

    def ask(self, typed: str = "") -> None:
        """Open the choices below the field."""
        value = getattr(self._walk, self.name)
        several = isinstance(value, tuple)
        source = self._due_options if self.name == "due" else self._options()
        picker = Picker(
            self._desk.look,
            field_title(self._field),
            source,
            lambda each: each in value if isinstance(value, tuple) else each == value,
            several=several,
            clear=tr("Clear") if value else "",
            none_yet=none_yet(self._field),
            parent=self,
        )
        picker.picked.connect(self._picked)
        picker.closed.connect(self._closed)
        self.picker = picker
        picker.open(self.button, typed)

    def _options(self) -> OptionSource:
        found = options_for(self._desk, ISSUE, self._field)
        if self.name != "location" or not self._walk.places:
            return found
        recent = self._walk.places

        def with_recent(text: str) -> list[Option]:
            options = found(text)
            if text.strip():
                return options
            # The places of this walk stand first; the tree follows whole.
            first = {each.value: each for each in options if each.value in recent}
            entries = self._desk.context.directory.locations
            again = [
                Option(place, Piece(entries[place].path.replace("/", " / "), "icon", "clock"), "")
                for place in recent
                if place in first
            ]
            return again + options

        return with_recent

    def _due_options(self, text: str) -> list[Option]:
        today = self._desk.context.today
        words = fold(text).split()
        rules = [
            rule for rule in DUE_RULES if all(word in fold(f"{rule} {rule_words(rule)}") for word in words)
        ]
        typed = text.strip()
        if typed and typed not in rules and find_date(typed, today) is not None:
            rules.insert(0, typed)
        options = []
        for rule in rules:
            day = find_date(rule, today)
            assert day is not None, "every rule that is offered is a date"
            options.append(Option(rule, Piece(rule_words(rule), detail=day_text(day, today)), ""))
        return options

    def _closed(self) -> None:
        self.picker = None
        self.closed.emit()

    def _picked(self, option: Option) -> None:
        value: Any = option.value
        now = getattr(self._walk, self.name)
        if option.make:
            try:
                value = make_option(self._desk, option, now)
            except SitebookError as error:
                self.failed.emit(str(error))
                return
        if value is not None and isinstance(now, tuple):
            value = tuple(each for each in now if each != value) if value in now else (*now, value)
        self.chosen.emit(self.name, value)
