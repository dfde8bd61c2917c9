"""What every editor of a field has in common."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.desktop.item.desk import Desk
from app.desktop.item.speech import value_text
from app.domain.schema import Field
from app.store.records import FieldState


class FieldEditor(QWidget):
    """Shows one field of one record and edits it in place.

    The editor writes by itself, through the desk; ``show_state`` brings what others wrote, and never changes
    what the user is typing.
    """

    problem = Signal(str)
    """Emits the sentence that says why what was entered is not kept; empty when it is again."""

    def __init__(
        self, desk: Desk, record: bytes, kind: str, field: Field, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.desk = desk
        self.record = record
        self.kind = kind
        self.field = field
        self.state = FieldState(field.name, (), field.many)

    @property
    def value(self) -> object:
        """The value that stands in the field; a tuple where it holds many."""
        return self.state.values if self.field.many else self.state.value

    def move_to(self, record: bytes) -> None:
        """Edit the same field of another record; ``show_state`` follows."""
        self.record = record

    def show_state(self, state: FieldState) -> None:
        """Show what stands in the field now."""
        self.state = state
        self.refresh()

    def refresh(self) -> None:
        """Paint the value anew: it, or a name that it refers to, has changed."""
        raise NotImplementedError

    def editing(self) -> bool:
        """Whether the user is typing here."""
        return False

    def cancel(self) -> bool:
        """Restore the value from before the user began; False where there is nothing to restore."""
        return False

    def finish(self) -> None:
        """Make a change of what was typed: the user leaves."""

    def further_stops(self) -> list[QWidget]:
        """The controls beside the editor's own, in the order of the Tab key."""
        return []

    def spoken_value(self) -> str:
        """The value for a screen reader."""
        return value_text(self.desk, self.field, self.value)

    def write(self, value: object) -> None:
        """Put a whole value into a field of one value, in place of what stood there when it was shown."""
        sentence = self.desk.run(
            lambda: self.desk.source.set(self.record, self.field.name, value, seen=self.state.seen)
        )
        self.problem.emit(sentence)
