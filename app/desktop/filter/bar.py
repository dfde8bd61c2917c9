"""The conditions of a filter as chips, in a line of their own below the tool bar.

Chips and text are the same thing: the chips are read from the text, and each change of a chip edits it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.desktop.filter.chip import ChipButton
from app.desktop.filter.chip_editor import ChipEditor, Condition
from app.desktop.filter.field import FilterField
from app.desktop.filter.field_menu import Choice, FieldMenu
from app.desktop.filter.marks import Mark, utf16
from app.desktop.filter.speech import field_name
from app.desktop.floating import FloatingPanel
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, IconButton, Look
from app.domain.schema import Field
from app.query.chips import Chip, ChipKind, added, chips, removed, replaced

_SHOWN = frozenset({ChipKind.FIELD, ChipKind.FLAG, ChipKind.EXPRESSION, ChipKind.SORT, ChipKind.GROUP})
"""Free words are text and stay in the field alone."""

_GAP = 6


class FilterBar(QWidget):
    """The line of chips; it is there while the filter has conditions."""

    left = Signal()
    """Esc was pressed on a chip."""

    def __init__(self, look: Look, field: FilterField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._field = field
        self._panel: FloatingPanel | None = None
        self.buttons: list[ChipButton] = []
        self._places: list[int] = []
        self._marks: Sequence[Mark] = ()
        self._shown: tuple[object, ...] = ()
        self.setAccessibleName(tr("Filters"))
        self.add = Button(look, tr("Filter"), kind=ButtonKind.PLAIN, icon="plus", parent=self)
        self.add.setToolTip(tr("Add a filter (F)"))
        self.add.setAccessibleName(tr("Add a filter"))
        self.add.clicked.connect(lambda _checked=False: self.choose_field())
        self.button = IconButton(look, "funnel", tr("Add a filter"), key="F")
        """The same for the tool bar, where it stands while there are no chips."""
        self.button.clicked.connect(lambda _checked=False: self.choose_field())
        field.filter_changed.connect(lambda _text: self.follow())
        if field.completing is not None:
            field.completing.more.connect(self._more)
        look.theme.changed.connect(self._remake)
        self.hide()

    # What it shows

    def follow(self, marks: Sequence[Mark] | None = None) -> None:
        """Show the chips of the field's text, those with something wrong in them as such."""
        if marks is not None:
            self._marks = marks
        every = chips(self._field.text())
        shown = tuple((each, self._problem(each)) for each in every if each.kind in _SHOWN)
        if shown == self._shown:
            return
        self._shown = shown
        self._make(every)

    def _remake(self) -> None:
        self._shown = ()
        self.follow()

    def _problem(self, chip: Chip) -> str:
        found = [
            mark.message
            for mark in self._marks
            if mark.is_error and any(mark.start < end and start < mark.end for start, end in chip.spans)
        ]
        return " ".join(found)

    def _make(self, every: Sequence[Chip]) -> None:
        focused = next((place for place, each in enumerate(self.buttons) if each.hasFocus()), None)
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = []
        self._places = [place for place, each in enumerate(every) if each.kind in _SHOWN]
        for place in self._places:
            chip = every[place]
            button = ChipButton(
                self._look, chip, self._field_of(chip), self._problem(chip), self, title_of=self._title_of
            )
            at = len(self.buttons)
            button.clicked.connect(lambda _checked=False, at=at: self.edit(at))
            button.removed.connect(lambda at=at: self.remove(at))
            button.stepped.connect(lambda step, at=at: self._step(at + step))
            button.left.connect(self.left)
            self.buttons.append(button)
            button.show()
        self.setVisible(bool(self.buttons))
        self._place()
        for first, second in pairwise([self._field, *self.buttons, self.add]):
            QWidget.setTabOrder(first, second)
        if focused is not None and self.buttons:
            self.buttons[min(focused, len(self.buttons) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        """Fill lines with the chips, as words fill a paragraph; the bar is as high as its lines."""
        metrics = self._look.theme.metrics
        left, top, height = metrics.gap_large, 0, 0
        right = self.width() - metrics.gap_large
        for each in (*self.buttons, self.add):
            size = each.sizeHint()
            width = min(size.width(), max(right - metrics.gap_large, 1))
            if left > metrics.gap_large and left + width > right:
                left, top = metrics.gap_large, top + height + _GAP
            each.setGeometry(left, top, width, size.height())
            left += width + _GAP
            height = size.height()
        self.setFixedHeight(top + height + metrics.gap)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Chips that fit no longer go into the next line."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._place()

    def _field_of(self, chip: Chip) -> Field | None:
        completing = self._field.completing
        if completing is None or chip.kind is not ChipKind.FIELD:
            return None
        found = completing()[0].field(chip.field)
        return None if found is None else found[1]

    def _title_of(self, typed: str) -> str:
        """What the list calls a field that is sorted or grouped by; as typed where it has none."""
        completing = self._field.completing
        if completing is None:
            return typed
        completion = completing()[0]
        for path, title, field in completion.related:
            if typed in (path, field.name):
                return title
        found = completion.field(typed)
        return typed if found is None else field_name(found[1])

    def _step(self, at: int) -> None:
        stops: list[QWidget] = [*self.buttons, self.add]
        if at < 0:
            self._field.setFocus(Qt.FocusReason.BacktabFocusReason)
        else:
            stops[min(at, len(stops) - 1)].setFocus(Qt.FocusReason.TabFocusReason)

    # What changes it

    def remove(self, at: int) -> None:
        """Take a chip away; the others stay as they are typed."""
        self._close_panel()
        had_focus = self.buttons[at].hasFocus()
        self._field.put(removed(self._field.text(), self._places[at]))
        self.follow()
        if had_focus and not self.buttons:
            self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def edit(self, at: int) -> None:
        """Change a chip: in a list of values, or, where it is an expression, in the text."""
        chip = self.buttons[at].chip
        completing = self._field.completing
        field = self.buttons[at].field
        is_condition = (chip.kind is ChipKind.FIELD and field is not None) or chip.kind is ChipKind.FLAG
        if completing is None or not is_condition:
            self._select(chip)
            return
        completer, context = completing()
        condition = Condition(chip.field, field, chip.op, chip.values, chip.negated)
        editor = ChipEditor(self._look, self.window(), condition, completer, context)
        place = self._places[at]

        def change(changed: Condition) -> None:
            if changed.text:
                self._field.put(replaced(self._field.text(), place, changed.text))

        def close() -> None:
            # A chip that was emptied goes when it is left, not under the hands.
            if not editor.condition.values:
                self._field.put(removed(self._field.text(), place))
            self._focus_chip(place)

        self._open(editor, change, close, lambda: self._remove_place(place))
        editor.start(self.buttons[at])

    def choose_field(self) -> None:
        """Ask for a field, then for its values: a new chip."""
        completing = self._field.completing
        if completing is None:
            return
        self._close_panel()
        menu = FieldMenu(self._look, self.window(), completing()[0])
        menu.chosen.connect(self._add)
        self._panel = menu
        self._forget_when_closed(menu)
        menu.start(self._add_button)

    @property
    def _add_button(self) -> QWidget:
        return self.add if self.isVisible() else self.button

    def _add(self, choice: Choice) -> None:
        completing = self._field.completing
        assert completing is not None
        completer, context = completing()
        condition = Condition(choice.typed, choice.field)
        editor = ChipEditor(self._look, self.window(), condition, completer, context, new=True)
        before = self._field.text()

        def change(changed: Condition) -> None:
            self._field.put(added(before, changed.text) if changed.text else before)

        def close() -> None:
            if self.buttons and editor.condition.values:
                self.buttons[-1].setFocus(Qt.FocusReason.OtherFocusReason)
            else:
                self._field.setFocus(Qt.FocusReason.OtherFocusReason)

        self._open(editor, change, close, self._close_panel)
        editor.start(self._add_button)

    def _open(
        self,
        editor: ChipEditor,
        change: Callable[[Condition], None],
        close: Callable[[], None],
        remove: Callable[[], None],
    ) -> None:
        self._close_panel()
        self._panel = editor
        editor.changed.connect(change)
        editor.removed.connect(remove)
        editor.closed.connect(close)
        self._forget_when_closed(editor)

    def _forget_when_closed(self, panel: FloatingPanel) -> None:
        def forget() -> None:
            if self._panel is panel:
                self._panel = None
            panel.deleteLater()

        panel.closed.connect(forget)

    def _more(self) -> None:
        if isinstance(self._panel, ChipEditor):
            self._panel.renew()

    def _close_panel(self) -> None:
        panel, self._panel = self._panel, None
        if panel is not None and panel.is_open:
            panel.close_panel()

    def _remove_place(self, place: int) -> None:
        if place in self._places:
            at = self._places.index(place)
            self.buttons[at].setFocus(Qt.FocusReason.OtherFocusReason)
            self.remove(at)

    def _focus_chip(self, place: int) -> None:
        if place in self._places:
            self.buttons[self._places.index(place)].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _select(self, chip: Chip) -> None:
        """Put the cursor around the chip's text."""
        text = self._field.text()
        start, end = utf16(text[: chip.start]), utf16(text[: chip.end])
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._field.setSelection(start, end - start)
