"""What all tabs of the page have in common: the lines of the list, the rows of the form, and the writing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from app.desktop.item.fields.options import Option
from app.desktop.merging.uses import Uses
from app.desktop.shaping.entries import ShapeEntry
from app.desktop.shaping.rows import Choosing, FormRow, LineRow, PickRow, option
from app.desktop.tokens import HUE_NAMES
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.store.operations import Edit
from app.workspace.definitions import checked_name, last_order, moved_orders
from sync.errors import SitebookError


class Shape(ABC):
    """One kind of definitions: how it is listed, changed and made."""

    kind: str
    movable = True

    def __init__(self, look: Look, workspace: Workspace, uses: Uses) -> None:
        self.look = look
        self.workspace = workspace
        self.uses = uses

    # What is shown

    @property
    @abstractmethod
    def title(self) -> str:
        """The name of the tab."""

    @property
    @abstractmethod
    def new_title(self) -> str:
        """What the button that makes one says."""

    @property
    @abstractmethod
    def lead(self) -> str:
        """One sentence that says what they are for."""

    @abstractmethod
    def entries(self) -> list[ShapeEntry]:
        """The lines, in their order."""

    @abstractmethod
    def form(self, record: bytes) -> list[FormRow]:
        """The rows in which a record is changed."""

    def form_key(self, record: bytes) -> object:
        """What decides which rows there are: where it changes, the form is made anew."""
        return record

    def head(self) -> list[FormRow]:
        """What concerns all of them and stands over the list."""
        return []

    @abstractmethod
    def new_fields(self) -> dict[str, object]:
        """The fields of a new one."""

    # Reading

    def column(self, name: str, kind: str = "") -> Mapping[bytes, object]:
        """A field of all of them."""
        return self.workspace.columns.column(kind or self.kind, name)

    def text(self, record: bytes, name: str) -> str:
        """A text of one; empty where none stands."""
        value = self.column(name).get(record)
        return value if isinstance(value, str) else ""

    def ids(self, record: bytes, name: str, kind: str = "") -> tuple[bytes, ...]:
        """The records that a field of one names."""
        value = self.column(name, kind).get(record)
        listed = value if isinstance(value, list | tuple) else ()
        return tuple(each for each in listed if isinstance(each, bytes))

    def used(self, record: bytes, counts: Mapping[bytes, int] | None) -> str:
        """How many issues name it, in words; ``counts`` are those of all, None while they are not known."""
        return "" if counts is None else tr_count("%n issue", "%n issues", counts.get(record, 0))

    # Writing

    def write(self, edits: Mapping[bytes, Sequence[Edit]]) -> str:
        """Edit records as one action; gives why that could not be, or an empty text."""
        try:
            bulk = self.workspace.source.bulk()
            for record, each in edits.items():
                bulk.update(record, each)
            touched = bulk.commit()
        except SitebookError as error:
            return str(error)
        self.workspace.written(touched)
        return ""

    def set(self, record: bytes, name: str, value: object) -> str:
        """Give one field a value."""
        return self.write({record: [Edit(name, value)]})

    def rename(self, record: bytes, typed: str, what: str) -> str:
        """Give one another name."""
        try:
            return self.set(record, "name", checked_name(typed, what))
        except SitebookError as error:
            return str(error)

    def toggle(self, record: bytes, name: str, member: object) -> str:
        """Add a member to a field, or take it out; None takes all out."""
        if member is None:
            return self.set(record, name, ())
        there = member in self.ids(record, name)
        return self.write({record: [Edit(name, member, "remove" if there else "add")]})

    def create(self) -> bytes | None:
        """Make one at the end."""
        fields = self.new_fields()
        if self.movable:
            fields["order"] = last_order(self.workspace.columns, self.kind)
        return self.workspace.create(self.kind, fields)

    def move(self, row: int, to: int) -> None:
        """Give one another place."""
        ids = [each.record for each in self.entries()]
        record = ids.pop(row)
        ids.insert(to, record)
        keys = moved_orders(ids, self.column("order"), record)
        self.write({each: [Edit("order", key)] for each, key in keys.items()})

    def lean(self, record: bytes, step: int) -> bool:
        """Move one further into what stands above it (1), or out of it (-1), where that means something."""
        return False

    def delete(self, records: Sequence[bytes]) -> str:
        """Move some to the trash as one action."""
        try:
            bulk = self.workspace.source.bulk()
            for record in records:
                bulk.delete(record)
            touched = bulk.commit()
        except SitebookError as error:
            return str(error)
        self.workspace.written(touched)
        return ""

    # Rows that several have

    def line(
        self,
        title: str,
        record: bytes,
        name: str,
        save: Callable[[str], str] | None = None,
        *,
        hint: str = "",
        holder: str = "",
    ) -> LineRow:
        """A row for a text."""
        keep = save or (lambda typed: self.set(record, name, typed.strip() or None))
        return LineRow(self.look, title, lambda: self.text(record, name), keep, hint=hint, holder=holder)

    def hue(self, record: bytes) -> PickRow:
        """A row for a colour."""
        options = [option(name, hue_title(name), "chip", name) for name in HUE_NAMES]
        return self.pick(
            tr("Colour"), record, "color", lambda: options, clear=tr("No colour"), invitation=tr("Choose")
        )

    def pick(
        self,
        title: str,
        record: bytes,
        name: str,
        options: Callable[[], Sequence[Option]],
        save: Callable[[object], str] | None = None,
        *,
        clear: str = "",
        hint: str = "",
        invitation: str = "",
    ) -> PickRow:
        """A row for one of several."""
        keep = save or (lambda value: self.set(record, name, value))

        def chosen() -> Sequence[object]:
            value = self.column(name).get(record)
            return () if value is None else (value,)

        choosing = Choosing(options, chosen, keep, clear=clear)
        return PickRow(self.look, title, choosing, hint=hint, invitation=invitation)

    def scope(self, record: bytes, of: Callable[[], str]) -> PickRow:
        """A row for the categories that something belongs to; none means all."""

        def options() -> list[Option]:
            entries = self.workspace.columns.directory.categories.of(of())
            return [option(each.id, each.name, "chip", each.color) for each in entries]

        def chosen() -> list[object]:
            categories = self.workspace.columns.directory.categories
            found = [categories.get(each) for each in self.ids(record, "categories")]
            return [each.id for each in found if each is not None]

        def pick(member: object) -> str:
            if member is None:
                return self.set(record, "categories", ())
            entry = (
                self.workspace.columns.directory.categories.get(member) if isinstance(member, bytes) else None
            )
            named = set(entry.ids if entry is not None else ()) & set(self.ids(record, "categories"))
            if named:
                return self.write({record: [Edit("categories", each, "remove") for each in named]})
            return self.write({record: [Edit("categories", member, "add")]})

        return PickRow(
            self.look,
            tr("Categories"),
            Choosing(options, chosen, pick, several=True, clear=tr("All categories")),
            invitation=tr("All categories"),
        )


def hue_title(name: str) -> str:
    """A hue in the user's language."""
    return {
        "red": tr("Red"),
        "orange": tr("Orange"),
        "amber": tr("Amber"),
        "green": tr("Green"),
        "teal": tr("Teal"),
        "blue": tr("Blue"),
        "violet": tr("Violet"),
        "pink": tr("Pink"),
    }.get(name, name)
