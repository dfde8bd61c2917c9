"""What a text asks of the project around it: the names of what it points to, and its pictures."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from PySide6.QtGui import QPixmap


class Named(NamedTuple):
    """How something that a text points to is called now. ``gone``: it is in the trash."""

    text: str
    gone: bool = False


class Surroundings(Protocol):
    """Answers from memory, at once."""

    def named(self, record: bytes) -> Named | None:
        """What a note, an issue or a person is called; None where there is none of that id."""

    def picture(self, attachment: bytes) -> QPixmap | None:
        """An attached picture; None while it is read, and where it is not here."""

    def picture_words(self, attachment: bytes) -> str:
        """What stands in the picture's place while there is none to show."""
