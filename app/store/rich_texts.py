"""Rich texts of records as documents, and what can be done to them."""

from __future__ import annotations

from collections.abc import Collection
from sys import getsizeof

from app.domain.schema import COMMENT
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

    def unread_comments(self, parent: bytes, own: Collection[bytes] = ()) -> set[bytes]:
        """The comments on a record that others wrote or edited since ``mark_comments_read``.

        ``own``: the user's other devices, what is written on which is read.
        """
        row = self.db.one(
            "SELECT l.cid FROM local_read l JOIN records r USING (rid) WHERE r.id = ?", (parent,)
        )
        read = 0 if row is None else int(row[0])
        devices = {self.device, *own}
        found = set()
        for comment in self.children(parent, COMMENT):
            changes = self.db.all(
                "SELECT d.key FROM records r JOIN updates u USING (rid) JOIN changes c USING (cid)"
                " JOIN devices d USING (did) WHERE r.id = ? AND r.kind = ? AND c.cid > ? AND c.aside = 0",
                (comment, COMMENT, read),
            )
            if any(bytes(key) not in devices for (key,) in changes):
                found.add(comment)
        return found

    def mark_comments_read(self, parent: bytes) -> None:
        """Remember that the user has read all comments on a record that are here."""
        kind = self._existing(parent)
        with self.lightly(), self.writing(Touched()):
            self.db.run(
                "INSERT OR REPLACE INTO local_read SELECT ?, coalesce(max(cid), 0) FROM changes",
                (self.numbers.record(kind, parent)[0],),
            )
