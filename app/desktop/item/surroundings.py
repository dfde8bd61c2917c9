"""The project around a text: titles, names and pictures of what it points to."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from app.desktop.editor.surroundings import Named
from app.desktop.item.desk import Desk
from app.desktop.picture_cache import PictureCache
from app.desktop.translate import tr
from app.domain.schema import ATTACHMENT, KINDS
from app.store.attachments import Attachments

_SIZE = 1024
_MOST = 40


class ProjectSurroundings(QObject):
    """Names from the columns in memory, pictures from the attachments. Fulfils ``editor.surroundings.Surroundings``."""

    changed = Signal()
    """A picture that was asked for is there."""

    def __init__(self, desk: Desk, attachments: Attachments | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._pictures = PictureCache(attachments, _SIZE, _MOST, self)
        self._pictures.came.connect(self.changed)
        self._names: dict[bytes, Named | None] = {}

    def named(self, record: bytes) -> Named | None:
        """What a record is called now, an issue with its number; each is asked for once until names change."""
        if record not in self._names:
            self._names[record] = self._find(record)
        return self._names[record]

    def _find(self, record: bytes) -> Named | None:
        directory = self._desk.context.directory
        record = directory.resolve(record)
        view = self._desk.source.get(record)
        if view is None or view.kind not in KINDS:
            return None
        kind = KINDS[view.kind]
        title = directory.heading(record) or view.value(kind.heading)
        shown = title if isinstance(title, str) and title else kind.title
        number = directory.number(record)
        return Named(shown if number is None else f"#{number} {shown}", gone=view.deleted)

    def picture(self, attachment: bytes) -> QPixmap | None:
        """An attached picture; None while it is read, and where it is not here."""
        return self._pictures.picture(attachment)

    def picture_words(self, attachment: bytes) -> str:
        """What stands in the picture's place while there is none to show."""
        if self._pictures.is_asked(attachment):
            return tr("Reading the picture …")
        view = self._desk.source.get(attachment, ATTACHMENT)
        if view is None:
            return tr("This picture is not here yet")
        if view.deleted:
            return tr("This picture was removed")
        name = view.value("name")
        shown = name if isinstance(name, str) and name else tr("Picture")
        return tr("{name} is not on this device yet").format(name=shown)

    def forget(self) -> None:
        """Names changed, or records came, went and came back: ask anew."""
        self._names.clear()

    def file_came(self, attachment: bytes) -> None:
        """A file is here now that was not: ask for its picture again."""
        self._pictures.forget(attachment)
