"""Rich texts of records as documents, and what can be done to them."""

from __future__ import annotations

from sys import getsizeof

from app.richtext.delta import Delta, Document, Insert
from app.richtext.yjs import read_document
from app.store.drafts import Drafts
from app.store.texts import document_text, open_document
from app.store.touched import Touched

_PIECE_SIZE = 300
"""Bytes that a piece of a document takes in memory beside its text: about."""


class RichTexts(Drafts):
    """Reading and editing rich texts."""

    def text_document(self, record: bytes, name: str = "text") -> list[Insert]:
        """A rich text as a document, with what is being typed here; one empty line where there is none.

        What is given is shared with others who ask: leave it as it is.
        """

        def read() -> tuple[list[Insert], int]:
            found = read_document(document_text(open_document(self.text_state(record, name))))
            return found, sum(_PIECE_SIZE + getsizeof(content) for content, _ in found)

        document: list[Insert] = self.cached(record, f"document {name}", read)
        return document

    def change_text(self, record: bytes, name: str, change: Delta) -> Touched:
        """Make a change in a rich text as ``text_document`` gives it. Counts are code points.

        Raises ValueError where the change reaches beyond the end of the text.
        """
        touched = self.finish_typing(record, name)
        touched.merge(self._do(lambda touched: self.text_change(record, name, change)))
        return touched

    def replace_text(self, record: bytes, name: str, document: Document) -> Touched:
        """Turn a rich text into another by a small change, which leaves alone what is the same in both."""
        touched = self.finish_typing(record, name)
        touched.merge(self._do(lambda touched: self.replacement(record, name, document)))
        return touched
