"""Editing rich texts as changes: by deltas, by positions, and by what they should become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from app.domain.schema import KINDS
from app.richtext.delta import (
    PLAIN,
    Attributes,
    Delete,
    Delta,
    Document,
    Insert,
    Op,
    Retain,
    applied,
    difference,
    length,
    normal_document,
    sliced,
)
from app.richtext.formats import INLINE
from app.richtext.yjs import apply_change, read_document
from app.store.deletion import DELETED
from app.store.plain_texts import plain_change
from app.store.records import Record
from app.store.texts import document_text, open_document
from app.store.touched import Touched
from app.store.undo import Undo
from sync.change import Operation, Text
from sync.errors import NotFound, Refused, SitebookError

if TYPE_CHECKING:
    from pycrdt import Doc


class TextEdits(Undo):
    """Edits of rich texts, and of what may be edited at all."""

    def insert_text(self, record: bytes, name: str, position: int, text: str) -> Touched:
        """Insert into a rich text; the position counts Unicode code points, an embedded object being one."""
        return self.edit_text(record, name, [(position, text, 0)])

    def delete_text(self, record: bytes, name: str, position: int, count: int) -> Touched:
        """Delete from a rich text; position and count are code points. The closing line break stays."""
        return self.edit_text(record, name, [(position, None, count)])

    def edit_text(self, record: bytes, name: str, steps: Sequence[tuple[int, str | None, int]]) -> Touched:
        """Several steps in a rich text as one change: (position, text to insert or None, count to delete).

        Each position is in the text as the steps before leave it. What is inserted looks like what it is
        inserted behind.
        """

        def edit(document: Doc[Any]) -> None:
            target = document_text(document)
            text = read_document(target)
            for position, inserted, count in steps:
                _check_place(text, position, count)
                step: Op = Delete(count) if inserted is None else Insert(inserted, _look(text, position))
                change = [Retain(position), step]
                apply_change(target, change)
                text = applied(text, change)

        return self._do(lambda touched: self._text_operations(record, name, edit))

    def text_change(self, record: bytes, name: str, change: Delta) -> list[Operation]:
        """The operations that make a change in a text. Raises ValueError where it reaches beyond its end."""

        def edit(document: Doc[Any]) -> None:
            target = document_text(document)
            apply_change(target, _within(read_document(target), change))

        return self._text_operations(record, name, edit)

    def replacement(self, record: bytes, name: str, text: str | Document) -> list[Operation]:
        """The operations that turn a text into another, by a small change; a plain text leaves formats as they are."""

        def edit(document: Doc[Any]) -> None:
            target = document_text(document)
            before = read_document(target)
            if isinstance(text, str):
                apply_change(target, plain_change(before, text, self.texts_store.values.name_of))
            else:
                apply_change(target, difference(before, normal_document(text)))

        return self._text_operations(record, name, edit)

    def _text_operations(self, record: bytes, name: str, edit: Callable[[Doc[Any]], None]) -> list[Operation]:
        kind = self._text_kind(record, name)
        client = self.client()
        rid, fid = self.numbers.record(kind, record)[0], self.numbers.field(kind, name)
        document = open_document(self.texts_store.state(rid, fid), client)
        with _Recorded(document) as updates:
            _end_with_newline(document)
            edit(document)
        return [Text(kind, record, name, update, client) for update in updates]

    def _text_kind(self, record: bytes, name: str) -> str:
        """The kind of a record whose text may be edited. Raises NotFound or Refused."""
        kind = self._editable(record)
        if kind in KINDS and name not in KINDS[kind].text_fields:
            raise NotFound(f"{KINDS[kind].title}s have no text “{name}”.")
        return kind

    def first_text(self, kind: str, record: bytes, name: str, text: str | Document) -> list[Operation]:
        """The operations that begin a text."""
        client = self.client()
        document = open_document(None, client)
        first = [Insert(text + "\n")] if isinstance(text, str) else normal_document(text)
        with _Recorded(document) as updates:
            apply_change(document_text(document), first)
        return [Text(kind, record, name, update, client) for update in updates]

    def _existing(self, record: bytes) -> str:
        kind = self.kind_of(record)
        if kind is None:
            raise NotFound("There is nothing with this id in the project.")
        return kind

    def _editable(self, record: bytes) -> str:
        kind = self._existing(record)
        rid = self.numbers.record(kind, record)[0]
        if self.deletions.state_of(rid) == DELETED:
            raise Refused("This is deleted; restore it before changing it.")
        return kind

    def record_or_fail(self, record: bytes) -> Record:
        """A record. Raises NotFound."""
        found = self.get(record)
        if found is None:
            raise NotFound("There is nothing with this id in the project.")
        return found


class _Recorded:
    """Collects the update of the one transaction in which a document is edited."""

    def __init__(self, document: Doc[Any]) -> None:
        self._document = document
        self._updates: list[bytes] = []

    def __enter__(self) -> list[bytes]:
        self._subscription = self._document.observe(lambda event: self._updates.append(event.update))
        self._transaction = self._document.transaction()
        self._transaction.__enter__()
        return self._updates

    def __exit__(self, *failure: Any) -> None:
        self._transaction.__exit__(*failure)
        self._document.unobserve(self._subscription)


def _end_with_newline(document: Doc[Any]) -> None:
    """Give a text its closing newline where it has none: one that another program made, or two deleted each other's."""
    target = document_text(document)
    if not str(target).endswith("\n"):
        pieces = target.diff()
        if not pieces or not isinstance(pieces[-1][0], str) or not pieces[-1][0].endswith("\n"):
            target.insert(len(target), "\n", {})


def _within(document: Document, change: Delta) -> Delta:
    """A change that was checked to lie within a text, and to leave its closing newline or put another there."""
    after = applied(document, change)
    if normal_document(after) != after:
        return [*change, Retain(length(document) - _reach(change)), Insert("\n")]
    return change


def _reach(change: Delta) -> int:
    """Code points of the text that a change goes over."""
    return sum(op.length for op in change if not isinstance(op, Insert))


def _check_place(text: Document, position: int, count: int) -> None:
    """Check a place to lie in a text before its closing line break."""
    whole = length(text) - 1
    if position < 0 or count < 0 or position + count > whole:
        raise SitebookError(f"The text has {whole} characters; position and count must lie within it.")


def _look(text: Document, position: int) -> Attributes:
    """The formats that are inserted behind a position of a line: those of the character before, but no link."""
    before = sliced(text, position - 1, position) if position else []
    if not before or before[0].content == "\n":
        return PLAIN
    return {name: each for name, each in before[0].attributes.items() if name in INLINE and name != "link"}
