"""Asked once after joining: which of the project's people the user is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.desktop.pages.frame import PageFrame
from app.desktop.session import PersonChoice
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Look, Text


class PersonPage(PageFrame):
    """The people whose name or email is the user's. ``chosen`` emits an id, or None for none of them."""

    chosen = Signal(object)

    def __init__(self, look: Look, choices: Sequence[PersonChoice], parent: QWidget | None = None) -> None:
        super().__init__(
            look,
            tr("Are you one of these?"),
            tr("Then what is assigned to you is found under your own name."),
            back=False,
            parent=parent,
        )
        self.buttons: list[Button] = []
        for choice in choices:
            button = Button(look, tr("I am {name}").format(name=choice.name), icon="user")
            button.clicked.connect(lambda _checked=False, person=choice.id: self.chosen.emit(person))
            self.buttons.append(button)
            self.row(button, Text(look, choice.detail, tone="muted"))
        none = Button(look, tr("None of these"), kind=ButtonKind.PLAIN)
        none.clicked.connect(lambda _checked=False: self.chosen.emit(None))
        self.buttons.append(none)
        self.row(none)
        self.column.addStretch(1)

    def start(self) -> None:
        """Put the focus on the first."""
        self.buttons[0].setFocus()
