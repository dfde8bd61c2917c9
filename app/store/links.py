"""What texts point to, and what points to a record: links, back-links, and mentions that are no links yet.

Which text points where is kept in ``local_links``, made with its plain text; a text that was changed since is looked
into. Sentences are read from the texts when they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from app.domain.schema import COMMENT, KINDS
from app.richtext.delta import Document, Embed, plain_text
from app.richtext.formats import MENTION, REF, record_of
from app.store.deletion import DELETED, EMPTY
from app.store.plain_texts import NameOf, embed_text, one_line
from app.store.rich_texts import RichTexts
from app.store.words import Words

LINKING: Final = (REF, MENTION)
WRITTEN_KINDS: Final = tuple(kind.name for kind in KINDS.values() if kind.text_fields)
_OBJECT: Final = "\ufffc"
"""Stands for an embedded object while places in a text are looked for."""
_UNINDEXED: Final = 100
_SHORTEST: Final = 4
"""Characters of a title from which on it is looked for in texts: shorter ones are words of any text."""
_WIDTH: Final = 200
"""Most characters of a sentence."""
_END: Final = re.compile(r"[.!?…。！？]+[\s\"'”’»)]*(?=\s)|[。！？]|\n")


@dataclass(frozen=True, slots=True)
class Link:
    """What a text points to. ``sort``: ref or mention. ``text``: what it shows, where somebody named it otherwise."""

    sort: str
    target: bytes
    text: str = ""


@dataclass(frozen=True, slots=True)
class BackLink:
    """A place in a text that points to a record, or says its title.

    ``record`` has the text, ``field`` is the text's name; ``parent``: what a comment is on. ``sentence``: what stands
    around the place, with titles in place of objects; (``start``, ``stop``) is the place in it. ``position``: where
    the place begins in the text, in code points.
    """

    record: bytes
    kind: str
    field: str
    parent: bytes | None
    sentence: str
    start: int
    stop: int
    position: int


class Links(RichTexts):
    """Links between records by their texts."""

    def links_from(self, record: bytes, name: str = "text") -> list[Link]:
        """What a text points to, each thing once, in the order of the text."""
        found: dict[Link, None] = {}
        for content, _ in self.text_document(record, name):
            target = None if isinstance(content, str) else record_of(content)
            if target is not None and not isinstance(content, str) and target[0] in LINKING:
                given = content[target[0]].get("text")
                found[Link(*target, given if isinstance(given, str) else "")] = None
        return list(found)

    def links_to(self, record: bytes, limit: int = 500) -> list[BackLink]:
        """The places in texts of issues, notes and comments that point to a record, the newest text first.

        One of each sentence. What is deleted, and comments on what is, do not count, nor does the record itself.
        """
        texts = sorted(self.texts_store.pointing([record], LINKING), reverse=True)

        def places(document: Document) -> Iterator[tuple[int, int]]:
            at = 0
            for content, _ in document:
                if isinstance(content, str):
                    at += len(content)
                    continue
                target = record_of(content)
                if target is not None and target[1] == record and target[0] in LINKING:
                    yield at, at + 1
                at += 1

        found = (link for rid, fid in texts for link in self._back_links(rid, fid, record, places))
        return list(islice(found, limit))

    def _back_links(
        self, rid: int, fid: int, record: bytes, places: Callable[[Document], Iterator[tuple[int, int]]]
    ) -> Iterator[BackLink]:
        """The places of one text, where somebody may see it."""
        name = self.numbers.field_name(fid)[1]
        kind, own = self.numbers.record_id(rid)
        parent = self.deletions.parent(rid) if kind == COMMENT else None
        if own == record or self._is_hidden(rid) or (kind == COMMENT and self._is_gone(parent)):
            return
        document = self.text_document(own, name)
        shown = _Shown(document, self.texts_store.values.name_of)
        told = set()
        for start, stop in places(document):
            sentence = shown.sentence(start, stop)
            if sentence[0] not in told:
                told.add(sentence[0])
                yield BackLink(own, kind, name, parent, *sentence, start)

    def unlinked_mentions(self, record: bytes, limit: int = 50) -> list[BackLink]:
        """The places in texts that say a record's title without pointing to it, the newest text first.

        Titles of less than four characters are words of any text, and are not looked for. So many texts are read
        at most as can be shown, and some more.
        """
        title = one_line(self.texts_store.values.name_of(record)).replace('"', " ")
        words = Words.read(f'"{title}"')
        if len(title) < _SHORTEST or not words:
            return []

        def places(document: Document) -> Iterator[tuple[int, int]]:
            return words.marks(plain_text(document, _OBJECT))

        found = (
            link
            for rid, kind in self._saying(words, limit)
            for fid in self._text_fields(kind)
            for link in self._back_links(rid, fid, record, places)
        )
        return list(islice(found, limit))

    def _saying(self, words: Words, limit: int) -> list[tuple[int, str]]:
        """Records (number, kind) in whose texts words may stand, the newest first, also what is not indexed."""
        kinds = ", ".join("?" for _ in WRITTEN_KINDS)
        waiting = self.db.all(
            f"SELECT n.rid, r.kind FROM local_unindexed n JOIN records r USING (rid) WHERE r.kind IN ({kinds})"  # noqa: S608
            " ORDER BY n.rid DESC LIMIT ?",
            (*WRITTEN_KINDS, _UNINDEXED),
        )
        indexed = self.db.all(
            "SELECT w.rowid, r.kind FROM local_words w JOIN records r ON r.rid = w.rowid WHERE local_words MATCH ?"  # noqa: S608
            f" AND r.kind IN ({kinds}) ORDER BY w.rowid DESC LIMIT ?",
            (f"text : ({words.expression})", *WRITTEN_KINDS, 2 * limit + _UNINDEXED),
        )
        return sorted({(int(rid), str(kind)) for rid, kind in (*waiting, *indexed)}, reverse=True)

    def _text_fields(self, kind: str) -> list[int]:
        fids = (self.numbers.known_field(kind, name) for name in KINDS[kind].text_fields)
        return [fid for fid in fids if fid is not None]

    def _is_hidden(self, rid: int) -> bool:
        return self.deletions.state_of(rid) in (DELETED, EMPTY)

    def _is_gone(self, record: bytes | None) -> bool:
        kind = None if record is None else self.kind_of(record)
        rid = None if kind is None or record is None else self.numbers.known_record(kind, record)
        return rid is None or self._is_hidden(rid)


class _Shown:
    """A text in which sentences are looked for, and read with titles in place of objects."""

    def __init__(self, document: Document, name_of: NameOf) -> None:
        self._text = plain_text(document, _OBJECT)
        self._objects: dict[int, Embed] = {}
        self._name_of = name_of
        at = 0
        for piece in document:
            if not isinstance(piece.content, str):
                self._objects[at] = piece.content
            at += piece.length

    def sentence(self, start: int, stop: int) -> tuple[str, int, int]:
        """The sentence around a place, or the part of it near the place, and where the place is in it."""
        text = self._text
        first, last = text.rfind("\n", 0, start) + 1, text.find("\n", stop)
        last = len(text) if last < 0 else last
        low, high = max(first, start - 4 * _WIDTH), min(last, stop + 4 * _WIDTH)
        ends = [match.end() for match in _END.finditer(text, low, high)]
        first = max([first, *(end for end in ends if end <= start)])
        last = min([last, *(end for end in ends if end >= stop)])
        while first < start and text[first].isspace():
            first += 1
        before = self._shown(max(first, start - 2 * _WIDTH), start)
        place = self._shown(start, stop)
        after = self._shown(stop, min(last, stop + 2 * _WIDTH))
        return _cut(before, place, after.rstrip())

    def _shown(self, start: int, stop: int) -> str:
        return "".join(
            embed_text(self._objects[at], self._name_of) if at in self._objects else self._text[at]
            for at in range(start, stop)
        )


def _cut(before: str, place: str, after: str) -> tuple[str, int, int]:
    """A sentence around a place that is not too long, with dots where something is left out."""
    room = max(_WIDTH - len(place), 0)
    left = min(len(before), max(room // 2, room - len(after)))
    right = min(len(after), room - left)
    head = before if left == len(before) else f"…{before[len(before) - left :]}"
    tail = after if right == len(after) else f"{after[:right]}…"
    return f"{head}{place}{tail}", len(head), len(head) + len(place)
