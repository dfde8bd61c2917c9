"""Writing one field of one record, or of many at once: one undo step, in parts where there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from app.desktop.item.fields.pieces import capital
from app.desktop.translate import number_text, tr
from app.desktop.workspace import Workspace
from app.domain.schema import Field
from app.store.operations import Edit
from app.store.slices import Step
from sync.change import WriteId
from sync.errors import SitebookError

_AT_ONCE = 40
"""Up to so many records are written at once; more in parts, so that the window answers between them."""
_PLANNED = 1_000
"""So many edits are planned in a step."""
_MOST_SEEN = 200
"""Of more records it is not kept what stood in the field when editing began: then what stands there when
each is written counts as seen."""


class FieldWrite:
    """An edit of one field in some records, begun with what stood there then."""

    def __init__(
        self,
        workspace: Workspace,
        kind: str,
        field: Field,
        records: Sequence[bytes],
        progress: Callable[[str], None],
    ) -> None:
        """``progress`` is told how far a large edit is, and an empty text at its end."""
        self._workspace = workspace
        self._kind = kind
        self.field = field
        self.records = tuple(records)
        self._progress = progress
        self._seen: dict[bytes, tuple[WriteId, ...]] = {}
        self.begin()

    def begin(self) -> None:
        """What stands in the field now is what the user sees."""
        source = self._workspace.source
        if len(self.records) <= _MOST_SEEN:
            self._seen = {
                each: tuple(source.field(each, self.field.name, self._kind).seen) for each in self.records
            }

    def values(self) -> list[object]:
        """What stands in the field, in each record; a tuple where it holds many."""
        column = self._workspace.columns.column(self._kind, self.field.name)
        return [column.get(each) for each in self.records]

    def common(self) -> object:
        """The value that all records have; None where they differ."""
        values = self.values()
        return values[0] if values and all(each == values[0] for each in values) else None

    def is_chosen(self, value: object) -> bool:
        """Whether every record has this value, or has it among its values."""
        found = self.values()
        if self.field.many:
            return bool(found) and all(isinstance(each, tuple) and value in each for each in found)
        return bool(found) and all(each == value for each in found)

    @property
    def anything(self) -> bool:
        """Whether anything stands in the field of any record."""
        return any(each not in (None, ()) for each in self.values())

    # Writing. Each gives the sentence of a refusal, or an empty text.

    def put(self, value: object) -> str:
        """Give the field a value; None, or no members, clears it."""
        return self._write(lambda record: Edit(self.field.name, value, "set", self._seen.get(record)))

    def choose(self, value: object) -> str:
        """Choose a value: in a field that holds many it comes, or goes where every record has it."""
        if not self.field.many:
            return self.put(value)
        do = "remove" if self.is_chosen(value) else "add"
        return self._write(lambda _record: Edit(self.field.name, value, do))

    def clear(self) -> str:
        """Take away what stands in the field."""
        return self.put(() if self.field.many else None)

    def _write(self, edit: Callable[[bytes], Edit]) -> str:
        source = self._workspace.source
        if len(self.records) > _AT_ONCE:
            self._workspace.run_steps(self._in_parts(edit))
            return ""
        bulk = source.bulk()
        for record in self.records:
            bulk.update(record, [edit(record)])
        operation = bulk.commit
        if len(self.records) == 1:
            operation = partial(source.update, self.records[0], [edit(self.records[0])])
        try:
            touched = operation()
        except SitebookError as error:
            return str(error)
        self._workspace.written(touched)
        self.begin()
        return ""

    def _in_parts(self, edit: Callable[[bytes], Edit]) -> Iterator[None]:
        edits: dict[bytes, Sequence[Edit]] = {}
        for number, record in enumerate(self.records, 1):
            edits[record] = [edit(record)]
            if number % _PLANNED == 0:
                yield

        def told(step: Step) -> None:
            self._progress(
                tr("{field}: {done} of {all} written").format(
                    field=capital(self.field.title),
                    done=number_text(step.done),
                    all=number_text(len(self.records)),
                )
            )

        try:
            yield from self._workspace.edit_steps(edits, told)
        finally:
            self._progress("")
        self.begin()
