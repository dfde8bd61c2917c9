"""A window can be rung: ``sitebook open`` hands its address to the window that has the profile open already.

A local socket of the profile (on Windows a named pipe), for the same user only. One line comes in: an address, or
nothing, which only asks for the window. Whatever else comes is dropped, and nothing in it is looked at further.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.domain.addresses import MOST, read_address
from app.keys.bell import TAKEN, bell_place, is_answered
from sync.errors import Malformed

_AT_ONCE: Final = 8
"""Callers beyond these are turned away."""
_PATIENCE_MS: Final = 2000
_LOGGER = logging.getLogger(__name__)


class Doorbell(QObject):
    """Listens for the profile in a directory."""

    rung = Signal(str)
    """Somebody asks for the window: an address that was read, or nothing."""

    def __init__(self, profile: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._profile = profile
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(_AT_ONCE)
        self._server.newConnection.connect(self._greet)
        self._callers: set[QLocalSocket] = set()

    @property
    def listens(self) -> bool:
        """Whether the window can be rung."""
        return self._server.isListening()

    def begin(self) -> None:
        """Listen, if nobody does and the profile's directory is there. A window without a bell works as well."""
        if self.listens or is_answered(self._profile):
            return
        place = bell_place(self._profile)
        QLocalServer.removeServer(place)  # a window that was killed left it behind
        if not self._server.listen(place):
            _LOGGER.info("no doorbell: %s", self._server.errorString())

    def close(self) -> None:
        """Listen no more."""
        self._server.close()
        for caller in tuple(self._callers):
            caller.abort()

    def _greet(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            if len(self._callers) >= _AT_ONCE:
                caller.abort()
                caller.deleteLater()
                continue
            caller.setReadBufferSize(MOST + 1)
            self._callers.add(caller)
            caller.readyRead.connect(lambda caller=caller: self._listen(caller))
            caller.disconnected.connect(lambda caller=caller: self._forget(caller))
            QTimer.singleShot(_PATIENCE_MS, caller, caller.abort)
            self._listen(caller)

    def _listen(self, caller: QLocalSocket) -> None:
        if caller not in self._callers:
            return
        if not caller.canReadLine():
            if caller.bytesAvailable() > MOST:
                caller.abort()
            return
        try:
            address = bytes(caller.readLine(MOST + 1).data()).decode("ascii").strip()
            if address:
                read_address(address)
        except (UnicodeDecodeError, Malformed):
            caller.abort()
            return
        caller.write(TAKEN)
        caller.disconnectFromServer()
        self.rung.emit(address)

    def _forget(self, caller: QLocalSocket) -> None:
        self._callers.discard(caller)
        caller.deleteLater()
