"""The tab of fields: what users added to issues, people, elements and notes."""

from __future__ import annotations

from collections.abc import Callable

from app.desktop.importing.words import type_name
from app.desktop.item.fields.options import Option
from app.desktop.shaping.entries import ShapeEntry
from app.desktop.shaping.kinds import free_name
from app.desktop.shaping.rows import Checked, CheckedRow, FormRow, LinesRow, option
from app.desktop.shaping.shape import Shape
from app.desktop.translate import tr, tr_count
from app.domain.derived_codecs import auto_number
from app.domain.fields import CustomField, load_custom_fields
from app.domain.formula import Formula
from app.domain.formula_values import FormulaError
from app.domain.numbers import parse_currency
from app.domain.schema import CUSTOM_TYPES, ELEMENT, FIELD, ISSUE, LOCATION, NOTE, PERSON, Field, FieldType
from app.domain.values import display
from app.store.operations import Edit
from app.workspace.definitions import FIELD_OWNERS, check_formula, checked_field_name, typed_formula
from sync.errors import SitebookError

_ICONS = {
    FieldType.TEXT: "text-t",
    FieldType.LONG_TEXT: "text-align-left",
    FieldType.NUMBER: "hash",
    FieldType.MONEY: "currency-circle-dollar",
    FieldType.DATE: "calendar-blank",
    FieldType.MOMENT: "clock",
    FieldType.CHECKBOX: "check-square",
    FieldType.CHOICE: "caret-circle-down",
    FieldType.CHOICES: "list-dashes",
    FieldType.PERSON: "user",
    FieldType.PEOPLE: "users",
    FieldType.LOCATION: "map-pin",
    FieldType.REFERENCE: "link-simple",
    FieldType.REFERENCES: "link-simple",
    FieldType.LINK: "link",
    FieldType.PHONE: "phone",
    FieldType.EMAIL: "envelope-simple",
    FieldType.COORDINATES: "crosshair",
    FieldType.BARCODE: "barcode",
    FieldType.AUTO_NUMBER: "list-numbers",
    FieldType.FORMULA: "math-operations",
}
_POINTING = (FieldType.REFERENCE, FieldType.REFERENCES)
_CHOICES = (FieldType.CHOICE, FieldType.CHOICES)


def field_type_title(type: FieldType) -> str:
    """A type of field, for people."""
    more = {
        FieldType.REFERENCE: tr("reference"),
        FieldType.REFERENCES: tr("references"),
        FieldType.AUTO_NUMBER: tr("auto-number"),
        FieldType.FORMULA: tr("formula"),
    }
    name = more.get(type) or type_name(type)
    return name[:1].upper() + name[1:]


def owner_title(kind: str) -> str:
    """The records that have a field, for people."""
    return {
        ISSUE: tr("Issues"),
        ELEMENT: tr("Elements"),
        PERSON: tr("People"),
        NOTE: tr("Notes"),
        LOCATION: tr("Locations"),
    }.get(kind, kind)


class FieldShape(Shape):
    """Fields of the users' own."""

    kind = FIELD

    @property
    def title(self) -> str:
        return tr("Fields")

    @property
    def new_title(self) -> str:
        return tr("New field")

    @property
    def lead(self) -> str:
        return tr("What is noted beside the usual. A field belongs to all categories, or to some.")

    def _definition(self, record: bytes) -> CustomField:
        names = ("name", "type", "of", "choices", "unit", "currency", "formula", "target", "prefix")
        return CustomField.from_values(record, {name: self.column(name).get(record) for name in names})

    def entries(self) -> list[ShapeEntry]:
        found = sorted(load_custom_fields(self.workspace.columns), key=lambda each: (each.order, each.id))
        there = set(self.workspace.ids(FIELD))
        titles = {
            field.definition: field.title
            for kind in FIELD_OWNERS
            for field in self.workspace.columns.fields(kind).fields
            if field.custom
        }
        lines = []
        for each in found:
            if each.id not in there:
                continue
            broken = self._problem(each.id)
            parts = [field_type_title(each.type)]
            if each.of != ISSUE:
                parts.append(owner_title(each.of).lower())
            detail = broken or ", ".join(parts)
            count = None if each.type in (FieldType.FORMULA, FieldType.AUTO_NUMBER) else self._count(each.id)
            right = "" if count is None else tr_count("%n value", "%n values", count)
            icon = "warning" if broken else _ICONS.get(each.type, "text-t")
            lines.append(ShapeEntry(each.id, titles.get(each.id, each.name), detail, right, "icon", icon))
        return lines

    def _count(self, record: bytes) -> int | None:
        return self.uses.count(FIELD, [record])

    def _problem(self, record: bytes) -> str:
        """Why a formula has no value; empty where it has one."""
        definition = self._definition(record)
        if definition.type is not FieldType.FORMULA or definition.of not in FIELD_OWNERS:
            return ""
        columns = self.workspace.columns
        field = columns.fields(definition.of).stored(definition.field("").name)
        compiled = None if field is None else columns.catalog.formula(field)
        return compiled.message if isinstance(compiled, FormulaError) else ""

    def form_key(self, record: bytes) -> object:
        definition = self._definition(record)
        return record, definition.type, definition.of

    def form(self, record: bytes) -> list[FormRow]:
        definition = self._definition(record)
        types = [
            option(str(each), field_type_title(each), "icon", _ICONS.get(each, "text-t"))
            for each in CUSTOM_TYPES
        ]
        owners = [option(kind, owner_title(kind)) for kind in FIELD_OWNERS]
        rows: list[FormRow] = [
            self.line(tr("Name"), record, "name", lambda typed: self._rename(record, typed)),
            self.pick(tr("Type"), record, "type", lambda: types, lambda value: self._set_type(record, value)),
            self.pick(tr("Of"), record, "of", lambda: owners, lambda value: self._set_of(record, value)),
        ]
        if definition.of in (ISSUE, ELEMENT):
            rows.append(self.scope(record, lambda: definition.of))
        rows += self._rows_of_type(record, definition)
        return rows

    def _rows_of_type(self, record: bytes, definition: CustomField) -> list[FormRow]:
        type = definition.type
        if type in _CHOICES:
            return [LinesRow(self.look, tr("Choices"), self._choices(record), self._set_choices(record))]
        if type is FieldType.NUMBER:
            return [self.line(tr("Unit"), record, "unit", holder=tr("mm, m², kg …"))]
        if type is FieldType.MONEY:
            return [
                self.line(
                    tr("Currency"),
                    record,
                    "currency",
                    lambda typed: self._set_currency(record, typed),
                    holder=tr("That of the project"),
                )
            ]
        if type is FieldType.AUTO_NUMBER:
            return [
                CheckedRow(
                    self.look,
                    tr("Pattern"),
                    lambda: self.text(record, "prefix"),
                    lambda typed: self.set(record, "prefix", typed.strip() or None),
                    lambda typed: Checked(
                        example=tr("For example: {name}").format(name=auto_number(typed.strip(), 42))
                    ),
                    holder="DEF-",
                )
            ]
        if type is FieldType.FORMULA:
            return [self._formula_row(record, definition.of)]
        return self._target_rows(record) if type in _POINTING else []

    def _target_rows(self, record: bytes) -> list[FormRow]:
        targets = [option(kind, owner_title(kind)) for kind in (ISSUE, NOTE, PERSON, ELEMENT, LOCATION)]

        def categories() -> list[Option]:
            of = self.text(record, "target")
            entries = self.workspace.columns.directory.categories.of(of)
            return [option(each.id, each.name, "chip", each.color) for each in entries]

        return [
            self.pick(
                tr("Points to"),
                record,
                "target",
                lambda: targets,
                clear=tr("Anything"),
                invitation=tr("Anything"),
            ),
            self.pick(
                tr("Of category"),
                record,
                "target_category",
                categories,
                clear=tr("Of any category"),
                invitation=tr("Of any category"),
            ),
        ]

    # Writing

    def _rename(self, record: bytes, typed: str) -> str:
        catalog = self.workspace.columns.catalog
        of = self._definition(record).of
        try:
            return self.set(record, "name", checked_field_name(catalog, of, typed, record))
        except SitebookError as error:
            return str(error)

    def _set_type(self, record: bytes, value: object) -> str:
        """Values of the type before stay, and are shown as what they are."""
        definition = self._definition(record)
        if value == FieldType.AUTO_NUMBER and definition.of != ISSUE:
            return tr("Only issues have numbers, so an auto-number belongs to issues.")
        return self.set(record, "type", value)

    def _set_of(self, record: bytes, value: object) -> str:
        if value != self._definition(record).of and self._count(record):
            return tr("The field has values already, so it stays; make another field.")
        if self._definition(record).type is FieldType.AUTO_NUMBER and value != ISSUE:
            return tr("Only issues have numbers, so an auto-number belongs to issues.")
        return self.set(record, "of", value)

    def _choices(self, record: bytes) -> Callable[[], list[str]]:
        return lambda: list(self._definition(record).choices)

    def _set_choices(self, record: bytes) -> Callable[[list[str]], str]:
        return lambda lines: self.set(record, "choices", lines or None)

    def _set_currency(self, record: bytes, typed: str) -> str:
        try:
            currency = parse_currency(typed) if typed.strip() else None
        except SitebookError as error:
            return str(error)
        return self.set(record, "currency", currency)

    # Formulas

    def _formula_row(self, record: bytes, of: str) -> CheckedRow:
        return CheckedRow(
            self.look,
            tr("Formula"),
            lambda: typed_formula(self.workspace.columns.catalog, of, self.text(record, "formula")),
            lambda typed: self._set_formula(record, of, typed),
            lambda typed: self._check_formula(record, of, typed),
            hint=tr("For example: if(cost > 1000, “approval”, “”) or {Depth} * 2"),
            holder=tr("Fields, numbers and functions"),
        )

    def _set_formula(self, record: bytes, of: str, typed: str) -> str:
        if not typed.strip():
            return self.set(record, "formula", None)
        checked = check_formula(self.workspace.columns.catalog, of, typed, record)
        return checked.problem or self.write({record: [Edit("formula", checked.stored)]})

    def _check_formula(self, record: bytes, of: str, typed: str) -> Checked:
        """What is wrong with a formula, or what it gives for the newest record that it gives something for."""
        columns = self.workspace.columns
        checked = check_formula(columns.catalog, of, typed, record)
        if checked.formula is None:
            return Checked(checked.problem, checked.span)
        missing = [path for path in checked.formula.paths if not columns.is_loaded(of, [path])]
        if missing:
            self.workspace.run_steps(columns.load_steps(of, missing))
            return Checked()
        return Checked(example=self._example(of, checked.formula))

    def _example(self, of: str, formula: Formula) -> str:
        columns = self.workspace.columns
        context = self.workspace.context()
        frame = columns.frame(of)
        empty = ""
        for row in frame.order[:50].tolist():
            found = formula.evaluate(lambda path, row=row: frame.value(path, row), context)  # type: ignore[misc]
            if isinstance(found, FormulaError):
                empty = empty or tr("No value, for example: {why}").format(why=found.message)
            elif found is not None:
                field = Field("result", formula.result, "Result", many=isinstance(found, tuple))
                shown = display(field, found, context)
                return tr("For example: {name}").format(name=shown)
        return empty or tr("Nothing to show an example with yet.")

    def new_fields(self) -> dict[str, object]:
        names = [each.name for each in load_custom_fields(self.workspace.columns)]
        return {"name": free_name(tr("New field"), names), "type": str(FieldType.TEXT), "of": ISSUE}
