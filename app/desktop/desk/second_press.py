"""The second of two quick presses, where the first one moved what is below the pointer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget

_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)


class SecondPress(QObject):
    """Takes a press that was meant for ``home`` and would land on what the first press opened over it.

    It listens to the window itself, and only for as long as two presses count as one double press.
    """

    def __init__(self, home: QWidget, run: Callable[[], None]) -> None:
        super().__init__(home)
        self._home = home
        self._run = run
        self._at = QPoint()
        self._window: QWindow | None = None
        self._taken = False
        self._over = QTimer(self, singleShot=True)
        self._over.timeout.connect(self._stop)

    def watch(self, at: QPoint) -> None:
        """A first press was at this place of the screen."""
        self._stop()
        self._window = self._home.window().windowHandle()
        if self._window is not None:
            self._at = at
            self._window.installEventFilter(self)
            self._over.start(QApplication.doubleClickInterval())

    def _stop(self) -> None:
        self._over.stop()
        self._taken = False
        if self._window is not None:
            self._window.removeEventFilter(self)
            self._window = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow the press and its release; every other press ends the waiting."""
        if not isinstance(event, QMouseEvent):
            return False
        if self._taken and event.type() is QEvent.Type.MouseButtonRelease:
            self._stop()
            self._run()
            return True
        if event.type() in _PRESSES:
            place = event.globalPosition().toPoint()
            near = (place - self._at).manhattanLength() < QApplication.startDragDistance()
            home = self._home.rect().contains(self._home.mapFromGlobal(place))
            if near and not home and event.button() is Qt.MouseButton.LeftButton:
                self._over.stop()
                self._taken = True
                return True
            self._stop()
        return False
