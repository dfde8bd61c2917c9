"""Rich text as a delta: the Quill model of text with attributes and embedded objects.

A *document* is a list of ``Insert`` that ends in a newline; a *change* is a list of ``Insert``, ``Retain`` and
``Delete`` from the beginning of a document on. Counts are code points here, an embedded object being one; Quill's
JSON (https://quilljs.com/docs/delta) counts UTF-16 units; only documents are read and written as such.
A newline has the attributes of its line. Attributes and embedded objects are values: nobody changes them in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from app.richtext.alignment import aligned
from app.richtext.positions import utf16_length

Attributes = Mapping[str, Any]
Embed = Mapping[str, Any]
"""An embedded object: one key, which is its type, and its value."""

PLAIN: Final[Attributes] = MappingProxyType({})
_COMPARED: Final = 20_000
"""Code points of a line beyond which it is not compared word by word."""


class Insert(NamedTuple):
    """Text or an embedded object, with its attributes; in a change, a null attribute means none."""

    content: str | Embed
    attributes: Attributes = PLAIN

    @property
    def length(self) -> int:
        """Code points; an embedded object is one."""
        return len(self.content) if isinstance(self.content, str) else 1


class Retain(NamedTuple):
    """Go on over ``length`` code points, giving them attributes; a null one is taken away."""

    length: int
    attributes: Attributes = PLAIN


class Delete(NamedTuple):
    """Take ``length`` code points out."""

    length: int


Op = Insert | Retain | Delete
Document = Sequence[Insert]
Delta = Sequence[Op]


class _Builder:
    """Collects operations; neighbours that say the same become one, and nothing is kept that says nothing."""

    def __init__(self) -> None:
        self.ops: list[Op] = []

    def insert(self, content: str | Embed, attributes: Attributes = PLAIN) -> None:
        if content == "":
            return
        ops = self.ops
        behind = ops and isinstance(ops[-1], Delete)
        at = len(ops) - 1 if behind else len(ops)
        last = ops[at - 1] if at else None
        if (
            isinstance(last, Insert)
            and isinstance(last.content, str)
            and isinstance(content, str)
            and last.attributes == attributes
        ):
            ops[at - 1] = Insert(last.content + content, attributes)
        else:
            # An insertion stands before a deletion at the same place, so that equal changes look equal.
            ops.insert(at, Insert(content, attributes))

    def retain(self, length: int, attributes: Attributes = PLAIN) -> None:
        if length <= 0:
            return
        last = self.ops[-1] if self.ops else None
        if isinstance(last, Retain) and last.attributes == attributes:
            self.ops[-1] = Retain(last.length + length, attributes)
        else:
            self.ops.append(Retain(length, attributes))

    def delete(self, length: int) -> None:
        if length <= 0:
            return
        last = self.ops[-1] if self.ops else None
        if isinstance(last, Delete):
            self.ops[-1] = Delete(last.length + length)
        else:
            self.ops.append(Delete(length))

    def add(self, op: Op) -> None:
        if isinstance(op, Insert):
            self.insert(op.content, op.attributes)
        elif isinstance(op, Retain):
            self.retain(op.length, op.attributes)
        else:
            self.delete(op.length)

    def chopped(self) -> list[Op]:
        """What was collected, without a last retain that changes nothing."""
        if self.ops and isinstance(self.ops[-1], Retain) and not self.ops[-1].attributes:
            del self.ops[-1]
        return self.ops


class _Reader:
    """Gives the operations of a change in pieces of any length."""

    def __init__(self, ops: Iterable[Op]) -> None:
        self._ops = iter(ops)
        self._offset = 0
        self.op: Op | None = next(self._ops, None)

    @property
    def left(self) -> int:
        return 0 if self.op is None else self.op.length - self._offset

    def take(self, most: int) -> Op:
        assert self.op is not None
        op, start = self.op, self._offset
        count = min(most, op.length - start)
        if start + count == op.length:
            self.op, self._offset = next(self._ops, None), 0
        else:
            self._offset += count
        if isinstance(op, Delete):
            return Delete(count)
        if isinstance(op, Retain):
            return Retain(count, op.attributes)
        if isinstance(op.content, str):
            return Insert(op.content[start : start + count], op.attributes)
        return op


def normal(ops: Iterable[Op]) -> list[Op]:
    """The same change with neighbours joined and nothing that says nothing."""
    builder = _Builder()
    for op in ops:
        builder.add(op)
    return builder.chopped()


def normal_document(document: Iterable[Insert]) -> list[Insert]:
    """The same document with equal neighbours joined, null attributes left out, and a newline at its end."""
    builder = _Builder()
    for content, attributes in document:
        builder.insert(content, without_null(attributes))
    found = [op for op in builder.ops if isinstance(op, Insert)]
    last = found[-1].content if found else ""
    if not isinstance(last, str) or not last.endswith("\n"):
        builder.insert("\n")
        found = [op for op in builder.ops if isinstance(op, Insert)]
    return found


def without_null(attributes: Attributes) -> Attributes:
    """Attributes without those that are null."""
    if None in attributes.values():
        return {name: value for name, value in attributes.items() if value is not None}
    return attributes


def merged(attributes: Attributes, over: Attributes, *, keep_null: bool = False) -> Attributes:
    """Attributes with others put over them; null ones take away, or are kept as an order to."""
    if not over:
        return attributes
    both = {**attributes, **over}
    return both if keep_null else without_null(both)


def attribute_change(old: Attributes, new: Attributes) -> Attributes:
    """What has to be put over ``old`` to make ``new``."""
    if old == new:
        return PLAIN
    change = {name: value for name, value in new.items() if old.get(name) != value}
    change.update((name, None) for name in old if name not in new)
    return change


def length(ops: Iterable[Op]) -> int:
    """Code points that a document has, or that a change goes over."""
    return sum(op.length for op in ops)


def plain_text(document: Iterable[Insert], embed: str = "") -> str:
    """The text alone, with ``embed`` in place of each embedded object."""
    return "".join(content if isinstance(content, str) else embed for content, _ in document)


def compose(first: Delta, second: Delta) -> list[Op]:
    """One change that says what two say, the second after the first; ``first`` may be a document."""
    left, right = _Reader(first), _Reader(second)
    builder = _Builder()
    while left.op is not None or right.op is not None:
        if isinstance(right.op, Insert):
            builder.add(right.take(right.left))
        elif isinstance(left.op, Delete) or right.op is None:
            builder.add(left.take(left.left))
        elif left.op is None:
            builder.add(right.take(right.left))
        else:
            count = min(left.left, right.left)
            _compose_one(left.take(count), right.take(count), builder)
    return builder.chopped()


def _compose_one(first: Op, second: Op, builder: _Builder) -> None:
    if isinstance(second, Delete):
        if isinstance(first, Retain):
            builder.delete(second.length)
        return
    assert isinstance(second, Retain)
    if isinstance(first, Insert):
        builder.insert(first.content, merged(first.attributes, second.attributes))
    elif isinstance(first, Retain):
        builder.retain(first.length, merged(first.attributes, second.attributes, keep_null=True))


def applied(document: Document, change: Delta) -> list[Insert]:
    """A document after a change. Raises ValueError where the change reaches beyond its end."""
    if sum(op.length for op in change if not isinstance(op, Insert)) > length(document):
        raise ValueError("the change reaches beyond the end of the text")
    return [op for op in compose(document, change) if isinstance(op, Insert)]


def sliced(document: Iterable[Insert], start: int, stop: int) -> list[Insert]:
    """The part of a document between two positions."""
    found = []
    at = 0
    for piece in document:
        if at >= stop:
            break
        first, last = max(start - at, 0), min(stop - at, piece.length)
        if first < last:
            content = piece.content[first:last] if isinstance(piece.content, str) else piece.content
            found.append(Insert(content, piece.attributes))
        at += piece.length
    return found


def difference(old: Document, new: Document) -> list[Op]:
    """A small change that makes ``new`` of ``old``: text by lines and letters, attributes where text stayed."""
    before, after = _Units(old), _Units(new)
    builder = _Builder()
    for same, first, last, new_first, new_last in _matches(before.keys, after.keys):
        if not same:
            for piece in sliced(new, new_first, new_last):
                builder.add(piece)
            builder.delete(last - first)
            continue
        olds, news = _Reader(sliced(old, first, last)), _Reader(sliced(new, new_first, new_last))
        while olds.op is not None:
            count = min(olds.left, news.left)
            was, becomes = olds.take(count), news.take(count)
            assert isinstance(was, Insert)
            assert isinstance(becomes, Insert)
            builder.retain(count, attribute_change(was.attributes, becomes.attributes))
    return builder.chopped()


class _Units:
    """A document as one string in which each embedded object is a character of its own."""

    _embeds: Final[dict[str, str]] = {}

    def __init__(self, document: Document) -> None:
        self.keys = "".join(
            content if isinstance(content, str) else self._stand_in(content) for content, _ in document
        )

    def _stand_in(self, embed: Embed) -> str:
        """One character for equal objects: from a private plane that holds no letters."""
        key = repr(embed)
        if len(self._embeds) > 60_000:
            self._embeds.clear()
        return self._embeds.setdefault(key, chr(0x100000 + len(self._embeds)))


def _matches(old: str, new: str) -> Iterator[tuple[bool, int, int, int, int]]:
    """Stretches (same, old from, to, new from, to) that lead from one text to the other, in order."""
    head = common_prefix(old, new)
    tail = common_prefix(old[head:][::-1], new[head:][::-1])
    if "\n" in old[head : len(old) - tail] or "\n" in new[head : len(new) - tail]:
        # Whole lines are compared: what is the same ends and begins with a line.
        head = old.rfind("\n", 0, head) + 1
        begin = old.find("\n", len(old) - tail)
        tail = len(old) - begin - 1 if tail and begin >= 0 else 0
    if head:
        yield True, 0, head, 0, head
    yield from _middle(old[head : len(old) - tail], new[head : len(new) - tail], head, head)
    if tail:
        yield True, len(old) - tail, len(old), len(new) - tail, len(new)


def _middle(old: str, new: str, at: int, new_at: int) -> Iterator[tuple[bool, int, int, int, int]]:
    """The stretches of two texts of which neither beginning nor end is the same."""
    if not old and not new:
        return
    olds, news, by_lines = _cut(old, new)
    starts, new_starts = _starts(olds, at), _starts(news, new_at)
    first = second = 0
    for stop, new_stop, count in [*aligned(olds, news), (len(olds), len(news), 0)]:
        was = old[starts[first] - at : starts[stop] - at]
        becomes = new[new_starts[second] - new_at : new_starts[new_stop] - new_at]
        place, new_place = starts[first], new_starts[second]
        if by_lines and was and becomes:
            for same, *ends in _within(was, becomes):
                yield same, ends[0] + place, ends[1] + place, ends[2] + new_place, ends[3] + new_place
        elif was or becomes:
            yield False, place, place + len(was), new_place, new_place + len(becomes)
        if count:
            yield True, starts[stop], starts[stop + count], new_starts[new_stop], new_starts[new_stop + count]
        first, second = stop + count, new_stop + count


def _within(old: str, new: str) -> Iterator[tuple[bool, int, int, int, int]]:
    """The stretches of lines that the other side has none like: one line by its words, others by both ends."""
    if "\n" not in old[:-1] + new[:-1]:
        yield from _matches(old, new)
        return
    head = common_prefix(old, new)
    tail = common_prefix(old[head:][::-1], new[head:][::-1])
    stop, new_stop = len(old) - tail, len(new) - tail
    if head:
        yield True, 0, head, 0, head
    if stop > head or new_stop > head:
        yield False, head, stop, head, new_stop
    if tail:
        yield True, stop, len(old), new_stop, len(new)


def _cut(old: str, new: str) -> tuple[Sequence[str], Sequence[str], bool]:
    """Both texts in parts to compare, and whether these are lines; else words and signs, of one line."""
    olds, news = _lines(old), _lines(new)
    if len(olds) > 1 or len(news) > 1:
        return olds, news, True
    if len(old) + len(new) < _COMPARED:
        return _words(old), _words(new), False
    return [old] if old else [], [new] if new else [], False


def _lines(text: str) -> list[str]:
    """The lines with their newlines; other characters that some take for the end of a line are none."""
    *ended, rest = text.split("\n")
    return [line + "\n" for line in ended] + ([rest] if rest else [])


def _words(text: str) -> list[str]:
    """Words, and every other character by itself."""
    found: list[str] = []
    for character in text:
        if found and character.isalnum() and found[-1][-1].isalnum():
            found[-1] += character
        else:
            found.append(character)
    return found


def _starts(parts: Sequence[str], at: int) -> list[int]:
    starts = [at]
    for part in parts:
        starts.append(starts[-1] + len(part))
    return starts


def common_prefix(first: str, second: str) -> int:
    """Count the code points that two texts begin with alike, by halving."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def document_to_json(document: Iterable[Insert]) -> list[dict[str, Any]]:
    """A document as Quill writes it."""
    found: list[dict[str, Any]] = []
    for content, attributes in document:
        each: dict[str, Any] = {"insert": content if isinstance(content, str) else dict(content)}
        if attributes:
            each["attributes"] = dict(attributes)
        found.append(each)
    return found


def document_from_json(data: Any) -> list[Insert]:
    """Read a document as Quill writes it, from decoded JSON. Raises ValueError for anything else."""
    ops = data.get("ops") if isinstance(data, Mapping) else data
    if not isinstance(ops, list):
        raise ValueError("a delta is a list of operations")
    found = []
    for op in ops:
        content = op.get("insert") if isinstance(op, Mapping) else None
        attributes = op.get("attributes", {}) if isinstance(op, Mapping) else None
        whole = isinstance(content, str) or (isinstance(content, Mapping) and len(content) == 1)
        if not whole or not isinstance(attributes, Mapping):
            raise ValueError("each operation of a document inserts a text or one object")
        assert isinstance(content, str | Mapping)
        found.append(Insert(content, attributes))
    return normal_document(found)


def utf16_document_length(document: Iterable[Insert]) -> int:
    """UTF-16 units of a document, an embedded object being one."""
    return sum(utf16_length(content) if isinstance(content, str) else 1 for content, _ in document)
