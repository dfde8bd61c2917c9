"""Editing rich texts by positions, as changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from app.domain.schema import KINDS
from app.richtext.positions import utf8_length
from app.store.deletion import DELETED
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
        """Insert into a rich text; the position counts Unicode code points."""
        return self.edit_text(record, name, [(position, text, 0)])

    def delete_text(self, record: bytes, name: str, position: int, count: int) -> Touched:
        """Delete from a rich text; position and count are code points. The closing line break stays."""
        return self.edit_text(record, name, [(position, None, count)])

    def edit_text(self, record: bytes, name: str, steps: Sequence[tuple[int, str | None, int]]) -> Touched:
        """Several steps in a rich text as one change: (position, text to insert or None, count to delete).

        Each position is in the text as the steps before leave it.
        """

        def edit(document: Doc[Any]) -> None:
            target = document_text(document)
            for position, text, count in steps:
                whole = str(target)
                start = _offset(whole, position, count)
                if text is not None:
                    target.insert(start, text)
                else:
                    del target[start : utf8_length(whole[: position + count])]

        return self._edit_text(record, name, edit)

    def replacement(self, record: bytes, name: str, text: str) -> list[Operation]:
        """The operations that turn a text into another."""

        def edit(document: Doc[Any]) -> None:
            target = document_text(document)
            before = str(target)
            after = text + "\n"
            head = _common(before, after)
            tail = _common(before[head:][::-1], after[head:][::-1])
            start = utf8_length(before[:head])
            end = utf8_length(before[: len(before) - tail])
            if end > start:
                del target[start:end]
            if len(after) - tail > head:
                target.insert(start, after[head : len(after) - tail])

        return self._text_operations(record, name, edit)

    def _edit_text(self, record: bytes, name: str, edit: Callable[[Doc[Any]], None]) -> Touched:
        return self._do(lambda touched: self._text_operations(record, name, edit))

    def _text_operations(self, record: bytes, name: str, edit: Callable[[Doc[Any]], None]) -> list[Operation]:
        kind = self._editable(record)
        if kind in KINDS and name not in KINDS[kind].text_fields:
            raise NotFound(f"{KINDS[kind].title}s have no text “{name}”.")
        client = self.client()
        rid, fid = self.numbers.record(kind, record)[0], self.numbers.field(kind, name)
        document = open_document(self.texts_store.state(rid, fid), client)
        with _Recorded(document) as updates:
            edit(document)
        return [Text(kind, record, name, update, client) for update in updates]

    def first_text(self, kind: str, record: bytes, name: str, text: str) -> list[Operation]:
        """The operations that begin a text."""
        client = self.client()
        document = open_document(None, client)
        with _Recorded(document) as updates:
            document_text(document).insert(0, text + "\n")
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


def _offset(text: str, position: int, count: int) -> int:
    """UTF-8 offset of a code point position, checked to lie in the text before its closing line break."""
    length = len(text.removesuffix("\n"))
    if position < 0 or count < 0 or position + count > length:
        raise SitebookError(f"The text has {length} characters; position and count must lie within it.")
    return utf8_length(text[:position])


def _common(left: str, right: str) -> int:
    """Length of the common beginning."""
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count
