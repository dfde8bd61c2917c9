"""Writes what a desk shows into a workbook or a table: columns, order, groups, sums and filter as they are shown."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QWidget

from app.desktop.desk.columns import column_title
from app.desktop.desk.page import DeskPage
from app.desktop.importing.foot import ProgressLine
from app.desktop.project_page import ProjectPage
from app.desktop.translate import number_text, tr, tr_count
from app.desktop.widgets import Button, Look, Surface, Text
from app.desktop.workers import Workers
from app.domain.directory import Context, ProjectDirectory
from app.interchange.answer_view import TakenView, ViewColumn
from app.interchange.view_export import export_view
from app.workspace.view_columns import SYNC
from sync.errors import SitebookError

_TELL_SECONDS = 0.1
WORKBOOK, TABLE = ".xlsx", ".csv"


class _Stopped(SitebookError):
    """Nobody waits for this any more."""


class ViewExporter(QObject):
    """Exports one view. Lives on the GUI thread: values are taken there, column by column, and written on a worker."""

    progressed = Signal(int, int)
    """Emits how many rows are written, and how many there are."""
    finished = Signal(object)
    """Emits how many rows were written; None where it was stopped, and no file is there."""
    failed = Signal(str)
    over = Signal()
    """Nothing runs any more."""

    def __init__(self, page: DeskPage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._workspace = page.workspace
        self._workers = Workers(self)
        self._workers.busy_changed.connect(lambda busy: None if busy else self.over.emit())
        self._stop = threading.Event()
        self._workspace.stopping.connect(self.stop)

    def start(self, target: Path) -> None:
        """Begin to write into a file, which is replaced when all of it is on the disk."""
        self._workspace.run_steps(self._steps(target))

    def cancel(self) -> None:
        """Write no more, and leave no file."""
        self._stop.set()

    def stop(self) -> None:
        """The same, and wait for it: the project is about to be closed."""
        self.cancel()
        self._workers.wait()

    def _steps(self, target: Path) -> Iterator[None]:
        page = self._page
        live = page.live
        while live.answer is None:
            yield
        group = live.query.group
        grouped = "" if group is None else column_title(self._workspace.columns.spec(page.kind, group))
        view = TakenView(page.title, live.answer, grouped)
        yield from view.take(live.frame, shown_columns(page))
        context = self._workspace.context()
        self._workers.run(lambda: self._write(target, view, context), self.finished.emit, self.failed.emit)

    def _write(self, target: Path, taken: TakenView, seen: Context) -> int | None:
        """On the worker, with names read over a connection of its own: those of the window change meanwhile."""
        last = 0.0

        def tell(done: int) -> None:
            nonlocal last
            if self._stop.is_set():
                raise _Stopped("Stopped.")
            now = time.monotonic()
            if now - last >= _TELL_SECONDS:
                last = now
                self.progressed.emit(done, taken.count)

        reader = self._workspace.source.second()
        try:
            context = Context(
                ProjectDirectory(reader, self._workspace.me), seen.today, seen.zone, seen.currency
            )
            return export_view(target, taken.shown(context), context, tell)
        except _Stopped:
            return None
        finally:
            reader.close()


def shown_columns(page: DeskPage) -> Sequence[ViewColumn]:
    """The columns of the page's table, from left to right, but for the dot of sync, which is no value."""
    plan = page.list.plan
    if plan.placed:
        found = [(each.spec, each.width) for each in plan.placed]
    else:
        found = [(each.spec, 0) for each in plan.every()]
    return [
        ViewColumn(spec.path, column_title(spec), spec.field, width)
        for spec, width in found
        if spec.path != SYNC
    ]


class ExportLine(Surface):
    """A line over the bottom line that says how far an export is, with the way to stop it."""

    stopped = Signal()

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(look, "background", parent)
        metrics = look.theme.metrics
        self._name = name
        self.words = Text(look, tr("Writing {file} …").format(file=name))
        self.words.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.progress = ProgressLine(look)
        self.cancel = Button(look, tr("Cancel"))
        self.cancel.clicked.connect(lambda _checked=False: self.stopped.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.gap_large, metrics.gap_small, metrics.gap_large, metrics.gap_small)
        row.setSpacing(metrics.gap_large)
        row.addWidget(self.words)
        row.addWidget(self.progress, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.cancel)

    def show_progress(self, done: int, whole: int) -> None:
        """Say how far it is."""
        self.words.setText(
            tr("Writing {file}: row {done} of {whole}").format(
                file=self._name, done=number_text(done), whole=number_text(whole)
            )
        )
        self.progress.set_share(done / whole if whole else 0.0)


def export_page(page: ProjectPage) -> None:
    """Ask where to, then write what the page's list shows. The dialog asks before it replaces a file."""
    shown = page.list_page
    if not isinstance(shown, DeskPage):
        return
    workbook, table = tr("Workbook (*.xlsx)"), tr("Table (*.csv)")
    name = "".join(" " if each in '/\\:*?"<>|' else each for each in shown.title).strip() or tr("View")
    chosen, kind = QFileDialog.getSaveFileName(
        page, tr("Export this view"), f"{name}{WORKBOOK}", f"{workbook};;{table}"
    )
    if not chosen:
        return
    target = Path(chosen)
    if target.suffix.lower() not in (WORKBOOK, TABLE):
        target = target.with_name(target.name + (TABLE if kind == table else WORKBOOK))
        if target.exists():
            # The dialog asked about the name without its ending.
            page.say(tr("{file} is there already; choose another name.").format(file=target.name))
            return
    export_to(page, shown, target)


def export_to(page: ProjectPage, shown: DeskPage, target: Path) -> ViewExporter:
    """Write what a list shows into a file, and say how far it is."""
    exporter = ViewExporter(shown, page)
    line = ExportLine(shown.look, target.name)
    page.show_line(line)
    exporter.progressed.connect(line.show_progress)
    line.stopped.connect(exporter.cancel)

    exporter.over.connect(line.deleteLater)
    exporter.over.connect(exporter.deleteLater)

    def finished(count: int | None) -> None:
        if count is not None:
            words = tr_count("%n row written to", "%n rows written to", count)
            page.tell(f"{words} {target.name}")

    exporter.finished.connect(finished)
    exporter.failed.connect(page.say)
    exporter.start(target)
    return exporter
