"""What a project is described with, as people write it and as it is kept: templates, formulas, names, orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.domain.categories import HOLDERS, Categories
from app.domain.columns import Columns
from app.domain.formula import Formula, FormulaProblem, compile_formula, rename_paths
from app.domain.formula_fields import FormulaField, find_loop
from app.domain.name_template import check_template, rename_template
from app.domain.names import fold
from app.domain.schema import CATEGORY, ELEMENT, ISSUE, NOTE, PERSON, Field, FieldType
from app.query.paths import Catalog
from app.store.operations import Edit
from sync.errors import Refused, SitebookError
from sync.order import is_key, keys_between

FIELD_OWNERS = (ISSUE, NOTE, PERSON, ELEMENT)
"""The kinds that may have fields of the users' own."""
LONGEST_NAME = 200


def checked_name(typed: str, what: str) -> str:
    """A name without the space around it. Raises SitebookError."""
    name = " ".join(typed.split())
    if not name:
        raise SitebookError(f"Give the {what} a name.")
    if len(name) > LONGEST_NAME:
        raise SitebookError(f"The name of a {what} may have {LONGEST_NAME} characters.")
    return name


def checked_field_name(catalog: Catalog, of: str, typed: str, own: bytes = b"") -> str:
    """A name for a field that no other field of the kind has. Raises SitebookError."""
    name = checked_name(typed, "field")
    if any(mark in name for mark in "=:{}"):
        raise SitebookError(
            "The name of a field may not hold “=”, “:” or braces, which end it where one types it."
        )
    there = catalog.fields(of).find(name)
    if there is not None and there.definition != (own or None):
        raise Refused(f"There is a field “{there.typed_name}” already; give another name.")
    return name


# Templates


def stored_template(catalog: Catalog, kind: str, typed: str) -> str | None:
    """A template with stored names of fields, None for an empty one. Raises SitebookError."""
    template = typed.strip()
    check_template(template, lambda path: catalog.find(kind, path) is not None)
    return rename_template(template, lambda path: catalog.resolve(kind, path).text) or None


def typed_template(catalog: Catalog, kind: str, template: str) -> str:
    """A stored template with the names that people type."""

    def name(path: str) -> str:
        found = catalog.find(kind, path)
        return path if found is None else found.typed

    return rename_template(template, name)


# Formulas


@dataclass(frozen=True, slots=True)
class CheckedFormula:
    """A formula as it was typed: ``stored`` and ``formula`` where it works, else ``problem``.

    ``span`` is the place in the typed text that the problem is about, where it is about one.
    """

    stored: str = ""
    formula: Formula | None = None
    problem: str = ""
    span: tuple[int, int] | None = None


def check_formula(catalog: Catalog, of: str, typed: str, own: bytes = b"") -> CheckedFormula:
    """Read a formula over records of a kind. ``own`` is its field, where that is there already."""
    try:
        compile_formula(typed, lambda path: _field(catalog, of, path))
        stored = rename_paths(
            typed.strip(), lambda path: path if (at := catalog.find(of, path)) is None else at.text
        )
        formula = compile_formula(stored, lambda path: _field(catalog, of, path))
    except FormulaProblem as problem:
        return CheckedFormula(problem=str(problem), span=problem.span)
    every = [
        FormulaField(kind, field)
        for kind in FIELD_OWNERS
        for field in catalog.fields(kind).fields
        if field.type is FieldType.FORMULA
    ]
    looped = find_loop(own, of, stored, every, lambda kind, path: _field(catalog, kind, path))
    return CheckedFormula(problem=looped) if looped else CheckedFormula(stored, formula)


def _field(catalog: Catalog, kind: str, path: str) -> Field | None:
    found = catalog.find(kind, path)
    return None if found is None else found.field


def typed_formula(catalog: Catalog, of: str, stored: str) -> str:
    """A stored formula with the names that people type; as it is, where it cannot be read."""
    try:
        return rename_paths(stored, lambda path: path if (at := catalog.find(of, path)) is None else at.typed)
    except FormulaProblem:
        return stored


# Categories


def category_holders(columns: Columns, record: bytes, kind: str) -> Sequence[bytes]:
    """The issues or elements that are of a category now."""
    categories = Categories.read(columns)
    entry = categories.get(record)
    if entry is None:
        return ()
    values = columns.column(kind, HOLDERS[kind])
    return [holder for holder, name in values.items() if categories.find(kind, name) is entry]


def category_renamed(columns: Columns, record: bytes, kind: str, typed: str) -> list[Edit]:
    """The edits that give a category another name, under which its old one is still found. Raises Refused."""
    name = checked_name(typed, "category")
    other = Categories.read(columns).find(kind, name)
    if other is not None and record not in other.ids:
        raise Refused(f"There is a category “{other.name}” already; the two can be merged.")
    before = columns.column(CATEGORY, "name").get(record)
    aliases = columns.column(CATEGORY, "aliases").get(record)
    listed = aliases if isinstance(aliases, list | tuple) else ()
    kept = [each for each in [*listed, before] if isinstance(each, str) and fold(each) != fold(name)]
    return [Edit("name", name), Edit("aliases", list({fold(each): each for each in kept}.values()) or None)]


# Orders


def last_order(columns: Columns, kind: str) -> str:
    """A place behind all records of a kind."""
    orders = [str(each) for each in columns.column(kind, "order").values() if is_key(each)]
    return keys_between(max(orders, default=None), None, 1)[0]


def moved_orders(wanted: Sequence[bytes], orders: Mapping[bytes, object], moved: bytes) -> dict[bytes, str]:
    """The keys to write so that records stand in an order in which one of them was moved.

    One key, where the others stand in their order already; else one for each.
    """
    keys = {each: orders.get(each) for each in wanted if each != moved}
    others = list(keys.values())
    known = [each for each in others if isinstance(each, str) and is_key(each)]
    if len(known) == len(others) and all(first < second for first, second in pairwise(known)):
        at = wanted.index(moved)
        low = known[at - 1] if at else None
        high = known[at] if at < len(known) else None
        return {moved: keys_between(low, high, 1)[0]}
    return dict(zip(wanted, keys_between(None, None, len(wanted)), strict=True))
