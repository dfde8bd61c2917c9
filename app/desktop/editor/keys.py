"""The keys of an editor's commands. While the editor has the focus they win over those of the window."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut

from app.desktop.editor.commands import EditorCommand, Tools
from app.desktop.editor.editing import Editing, widget_of
from app.richtext.formatting import indent

_DEPTH: Final = ("indent", "outdent")
_ALT_GR: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class CommandKeys(QObject):
    """Runs commands by their keys; Tab only where it means something, so that it leaves the text elsewhere."""

    def __init__(self, editor: Editing, tools: Tools, commands: Iterable[EditorCommand]) -> None:
        widget = widget_of(editor)
        super().__init__(widget)
        self._editor = editor
        self._tools = tools
        self._commands: dict[QKeySequence, EditorCommand] = {}
        for command in commands:
            for key in command.keys:
                sequence = QKeySequence(key)
                self._commands[sequence] = command
                if command.name in _DEPTH:
                    continue
                # Keys with Shift arrive as the signs on them, which depend on the keyboard: Qt knows how.
                shortcut = QShortcut(sequence, widget)
                shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
                shortcut.activated.connect(partial(self._run, command))
        widget.installEventFilter(self)

    def _run(self, command: EditorCommand) -> None:
        if self._editor.binding is None:
            return
        if command.reads or not self._editor.isReadOnly():
            command.run(self._editor, self._tools)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not isinstance(
            event, QKeyEvent
        ):
            return False
        command = self._command(event)
        if command is None:
            return False
        event.accept()
        if kind is QEvent.Type.KeyPress:
            self._run(command)
        return True

    def _command(self, event: QKeyEvent) -> EditorCommand | None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_Backtab:
            key = Qt.Key.Key_Tab
            modifiers |= Qt.KeyboardModifier.ShiftModifier
        if modifiers & _ALT_GR == _ALT_GR and _is_typed(event):
            return None
        command = self._commands.get(_sequence(modifiers, key))
        if command is not None and command.name in _DEPTH:
            return command if self._is_deep(command) else None
        return command

    def _is_deep(self, command: EditorCommand) -> bool:
        """Whether a step deeper or back means something where the cursor stands."""
        if self._editor.binding is None or self._editor.isReadOnly():
            return False
        by = 1 if command.name == "indent" else -1
        return indent(self._editor, *self._editor.selection(), by) is not None


def _sequence(modifiers: Qt.KeyboardModifier, key: Qt.Key) -> QKeySequence:
    return QKeySequence(modifiers.value | key.value)


def _is_typed(event: QKeyEvent) -> bool:
    """Whether Ctrl and Alt are AltGr here, by which a sign is typed that is not the key's own."""
    text = event.text()
    return text.isprintable() and text != "" and text.upper() != QKeySequence(event.key()).toString()
