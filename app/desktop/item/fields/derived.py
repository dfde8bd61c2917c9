"""What is worked out from other fields: formulas and auto-numbers. To read and to copy; or why there is nothing."""

from __future__ import annotations

from dataclasses import replace

from app.desktop.item.fields.line import LineEditor
from app.desktop.item.speech import value_text
from app.desktop.translate import tr
from app.domain.formula_values import FormulaError
from app.domain.schema import FieldType


class DerivedEditor(LineEditor):
    """A line that cannot be written."""

    @property
    def value(self) -> object:
        """What is worked out now; None while it is not known yet."""
        return self.desk.derived(self.kind, self.record, self.field.name)

    def spoken_value(self) -> str:
        value = self.value
        if isinstance(value, FormulaError):
            return tr("No value: {why}").format(why=value.message)
        if self.field.type is FieldType.FORMULA and self.field.result is not None and value is not None:
            # As people say a field of the type that it gives: dates, money.
            shown = replace(self.field, type=self.field.result, result=None, many=isinstance(value, tuple))
            return value_text(self.desk, shown, value)
        return value_text(self.desk, self.field, value)

    def refresh(self) -> None:
        text = self.spoken_value()
        self.line.setText(text)
        self.line.setCursorPosition(0)
        self.line.setToolTip(text if len(text) > 30 else "")
        self.set_tone(self.tone())

    def tone(self) -> str:
        return "warning" if isinstance(self.value, FormulaError) else "text"
