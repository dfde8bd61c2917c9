"""Merging people or elements that are selected in a table: a panel that floats over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QRect, Signal

from app.desktop.desk.page import DeskPage
from app.desktop.floating import FloatingPanel
from app.desktop.item.fields.options import Option
from app.desktop.item.fields.picker import Picker
from app.desktop.item.fields.pieces import Piece
from app.desktop.merging.box import MergeBox, merged_words, record_name
from app.desktop.merging.uses import Uses
from app.desktop.translate import tr
from app.domain.names import fold
from app.domain.schema import KINDS, MERGEABLE

_WIDTH = 520
_MOST = 200


class MergePanel(FloatingPanel):
    """Says what follows from merging some records of a desk, and merges them."""

    def __init__(self, desk: DeskPage, records: Sequence[bytes]) -> None:
        super().__init__(desk.look, tr("Merge"), desk)
        self.box = MergeBox(desk.look, desk.workspace, Uses(desk.workspace, self), self)
        self.box.show_records(desk.kind, records)
        self.box.left.connect(self.close_panel)
        self.box.merged.connect(lambda _keep, _count: self.close_panel())
        self.closed.connect(self.deleteLater)
        gap = desk.look.theme.metrics.gap_medium
        margins = self.column.contentsMargins()
        self.column.setContentsMargins(
            margins.left() + gap, margins.top() + gap, margins.right() + gap, margins.bottom() + gap
        )
        self.column.addWidget(self.box)
        self._desk = desk

    def open_over(self) -> None:
        """Show it in the middle of the desk."""
        self._place()
        self.box.start()

    def window_resized(self) -> None:
        self._place()

    def _place(self) -> None:
        desk = self._desk
        width = min(_WIDTH, desk.width() - 48)
        height = min(self.column.heightForWidth(width + 24), desk.height() - 80)
        self.open_at(
            QRect((desk.width() - width) // 2, max(56, (desk.height() - height) // 3), width, height)
        )
        self.box.start()


def merge_selected(desk: DeskPage, tell: Callable[[str], None]) -> None:
    """Begin to merge what is selected on a desk; ``tell`` is told what was done."""
    merger = desk.findChild(Merger)
    if merger is None:
        merger = Merger(desk)
        merger.told.connect(tell)
    merger.begin()


class Merger(QObject):
    """Asks what to merge with, where one record is selected, and what is kept."""

    told = Signal(str)

    def __init__(self, desk: DeskPage) -> None:
        super().__init__(desk)
        self._desk = desk
        self.panel: MergePanel | None = None
        self.picker: Picker | None = None

    def begin(self) -> None:
        """Merge what is selected; with one record, choose the other first."""
        records = self._desk.selected_records()
        if self._desk.kind not in MERGEABLE or not records:
            return
        if len(records) == 1:
            self._choose_other(records[0])
        else:
            self._open(records)

    def _open(self, records: Sequence[bytes]) -> None:
        self.panel = MergePanel(self._desk, records)
        self.panel.box.merged.connect(self._merged)
        self.panel.closed.connect(self._closed)
        self.panel.open_over()

    def _closed(self) -> None:
        self.panel = None
        self._desk.front.setFocus()

    def _merged(self, keep: bytes, count: int) -> None:
        self._desk.stand_on(keep)
        self.told.emit(merged_words(self._desk.workspace, self._desk.kind, keep, count))

    def _choose_other(self, record: bytes) -> None:
        desk = self._desk
        table = desk.list
        picker = Picker(
            desk.look,
            tr("Merge with"),
            lambda text: self._others(record, text),
            lambda _value: False,
            none_yet=tr("There is no other"),
            parent=table,
        )
        picker.picked.connect(lambda option: self._open([record, option.value]))
        picker.closed.connect(self._picker_closed)
        self.picker = picker
        picker.open(desk.action)

    def _picker_closed(self) -> None:
        self.picker = None
        self._desk.front.setFocus()

    def _others(self, record: bytes, text: str) -> list[Option]:
        """The other records, those of a similar name first."""
        desk = self._desk
        columns, kind = desk.workspace.columns, desk.kind
        words = fold(text).split()
        own = set(fold(record_name(desk.workspace, kind, record)).split())
        detail = columns.column(kind, "company" if "company" in KINDS[kind].fields else "type")
        names = columns.column(kind, KINDS[kind].heading)
        found: list[tuple[int, str, bytes]] = []
        for each, name in names.items():
            folded = fold(str(name))
            if each != record and all(word in folded for word in words):
                found.append((-len(own & set(folded.split())), folded, each))
        found.sort()
        return [
            Option(each, Piece(str(names.get(each)), detail=str(detail.get(each) or "")), folded)
            for _, folded, each in found[:_MOST]
        ]
