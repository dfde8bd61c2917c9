"""The page of a project's Markdown folder: switch it on and off, how it is, and what waits for somebody."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.folder.running import FolderKeeper, FolderView
from app.desktop.pages.frame import PageFrame, Problem
from app.desktop.translate import number_text, tr, tr_count
from app.desktop.widgets import Button, ButtonKind, FormField, Look, Text
from app.interchange.folder.phases import FILES, LOOK, READ, TAKE, WRITE

_MOST_SHOWN = 50


class FolderPage(PageFrame):
    """Follows the keeper of the folder; each press does at once what it says."""

    closed = Signal()

    def __init__(self, look: Look, keeper: FolderKeeper, parent: QWidget | None = None) -> None:
        super().__init__(
            look,
            tr("Markdown folder"),
            tr(
                "Notes and issues as text files in a folder, for other programs. What you change there comes back "
                "here, and what changes here is written there."
            ),
            width=560,
            parent=parent,
        )
        self._keeper = keeper
        self.warning = Text(
            look,
            tr("This copy is NOT encrypted: whoever can read the folder can read the project."),
            strong=True,
            tone="danger",
            wrap=True,
        )
        self.column.addWidget(self.warning)
        self._off = QWidget()
        self._on = QWidget()
        self._build_off()
        self._build_on()
        self.problem = Problem(look)
        for each in (self._off, self._on, self.problem):
            self.column.addWidget(each)
        self._list = QVBoxLayout()
        self._list.setSpacing(look.theme.metrics.gap)
        self.column.addLayout(self._list)
        self.column.addStretch(1)
        self._listed: tuple[object, ...] = ()
        keeper.changed.connect(self._show)
        self._show(keeper.view)

    def start(self) -> None:
        """Put the focus on what can be done first."""
        (self.look_now if self._keeper.view.path is not None else self.path.edit).setFocus()

    # Off

    def _build_off(self) -> None:
        look = self._look
        column = _column(look, self._off)
        self.path = FormField(
            look,
            tr("Folder"),
            hint=tr(
                "An empty folder gets a copy of this project. The notes of a vault come into this project."
            ),
        )
        self.path.edit.returnPressed.connect(lambda: self._switch_on(vault=False))
        choose = Button(look, tr("Choose a folder"), icon="folder-open")
        choose.clicked.connect(lambda _checked=False: self.choose())
        self.keep = Button(look, tr("Keep a copy there"), kind=ButtonKind.PRIMARY)
        self.keep.clicked.connect(lambda _checked=False: self._switch_on(vault=False))
        self.vault = Button(look, tr("Open it as a vault"))
        self.vault.clicked.connect(lambda _checked=False: self._switch_on(vault=True))
        column.addWidget(self.path)
        _row(look, column, choose)
        _row(look, column, self.keep, self.vault)

    def choose(self) -> None:
        """Ask for the folder."""
        chosen = QFileDialog.getExistingDirectory(self, tr("Choose a folder"), self.path.text())
        if chosen:
            self.path.edit.setText(chosen)
            self.path.set_error("")
            self.keep.setFocus()

    def _switch_on(self, *, vault: bool) -> None:
        text = self.path.text()
        if not text:
            self.path.set_error(tr("Choose a folder first."))
            self.path.edit.setFocus()
            return
        self._keeper.switch_on(Path(text), vault=vault)

    # On

    def _build_on(self) -> None:
        look = self._look
        column = _column(look, self._on)
        self.where = Text(look, strong=True, wrap=True)
        self.state = Text(look, tone="muted", wrap=True)
        self.look_now = Button(look, tr("Look now"), icon="arrows-clockwise")
        self.look_now.clicked.connect(lambda _checked=False: self._keeper.look())
        self.off = Button(look, tr("Switch off"))
        self.off.clicked.connect(lambda _checked=False: self._keeper.switch_off())
        self.deleted = Button(look, tr("They were deleted: move them to the trash"))
        self.deleted.clicked.connect(lambda _checked=False: self._keeper.look(missing=True))
        self.again = Button(look, tr("Write them again"))
        self.again.clicked.connect(lambda _checked=False: self._keeper.look(missing=False))
        column.addWidget(self.where)
        column.addWidget(self.state)
        _row(look, column, self.deleted, self.again)
        _row(look, column, self.look_now, self.off)

    # Following

    def _show(self, view: FolderView) -> None:
        on = view.path is not None
        focused = self.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        switched = on == self._on.isHidden()
        self._off.setVisible(not on)
        self._on.setVisible(on)
        self.where.setText(str(view.path) if on else "")
        self.state.setText(status_words(view))
        vanished = view.report is not None and view.report.vanished > 0
        self.deleted.setVisible(vanished)
        self.again.setVisible(vanished)
        self.problem.say(view.failure)
        self._show_problems(view)
        if switched and focused and not view.busy:
            self.start()

    def _show_problems(self, view: FolderView) -> None:
        shown = tuple(sorted(view.problems.items())) if view.path is not None else ()
        if (shown, self._keeper.settleable) == self._listed:
            return
        self._listed = (shown, self._keeper.settleable)
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for path, problem in shown[:_MOST_SHOWN]:
            self._list.addWidget(self._problem_row(path, problem))
        if len(shown) > _MOST_SHOWN:
            more = tr_count("and %n more", "and %n more", len(shown) - _MOST_SHOWN)
            self._list.addWidget(Text(self._look, more, tone="muted"))

    def _problem_row(self, path: str, problem: str) -> QWidget:
        row = QWidget()
        column = _column(self._look, row)
        name = "".join(each if each.isprintable() else "�" for each in path)
        column.addWidget(Text(self._look, f"{name} {problem}", wrap=True))
        if path in self._keeper.settleable:
            take = Button(self._look, tr("Take its text in"))
            take.setAccessibleName(tr("Take the text of {file} in").format(file=name))
            take.clicked.connect(lambda _checked=False: self._keeper.settle(path, take_file=True))
            over = Button(self._look, tr("Write over it"))
            over.setAccessibleName(tr("Write over {file}").format(file=name))
            over.clicked.connect(lambda _checked=False: self._keeper.settle(path, take_file=False))
            _row(self._look, column, take, over)
        return row


def status_words(view: FolderView) -> str:
    """How the folder is, in words."""
    if view.path is None:
        return ""
    if view.busy and (view.phase or view.report is None):
        doing = {
            LOOK: tr("Looking at the folder …"),
            READ: tr("Reading …"),
            TAKE: tr("Taking in …"),
            WRITE: tr("Writing …"),
            FILES: tr("Writing files …"),
        }.get(view.phase, tr("Looking at the folder …"))
        if view.total:
            return f"{doing} {number_text(view.done)} / {number_text(view.total)}"
        return doing
    report = view.report
    if view.failure or report is None:
        return ""
    if report.vanished:
        return tr_count(
            "%n file is gone at once, so nothing was done.", "%n files are gone at once, so nothing was done.",
            report.vanished,
        )  # fmt: skip
    words = tr_count("%n text, up to date.", "%n texts, up to date.", report.files)
    if view.problems:
        words = f"{words} {tr_count('%n file waits for you.', '%n files wait for you.', len(view.problems))}"
    return words


def _column(look: Look, widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(look.theme.metrics.gap)
    return column


def _row(look: Look, column: QVBoxLayout, *widgets: QWidget) -> None:
    row = QHBoxLayout()
    row.setSpacing(look.theme.metrics.gap)
    for each in widgets:
        row.addWidget(each)
    row.addStretch(1)
    column.addLayout(row)
