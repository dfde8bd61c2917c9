"""The tab of categories: what issues are, and the types of elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.desktop.item.fields.options import Option
from app.desktop.shaping.entries import ShapeEntry
from app.desktop.shaping.kinds import free_name
from app.desktop.shaping.rows import Checked, CheckedRow, Choosing, FormRow, PickRow, option
from app.desktop.shaping.shape import Shape
from app.desktop.tokens import HUE_NAMES
from app.desktop.translate import tr, tr_count
from app.domain.categories import HOLDERS, CategoryEntry
from app.domain.name_template import made_name, template_paths
from app.domain.schema import (
    CATEGORY,
    ELEMENT,
    FIELD,
    ISSUE,
    STATUS,
)
from app.query.paths import Catalog
from app.store.operations import Edit
from app.workspace.definitions import category_holders, category_renamed, stored_template, typed_template
from sync.errors import SitebookError


class CategoryShape(Shape):
    """Categories of issues, and the types of elements."""

    kind = CATEGORY

    @property
    def title(self) -> str:
        return tr("Categories")

    @property
    def new_title(self) -> str:
        return tr("New category")

    @property
    def lead(self) -> str:
        return tr("What an issue or an element is. A category brings its own fields, statuses and names.")

    def entries(self) -> list[ShapeEntry]:
        found = self.workspace.columns.directory.categories
        lines = []
        for record, name in sorted(
            self.column("name").items(), key=lambda each: (self.text(each[0], "order"), each[0])
        ):
            kind = self.text(record, "of") or ISSUE
            count = self.uses.count(CATEGORY, [record])
            detail = tr("of elements") if kind == ELEMENT else ""
            entry = found.get(record)
            if entry is not None and entry.id != record:
                detail = tr("there twice; merge the two")
            right = "" if count is None else self._count(kind, count)
            lines.append(ShapeEntry(record, str(name), detail, right, "hue", self.text(record, "color")))
        return lines

    def _count(self, kind: str, count: int) -> str:
        if kind == ELEMENT:
            return tr_count("%n element", "%n elements", count)
        return tr_count("%n issue", "%n issues", count)

    def _of(self, record: bytes) -> str:
        kind = self.text(record, "of") or ISSUE
        return kind if kind in HOLDERS else ISSUE

    def _entry(self, record: bytes) -> CategoryEntry | None:
        return self.workspace.columns.directory.categories.get(record)

    def form_key(self, record: bytes) -> object:
        return record, self._of(record)

    def form(self, record: bytes) -> list[FormRow]:
        of = self._of(record)
        owners = [
            option(ISSUE, tr("Issues"), "icon", "list-bullets"),
            option(ELEMENT, tr("Elements"), "icon", "cube"),
        ]
        rows: list[FormRow] = [
            self.line(tr("Name"), record, "name", lambda typed: self._rename(record, typed)),
            self.pick(tr("Of"), record, "of", lambda: owners, lambda value: self._set_of(record, value)),
            self.hue(record),
            CheckedRow(
                self.look,
                tr("Names"),
                lambda: typed_template(self.workspace.columns.catalog, of, self.text(record, "template")),
                lambda typed: self._set_template(record, typed),
                lambda typed: self._check_template(record, typed),
                hint=tr("Names what has no title of its own. Write fields in braces."),
                holder="{location} - {number}",
            ),
            self._fields(record, of),
        ]
        if of == ISSUE:
            rows.append(self._statuses(record))
        return rows

    def _rename(self, record: bytes, typed: str) -> str:
        """The name goes with everything that is of it."""
        columns, of = self.workspace.columns, self._of(record)
        try:
            edits = category_renamed(columns, record, of, typed)
        except SitebookError as error:
            return str(error)
        name = edits[0].value
        holders = category_holders(columns, record, of)
        return self.write({**{each: [Edit(HOLDERS[of], name)] for each in holders}, record: edits})

    def _set_of(self, record: bytes, value: object) -> str:
        if value != self._of(record) and category_holders(self.workspace.columns, record, self._of(record)):
            return tr("Something is of this category already, so it stays; make another category.")
        return self.set(record, "of", value)

    def _set_template(self, record: bytes, typed: str) -> str:
        try:
            stored = stored_template(self.workspace.columns.catalog, self._of(record), typed)
        except SitebookError as error:
            return str(error)
        return self.set(record, "template", stored)

    def _check_template(self, record: bytes, typed: str) -> Checked:
        """What is wrong with a template, or the name that it makes for one that is there."""
        columns, of = self.workspace.columns, self._of(record)
        try:
            stored = stored_template(columns.catalog, of, typed) or ""
        except SitebookError as error:
            return Checked(str(error), _unknown_field(columns.catalog, of, typed))
        row = self._example(record, of)
        if row is None:
            return Checked()
        frame = columns.frame(of)

        def shown(path: str) -> str:
            found = columns.catalog.find(of, path)
            ready = found is not None and columns.is_loaded(of, [found.text])
            return frame.text(found.text, row) if found is not None and ready else ""

        paths = [path for path in template_paths(stored) if not columns.is_loaded(of, [path])]
        if paths:
            self.workspace.run_steps(columns.load_steps(of, paths))
        name = made_name(stored, shown)
        return Checked(example=tr("For example: {name}").format(name=name) if name else "")

    def _example(self, record: bytes, of: str) -> int | None:
        """The newest record of the category; of any, where there is none."""
        columns = self.workspace.columns
        if not columns.is_loaded(of, [HOLDERS[of]]):
            return None
        frame, categories = columns.frame(of), columns.directory.categories
        entry = self._entry(record)
        column = frame.column(HOLDERS[of])
        fitting = {
            code for code, name in enumerate(column.values) if entry and categories.find(of, name) is entry
        }
        rows = frame.order.tolist()
        return next((row for row in rows if int(column.codes[row]) in fitting), next(iter(rows), None))

    def _fields(self, record: bytes, of: str) -> PickRow:
        """The fields that only records of some categories have, this one among them."""

        def options() -> list[Option]:
            fields = self.workspace.columns.fields(of).fields
            return [option(each.definition, each.title, "chip") for each in fields if each.custom]

        return self._belonging(record, tr("Own fields"), FIELD, options, tr("Only those of all categories"))

    def _statuses(self, record: bytes) -> PickRow:
        def options() -> list[Option]:
            every = self.workspace.columns.directory.statuses.values()
            return [option(each.id, each.name, "status", str(each.meaning)) for each in every]

        return self._belonging(
            record, tr("Own statuses"), STATUS, options, tr("Only those of all categories")
        )

    def _belonging(
        self, record: bytes, title: str, kind: str, options: Callable[[], list[Option]], invitation: str
    ) -> PickRow:
        def own() -> set[bytes]:
            entry = self._entry(record)
            return {record} if entry is None else {*entry.ids, record}

        def chosen() -> list[bytes]:
            values = [each.value for each in options()]
            return [each for each in values if isinstance(each, bytes) and own() & {*self._scope(kind, each)}]

        def pick(value: object) -> str:
            if value is None:
                return self.write({each: self._apart(kind, each, own()) for each in chosen()})
            assert isinstance(value, bytes)
            if own() & {*self._scope(kind, value)}:
                return self.write({value: self._apart(kind, value, own())})
            return self.write({value: [Edit("categories", record, "add")]})

        return PickRow(
            self.look,
            title,
            Choosing(options, chosen, pick, several=True, clear=tr("None of its own")),
            invitation=invitation,
        )

    def _scope(self, kind: str, record: bytes) -> tuple[bytes, ...]:
        return self.ids(record, "categories", kind)

    def _apart(self, kind: str, record: bytes, own: set[bytes]) -> Sequence[Edit]:
        return [Edit("categories", each, "remove") for each in self._scope(kind, record) if each in own]

    def new_fields(self) -> dict[str, object]:
        return {
            "name": free_name(tr("New category"), [str(each) for each in self.column("name").values()]),
            "of": ISSUE,
            "color": HUE_NAMES[len(self.column("name")) % len(HUE_NAMES)],
        }


def _unknown_field(catalog: Catalog, of: str, typed: str) -> tuple[int, int] | None:
    """Where the first field that is not there stands in a template."""
    for path in template_paths(typed):
        if catalog.find(of, path) is None:
            start = typed.find(path)
            return start, start + len(path)
    return None
