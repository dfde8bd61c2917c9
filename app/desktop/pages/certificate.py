"""A server's certificate that this computer does not know: its digits, to be compared and accepted."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Look, Text
from sync.transport.trust import fingerprint_text


class CertificateQuestion(QWidget):
    """Hidden until there is one to accept."""

    accepted = Signal(bytes)
    """Emits the fingerprint that the user accepts."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._certificate = b""
        self.digits = Text(look)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(look.theme.metrics.title)  # they are compared one by one
        self.digits.setFont(font)
        self.digits.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.digits.setAccessibleName(tr("Fingerprint of the certificate"))
        self.accept = Button(look, tr("They are the same: accept"), kind=ButtonKind.PRIMARY)
        self.accept.clicked.connect(lambda _checked=False: self._accept())
        self.refuse = Button(look, tr("Not now"))
        self.refuse.clicked.connect(lambda _checked=False: self.hide())
        buttons = QHBoxLayout()
        buttons.addWidget(self.accept)
        buttons.addWidget(self.refuse)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.theme.metrics.gap)
        column.addWidget(Text(look, tr("Is this your server?"), strong=True))
        column.addWidget(
            Text(
                look,
                tr(
                    "The server shows a certificate that this computer does not know. Ask whoever runs the server for "
                    "its SHA-256 fingerprint, and compare all the digits. Until you accept it, nothing is sent."
                ),
                tone="muted",
                wrap=True,
            )
        )
        column.addWidget(self.digits)
        column.addLayout(buttons)
        self.hide()

    def ask(self, certificate: bytes) -> None:
        """Show the digits of a certificate."""
        self._certificate = certificate
        groups = fingerprint_text(certificate).split(" ")
        self.digits.setText("\n".join(" ".join(groups[place : place + 8]) for place in (0, 8)))
        self.show()
        self.refuse.setFocus()

    def _accept(self) -> None:
        self.hide()
        self.accepted.emit(self._certificate)
