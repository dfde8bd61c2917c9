"""The menu of a shot."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.desktop.gallery.model import Shot
from app.desktop.translate import tr
from app.store.file_places import Place


def shot_menu(
    parent: QWidget, shot: Shot, place: Place | None, see: Callable[[], None], go: Callable[[], None]
) -> QMenu:
    """What can be done with a shot: ``see`` it or have it come, ``go`` to what it belongs to."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    away = place is not None and not place.held
    said = tr("See it large")
    if away:
        said = tr("Stop fetching") if place is not None and place.wanted else tr("Fetch")
    if shot.is_photo or away:
        menu.addAction(said).triggered.connect(see)
    if shot.parent:
        above = menu.addAction(tr("Go to {title}").format(title=shot.title or tr("where it belongs")))
        above.triggered.connect(go)
    return menu
