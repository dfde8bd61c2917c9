"""Edits of a QTextDocument that is bound to a Yjs text, without a view."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QPainter,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFrame,
)
from PySide6.QtWidgets import QApplication

from app.desktop.app import dress
from app.desktop.editor.binding import TextBinding
from app.desktop.editor.text_style import TextStyle
from app.richtext.positions import TextIndex


class Unseen(QAbstractTextDocumentLayout):
    """The layout of a document that nobody looks at. A document without one reports no changes."""

    def documentChanged(self, position: int, removed: int, added: int) -> None:
        pass

    def documentSize(self) -> QSizeF:
        return QSizeF()

    def pageCount(self) -> int:
        return 1

    def draw(self, painter: QPainter, context: Any) -> None:
        pass

    def hitTest(self, point: Any, accuracy: Qt.HitTestAccuracy) -> int:
        return -1

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        return QRectF()

    def frameBoundingRect(self, frame: QTextFrame) -> QRectF:
        return QRectF()


class Bound:
    """An empty document with its binding."""

    def __init__(self) -> None:
        application = QApplication.instance() or QApplication(sys.argv[:1])
        assert isinstance(application, QApplication)
        self._document = QTextDocument()
        self._document.setDocumentLayout(Unseen(self._document))
        self._sent: list[bytes] = []
        self._style = TextStyle(dress(application).theme)
        self.binding = TextBinding(self._document, b"", 7, self._sent.append, self._style)
        self._cursor = QTextCursor(self._document)

    def type(self, patches: Sequence[tuple[int, int, str]]) -> float:
        """Make edits (position, deleted, inserted; in UTF-16 units); gives the seconds of processor."""
        cursor = self._cursor
        begun = time.thread_time()
        for at, deleted, inserted in patches:
            cursor.setPosition(at)
            if deleted:
                cursor.setPosition(at + deleted, QTextCursor.MoveMode.KeepAnchor)
            if inserted:
                cursor.insertText(inserted)
            else:
                cursor.removeSelectedText()
        return time.thread_time() - begun


def in_units(patches: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The same edits, counted in UTF-16 units."""
    index, found = TextIndex(), []
    for at, deleted, inserted in patches:
        first = index.point_to_utf16(at)
        found.append((first, index.point_to_utf16(at + deleted) - first, inserted))
        index.replace(at, at + deleted, inserted)
    return found
