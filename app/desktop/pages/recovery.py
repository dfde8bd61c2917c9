"""The recovery key, shown once: words to copy, print or save, and the promise to have kept them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QHBoxLayout, QWidget

from app.desktop.pages.frame import PageFrame, Problem
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Look, Surface, Text

_ACROSS = 4


class RecoveryPage(PageFrame):
    """The words of a new vault. ``kept`` says that the user has them; there is no way back to this page."""

    kept = Signal()

    def __init__(self, look: Look, words: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(
            look,
            tr("Your recovery key"),
            tr(
                "These words open your projects again if this computer is lost or forgets its keys. "
                "They are shown only now, and nobody else has them. "
                "Keep them on paper, away from the computer."
            ),
            back=False,
            width=560,
            parent=parent,
        )
        self._words = tuple(words)
        self.column.addWidget(self._grid())
        copy = Button(look, tr("Copy"), icon="copy")
        copy.clicked.connect(lambda _checked=False: self._copy())
        printed = Button(look, tr("Print"), icon="printer")
        printed.clicked.connect(lambda _checked=False: self._print())
        save = Button(look, tr("Save as a file"), icon="floppy-disk")
        save.clicked.connect(lambda _checked=False: self._choose_file())
        self.row(copy, printed, save)
        self.note = Text(look, tone="muted", wrap=True)
        self.note.hide()
        self.problem = Problem(look)
        self.column.addWidget(self.note)
        self.column.addWidget(self.problem)
        self.promise = QCheckBox(tr("I have written these words down or printed them"))
        self.column.addWidget(self.promise)
        self.action = Button(look, tr("Continue"), kind=ButtonKind.PRIMARY)
        self.action.setEnabled(False)
        self.promise.toggled.connect(self.action.setEnabled)
        self.action.clicked.connect(lambda _checked=False: self._go_on())
        self.row(self.action)
        self.column.addStretch(1)

    def _grid(self) -> QWidget:
        look = self._look
        metrics = look.theme.metrics
        panel = Surface(look, "background")
        grid = QGridLayout(panel)
        grid.setContentsMargins(metrics.gap_large, metrics.gap_medium, metrics.gap_large, metrics.gap_medium)
        grid.setVerticalSpacing(metrics.gap)
        rows = -(-len(self._words) // _ACROSS)
        for index, word in enumerate(self._words):
            number = Text(look, f"{index + 1}", tone="muted")
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            number.setFixedWidth(metrics.gap_huge)
            text = Text(look, word, strong=True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            text.setAccessibleName(tr("Word {number}: {word}").format(number=index + 1, word=word))
            pair = QHBoxLayout()
            pair.setSpacing(metrics.gap)
            pair.addWidget(number)
            pair.addWidget(text, 1)
            grid.addLayout(pair, index % rows, index // rows)
        return panel

    def start(self) -> None:
        """Put the focus on the promise."""
        self.promise.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go_on(self) -> None:
        """Say at once that it goes on; the next page takes this one's place."""
        self.promise.setEnabled(False)
        self.action.setEnabled(False)
        self.action.say(tr("One moment …"))
        self.kept.emit()

    def as_text(self) -> str:
        """The page as it is printed and saved."""
        lines = [f"{index + 1:2}  {word}" for index, word in enumerate(self._words)]
        title = tr("Sitebook recovery key")
        advice = tr("Keep this away from the computer. Whoever has these words can read your projects.")
        return "\n".join([title, "", *lines, "", advice, ""])

    def _say(self, sentence: str) -> None:
        self.problem.say("")
        self.note.setText(sentence)
        self.note.show()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(" ".join(self._words))
        self._say(tr("Copied. Put it somewhere safe and then copy something else over it."))

    def _print(self) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter()
        if QPrintDialog(printer, self).exec() == QPrintDialog.DialogCode.Accepted:
            document = QTextDocument()
            document.setPlainText(self.as_text())
            document.print_(printer)
            self._say(tr("Printed."))

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Save the recovery key"), tr("Sitebook recovery key.txt"), tr("Text (*.txt)")
        )
        if name:
            self.save(Path(name))

    def save(self, file: Path) -> None:
        """Write the words to a file that only the user may read."""
        try:
            file.touch(mode=0o600, exist_ok=True)
            file.write_text(self.as_text(), encoding="utf-8")
        except OSError as error:
            reason = error.strerror or tr("the system refused it")
            self.problem.say(tr("The file could not be written: {reason}.").format(reason=reason))
            return
        self._say(tr("Saved. Move the file away from this computer."))
