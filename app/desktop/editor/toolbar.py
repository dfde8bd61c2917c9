"""The tool bar over a selection: formats of letters and lines, and which of them are in use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QWidget

from app.desktop.commands import key_text
from app.desktop.editor.commands import EditorCommand, Group, Tools
from app.desktop.editor.editing import Editing, widget_of
from app.desktop.floating import SHADOW, FloatingPanel
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, IconButton, Line, Look

_PAUSE_MS: Final = 350
"""How long a selection made by keys rests before the bar shows."""
_GAP: Final = 6


class FormatButton(IconButton):
    """A format that is in use or not. A press leaves the focus in the text."""

    def __init__(self, look: Look, command: EditorCommand, parent: QWidget) -> None:
        super().__init__(look, command.icon, command.title, key=command.key_text, parent=parent)
        self.command = command
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCheckable(command.is_on is not None)

    def show_state(self, *, on: bool) -> None:
        """Say whether the format is in use: by its colour, its ground, and for screen readers."""
        if self.isCheckable():
            self.setChecked(on)
            self.set_active(on)

    def sizeHint(self) -> QSize:
        side = max(28, self._look.theme.metrics.control - 4)
        return QSize(side, side)


class LineButton(Button):
    """Says what kind of line is selected, and offers the others."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(look, "", kind=ButtonKind.PLAIN, icon="text-t", parent=parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_command(self, command: EditorCommand) -> None:
        """Show what the line is."""
        self._icon_name = command.icon
        self.say(command.title, "▾")
        name = tr("Kind of line: {kind}").format(kind=command.title)
        self.setAccessibleName(name)
        self.setToolTip(tr("Kind of line"))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), max(28, self._look.theme.metrics.control - 4))


class SelectionBar(FloatingPanel):
    """Shows above a selection that was made by mouse or keys; Alt+F10 goes into it, arrows along it."""

    def __init__(
        self, look: Look, editor: Editing, tools: Tools, commands: Sequence[EditorCommand], window: QWidget
    ) -> None:
        widget = widget_of(editor)
        super().__init__(look, tr("Formats"), window, widget)
        self._editor = editor
        self._tools = tools
        self._widget = widget
        self._pressed = False
        self._lines = [each for each in commands if each.group is Group.LINES]
        self.line_button = LineButton(look, self)
        self.line_button.clicked.connect(self._offer_lines)
        self.buttons = [FormatButton(look, each, self) for each in commands if each.group is Group.LETTERS]
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.line_button)
        between = Line(look, vertical=True, parent=self)
        row.addSpacing(2)
        row.addWidget(between)
        row.addSpacing(2)
        for button in self.buttons:
            button.clicked.connect(lambda _checked=False, each=button.command: self._run(each))
            row.addWidget(button)
        margins = SHADOW + 4
        self.column.setContentsMargins(margins, margins, margins, margins)
        self.column.addLayout(row)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._rested)
        self._watch = _Watch(self)
        widget.installEventFilter(self._watch)
        editor.viewport().installEventFilter(self._watch)
        editor.selection_changed.connect(self._selection_changed)
        editor.edited.connect(self._edited)

    # When it shows

    @property
    def _selects(self) -> bool:
        """Whether something is selected that could be formatted."""
        editor = self._editor
        if editor.binding is None or editor.isReadOnly():
            return False
        start, stop = editor.selection()
        return start < stop

    def _selection_changed(self) -> None:
        if not self._selects or not self._widget.hasFocus():
            if not self._has_focus():
                self.hide_bar()
        elif self.is_open:
            self._place()
        else:
            self.selection_made()

    def selection_made(self) -> None:
        """Something is selected: show when that rests."""
        if not QApplication.mouseButtons() and not self._pressed:
            self._pause.start()

    def _rested(self) -> None:
        if self._selects and not self._pressed and self._widget.hasFocus():
            self._show_bar()

    def _edited(self) -> None:
        if self.is_open:
            self._selection_changed()

    def hide_bar(self) -> None:
        """Hide it until something else is selected."""
        self._pause.stop()
        self.close_panel()

    def mouse_pressed(self) -> None:
        """Someone begins to select: nothing may stand in the way."""
        self._pressed = True
        self.hide_bar()

    def mouse_released(self) -> None:
        """The selection stands."""
        self._pressed = False
        # A moment later the editor has taken the release in.
        QTimer.singleShot(0, self, self._rested)

    def _show_bar(self) -> None:
        self._pause.stop()
        self._place()

    def start(self) -> None:
        """Show it, also without a selection, and go into it."""
        if not self._editor.isReadOnly():
            self._show_bar()
            self.line_button.setFocus(Qt.FocusReason.PopupFocusReason)

    def _has_focus(self) -> bool:
        focus = self.window().focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def _place(self) -> None:
        """Stand above the selection, or below it; within the window."""
        self.show_states()
        self.column.activate()
        window = self.parentWidget()
        assert window is not None, "what floats was made over a window"
        hint = self.sizeHint() - QSize(2 * SHADOW, 2 * SHADOW)
        width, height = min(hint.width(), window.width() - 16), hint.height()
        viewport = self._editor.viewport()
        shown = viewport.visibleRegion().boundingRect()
        shown.moveTopLeft(viewport.mapTo(window, shown.topLeft()))
        start, stop = self._editor.selection()
        first, last = self._in_window(start), self._in_window(stop)
        left = first.left() if first.top() == last.top() else min(first.left(), last.left())
        left = max(8, min(left - 24, window.width() - width - 8))
        top = first.top() - _GAP - height
        if top < max(8, shown.top() - height - _GAP):
            top = last.bottom() + _GAP
            if top + height > window.height() - 8:
                # Neither end of the selection is there to stand beside.
                top = max(8, shown.top() + _GAP)
        self.open_at(QRect(left, top, width, height))

    def _in_window(self, position: int) -> QRect:
        rect = self._editor.cursor_rect(position)
        at = self._editor.viewport().mapTo(self.window(), rect.topLeft())
        return QRect(at, rect.size())

    def window_resized(self) -> None:
        """Stay beside the selection."""
        self._place()

    # What it shows and does

    def show_states(self) -> None:
        """Say which formats are in use."""
        given = self._editor.formats()
        for button in self.buttons:
            is_on = button.command.is_on
            button.show_state(on=is_on is not None and is_on(given))
        current = next((each for each in self._lines if each.is_on is not None and each.is_on(given)), None)
        self.line_button.show_command(current or self._lines[0])

    def _run(self, command: EditorCommand) -> None:
        if self._has_focus():
            self._widget.setFocus(Qt.FocusReason.PopupFocusReason)
        command.run(self._editor, self._tools)
        if self.is_open:
            self._place()

    def line_menu(self) -> QMenu:
        """The kinds of lines, the one in use ticked."""
        menu = QMenu(self)
        given = self._editor.formats()
        for command in self._lines:
            action = menu.addAction(self._look.icons.icon(command.icon), command.title)
            if command.keys:
                action.setText(f"{command.title}\t{key_text(command.keys[0])}")
            action.setCheckable(True)
            action.setChecked(command.is_on is not None and command.is_on(given))
            action.triggered.connect(lambda _checked=False, each=command: self._run(each))
        return menu

    def _offer_lines(self) -> None:
        menu = self.line_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.line_button.mapToGlobal(QPoint(0, self.line_button.height() + 4)))

    # Keys

    def _key(self, place: int, key: Qt.Key) -> bool:
        """Do what a key means on a button; False where the button knows."""
        row: list[Button] = [self.line_button, *self.buttons]
        steps = {
            Qt.Key.Key_Right: place + 1,
            Qt.Key.Key_Tab: place + 1,
            Qt.Key.Key_Left: place - 1,
            Qt.Key.Key_Backtab: place - 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: -1,
        }
        if key in steps:
            row[steps[key] % len(row)].setFocus(Qt.FocusReason.TabFocusReason)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            if place == 0:
                self._offer_lines()
        elif key is Qt.Key.Key_Escape:
            self._widget.setFocus(Qt.FocusReason.PopupFocusReason)
            self.hide_bar()
        else:
            return False
        return True

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab goes along the bar, not out of it."""
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Wheel:
            self.hide_bar()
        elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            row = [self.line_button, *self.buttons]
            place = next((count for count, each in enumerate(row) if each is watched), -1)
            return place >= 0 and self._key(place, Qt.Key(event.key()))
        return super().eventFilter(watched, event)

    def escape(self) -> bool:
        """Esc in the text hides the bar first; whether it was there."""
        shown = self.is_open
        self.hide_bar()
        return shown


class _Watch(QObject):
    """Looks at the editor's mouse and keys for the bar."""

    def __init__(self, bar: SelectionBar) -> None:
        super().__init__(bar)
        self._bar = bar

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.MouseButtonPress:
            self._bar.mouse_pressed()
        elif kind is QEvent.Type.MouseButtonRelease:
            self._bar.mouse_released()
        elif kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return event.key() == Qt.Key.Key_Escape and self._bar.escape()
        return False
