"""Puts presence into the window: faces under the project's name, faces and carets in the item."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.desktop.item.panel import ItemPanel
from app.desktop.live.faces import Faces
from app.desktop.live.here import Here
from app.desktop.live.writing import Writing
from app.desktop.project_page import ProjectPage
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.domain.schema import DEVICE, PERSON
from app.store.touched import Touched

_NAMED = frozenset({PERSON, DEVICE})
_WIDE = 8


class FaceRow(QWidget):
    """The faces of the project, under its name in the side bar."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.faces = Faces(look, most=_WIDE, what=tr("In this project now:"), parent=self)
        row = QHBoxLayout(self)
        gap = look.theme.metrics.gap
        row.setContentsMargins(gap, gap // 2, 0, 0)
        row.addWidget(self.faces, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_names(self, names: list[str], *, narrow: bool) -> None:
        """Show these people."""
        # Where there is room for one, several are a number.
        self.faces.set_most((1 if len(names) == 1 else 0) if narrow else _WIDE)
        self.faces.show_names(names)
        self.setVisible(bool(names))


def attach_page(look: Look, page: ProjectPage, here: Here) -> FaceRow:
    """Show who is in the project."""
    row = FaceRow(look)
    page.side_bar.put_under_name(row)

    def show() -> None:
        row.show_names(here.faces(), narrow=page.side_bar.narrow)

    def named(touched: Touched) -> None:
        if not _NAMED.isdisjoint(touched.kinds.values()):
            here.names_changed()

    here.changed.connect(show)
    page.side_bar.narrowed.connect(show)
    page.workspace.touched.connect(named)
    return row


def attach_panel(panel: QWidget, here: Here) -> QWidget:
    """Show who looks at the item and who writes in it; say where the user is. Gives the panel back."""
    if not isinstance(panel, ItemPanel):
        return panel
    writing = Writing(panel.text, here)

    def look(record: bytes | None) -> None:
        here.look_at(record)
        show()
        writing.opened()

    def show() -> None:
        record = panel.record
        panel.header.show_faces([] if record is None else here.faces(record))

    panel.shown.connect(look)
    here.changed.connect(show)
    return panel
