"""Keys that are pressed while a page is being made would be another page's: they are let go."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer

_KEYS = frozenset(
    {QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride, QEvent.Type.Shortcut}
)
_SEEN_MS = 200
"""How long a page stands before keys are meant for it. Keys that waited while it was made come before."""


class KeyHold(QObject):
    """Lets every key of the application go between ``begin`` and a moment after ``end``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rest = QTimer(self, singleShot=True, interval=_SEEN_MS)
        self._rest.timeout.connect(self._release)

    def begin(self) -> None:
        """From now on keys do nothing."""
        self._rest.stop()
        application = QCoreApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def end(self) -> None:
        """The page is there: keys do something again as soon as it can have been seen."""
        self._rest.start()

    @property
    def ending(self) -> bool:
        """Whether the page is there and keys still do nothing."""
        return self._rest.isActive()

    def _release(self) -> None:
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in _KEYS:
            return False
        event.accept()
        return True
