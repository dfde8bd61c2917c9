"""What floats below a chip: how its field is compared, and the values to choose, with a search among them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.desktop.entries import Entry, EntryList, entry_height
from app.desktop.filter.speech import field_icon, field_name, offer_entry, operator_text
from app.desktop.floating import FloatingPanel
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Look
from app.domain.directory import Context
from app.domain.names import fold
from app.domain.schema import Field, FieldType
from app.query.asking import is_flags, operators_of
from app.query.ast import Literal, Op, Range, Special, SpecialValue, Value
from app.query.chips import condition_text, flag_text
from app.query.completion import Completer
from app.query.matching import best
from app.query.offers import DATED, Offer

_WIDTH = 300
_LINES = 9
_MOST = 200
_FREE = frozenset(
    {
        FieldType.TEXT,
        FieldType.LONG_TEXT,
        FieldType.RICH,
        FieldType.LINK,
        FieldType.PHONE,
        FieldType.EMAIL,
        FieldType.BARCODE,
        FieldType.NUMBER,
        FieldType.INTEGER,
        FieldType.AUTO_NUMBER,
        FieldType.FORMULA,
        FieldType.MONEY,
        FieldType.PARAMETERS,
        *DATED,
    }
)
"""Types for which any value may be typed."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition while it is changed. ``typed`` is the field's name in the query; flags have no field."""

    typed: str
    field: Field | None
    op: Op = Op.HAS
    values: tuple[Value, ...] = ()
    negated: bool = False

    @property
    def text(self) -> str:
        """It in the language of queries; empty without a value."""
        if not self.values:
            return ""
        if self.field is None:
            names = [each.text for each in self.values if isinstance(each, Literal)]
            return flag_text(self.typed, names, negated=self.negated)
        return condition_text(self.typed, self.op, self.values, negated=self.negated)


class ChipEditor(FloatingPanel):
    """Changes one condition. ``changed`` follows each choice, so that the list below follows it too."""

    changed = Signal(object)
    """Emits the Condition."""
    removed = Signal()

    def __init__(
        self,
        look: Look,
        window: QWidget,
        condition: Condition,
        completer: Completer,
        context: Context,
        *,
        new: bool = False,
    ) -> None:
        name = condition.typed if condition.field is None else field_name(condition.field)
        super().__init__(look, tr("Filter: {words}").format(words=name), window)
        self.condition = condition
        self._completer = completer
        self._context = context
        self._ways = _ways(condition.field)
        self.ways = [self._way_button(op, negated, text) for op, negated, text in self._ways]
        row = QHBoxLayout()
        row.setSpacing(2)
        for button in self.ways:
            row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)
        self.search = QLineEdit(self)
        self.search.setAccessibleName(tr("Value of {field}").format(field=name))
        free = condition.field is not None and condition.field.type in _FREE
        self.search.setPlaceholderText(tr("Type a value") if free else tr("Search"))
        self.search.setFont(look.theme.font())
        self.search.setTextMargins(5, 0, 5, 0)
        self.search.textChanged.connect(lambda _text: self._show())
        self.search.installEventFilter(self)
        self.column.addWidget(self.search)
        self.list = EntryList(look, name, self)
        self.list.taken.connect(self._toggle)
        self.column.addWidget(self.list)
        self.remove = Button(look, tr("Remove this filter"), kind=ButtonKind.PLAIN, icon="trash", parent=self)
        self.remove.clicked.connect(lambda _checked=False: self.removed.emit())
        self.remove.setVisible(not new)
        self.column.addWidget(self.remove)
        for button in (*self.ways, self.remove):
            button.installEventFilter(self)
        self._mark_way()
        self._show()

    def _way_button(self, op: Op, negated: bool, text: str) -> Button:
        button = Button(self._look, text, kind=ButtonKind.PLAIN)
        button.setCheckable(True)
        button.clicked.connect(lambda _checked=False: self._choose_way(op, negated))
        return button

    def start(self, below: QWidget) -> None:
        """Open below a widget, the cursor in the search."""
        control = self._look.theme.metrics.control
        count = max(1, min(_LINES, len(self.list.entries)))
        ways = sum(button.sizeHint().width() + 2 for button in self.ways) + 24
        height = 12 + self.ways[0].sizeHint().height() + 4 + control + 4
        height += entry_height(self._look, Entry("")) * count
        if not self.remove.isHidden():
            height += 4 + self.remove.sizeHint().height()
        self.open_below(below, max(_WIDTH, ways), height)
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    # What is offered

    @property
    def _is_free(self) -> bool:
        field = self.condition.field
        return field is not None and field.type in _FREE

    def _offers(self, typed: str) -> list[Offer]:
        field = self.condition.field
        if field is not None:
            return self._completer.values(self.condition.typed, typed, _MOST)
        names = is_flags(self._completer.words) if self.condition.typed == "is" else self._completer.has_names
        return [Offer(name, name) for _, name in best(typed, [(fold(each), each) for each in names], _MOST)]

    def _show(self) -> None:
        typed = self.search.text()
        field = self.condition.field
        tree = field is not None and field.type is FieldType.LOCATION and not typed.strip()
        ordered = self.condition.op not in (Op.HAS, Op.EQUAL, Op.UNEQUAL)
        entries = []
        for offer in self._offers(typed):
            if ordered and isinstance(offer.value, Special):
                continue
            entry = offer_entry(offer, field, self._context, checked=self._stands(offer), tree=tree)
            entries.append(entry)
        if self._is_free and typed.strip():
            text = typed.strip()
            if not any(fold(offer.plain) == fold(text) for offer in self._offers(typed)):
                own = Offer(text, text)
                sign = field_icon(field) if field is not None else "text-t"
                held = self._stands(own)
                entries.insert(0, Entry(text, sign="icon", mark=sign, checked=held, data=own))
        current = self.list.current
        self.list.show_entries(entries)
        if current is not None and not typed:
            self.list.select_data(current.data)

    def renew(self) -> None:
        """Values that had to be read first can be offered now."""
        self._show()

    def _value_of(self, offer: Offer) -> Value:
        if isinstance(offer.value, Special):
            return SpecialValue(offer.value)
        low, points, high = offer.plain.partition("..")
        if points and self._is_free and (low or high):
            return Range(Literal(low) if low else None, Literal(high) if high else None)
        return Literal(offer.plain)

    def _stands(self, offer: Offer) -> bool:
        wanted = self._value_of(offer)
        return any(_same(each, wanted) for each in self.condition.values)

    # What is chosen

    def _toggle(self, entry: Entry) -> None:
        offer = entry.data
        assert isinstance(offer, Offer)
        value = self._value_of(offer)
        held = [each for each in self.condition.values if _same(each, value)]
        several = self.condition.op in (Op.HAS, Op.EQUAL, Op.UNEQUAL)
        if held:
            values = tuple(each for each in self.condition.values if each not in held)
        elif several and not _alone(value):
            values = (*(each for each in self.condition.values if not _alone(each)), value)
        else:
            values = (value,)
        self._set(Condition(
            self.condition.typed, self.condition.field, self.condition.op, values, self.condition.negated
        ))  # fmt: skip
        if self.search.text():
            self.search.clear()
            self.list.select_data(offer)
        else:
            self._show()

    def _choose_way(self, op: Op, negated: bool) -> None:
        values = self.condition.values
        if op not in (Op.HAS, Op.EQUAL, Op.UNEQUAL):
            values = tuple(each for each in values if isinstance(each, Literal))[:1]
        self._set(Condition(self.condition.typed, self.condition.field, op, values, negated))
        self._mark_way()
        self._show()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set(self, condition: Condition) -> None:
        self.condition = condition
        self.changed.emit(condition)

    def _mark_way(self) -> None:
        for button, (op, negated, _) in zip(self.ways, self._ways, strict=True):
            button.setChecked(op is self.condition.op and negated is self.condition.negated)

    # Keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and self._key(watched, event)
        ):
            return True
        return super().eventFilter(watched, event)

    def _key(self, watched: QObject, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape and (watched is self.search or watched in (*self.ways, self.remove)):
            self.close_panel()
            return True
        if watched in self.ways and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            at = next(place for place, button in enumerate(self.ways) if button is watched)
            target = at + (1 if key == Qt.Key.Key_Right else -1)
            self.ways[target % len(self.ways)].setFocus(Qt.FocusReason.TabFocusReason)
            return True
        if watched is not self.search:
            return False
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if key in steps:
            self.list.step(steps[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            done = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if done or not self.list.take():
                self.close_panel()
            elif self._is_free:
                # One value was typed, and that was it.
                self.close_panel()
        elif key == Qt.Key.Key_Backspace and not self.search.text() and not self.remove.isHidden():
            self.removed.emit()
        else:
            return False
        return True


def _ways(field: Field | None) -> list[tuple[Op, bool, str]]:
    """The ways to compare a field, in words; flags are there or not."""
    if field is None:
        return [(Op.HAS, False, tr("is")), (Op.HAS, True, tr("is not"))]
    ways = [(op, False, operator_text(op, field)) for op in operators_of(field)]
    if Op.UNEQUAL not in operators_of(field) or field.type in _FREE - DATED or field.many:
        ways.insert(1, (Op.HAS, True, operator_text(Op.HAS, field, negated=True)))
    seen: set[str] = set()
    kept = []
    for way in ways:
        if way[2] not in seen:
            seen.add(way[2])
            kept.append(way)
    return kept


def _same(first: Value, second: Value) -> bool:
    if isinstance(first, Literal) and isinstance(second, Literal):
        return fold(first.text) == fold(second.text)
    return first == second


def _alone(value: Value) -> bool:
    """Whether a value makes no sense beside others: nothing, anything, a range."""
    return isinstance(value, Range) or (isinstance(value, SpecialValue) and value.special is not Special.ME)
