"""The part of the settings that says which files this device has at hand, and how much room they take."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QSpinBox, QVBoxLayout, QWidget

from app.desktop.syncing.words import size_text
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Button, Look, Text
from app.store.core import Core
from app.store.file_places import Keep, KeepMode, free_now, keep, set_keep, space
from sync.errors import SitebookError

_GIGABYTE = 1_000_000_000


class _Number(QSpinBox):
    """A number that holds when it is entered, not while it is typed, and that the wheel passes by."""

    def __init__(self, name: str, least: int, most: int) -> None:
        super().__init__()
        self.setRange(least, most)
        self.setFrame(False)  # the line in it draws the one frame
        self.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.lineEdit().setTextMargins(6, 0, 6, 0)
        self.setKeyboardTracking(False)  # 90 is not 9 first, which would let files go
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class FilesPart(QWidget):
    """Three choices, two numbers, and the space. Each choice holds at once."""

    changed = Signal()
    """What is to be here is another set of files now."""

    def __init__(self, look: Look, core: Core, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._keep = keep(core)
        metrics = look.theme.metrics
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.gap_small)
        self.modes = QButtonGroup(self)
        self._buttons: dict[KeepMode, QRadioButton] = {}
        choices = (
            (KeepMode.EVERYTHING, tr("Keep everything: all photos are here without a network")),
            (KeepMode.RECENT, tr("Keep what is recent")),
            (KeepMode.ON_DEMAND, tr("On demand: a photo comes when you look at it, and stays a week")),
        )
        for mode, title in choices:
            button = QRadioButton(title)
            button.clicked.connect(
                lambda _checked=False, mode=mode: self._choose(replace(self._keep, mode=mode))
            )
            self.modes.addButton(button)
            self._buttons[mode] = button
            column.addWidget(button)
        self.days = _Number(tr("Days that photos are kept"), 1, 3650)
        self.days.setSuffix(tr(" days"))
        self.gigabytes = _Number(tr("Most gigabytes of photos"), 0, 10_000)
        self.gigabytes.setSpecialValueText(tr("no limit"))
        self.gigabytes.setSuffix(tr(" GB"))
        self._numbers = QWidget()
        row = QHBoxLayout(self._numbers)
        row.setContentsMargins(metrics.gap_huge, 0, 0, 0)
        row.setSpacing(metrics.gap)
        for widget in (Text(look, tr("Of the last")), self.days, Text(look, tr("at most")), self.gigabytes):
            row.addWidget(widget)
        row.addStretch(1)
        column.insertWidget(2, self._numbers)
        self.used = Text(look, tone="muted", wrap=True)
        self.free = Button(look, tr("Free space now"), icon="trash")
        self.free.clicked.connect(lambda _checked=False: self._free())
        self.problem = Text(look, tone="danger", wrap=True)
        self.problem.hide()
        column.addSpacing(metrics.gap)
        column.addWidget(self.used)
        line = QHBoxLayout()
        line.addWidget(self.free)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(self.problem)
        self.show_state()
        self.days.valueChanged.connect(lambda days: self._choose(replace(self._keep, days=days)))
        self.gigabytes.valueChanged.connect(
            lambda size: self._choose(replace(self._keep, size=size * _GIGABYTE))
        )

    def show_state(self) -> None:
        """Show what holds now."""
        self._buttons[self._keep.mode].setChecked(True)
        self._numbers.setVisible(self._keep.mode is KeepMode.RECENT)
        self.days.setValue(self._keep.days)
        self.gigabytes.setValue(self._keep.size // _GIGABYTE)
        found = space(self._core)
        here = tr_count("%n file here", "%n files here", found.files)
        words = tr("{files}, {size}.").format(files=here, size=size_text(found.used))
        if found.files_elsewhere:
            there = tr_count("%n file only elsewhere", "%n files only elsewhere", found.files_elsewhere)
            words += " " + tr("{files}, {size}.").format(files=there, size=size_text(found.elsewhere))
        if found.spare:
            words += " " + tr("{size} can go from here: the server has it.").format(
                size=size_text(found.spare)
            )
        self.used.setText(words)
        self.free.setEnabled(bool(found.spare))

    def _choose(self, wanted: Keep) -> None:
        if wanted == self._keep:
            return
        self._keep = wanted
        self._do(lambda: set_keep(self._core, wanted))

    def _free(self) -> None:
        self._do(lambda: free_now(self._core))

    def _do(self, work: object) -> None:
        assert callable(work)
        try:
            work()
        except SitebookError as error:
            self.problem.setText(str(error))
            self.problem.show()
            return
        self.problem.hide()
        self.show_state()
        self.changed.emit()
