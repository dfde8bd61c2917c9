"""Places in a Yjs text that stay right while others write: behind which character, by client and clock.

pycrdt's sticky indices count bytes to the beginning of a run of characters and UTF-16 units within it (0.14), so that
they are right for plain Latin letters only. What they say of the neighbours shows where the run begins; from
there on the units are counted here. Positions are UTF-16 units, as in a QTextDocument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pycrdt import Assoc, StickyIndex, Text

from app.richtext.positions import TextIndex
from sync.presence import Place

_NEAR: Final = (0, 1, -1, 2, -2, 3, -3, 4, -4)


def anchor_of(text: Text, index: TextIndex, position: int) -> Place | None:
    """The character before a position; None at the beginning. ``index`` says the same as ``text``."""
    if position <= 0 or not len(index):
        return None
    point = min(index.utf16_to_point(position), len(index)) - 1
    if point < 0:
        return None
    byte = index.point_to_utf8(point)
    found = _at(text, byte + 1)
    if found is None:
        return None
    client, clock = found
    stop = index.point_to_utf16(point + 1)
    clock += stop - index.point_to_utf16(point) - 1
    if index.utf8_length == len(index):
        return Place(client, clock)
    run = _run(byte, lambda back: _at(text, byte + 1 - back) == (client, found[1] - back))
    clock += index.point_to_utf16(point) - index.utf8_to_utf16(byte - run) - run
    # What was deleted between two runs can make one of them: then the right place is a few characters off.
    for near in _NEAR:
        place = Place(client, max(0, clock + near))
        if anchored(text, index, {client: 1 << 53}, place) == stop:
            return place
    return Place(client, max(0, clock))


def anchored(text: Text, index: TextIndex, known: Mapping[int, int], place: Place | None) -> int | None:
    """The position behind a character; where it was deleted, where it stood. None where it is not here yet.

    ``known``: the state vector of the document.
    """
    if place is None:
        return 0
    client, clock = place.client, place.clock
    if known.get(client, 0) <= clock:
        return None
    behind = _offset(text, client, clock, Assoc.BEFORE)
    if behind is None:
        return None
    if index.utf8_length == len(index):
        return min(behind, index.utf16_length)
    if behind == _offset(text, client, clock, Assoc.AFTER):
        # It is not in the text any more: there is no run to count in.
        return index.utf8_to_utf16(min(behind, index.utf8_length))
    run = _run(clock, lambda back: _is_run(text, client, clock - back, behind - back))
    start = behind - run - 1
    if not 0 <= start <= index.utf8_length:
        return None
    return min(index.utf8_to_utf16(start) + run + 1, index.utf16_length)


def _is_run(text: Text, client: int, clock: int, behind: int) -> bool:
    return (
        _offset(text, client, clock, Assoc.BEFORE) == behind
        and _offset(text, client, clock, Assoc.AFTER) == behind - 1
    )


def _run(most: int, same: Callable[[int], bool]) -> int:
    """How many steps back, at most ``most``, all is in one run: ``same`` says so of one step."""
    good, step = 0, 1
    while good + step <= most and same(good + step):
        good += step
        step *= 2
    while step:
        if good + step <= most and same(good + step):
            good += step
        step //= 2
    return good


def _at(text: Text, byte: int) -> tuple[int, int] | None:
    """Client and clock as pycrdt counts them."""
    if byte <= 0:
        return None
    item = _guarded(lambda: StickyIndex.new(text, byte, Assoc.BEFORE).to_json().get("item"))
    return None if item is None else (item["client"], item["clock"])


def _offset(text: Text, client: int, clock: int, assoc: Assoc) -> int | None:
    """A byte as pycrdt counts it."""
    if clock < 0:
        return None
    data = {"item": {"client": client, "clock": clock}, "assoc": int(assoc)}
    found = _guarded(lambda: StickyIndex.from_json(data, text).get_index())
    return found if isinstance(found, int) else None


def _guarded(ask: Callable[[], Any]) -> Any:
    """What pycrdt says; None where it gives up: its way to say so is no Exception."""
    try:
        return ask()
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        return None
