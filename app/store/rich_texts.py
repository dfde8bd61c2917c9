"""Rich texts of records as documents, and what can be done to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from sys import getsizeof
from typing import NamedTuple

from app.domain.schema import COMMENT
from app.richtext.delta import Delta, Document, Insert
from app.richtext.yjs import read_document
from app.store.drafts import Drafts
from app.store.text_states import deletes_of
from app.store.texts import document_text, open_document
from app.store.touched import Touched
from app.store.updates import merge_updates
from sync.change import Operation, Text
from sync.errors import Malformed, Refused
from sync.yitems import Item, Pieces, cut, deletes_beyond, encode_run, read_pieces
from sync.yupdate import MAX_INT

_MOST_FOREIGN = 64 << 20
_PIECE_SIZE = 300
"""Bytes that a piece of a document takes in memory beside its text: about."""


class TextNews(NamedTuple):
    """What came to a text: one Yjs update, how far it goes, and up to which clock it goes under each client number."""

    update: bytes
    mark: int
    reach: dict[int, int]


class RichTexts(Drafts):
    """Reading and editing rich texts."""

    def text_mark(self) -> int:
        """How far the texts of this moment go, for ``text_news``."""
        row = self.db.one("SELECT max(uid) FROM updates")
        return 0 if row is None or row[0] is None else int(row[0])

    def text_news(self, record: bytes, name: str, after: int) -> TextNews | None:
        """What came to a text after a mark, also one's own changes; None for nothing.

        It may build on what has not come yet, or on what came before the mark and waited: a document that does not
        get as far as ``reach`` needs the whole state. Where updates were set aside (``Touched.texts_rebuilt``), this
        does not tell.
        """
        numbers = self._text_numbers(record, name)
        if numbers is None:
            return None
        # The newest rows by their own number, not all rows of the text by its index.
        rows = self.db.all(
            "SELECT uid, client, past, data FROM updates WHERE uid > ? AND +rid = ? AND +fid = ? AND lost = 0"
            " ORDER BY uid",
            (after, *numbers),
        )
        if not rows:
            return None
        reach: dict[int, int] = {}
        for _, client, past, _ in rows:
            reach[int(client)] = max(int(past), reach.get(int(client), 0))
        return TextNews(merge_updates(*(bytes(data) for *_, data in rows)), int(rows[-1][0]), reach)

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

    def apply_yjs(self, record: bytes, name: str, update: bytes) -> Touched:
        """Take in what another Yjs program did to a text: an update (version 1), or the whole state of its document.

        What is here already is left out, and what is new keeps its client numbers, so that the other program can go
        on merging with this text. Raises Refused, and changes nothing, where it is no update of a text.
        """
        if len(update) > _MOST_FOREIGN:
            raise Refused("This update is larger than 64 MiB; nothing was changed.")
        try:
            pieces = read_pieces(update)
            touched = self.finish_typing(record, name)
            touched.merge(self._do(lambda touched: self._foreign(record, name, pieces)))
        except Malformed as error:
            raise Refused(f"This cannot be taken into the text, which was left as it is: {error}") from error
        return touched

    def _foreign(self, record: bytes, name: str, pieces: Pieces) -> list[Operation]:
        """The operations that bring in what is new: one for each stretch of one client, and one that deletes."""
        kind = self._text_kind(record, name)
        rid, fid = self.numbers.record(kind, record)[0], self.numbers.field(kind, name)
        operations: list[Operation] = []
        for client, items in sorted(pieces.items.items()):
            known = self.texts_store.reached(rid, fid, client)
            operations.extend(
                Text(kind, record, name, encode_run(client, run), client)
                for run in _runs(_without(items, client, known))
            )
        state = self.texts_store.state(rid, fid)
        gone = deletes_beyond(pieces.deletes, () if state is None else deletes_of(state))
        if gone:
            operations.append(Text(kind, record, name, encode_run(0, (), gone), self.client()))
        return operations

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


def _without(items: Sequence[Item], client: int, known: Sequence[tuple[int, int]]) -> list[Item]:
    """The parts of a client's items that lie between the stretches that are known."""
    found: list[Item] = []
    start = 0
    for first, past in (*known, (MAX_INT, MAX_INT)):
        if start < first:
            found.extend(cut(items, client, start, first))
        start = max(start, past)
    return found


def _runs(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Items that follow each other without gaps, together."""
    run: list[Item] = []
    for item in items:
        if run and run[-1].clock + run[-1].length != item.clock:
            yield run
            run = []
        run.append(item)
    if run:
        yield run
