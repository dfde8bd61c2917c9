"""The fields of a kind as a project has them: those of the schema and those that its users added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from app.domain.columns import Columns
from app.domain.fieldtypes import DERIVED_TYPES
from app.domain.merged import Merges
from app.domain.names import fold_name, natural_key, unknown
from app.domain.schema import (
    CUSTOM_PREFIX,
    CUSTOM_TYPES,
    FIELD,
    ISSUE,
    KINDS,
    LABEL,
    LOCATION,
    MANY_TYPES,
    PERSON,
    Field,
    FieldType,
    Kind,
    custom_field_name,
)
from sync.errors import SitebookError

_TARGETS = {
    FieldType.PERSON: PERSON,
    FieldType.PEOPLE: PERSON,
    FieldType.LOCATION: LOCATION,
    FieldType.LABELS: LABEL,
}
_POINTING = (FieldType.REFERENCE, FieldType.REFERENCES)
_TYPE_NAMES = {
    "date_and_time": FieldType.MOMENT,
    "datetime": FieldType.MOMENT,
    "time": FieldType.MOMENT,
    "multiline": FieldType.LONG_TEXT,
    "autonumber": FieldType.AUTO_NUMBER,
    "code": FieldType.BARCODE,
    "string": FieldType.TEXT,
    "bool": FieldType.CHECKBOX,
    "boolean": FieldType.CHECKBOX,
    "yes/no": FieldType.CHECKBOX,
    "url": FieldType.LINK,
    "several_choices": FieldType.CHOICES,
    "currency": FieldType.MONEY,
}


def field_type(name: str) -> FieldType:
    """The type that a user names for a field of his own. Raises SitebookError that lists the types."""
    folded = fold_name(name)
    for each in CUSTOM_TYPES:
        if each.value == folded:
            return each
    if folded in _TYPE_NAMES:
        return _TYPE_NAMES[folded]
    raise SitebookError(unknown("field type", name, [each.value for each in CUSTOM_TYPES]))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _ids(value: object) -> tuple[bytes, ...]:
    listed = value if isinstance(value, list | tuple) else ()
    return tuple(each for each in listed if isinstance(each, bytes))


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that users added: what its definition record says, with sense made of what it does not."""

    id: bytes
    name: str
    type: FieldType
    of: str = ISSUE
    choices: tuple[str, ...] = ()
    unit: str = ""
    currency: str = ""
    order: str = ""
    formula: str = ""
    categories: tuple[bytes, ...] = ()
    target: str = ""
    target_category: bytes = b""
    prefix: str = ""

    @classmethod
    def from_values(cls, id: bytes, values: Mapping[str, object]) -> Self:
        """Read a definition record.

        Any value may come from another device or a later version, so nothing here raises: a type that this
        version does not know is shown as text, a missing name is made from the id.
        """
        kind = values.get("type")
        known = next((each for each in CUSTOM_TYPES if each.value == kind), FieldType.TEXT)
        choices = values.get("choices")
        listed = choices if isinstance(choices, list | tuple) else ()
        return cls(
            id,
            _text(values.get("name")).strip() or f"Field {id.hex()[-4:]}",
            known,
            _text(values.get("of")) or ISSUE,
            tuple(each for each in listed if isinstance(each, str)),
            _text(values.get("unit")),
            _text(values.get("currency")),
            _text(values.get("order")),
            _text(values.get("formula")),
            _ids(values.get("categories")),
            _text(values.get("target")),
            next(iter(_ids((values.get("target_category"),))), b""),
            _text(values.get("prefix")),
        )

    def field(self, title: str) -> Field:
        """This definition as a field; ``title`` differs from the name where two fields have the same."""
        return Field(
            custom_field_name(self.id),
            self.type,
            title,
            many=self.type in MANY_TYPES,
            target=_TARGETS.get(self.type) or (self.target if self.type in _POINTING else ""),
            writable=self.type not in DERIVED_TYPES,
            choices=self.choices,
            open_choices=not self.choices,
            unit=self.unit,
            currency=self.currency,
            custom=True,
            target_category=self.target_category if self.type in _POINTING else b"",
            prefix=self.prefix,
            formula=self.formula if self.type is FieldType.FORMULA else "",
            categories=self.categories,
            definition=self.id,
        )


class FieldSet:
    """All fields of one kind in one project, found by stored name or by what a person types.

    Where two definitions have the same name (two devices made it at the same time), or a definition is called
    like a field of the schema, the later ones are titled “Name (2)”, the same on every device.
    """

    def __init__(
        self,
        kind: str,
        custom: Iterable[CustomField] = (),
        parameters: Iterable[str] = (),
        merges: Merges | None = None,
    ) -> None:
        """``kind`` is a kind of the schema; ``parameters`` are the names of those that its records have.

        By ``merges``, the stored name of a definition that became part of another finds that one.
        """
        self._merges = merges or Merges({})
        self.kind: Kind = KINDS[kind]
        self._by_name: dict[str, Field] = dict(self.kind.fields)
        self._typed: dict[str, Field] = {fold_name(each.title): each for each in self.kind.fields.values()}
        self._typed |= {fold_name(alias): self.kind.fields[name] for alias, name in self.kind.aliases.items()}
        self._typed |= self.kind.fields
        for each in sorted(custom, key=lambda each: (each.order, each.id)):
            if each.of == kind:
                field = each.field(self._free_title(each.name))
                self._by_name[field.name] = field
                self._typed[fold_name(field.title)] = field
        holder = next((each for each in self.kind.fields.values() if each.type is FieldType.PARAMETERS), None)
        if holder is not None:
            for key in sorted(parameters, key=natural_key):
                title = self._free_title(key)
                self._typed[fold_name(title)] = Field(
                    holder.name, holder.type, title, writable=False, key=key
                )

    def _free_title(self, name: str) -> str:
        title, count = name, 1
        while fold_name(title) in self._typed:
            count += 1
            title = f"{name} ({count})"
        return title

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every stored field: those of the schema, then those of the users in their order."""
        return tuple(self._by_name.values())

    @property
    def names(self) -> list[str]:
        """The names to type for all fields that users can see, parameters included."""
        every = {id(field): field for field in (*self._by_name.values(), *self._typed.values())}
        return [each.typed_name for each in every.values() if each.type is not FieldType.BYTES]

    def stored(self, name: str) -> Field | None:
        """The field of a stored name; None where its definition has not arrived."""
        return self._by_name.get(name) or self._by_name.get(self._merged(name))

    def _merged(self, name: str) -> str:
        """The stored name of what a field became part of; the same where it did not."""
        if not self._merges or not name.startswith(CUSTOM_PREFIX):
            return name
        try:
            return custom_field_name(self._merges.resolve(bytes.fromhex(name.removeprefix(CUSTOM_PREFIX))))
        except ValueError:
            return name

    def find(self, typed: str) -> Field | None:
        """The field that a person means by a name, title, singular or stored name; case does not matter."""
        return self._typed.get(fold_name(typed)) or self.stored(typed)

    def resolve(self, typed: str) -> Field:
        """Like ``find``, but raises SitebookError that lists the fields there are."""
        field = self.find(typed)
        if field is None:
            raise SitebookError(unknown("field", typed, self.names))
        return field


_DEFINITION = (
    "name",
    "type",
    "of",
    "choices",
    "unit",
    "currency",
    "order",
    "formula",
    "categories",
    "target",
    "target_category",
    "prefix",
)


def load_custom_fields(columns: Columns) -> list[CustomField]:
    """Read every definition of a project."""
    loaded = {name: columns.column(FIELD, name) for name in _DEFINITION}
    ids = {record for column in loaded.values() for record in column}
    return [
        CustomField.from_values(record, {name: column.get(record) for name, column in loaded.items()})
        for record in sorted(ids)
    ]


def load_fields(kind: str, columns: Columns) -> FieldSet:
    """Read the fields that records of ``kind`` have in a project."""
    parameters: set[str] = set()
    for field in KINDS[kind].fields.values():
        if field.type is FieldType.PARAMETERS:
            for value in columns.column(kind, field.name).values():
                if isinstance(value, Mapping):
                    parameters.update(key for key in value if isinstance(key, str))
    return FieldSet(kind, load_custom_fields(columns), parameters, Merges.read(columns, (FIELD,)))
