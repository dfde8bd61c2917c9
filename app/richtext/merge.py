"""Three-way merge of rich texts: what a file and a document became, each from the same base.

Lines that only one side changed are that side's. In lines that both changed, words are compared: edits of different
words combine. Where both changed the same words, nothing is lost: ours stays, and theirs follows with a highlight, so
that a person sees it and chooses. What both wrote alike is there once; what both put into the same place, where nothing
stood, is there one after the other, ours first, without a mark. Where one side deleted what the other edited, the edit
stays. Formats merge character by character; of two changes of one format ours counts. A format put on words that the
other side rewrote is put on the new words.

Time is bounded: many or long lines are compared by what is unique in them (``app.richtext.alignment``).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from typing import Final, NamedTuple

from app.richtext.alignment import aligned
from app.richtext.delta import (
    PLAIN,
    Attributes,
    Delete,
    Delta,
    Document,
    Embed,
    Insert,
    Op,
    Retain,
    attribute_change,
    difference,
    merged,
    normal,
    normal_document,
)
from app.richtext.formats import HIGHLIGHT, HIGHLIGHT_COLOR
from app.richtext.lines import Line, split_lines

_TOKEN: Final = re.compile(r"\w+|\W", re.DOTALL)
_WORD: Final = re.compile(r"\w")
_NEWLINE: Final = re.compile("(\n)")
_MARK: Final = {HIGHLIGHT: HIGHLIGHT_COLOR}
_Keys = Sequence[Hashable]


def merge(base: Document, theirs: Document, ours: Document) -> Delta:
    """The change of ``ours`` that brings in what ``theirs`` changed since ``base``.

    Empty where theirs changed nothing; the difference to theirs where ours changed nothing.
    """
    base, theirs, ours = normal_document(base), normal_document(theirs), normal_document(ours)
    if theirs in (base, ours):
        return []
    if base == ours:
        return difference(ours, theirs)
    return normal(_merged_lines(_Side(base), _Side(theirs), _Side(ours)))


class _Side:
    """A document with its lines, what they say without formats, and where they begin."""

    def __init__(self, document: Document) -> None:
        self._pieces = document
        self._starts = [0]
        for piece in document:
            self._starts.append(self._starts[-1] + piece.length)
        self.lines = split_lines(document)
        self.keys = [_line_key(line) for line in self.lines]
        self.line_starts = [0]
        for line in self.lines:
            self.line_starts.append(self.line_starts[-1] + line.length)

    def slice(self, start: int, stop: int) -> list[Insert]:
        """The pieces between two positions."""
        found: list[Insert] = []
        at = bisect_right(self._starts, start) - 1
        while start < stop:
            content, attributes = self._pieces[at]
            first = start - self._starts[at]
            last = min(stop, self._starts[at + 1]) - self._starts[at]
            found.append(Insert(content[first:last] if isinstance(content, str) else content, attributes))
            start, at = self._starts[at] + last, at + 1
        return found

    def tokens(self, first: int, last: int) -> _Tokens:
        """The words, signs and objects of lines."""
        keys: list[Hashable] = []
        starts = [self.line_starts[first]]
        for content, _ in self.slice(self.line_starts[first], self.line_starts[last]):
            parts: Sequence[Hashable] = (
                _TOKEN.findall(content)
                if isinstance(content, str)
                else [(json.dumps(content, sort_keys=True),)]
            )
            for part in parts:
                size = len(part) if isinstance(part, str) else 1
                if isinstance(part, str) and keys and _is_word(part) and _is_word(keys[-1]):
                    # A word that is half bold is one word.
                    keys[-1] = f"{keys[-1]}{part}"
                    starts[-1] += size
                else:
                    keys.append(part)
                    starts.append(starts[-1] + size)
        return _Tokens(keys, starts)


class _Tokens(NamedTuple):
    keys: list[Hashable]
    starts: list[int]


class _Stretch(NamedTuple):
    """Where a part of the base is on each side; ``same`` where it says the same on all three."""

    same: bool
    base: tuple[int, int]
    theirs: tuple[int, int]
    ours: tuple[int, int]


def _line_key(line: Line) -> Hashable:
    if all(isinstance(each.content, str) for each in line.pieces):
        return line.text
    return tuple(
        content if isinstance(content, str) else (json.dumps(content, sort_keys=True),)
        for content, _ in line.pieces
    )


def _is_word(token: Hashable) -> bool:
    return isinstance(token, str) and _WORD.match(token) is not None


def _stretches(base: _Keys, theirs: _Keys, ours: _Keys) -> Iterator[_Stretch]:
    """The parts that stayed on both sides, and what lies between them, in order."""
    in_theirs, in_ours = _places(base, theirs), _places(base, ours)
    at = their_at = our_at = 0
    place = 0
    while True:
        while place < len(base) and (in_theirs[place] < 0 or in_ours[place] < 0):
            place += 1
        their_place = in_theirs[place] if place < len(base) else len(theirs)
        our_place = in_ours[place] if place < len(base) else len(ours)
        if (at, their_at, our_at) != (place, their_place, our_place):
            yield _Stretch(False, (at, place), (their_at, their_place), (our_at, our_place))
        if place == len(base):
            return
        stop = place + 1
        while (
            stop < len(base)
            and in_theirs[stop] == their_place + stop - place
            and in_ours[stop] == our_place + stop - place
        ):
            stop += 1
        count = stop - place
        yield _Stretch(
            True, (place, stop), (their_place, their_place + count), (our_place, our_place + count)
        )
        at, their_at, our_at = stop, their_place + count, our_place + count
        place = stop


def _places(base: _Keys, other: _Keys) -> list[int]:
    found = [-1] * len(base)
    for first, second, count in aligned(base, other):
        found[first : first + count] = range(second, second + count)
    return found


def _merged_lines(base: _Side, theirs: _Side, ours: _Side) -> Iterator[Op]:
    for same, in_base, in_theirs, in_ours in _stretches(base.keys, theirs.keys, ours.keys):
        if not same:
            yield from _merged_words(
                _Three(base, theirs, ours),
                base.tokens(*in_base),
                theirs.tokens(*in_theirs),
                ours.tokens(*in_ours),
            )
            continue
        for count in range(in_base[1] - in_base[0]):
            before, becomes = base.lines[in_base[0] + count], theirs.lines[in_theirs[0] + count]
            start, stop = ours.line_starts[in_ours[0] + count], ours.line_starts[in_ours[0] + count + 1]
            if before == becomes:
                yield Retain(stop - start)
                continue
            at, their_at = base.line_starts[in_base[0] + count], theirs.line_starts[in_theirs[0] + count]
            size = stop - start
            yield from _merged_formats(
                base.slice(at, at + size), theirs.slice(their_at, their_at + size), ours.slice(start, stop)
            )


def _merged_formats(base: list[Insert], theirs: list[Insert], ours: list[Insert]) -> Iterator[Op]:
    """Their changes of formats on a text that is the same on all sides."""
    sides = _units(base), _units(theirs), _units(ours)
    for (_, before), (_, becomes), (_, now) in zip(*sides, strict=True):
        change = attribute_change(before, becomes)
        kept = {name: value for name, value in change.items() if now.get(name) == before.get(name)}
        yield Retain(1, kept or PLAIN)


def _units(pieces: list[Insert]) -> Iterator[tuple[str | Embed, Attributes]]:
    """Each character or object of a text with its attributes."""
    for content, attributes in pieces:
        for unit in content if isinstance(content, str) else (content,):
            yield unit, attributes


class _Three(NamedTuple):
    base: _Side
    theirs: _Side
    ours: _Side


def _merged_words(sides: _Three, base: _Tokens, theirs: _Tokens, ours: _Tokens) -> Iterator[Op]:
    stretches = list(_stretches(base.keys, theirs.keys, ours.keys))
    for same, in_base, in_theirs, in_ours in _joined(stretches, base, theirs, ours):
        was = sides.base.slice(base.starts[in_base[0]], base.starts[in_base[1]])
        becomes = sides.theirs.slice(theirs.starts[in_theirs[0]], theirs.starts[in_theirs[1]])
        now = sides.ours.slice(ours.starts[in_ours[0]], ours.starts[in_ours[1]])
        size = ours.starts[in_ours[1]] - ours.starts[in_ours[0]]
        keys = base.keys[slice(*in_base)], theirs.keys[slice(*in_theirs)], ours.keys[slice(*in_ours)]
        if same:
            yield from _merged_formats(was, becomes, now)
        elif keys[0] == keys[2]:
            change = _common_change(was, now)
            yield from _put(becomes, change)
            yield Delete(size)
        elif keys[0] == keys[1]:
            yield from _reformatted(now, _common_change(was, becomes))
        else:
            yield from _both(sides, theirs, ours, in_theirs, in_ours, marked=bool(keys[0]))


def _joined(stretches: list[_Stretch], base: _Tokens, theirs: _Tokens, ours: _Tokens) -> Iterator[_Stretch]:
    """Two conflicts with nothing but signs and spaces between them are one: words would be mixed otherwise."""
    waiting: list[_Stretch] = []

    def conflict(stretch: _Stretch) -> bool:
        keys = (
            base.keys[slice(*stretch.base)],
            theirs.keys[slice(*stretch.theirs)],
            ours.keys[slice(*stretch.ours)],
        )
        return not stretch.same and keys[0] != keys[1] and keys[0] != keys[2] and keys[1] != keys[2]

    for stretch in stretches:
        if len(waiting) == 2 and conflict(stretch):
            first = waiting[0]
            waiting = [
                _Stretch(
                    False,
                    (first.base[0], stretch.base[1]),
                    (first.theirs[0], stretch.theirs[1]),
                    (first.ours[0], stretch.ours[1]),
                )
            ]
            continue
        if len(waiting) == 1 and stretch.same and _only_signs(base.keys[slice(*stretch.base)]):
            waiting.append(stretch)
            continue
        yield from waiting
        waiting = []
        if conflict(stretch):
            waiting = [stretch]
        else:
            yield stretch
    yield from waiting


def _only_signs(keys: _Keys) -> bool:
    return all(isinstance(key, str) and key != "\n" and not _is_word(key) for key in keys)


def _common_change(was: list[Insert], becomes: list[Insert]) -> Attributes:
    """The change of formats that all of a text had; none where parts of it had another."""
    change: Attributes | None = None
    for (_, before), (unit, after) in zip(_units(was), _units(becomes), strict=True):
        here = attribute_change(before, after)
        if unit == "\n":
            continue
        if change is not None and change != here:
            return PLAIN
        change = here
    return change or PLAIN


def _reformatted(pieces: list[Insert], change: Attributes) -> Iterator[Op]:
    """Put a change of formats on a text of ours, its newlines excepted."""
    for content, _ in _parts(pieces):
        yield Retain(len(content) if isinstance(content, str) else 1, PLAIN if content == "\n" else change)


def _put(pieces: list[Insert], change: Attributes) -> Iterator[Op]:
    """Insert a text of theirs with a change of formats, its newlines excepted."""
    for content, attributes in _parts(pieces):
        yield Insert(content, attributes if content == "\n" else merged(attributes, change))


def _parts(pieces: list[Insert]) -> Iterator[Insert]:
    """The pieces of a text with each newline by itself."""
    for content, attributes in pieces:
        if not isinstance(content, str):
            yield Insert(content, attributes)
            continue
        for part in _NEWLINE.split(content):
            if part:
                yield Insert(part, attributes)


def _both(
    sides: _Three,
    theirs: _Tokens,
    ours: _Tokens,
    in_theirs: tuple[int, int],
    in_ours: tuple[int, int],
    *,
    marked: bool,
) -> Iterator[Op]:
    """What both wrote alike once; else ours and, behind it, theirs."""
    their_keys, our_keys = theirs.keys[slice(*in_theirs)], ours.keys[slice(*in_ours)]
    at = their_at = 0
    for first, second, count in [*_alike(our_keys, their_keys), (len(our_keys), len(their_keys), 0)]:
        start, stop = ours.starts[in_ours[0] + at], ours.starts[in_ours[0] + first]
        if stop > start:
            yield Retain(stop - start)
        added = sides.theirs.slice(
            theirs.starts[in_theirs[0] + their_at], theirs.starts[in_theirs[0] + second]
        )
        if added and first > at and _is_word(our_keys[first - 1]) and _is_word(their_keys[their_at]):
            yield Insert(" ")
        yield from _put(added, _MARK if marked else PLAIN)
        if count:
            start, stop = ours.starts[in_ours[0] + first], ours.starts[in_ours[0] + first + count]
            yield Retain(stop - start)
        at, their_at = first + count, second + count


def _alike(ours: _Keys, theirs: _Keys) -> Iterator[tuple[int, int, int]]:
    """What both wrote alike: words at the beginning and the end; of several lines, whole lines only."""
    by_lines = "\n" in ours or "\n" in theirs
    for first, second, count in aligned(ours, theirs):
        start, stop = 0, count
        ends = first + count == len(ours) and second + count == len(theirs)
        if by_lines:
            while start < stop and not (
                _begins_line(ours, first + start) and _begins_line(theirs, second + start)
            ):
                start += 1
            while stop > start and not (ends and stop == count) and ours[first + stop - 1] != "\n":
                stop -= 1
        elif not ends and not (first == 0 and second == 0):
            continue
        if any(map(_is_word, ours[first + start : first + stop])):
            yield first + start, second + start, stop - start


def _begins_line(keys: _Keys, at: int) -> bool:
    return at == 0 or keys[at - 1] == "\n"
