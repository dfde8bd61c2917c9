"""Where in a query a cursor stands: in a name, in a value of which field, in a field to sort by.

Nothing here fails: a query is read while it is typed, when most of it is wrong most of the time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from app.domain.lists import unquote
from app.query.ast import FLAG_WORDS, ORDER_WORDS, Op, Span

_GAP = re.compile(r"[\s()]*")
_WORD = re.compile(r'(?:[^\s()":=<>!]|!(?!=))+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)("|\\?\Z)', re.DOTALL)
_OPERATOR = re.compile(r":|\s*(<=|>=|!=|<|>|=)\s*")
_VALUE = re.compile(r'[^\s()",]*')


class Role(StrEnum):
    """What stands where the cursor is. A name may become a field or stay free words."""

    NAME = "name"
    VALUE = "value"
    FLAG = "flag"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of a cursor. ``typed`` is what stands before it, without quotes; ``span`` what a choice replaces."""

    role: Role
    typed: str
    span: Span
    field: str = ""
    """The field of a value, or the word before the colon: ``is``, ``has``, ``sort``, ``group``."""
    op: Op = Op.HAS
    others: tuple[str, ...] = ()
    """The other values that are listed already."""
    followed: bool = False
    """Whether an operator follows the name."""


def spot_at(text: str, cursor: int) -> Spot | None:
    """What stands at a cursor (in characters from 0); None inside an operator."""
    place = 0
    while True:
        gap = _GAP.match(text, place)
        assert gap is not None
        place = gap.end()
        if cursor < place or place >= len(text):
            return Spot(Role.NAME, "", (cursor, cursor))
        if text[place] == "-" and text[place + 1 : place + 2].strip(" )\t\n"):
            if cursor == place:
                return Spot(Role.NAME, "", (cursor, cursor))
            place += 1
        start = place
        match = _QUOTED.match(text, start) or _WORD.match(text, start)
        end = start if match is None else match.end()
        operator = _OPERATOR.match(text, end)
        if match is not None and cursor <= end:
            return Spot(Role.NAME, _before(text, start, cursor), (start, end), followed=operator is not None)
        if operator is None:
            place = max(end, start + 1)
            continue
        name = "" if match is None else unquote(match[1]) if text[start] == '"' else match.group()
        quoted = match is not None and text[start] == '"'
        found, place = _in_values(text, operator.end(), cursor, name, Op(operator[1] or ":"), quoted)
        if cursor < operator.end():
            return None
        if found is not None:
            return found


def _before(text: str, start: int, cursor: int) -> str:
    typed = text[start:cursor]
    if not typed.startswith('"'):
        return typed
    inner = typed[1:]
    return unquote(inner[:-1] if len(inner) > 0 and inner.endswith('"') else inner)


def _in_values(
    text: str, place: int, cursor: int, name: str, op: Op, quoted: bool
) -> tuple[Spot | None, int]:
    """The spot, where it is among the values of a condition, and the place after them."""
    word = name.lower()
    role = Role.VALUE
    if not quoted and op is Op.HAS and word in FLAG_WORDS:
        role, name = Role.FLAG, word
    elif not quoted and op is Op.HAS and word in ORDER_WORDS:
        role, name = Role.ORDER, word
    values: list[tuple[int, int]] = []
    while True:
        if role is Role.ORDER and text.startswith("-", place):
            place += 1
        start = place
        match = _QUOTED.match(text, place) or _VALUE.match(text, place)
        assert match is not None
        place = match.end()
        values.append((start, place))
        if not text.startswith(",", place):
            break
        place += 1
    for start, end in values:
        if start <= cursor <= end:
            others = tuple(_before(text, *each) for each in values if each != (start, end))
            first, last = _atom(text, start, end, cursor) if role is Role.VALUE else (start, end)
            spot = Spot(role, _before(text, first, cursor), (first, last), name, op, others)
            return spot, place
    return None, place


def _atom(text: str, start: int, end: int, cursor: int) -> Span:
    """The end of a range that the cursor is in, or the whole value."""
    if text.startswith('"', start):
        return start, end
    low = text.rfind("..", start, cursor)
    high = text.find("..", cursor, end)
    return (start if low < 0 else low + 2), (end if high < 0 else high)
