"""The page that takes a table in: what is in the file, what becomes of it, and what will not fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.importing.choices import Checked, Choices, Opened, Written
from app.desktop.importing.done import Done
from app.desktop.importing.dropping import table_of
from app.desktop.importing.foot import Foot
from app.desktop.importing.grid import Grid
from app.desktop.importing.importer import Importer
from app.desktop.importing.options import WholeOptions
from app.desktop.importing.words import (
    counts_text,
    news_text,
    problems_text,
    progress_text,
    records_text,
)
from app.desktop.importing.wrong import WrongRows
from app.desktop.lists.empty import EmptyPlace, EmptyWords
from app.desktop.translate import number_text, tr, tr_count
from app.desktop.widgets import Button, ButtonKind, Line, Look, Size, Surface, Text
from app.desktop.workspace import Workspace

_TABLES = "(*.csv *.tsv *.txt)"


class ImportPage(Surface):
    """One import, from the file to the word that it is done. Nothing is written before the button is pressed."""

    left = Signal()
    show_asked = Signal(object)
    """Emits what was ``Written`` and is to be shown."""

    def __init__(
        self, look: Look, workspace: Workspace, importer: Importer, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, "surface", parent)
        self._look = look
        self._workspace = workspace
        self._importer = importer
        self._choices = Choices()
        self._path: Path | None = None
        self._checked: Checked | None = None
        self._written: Written | None = None
        self.setAccessibleName(tr("Import a table"))
        self.setAcceptDrops(True)
        self.file = QLineEdit()
        self.choose = Button(look, tr("Choose a file"), icon="folder-open")
        self.options = WholeOptions(look)
        self.grid = Grid(look)
        self.wrong = WrongRows(look)
        self.foot = Foot(look)
        self.first_tab = self._tab(tr("First rows"))
        self.wrong_tab = self._tab("")
        self.nothing = EmptyPlace(look, _empty_words())
        self.done = Done(look)
        self._rows = QStackedWidget()
        self._body = QStackedWidget()
        self._build()
        self._connect()
        self._body.setCurrentWidget(self._working if importer.is_writing else self.nothing)
        self.foot.setVisible(importer.is_writing)

    # How it is built

    def _tab(self, words: str) -> Button:
        tab = Button(self._look, words, kind=ButtonKind.PLAIN)
        tab.setCheckable(True)
        return tab

    def _build(self) -> None:
        look = self._look
        metrics = look.theme.metrics
        self.file.setPlaceholderText(tr("Where the CSV file is"))
        self.file.setAccessibleName(tr("Where the CSV file is"))
        self.file.setAcceptDrops(False)  # a file dropped here is the page's
        bar = QHBoxLayout()
        bar.setContentsMargins(metrics.gap_large, 0, metrics.gap_large, 0)
        bar.setSpacing(metrics.gap_medium)
        bar.addWidget(Text(look, tr("Import a table"), size=Size.TITLE))
        bar.addWidget(self.file, 1)
        bar.addWidget(self.choose)
        self._bar = QWidget()
        self._bar.setLayout(bar)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(metrics.gap_medium, 0, metrics.gap_large, metrics.gap_small)
        tabs.setSpacing(2)
        tabs.addWidget(self.first_tab)
        tabs.addWidget(self.wrong_tab)
        tabs.addStretch(1)
        self._rows.addWidget(self.grid)
        self._rows.addWidget(self.wrong)
        self._working = QWidget()
        working = QVBoxLayout(self._working)
        working.setContentsMargins(0, 0, 0, 0)
        working.setSpacing(0)
        working.addWidget(self.options)
        working.addLayout(tabs)
        working.addWidget(Line(look))
        working.addWidget(self._rows, 1)
        for widget in (self.nothing, self._working, self.done):
            self._body.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(Line(look))
        layout.addWidget(self._body, 1)
        layout.addWidget(self.foot)
        look.theme.changed.connect(self._resize_bar)
        self._resize_bar()

    def _resize_bar(self) -> None:
        self._bar.setFixedHeight(self._look.theme.metrics.bar - 1)
        self.file.setFont(self._look.theme.font())
        self.file.setTextMargins(5, 0, 5, 0)

    def _connect(self) -> None:
        importer = self._importer
        importer.progressed.connect(self._show_progress)
        importer.opened.connect(self._show_file)
        importer.checked.connect(self._show_checked)
        importer.written.connect(self._show_written)
        importer.taken_back.connect(self._show_taken_back)
        importer.failed.connect(self._show_failure)
        self.file.returnPressed.connect(self._open_typed)
        self.choose.clicked.connect(lambda _checked=False: self.choose_file())
        self.nothing.asked.connect(self.choose_file)
        self.first_tab.clicked.connect(lambda _checked=False: self._show_tab(wrong=False))
        self.wrong_tab.clicked.connect(lambda _checked=False: self._show_tab(wrong=True))
        self.options.kind_chosen.connect(lambda kind: self._check(Choices(kind, key=self._choices.key)))
        self.options.key_chosen.connect(lambda key: self._check(replace(self._choices, key=key)))
        self.options.people_chosen.connect(lambda on: self._check(replace(self._choices, add_people=on)))
        self.grid.target_chosen.connect(
            lambda name, target: self._check(self._choices.with_target(name, target))
        )
        self.grid.form_chosen.connect(lambda name, form: self._check(self._choices.with_form(name, form)))
        self.wrong.save_asked.connect(self._save_wrong)
        accept = QShortcut(QKeySequence("Ctrl+Return"), self)
        accept.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        accept.activated.connect(self.accept)
        self.foot.cancel.clicked.connect(lambda _checked=False: self._cancel())
        self.foot.accept.clicked.connect(lambda _checked=False: self.accept())
        self.done.show_button.clicked.connect(lambda _checked=False: self.show_asked.emit(self._written))
        self.done.undo.clicked.connect(lambda _checked=False: self._undo())

    # The file

    def start(self) -> None:
        """Put the focus where work begins."""
        target = self.foot.cancel if self._importer.is_writing else self.file
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def choose_file(self) -> None:
        """Ask which file."""
        chosen, _ = QFileDialog.getOpenFileName(
            self, tr("Import a table"), "", tr("Tables {endings}").format(endings=_TABLES)
        )
        if chosen:
            self.open_file(Path(chosen))

    def _open_typed(self) -> None:
        text = self.file.text().strip().strip('"')
        if text:
            self.open_file(Path(text).expanduser())

    def open_file(self, path: Path) -> None:
        """Read a file and show what is in it."""
        if self._importer.is_writing:
            return
        self._path, self._checked, self._written = path, None, None
        self._choices = Choices(self._choices.kind)
        self.file.setText(str(path))
        self.foot.show()
        self._wait(tr("Reading the file …"))
        self._importer.read(path, self._choices)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if table_of(event.mimeData()) is not None and not self._importer.is_writing:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = table_of(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.open_file(path)

    def _show_file(self, opened: Opened) -> None:
        self._body.setCurrentWidget(self._working)
        self.options.show_columns(opened.columns, self._choices.key)
        self._workspace.run_steps(self.grid.show_file(opened))
        shown = tr("First rows") if opened.count > len(opened.first) else tr("All rows")
        self.first_tab.say(f"{shown}  {number_text(len(opened.first))}")
        self._show_tab(wrong=False)

    # Checking

    def _check(self, choices: Choices) -> None:
        self._choices = choices
        self._wait(tr("Checking …"))
        self._importer.check(choices)

    def _wait(self, words: str) -> None:
        self.foot.accept.setEnabled(False)
        self.foot.show_progress(words, 0.0)

    def _show_progress(self, phase: str, done: int, whole: int) -> None:
        self.foot.show_progress(progress_text(phase, done, whole), done / whole if whole else 0.0)

    def _show_checked(self, checked: Checked) -> None:
        self._checked = checked
        self.options.show_checked(checked)
        self.grid.show_checked(checked, self._workspace.fields(checked.choices.kind))
        count = len(checked.problems)
        self.wrong.show_problems(checked.problems)
        self.wrong_tab.say(problems_text(count))
        self.wrong_tab.setVisible(count > 0)
        if not count:
            self._show_tab(wrong=False)
        undecided = checked.undecided
        if undecided:
            words = tr("Say how the dates in “{column}” are written.").format(column=undecided[0])
            self.foot.say(words, counts_text(checked), tone="warning")
        else:
            self.foot.say(counts_text(checked), news_text(checked))
        self.foot.accept.setEnabled(checked.rows > 0 and not undecided)
        self.foot.accept.say(_import_text(checked))

    def _show_failure(self, sentence: str) -> None:
        self.foot.say(sentence, "", tone="danger")
        self.foot.accept.setEnabled(False)
        self.foot.counts.setAccessibleName(sentence)

    def _show_tab(self, *, wrong: bool) -> None:
        self.first_tab.setChecked(not wrong)
        self.wrong_tab.setChecked(wrong)
        self._rows.setCurrentWidget(self.wrong if wrong else self.grid)

    def _save_wrong(self) -> None:
        if self._path is None or self._checked is None:
            return
        name = f"{self._path.stem} {tr('to correct')}.csv"
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("Save the rows that do not fit"), str(self._path.with_name(name)), tr("Tables (*.csv)")
        )
        if chosen:
            target = Path(chosen)
            self._importer.save_wrong_rows(
                self._path,
                target,
                self._checked.problems,
                lambda count: self.foot.news.setText(
                    tr_count("%n row written to", "%n rows written to", count) + f" {target.name}"
                ),
            )

    # Writing

    def accept(self) -> None:
        """Import what fits."""
        if self.foot.accept.isEnabled() and self._checked is not None and not self._importer.is_writing:
            self._lock(True)
            self._wait(tr("Importing …"))
            self._importer.write(self._checked.choices)

    def _lock(self, locked: bool) -> None:
        """While it is written nothing about it can be changed."""
        for widget in (self._working, self._bar):
            widget.setEnabled(not locked)
        if locked:
            self.foot.cancel.setFocus()

    def _cancel(self) -> None:
        if self._importer.is_writing:
            self.foot.cancel.setEnabled(False)
            self._importer.cancel()
        else:
            self._importer.cancel()
            self.left.emit()

    def _show_taken_back(self) -> None:
        self._lock(False)
        self.foot.cancel.setEnabled(True)
        if self._checked is None:
            self.left.emit()
            return
        self._show_checked(self._checked)
        self.foot.say(tr("Stopped. What was written is taken back."), counts_text(self._checked))
        self.foot.accept.setFocus()

    def _show_written(self, written: Written) -> None:
        self._written = written
        self._lock(False)
        self.foot.cancel.setEnabled(True)
        self.foot.hide()
        self.done.show_written(written)
        self._body.setCurrentWidget(self.done)
        self.done.show_button.setFocus()

    def _undo(self) -> None:
        """Take all of it back; the page is ready for the file again."""
        self._workspace.undo()
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if not self._importer.is_writing:
                self._cancel()
            return
        super().keyPressEvent(event)


def _import_text(checked: Checked) -> str:
    if not checked.rows:
        return tr("Import")
    return tr("Import {records}").format(records=records_text(checked.choices.kind, checked.rows))


def _empty_words() -> EmptyWords:
    return EmptyWords(
        "table",
        tr("Which table?"),
        tr(
            "Drop a CSV file here, choose one, or type above where it is. Nothing is written before you say so."
        ),
        tr("Choose a file"),
    )
