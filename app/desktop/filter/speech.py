"""How the window says what can stand in a filter: operators, fields, values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from app.desktop.entries import Entry
from app.desktop.translate import tr
from app.desktop.words import day_text
from app.domain.directory import Context
from app.domain.people import PersonEntry
from app.domain.schema import Field, FieldType
from app.query.ast import Op, Range, Special, SpecialValue, Value
from app.query.chips import Chip, ChipKind
from app.query.completion import Suggested, Suggestion
from app.query.offers import DATED, Offer

FIELD_ICONS = {
    FieldType.STATUS: "circle-half",
    FieldType.PERSON: "user",
    FieldType.PEOPLE: "user",
    FieldType.LABELS: "tag",
    FieldType.LOCATION: "map-pin",
    FieldType.DATE: "calendar-blank",
    FieldType.MOMENT: "clock",
    FieldType.MONEY: "currency-circle-dollar",
    FieldType.NUMBER: "hash",
    FieldType.INTEGER: "hash",
    FieldType.AUTO_NUMBER: "hash",
    FieldType.FORMULA: "math-operations",
    FieldType.CHECKBOX: "check-square",
    FieldType.CHOICE: "caret-circle-down",
    FieldType.CHOICES: "caret-circle-down",
    FieldType.REFERENCE: "link-simple",
    FieldType.REFERENCES: "link-simple",
    FieldType.PHONE: "phone",
    FieldType.EMAIL: "envelope-simple",
    FieldType.LINK: "link",
    FieldType.BARCODE: "barcode",
}
"""An icon for each type of field; ``text-t`` for all others."""


def field_icon(field: Field) -> str:
    """The icon of a field's type."""
    return FIELD_ICONS.get(field.type, "text-t")


def field_name(field: Field) -> str:
    """What a field is called: the program's own fields in the user's language."""
    return field.title if field.custom or field.key else tr(field.title)


def operator_text(op: Op, field: Field | None, *, negated: bool = False) -> str:
    """An operator as people say it: “is”, “is not”, “before”, “at least”."""
    dated = field is not None and field.type in DATED
    if op is Op.HAS:
        texts = field is not None and field.type in (
            FieldType.TEXT,
            FieldType.LONG_TEXT,
            FieldType.RICH,
            FieldType.LINK,
            FieldType.PHONE,
            FieldType.EMAIL,
            FieldType.BARCODE,
        )
        if texts:
            return tr("does not contain") if negated else tr("contains")
        return tr("is not") if negated else tr("is")
    if op is Op.EQUAL:
        return tr("is not exactly") if negated else tr("is exactly")
    said = {
        Op.UNEQUAL: (tr("is not"), tr("is not")),
        Op.LESS: (tr("less than"), tr("before")),
        Op.AT_MOST: (tr("at most"), tr("until")),
        Op.MORE: (tr("more than"), tr("after")),
        Op.AT_LEAST: (tr("at least"), tr("from")),
    }[op][dated]
    return tr("not {operator}").format(operator=said) if negated else said


def special_text(special: Special) -> str:
    """``none``, ``any`` and ``@me`` as people say them."""
    return {Special.NONE: tr("nothing"), Special.ANY: tr("anything"), Special.ME: tr("me")}[special]


def value_text(value: Value) -> str:
    """A value of a condition."""
    if isinstance(value, SpecialValue):
        return special_text(value.special)
    if isinstance(value, Range):
        low = value.low.text if value.low is not None else ""
        high = value.high.text if value.high is not None else ""
        if not low:
            return tr("up to {end}").format(end=high)
        return (
            tr("{begin} to {end}").format(begin=low, end=high)
            if high
            else tr("from {begin}").format(begin=low)
        )
    return value.text


def chip_words(chip: Chip, field: Field | None, title_of: Callable[[str], str] = str) -> tuple[str, str, str]:
    """What a chip says in three parts: of what, how, and what. ``title_of`` says what a typed field is called."""
    if chip.kind is ChipKind.FIELD:
        name = chip.field if field is None else field_name(field)
        values = [value_text(each) for each in chip.values]
        if chip.values and all(
            isinstance(each, SpecialValue) and each.special is not Special.ME for each in chip.values
        ):
            empty = chip.values[0] == SpecialValue(Special.NONE)
            return name, tr("is empty") if empty is not chip.negated else tr("is not empty"), ""
        return name, operator_text(chip.op, field, negated=chip.negated), _listing(values)
    if chip.kind is ChipKind.FLAG:
        names = _listing([value_text(each) for each in chip.values])
        if chip.field == "is":
            return "", tr("is not") if chip.negated else tr("is"), names
        return "", tr("has no") if chip.negated else tr("has"), names
    if chip.kind is ChipKind.WORDS:
        return tr("Text"), tr("does not contain") if chip.negated else tr("contains"), chip.words
    if chip.ordering is not None:
        arrows = [
            f"{title_of(each.field)} {'↓' if each.descending else '↑'}" for each in chip.ordering.fields
        ]
        if chip.kind is ChipKind.SORT:
            return tr("Sorted by"), "", ", ".join(arrows)
        return tr("Grouped by"), "", title_of(chip.ordering.fields[0].field)
    return "", "", chip.text


def _listing(values: Sequence[str]) -> str:
    if len(values) <= 2:
        return tr(" or ").join(values)
    return tr("{first} or {count} others").format(first=values[0], count=len(values) - 1)


def offer_entry(
    offer: Offer, field: Field | None, context: Context, *, checked: bool | None = None, tree: bool = False
) -> Entry:
    """How a value looks in a list to choose from; with ``tree`` a part stands indented below its whole."""
    name, detail, sign, mark = offer.name, offer.detail, "", ""
    directory = context.directory
    if isinstance(offer.value, Special):
        name, sign, mark = special_text(offer.value), "icon", "user" if offer.value is Special.ME else "minus"
        name = name[:1].upper() + name[1:]
    elif isinstance(offer.value, date):
        # The word is what stands in the query; what day it is now stands behind it.
        detail, sign, mark = day_text(offer.value, context.today), "icon", "calendar-blank"
        detail = "" if detail == name else detail
    elif field is not None and field.type in DATED:
        sign, mark = "icon", "calendar-blank"
    elif isinstance(offer.value, bytes):
        if offer.value in directory.statuses:
            sign, mark, detail = "status", str(directory.statuses[offer.value].meaning), ""
            name = name[:1].upper() + name[1:]
        elif isinstance(directory.people.get(offer.value), PersonEntry):
            sign = "avatar"
        elif offer.value in directory.labels:
            sign, mark, detail = "dot", offer.detail, ""
        elif offer.value in directory.locations:
            sign, mark = "icon", "map-pin" if directory.locations[offer.value].ancestors else "buildings"
            detail = "" if tree else detail.replace("/", " / ")
        else:
            sign, mark = "icon", "link-simple"
    return Entry(name, detail, "", sign, mark, checked=checked, depth=offer.depth if tree else 0, data=offer)


def suggestion_entry(suggestion: Suggestion, context: Context) -> Entry:
    """How a suggestion looks below the filter."""
    field, kind = suggestion.field, suggestion.kind
    if kind in (Suggested.FIELD, Suggested.RELATED) and field is not None:
        title = tr(suggestion.detail) if kind is Suggested.FIELD else suggestion.detail
        detail = "" if title.casefold() == suggestion.name.casefold() else title
        return Entry(suggestion.name, detail, sign="icon", mark=field_icon(field), data=suggestion)
    if kind is Suggested.OPERATOR and field is not None and suggestion.op is not None:
        return Entry(
            suggestion.text,
            operator_text(suggestion.op, field),
            sign="icon",
            mark="faders-horizontal",
            data=suggestion,
        )
    if kind is Suggested.WORD:
        said = {
            "is:": tr("overdue, open, mine, …"),
            "has:": tr("a file, a comment, a value"),
            "sort:": tr("put in order"),
            "group:": tr("put together"),
        }[suggestion.text]
        return Entry(suggestion.text, said, sign="icon", mark="terminal-window", data=suggestion)
    if kind is Suggested.FLAG:
        return Entry(suggestion.name, sign="icon", mark="flag", data=suggestion)
    value = suggestion.value
    detail = suggestion.detail
    if kind is Suggested.CONDITION:
        if not isinstance(value, bytes):
            return Entry(suggestion.text, sign="icon", mark="flag", data=suggestion)
        found = offer_entry(Offer(suggestion.name, suggestion.name, "", value), field, context)
        mark = found.mark
        if found.sign == "dot":
            mark = context.directory.labels[value].color
        return Entry(found.text, detail, "", found.sign, mark, data=suggestion)
    shown = offer_entry(Offer(suggestion.name, suggestion.name, detail, value), field, context)
    return Entry(shown.text, shown.detail, "", shown.sign, shown.mark, data=suggestion)
