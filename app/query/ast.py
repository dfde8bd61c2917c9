"""What a query means, as plain data. ``Query.to_text`` writes it so that parsing gives an equal query.

Every node knows where in the text it stood (``span``: first character and the one after the last), for
marking it; two nodes are equal whatever their spans.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.domain.lists import quote

Span = tuple[int, int]

# What stands for itself without quotes: no spaces, and none of the characters that mean something.
_BARE_WORD = re.compile(r"[^\s()\":=<>!,\-\\][^\s()\":=<>!,\\]*")
_BARE_VALUE = re.compile(r"[^\s()\",\\]+")
KEYWORDS = frozenset({"and", "or", "not"})
FLAG_WORDS = frozenset({"is", "has"})
ORDER_WORDS = frozenset({"sort", "group"})


class Op(StrEnum):
    """How a condition compares. ``HAS`` is the colon: equals, contains or is one of, as the type has it."""

    HAS = ":"
    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


class Special(StrEnum):
    """Bare words that mean something as a value; in quotes they mean themselves."""

    NONE = "none"
    ANY = "any"
    ME = "@me"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was typed; the type of the field decides what it means."""

    text: str
    span: Span = dataclasses.field(default=(0, 0), compare=False, repr=False)

    def to_text(self) -> str:
        """In quotes where it needs them."""
        bare = _BARE_VALUE.fullmatch(self.text) is not None and ".." not in self.text
        # A point at an end could join those of a range, a leading “=” the sign before it.
        bare = bare and not self.text.startswith((".", "=")) and not self.text.endswith(".")
        return self.text if bare and self.text.lower() not in _SPECIAL_WORDS else quote(self.text)


@dataclass(frozen=True, slots=True)
class SpecialValue:
    """``none``, ``any`` or ``@me``."""

    special: Special
    span: Span = dataclasses.field(default=(0, 0), compare=False, repr=False)

    def to_text(self) -> str:
        """The word."""
        return self.special.value


@dataclass(frozen=True, slots=True)
class Range:
    """``low..high``, both included; either may be open, not both."""

    low: Literal | None
    high: Literal | None
    span: Span = dataclasses.field(default=(0, 0), compare=False, repr=False)

    def to_text(self) -> str:
        """The ends, in quotes where they need them."""
        low = self.low.to_text() if self.low is not None else ""
        return f"{low}..{self.high.to_text() if self.high is not None else ''}"


Value = Literal | SpecialValue | Range
_SPECIAL_WORDS = frozenset(each.value for each in Special)


@dataclass(frozen=True, slots=True)
class Text:
    """Words to be found in the title or the text."""

    text: str
    span: Span = dataclasses.field(default=(0, 0), compare=False, repr=False)

    def to_text(self) -> str:
        """In quotes where it needs them."""
        bare = _BARE_WORD.fullmatch(self.text) is not None and self.text.lower() not in KEYWORDS
        return self.text if bare else quote(self.text)


@dataclass(frozen=True, slots=True)
class Compare:
    """A condition on a field. Several values (only for ``:``, ``=``, ``!=``) mean any of them."""

    field: str
    op: Op
    values: tuple[Value, ...]
    span: Span = dataclasses.field(default=(0, 0), compare=False, repr=False)

    def to_text(self) -> str:
        """``field:value,value``."""
        return f"{_field_text(self.field)}{self.op.value}{','.join(value.to_text() for value in self.values)}"


@dataclass(frozen=True, slots=True)
class Flag:
    """``is:overdue,starred`` or ``has:conflict``: any of the names holds."""

    word: str
    names: tuple[str, ...]
    span: Span = dataclasses.field(default=(0, 0), compare=False, repr=False)

    def to_text(self) -> str:
        """``is:name,name``."""
        return f"{self.word}:{','.join(Literal(name).to_text() for name in self.names)}"


@dataclass(frozen=True, slots=True)
class Not:
    """What its part is not."""

    part: Node
    span: Span = dataclasses.field(default=(0, 0), compare=False, repr=False)

    def to_text(self) -> str:
        """A minus, with parentheses around what has several parts."""
        return f"-{_grouped(self.part) if isinstance(self.part, And | Or) else self.part.to_text()}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Node, ...]
    span: Span = dataclasses.field(default=(0, 0), compare=False, repr=False)

    def to_text(self) -> str:
        """The parts with spaces between."""
        return " ".join(
            _grouped(part) if isinstance(part, And | Or) else part.to_text() for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Node, ...]
    span: Span = dataclasses.field(default=(0, 0), compare=False, repr=False)

    def to_text(self) -> str:
        """The parts with ``or`` between."""
        return " or ".join(_grouped(part) if isinstance(part, Or) else part.to_text() for part in self.parts)


Node = Text | Compare | Flag | Not | And | Or


def _grouped(node: Node) -> str:
    return f"({node.to_text()})"


def _field_text(name: str) -> str:
    bare = _BARE_WORD.fullmatch(name) is not None
    reserved = name.lower() in FLAG_WORDS | ORDER_WORDS
    return name if bare and not reserved else quote(name)


@dataclass(frozen=True, slots=True)
class SortField:
    """One field to sort by."""

    field: str
    descending: bool = False
    span: Span = dataclasses.field(default=(0, 0), compare=False, repr=False)

    def to_text(self) -> str:
        """``field`` or ``-field``."""
        return ("-" if self.descending else "") + _field_text(self.field)


@dataclass(frozen=True, slots=True)
class Ordering:
    """One ``sort:`` or ``group:`` of the text, with what was read of it; ``span`` is all of it."""

    word: str
    fields: tuple[SortField, ...]
    span: Span

    def to_text(self) -> str:
        """``sort:field,-field`` or ``group:field``."""
        return f"{self.word}:{','.join(each.to_text() for each in self.fields)}"


@dataclass(frozen=True, slots=True)
class Outline:
    """How the text is made: its outermost parts, parentheses included in their places, and its orderings."""

    parts: tuple[tuple[Node, Span], ...] = ()
    orderings: tuple[Ordering, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryError:
    """What is wrong in a query and where, in a sentence.

    A ``warning`` is about what can be answered but surely was not meant, like a label that nobody has made.
    """

    span: Span
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A query: what to show (``where``; None is everything), in which order, grouped by what.

    ``errors`` tell what was left out because it could not be read.
    """

    where: Node | None = None
    sort: tuple[SortField, ...] = ()
    group: str | None = None
    errors: tuple[QueryError, ...] = dataclasses.field(default=(), compare=False)
    outline: Outline = dataclasses.field(default=Outline(), compare=False, repr=False)

    def to_text(self) -> str:
        """The query in the language; parsing it gives an equal query."""
        parts: list[str] = []
        ordered = bool(self.sort) or self.group is not None
        if self.where is not None:
            parts.append(
                _grouped(self.where) if ordered and isinstance(self.where, Or) else self.where.to_text()
            )
        if self.sort:
            parts.append(f"sort:{','.join(each.to_text() for each in self.sort)}")
        if self.group is not None:
            parts.append(f"group:{_field_text(self.group)}")
        return " ".join(parts)

    def nodes(self) -> Iterator[Node]:
        """Every node of the condition, parents before parts."""
        waiting: list[Node] = [] if self.where is None else [self.where]
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node, And | Or):
                waiting.extend(reversed(node.parts))
            elif isinstance(node, Not):
                waiting.append(node.part)
