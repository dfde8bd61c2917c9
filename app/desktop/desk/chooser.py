"""The list of columns that floats below a button: search, then tick what is to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.desktop.desk.column_texts import with_column
from app.desktop.desk.columns import column_title, sync_spec
from app.desktop.item.fields.options import Option, OptionSource
from app.desktop.item.fields.picker import Picker
from app.desktop.item.fields.pieces import Piece
from app.desktop.translate import tr
from app.domain.names import fold
from app.domain.schema import KINDS
from app.query.paths import ColumnSpec
from app.workspace.view_columns import SYNC

if TYPE_CHECKING:
    from app.desktop.desk.page import DeskPage


class ColumnChooser(QObject):
    """Offers every column that there is: fields, those of the project's own, related ones, roll-ups."""

    def __init__(self, page: DeskPage) -> None:
        super().__init__(page)
        self._page = page
        self.picker: Picker | None = None

    def open(self, below: QWidget) -> None:
        """Show the list below something."""
        self.picker = Picker(
            self._page.look,
            tr("Columns"),
            self._options(),
            self._is_shown,
            several=True,
            parent=self._page,
        )
        self.picker.picked.connect(self._toggle)
        self.picker.closed.connect(self._closed)
        self.picker.open(below)

    def _closed(self) -> None:
        self.picker = None
        self._page.list.setFocus()

    def _is_shown(self, path: object) -> bool:
        return path in self._page.heading.paths()

    def _toggle(self, option: Option) -> None:
        path = str(option.value)
        page = self._page
        texts = page.heading.texts()
        if self._is_shown(path):
            page.heading.hide(path)
        else:
            page.change(columns=with_column(texts, path, SYNC))

    def _options(self) -> OptionSource:
        page = self._page
        heading = KINDS[page.kind].heading
        specs = [*page.workspace.columns.available(page.kind), sync_spec()]
        options = [_option(each) for each in specs if each.path != heading]

        def search(text: str) -> list[Option]:
            words = fold(text).split()
            return [each for each in options if all(word in each.words for word in words)]

        return search


def _option(spec: ColumnSpec) -> Option:
    title = column_title(spec)
    icon = "arrow-bend-up-right" if spec.related else "columns"
    return Option(spec.path, Piece(title, "icon", icon), fold(f"{title} {spec.typed}"))
