"""A small box to see, set, open or take away the address of a link."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.desktop.editor.editing import Editing, widget_of
from app.desktop.floating import SHADOW, FloatingPanel
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, IconButton, Look, Size, Text
from app.richtext.context import Edit, Range
from app.richtext.formats import LINK, is_opened
from app.richtext.formatting import link_at, set_link, unlink
from app.richtext.typing_rules import full_address

_WIDTH: Final = 380
_LONGEST: Final = 2000
_MOST_SHOWN: Final = 60


def leads_to(address: str) -> str:
    """Say in words where an address leads: the machine's name as it is asked for, nothing that could mislead."""
    if not is_opened(address):
        return tr("Not opened: only web, mail, phone and Sitebook addresses are.")
    url = QUrl(address.strip())
    scheme = url.scheme().lower()
    if scheme in ("http", "https"):
        # Letters that look like others show as what they are.
        host = url.host(QUrl.ComponentFormattingOption.FullyEncoded)
        if not host:
            return tr("This address has no name of a server.")
        if len(host) > _MOST_SHOWN:
            # The end of a name says whose it is.
            host = f"…{host[-_MOST_SHOWN:]}"
        plain = tr("Leads to {host}, not encrypted") if scheme == "http" else tr("Leads to {host}")
        return plain.format(host=host)
    rest = url.path(QUrl.ComponentFormattingOption.FullyEncoded)
    if scheme == "mailto":
        return tr("Writes to {address}").format(address=_short(rest))
    if scheme == "tel":
        return tr("Calls {number}").format(number=_short(rest))
    return tr("Opens in Sitebook")


def _short(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


class LinkBox(FloatingPanel):
    """Enter sets the address, Esc leaves it as it was. What is opened goes through the editor's signal."""

    def __init__(self, look: Look, editor: Editing, window: QWidget) -> None:
        widget = widget_of(editor)
        super().__init__(look, tr("Link"), window, widget)
        self._editor = editor
        self._widget = widget
        self._range: Range = (0, 0)
        self.line = QLineEdit(self)
        self.line.setAccessibleName(tr("Address"))
        self.line.setPlaceholderText(tr("Web or mail address"))
        self.line.setMaxLength(_LONGEST)
        self.line.setTextMargins(6, 0, 6, 0)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._show_goal)
        self.done = Button(look, tr("Set"), kind=ButtonKind.PRIMARY, parent=self)
        self.visit = IconButton(look, "arrow-square-out", tr("Open the link"), key="Alt+Enter", parent=self)
        self.remove = IconButton(look, "link-break", tr("Remove the link"), parent=self)
        self.done.clicked.connect(self.set_address)
        self.visit.clicked.connect(self.open_address)
        self.remove.clicked.connect(self.remove_link)
        self.goal = Text(look, size=Size.CAPTION, tone="muted", parent=self)
        self.goal.setContentsMargins(8, 0, 8, 2)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.theme.metrics.gap_small)
        row.addWidget(self.line, 1)
        row.addWidget(self.done)
        row.addWidget(self.visit)
        row.addWidget(self.remove)
        self.column.addLayout(row)
        self.column.addWidget(self.goal)

    def start(self) -> None:
        """Open it for the link at the cursor, for the selection, or for a new link where there is neither."""
        start, stop = self._editor.selection()
        known = link_at(self._editor, start if start == stop else start + 1)
        self._range = (start, stop) if known is None or start < stop else known[:2]
        editable = not self._editor.isReadOnly()
        self.line.setReadOnly(not editable)
        self.done.setVisible(editable)
        self.remove.setVisible(editable and known is not None)
        self.visit.setVisible(known is not None)
        self.line.setText(known[2] if known is not None else "")
        self._show_goal()
        self.column.activate()
        self._place()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)
        self.line.selectAll()

    def _place(self) -> None:
        window = self.parentWidget()
        assert window is not None, "what floats was made over a window"
        rect = self._editor.cursor_rect(self._range[0])
        at = self._editor.viewport().mapTo(window, QPoint(rect.left(), rect.bottom()))
        width = min(_WIDTH, window.width() - 16)
        height = self.sizeHint().height() - 2 * SHADOW
        left = max(8, min(at.x() - 12, window.width() - width - 8))
        top = at.y() + 6
        if top + height > window.height() - 8:
            top = max(8, at.y() - rect.height() - 6 - height)
        self.open_at(QRect(left, top, width, height))

    @property
    def _address(self) -> str | None:
        return full_address(self.line.text())

    def _show_goal(self) -> None:
        text = self.line.text().strip()
        address = self._address
        self.done.setEnabled(address is not None or not text)
        self.visit.setEnabled(address is not None)
        words = leads_to(address or text) if text else tr("Type where the words lead.")
        self.goal.setText(words)
        self.goal.set_tone("danger" if text and address is None else "muted")
        self.line.setAccessibleDescription(words)

    def leave(self) -> None:
        """Close it and go on in the text."""
        self.close_panel()
        self._widget.setFocus(Qt.FocusReason.PopupFocusReason)

    def set_address(self) -> None:
        """Make what was selected lead to the address; an empty one takes the link away."""
        address = self._address
        if not self.line.text().strip():
            self.remove_link()
        elif address is not None and not self._editor.isReadOnly():
            self._put(set_link(self._editor, *self._range, address))

    def remove_link(self) -> None:
        """Take the link away; its words stay."""
        if not self._editor.isReadOnly():
            self._put(unlink(self._editor, *self._range))

    def _put(self, edit: Edit) -> None:
        self.leave()
        # Behind the link, so that one can go on writing.
        stop = edit.select[1]
        if edit.change:
            self._editor.change(edit.change, (stop, stop))
        else:
            self._editor.set_selection(stop, stop)
        self._editor.set_typing({LINK: None})

    def open_address(self) -> None:
        """Open where the address leads."""
        address = self._address
        if address is not None:
            self.leave()
            self._editor.link_opened.emit(address)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = watched is self.line and event.type() is QEvent.Type.KeyPress
        if not pressed or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        if event.modifiers() & Qt.KeyboardModifier.AltModifier or self.line.isReadOnly():
            self.open_address()
        else:
            self.set_address()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
