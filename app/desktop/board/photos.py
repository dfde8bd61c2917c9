"""The small pictures on cards: which photo belongs to a record, and its thumbnail when it is there."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from app.desktop.picture_cache import PictureCache
from app.desktop.workspace import Workspace
from app.domain.schema import ATTACHMENT
from app.store.touched import Touched

_MOST = 300
_SIZE = 160
"""Longest side of a thumbnail, in pixels: sharp at twice the size of a card's picture."""
_FIELDS = ("parent", "media_type")


class Photos(QObject):
    """Knows the first photo of each record, and has their thumbnails made."""

    came = Signal()
    """A picture that was asked for is there."""
    changed = Signal(set)
    """Emits the records that have another photo now."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.first: dict[bytes, bytes] = {}
        """The oldest photo, by the record that it is attached to."""
        self._pictures = PictureCache(workspace.attachments, _SIZE, _MOST, self)
        self._pictures.came.connect(self.came)
        self._loaded = False
        workspace.touched.connect(self._follow)
        workspace.stopping.connect(self._pictures.wait)

    def load(self) -> Iterator[None]:
        """Find the photos, in steps."""
        yield from self._workspace.columns.load_steps(ATTACHMENT, _FIELDS)
        self._find()
        self._loaded = True

    def _find(self) -> None:
        columns = self._workspace.columns
        parents, media = columns.column(ATTACHMENT, "parent"), columns.column(ATTACHMENT, "media_type")
        self.first.clear()
        # The newest come first: of several the oldest is written last, and stays.
        for attachment in columns.ids(ATTACHMENT):
            parent, kind = parents.get(attachment), media.get(attachment)
            if isinstance(parent, bytes) and isinstance(kind, str) and kind.startswith("image/"):
                self.first[parent] = attachment

    def _follow(self, touched: Touched) -> None:
        if not self._loaded or ATTACHMENT not in touched.kinds.values():
            return
        before = dict(self.first)
        self._find()
        changed = {
            record for record in before.keys() | self.first if before.get(record) != self.first.get(record)
        }
        if changed:
            self.changed.emit(changed)

    def picture(self, attachment: bytes) -> QPixmap | None:
        """The thumbnail of a photo; None until it is there, or where there is none."""
        return self._pictures.picture(attachment)
