"""Words of a text made a link to a record."""

from __future__ import annotations

from app.richtext.delta import Delete, Document, Insert, Op, Retain, plain_text, sliced
from app.richtext.formats import LINK, reference
from app.richtext.positions import EMBED


def linked(document: Document, position: int, words: str, record: bytes, title: str) -> list[Op]:
    """The change that puts a link to a record in the place of words, in code points; empty where they are not there.

    The link shows the record's title; where the words are others (of another case, say) it goes on showing them.
    """
    if not words or plain_text(document, EMBED)[position : position + len(words)] != words:
        return []
    attributes = sliced(document, position, position + 1)[0].attributes
    kept = {name: value for name, value in attributes.items() if name != LINK}
    link = Insert(reference(record, "" if words == title else words), kept)
    before: list[Op] = [Retain(position)] if position else []
    return [*before, link, Delete(len(words))]
