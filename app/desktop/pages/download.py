"""How far the download of a project is: a bar, bytes, and the time that is left; and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.importing.foot import ProgressLine
from app.desktop.translate import tr
from app.desktop.widgets import Button, Look, Surface, Text
from app.workspace.join_watch import JoinProgress

_MEGA = 1_000_000


class Download(Surface):
    """Shows itself with the first word of progress. ``stopped``: the person wants no more of it."""

    stopped = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "surface", parent)
        self.line = ProgressLine(look)
        self.words = Text(look, tone="muted", wrap=True)
        self.stop = Button(look, tr("Stop"))
        self.stop.clicked.connect(self._stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.theme.metrics.gap)
        column.addWidget(self.line)
        row = QHBoxLayout()
        row.addWidget(self.words, 1)
        row.addWidget(self.stop)
        column.addLayout(row)

    def show_progress(self, progress: JoinProgress) -> None:
        """So many bytes of so many are here."""
        self.line.set_share(progress.done / progress.total if progress.total else 0.0)
        said = tr("{done} of {total} MB").format(
            done=f"{progress.done / _MEGA:.1f}", total=f"{progress.total / _MEGA:.1f}"
        )
        if progress.done >= progress.total:
            said = tr("All of it is here; the project is being opened …")
        elif progress.seconds_left is not None:
            said += ", " + _time_left(progress.seconds_left)
        self.words.setText(said)
        self.words.setAccessibleName(said)
        self.stop.setEnabled(progress.done < progress.total)
        self.show()

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.stopped.emit()


def _time_left(seconds: float) -> str:
    if seconds < 100:
        return tr("about {seconds} s left").format(seconds=max(1, round(seconds)))
    return tr("about {minutes} min left").format(minutes=round(seconds / 60))
