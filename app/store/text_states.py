"""States and updates of texts: what of them counts, what they delete and point to, and shorter ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.richtext.delta import Insert
from app.richtext.formats import KNOWN_FORMATS, record_of
from sync.yitems import read_pieces, read_vector, without_first, without_formats
from sync.yupdate import Span, neutralise, read_insertion

if TYPE_CHECKING:
    from pycrdt import Doc

SHORTER = 0.8
"""What a shorter state has at most of the bytes of the one that it takes the place of."""


def compacted(document: Doc, merged: bytes) -> bytes | None:  # type: ignore[type-arg]
    """A much shorter state than the merged one that a document was opened from; None where there is none.

    It lacks what was deleted, and has what follows each other in one piece. A document's own state drops what waits
    for what is missing, insertions and deletions: where anything waits the merged state stays.
    """
    from pycrdt import get_state, get_update

    own = document.get_update()
    if len(own) > len(merged) * SHORTER:
        return None
    vector = document.get_state()
    there = read_vector(vector)
    waiting = read_pieces(get_update(merged, vector))
    if there != read_vector(get_state(merged)) or waiting.items:
        return None
    if any(span.clock + span.length > there.get(span.client, 0) for span in waiting.deletes):
        return None
    return own


def deletes_of(state: bytes) -> tuple[Span, ...]:
    """All that a state says to be deleted; what it inserts is not read."""
    from pycrdt import get_state, get_update

    return read_pieces(get_update(state, get_state(state))).deletes


def targets_of(document: Iterable[Insert]) -> set[tuple[str, bytes]]:
    """What a document points to: sorts (ref, mention, image) and ids of records."""
    found = (record_of(content) for content, _ in document if not isinstance(content, str))
    return {each for each in found if each is not None}


def counting(data: bytes, client: int, lost: int, aside: bool = False, *, crowded: bool) -> bytes:
    """What of an update counts; of one that was set aside the characters are there, and deleted."""
    data = bytes(data)
    if lost:
        data = without_first(data, client, -lost)
    if crowded:
        data = without_formats(data, client, lambda name, value: name in KNOWN_FORMATS)
    return neutralise(data, read_insertion(data, client)) if aside else data
