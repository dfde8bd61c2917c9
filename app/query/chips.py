"""A query as a list of chips, and back: each outermost part of the text is one chip.

The text is the truth. ``chips`` reads it; ``removed``, ``replaced`` and ``added`` edit it and leave every other
character as it was typed, errors included. What cannot be read is no chip and stays in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.query.ast import (
    And,
    Compare,
    Flag,
    Literal,
    Node,
    Not,
    Op,
    Or,
    Ordering,
    Query,
    Span,
    Special,
    SpecialValue,
    Text,
    Value,
)
from app.query.parser import parse


class ChipKind(StrEnum):
    """What a chip is about. An expression is what has parentheses or ``or``: it is edited as text."""

    FIELD = "field"
    FLAG = "flag"
    WORDS = "words"
    EXPRESSION = "expression"
    SORT = "sort"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of a query.

    ``text`` is what stands in the query, or, where that has an error in it, how it was understood. ``spans``
    are its places: one, unless an ordering stands in the middle of it.
    """

    kind: ChipKind
    text: str
    spans: tuple[Span, ...]
    field: str = ""
    """The field of a condition, or ``is`` or ``has``."""
    op: Op = Op.HAS
    values: tuple[Value, ...] = ()
    negated: bool = False
    words: str = ""
    """The words of free words, without quotes."""
    ordering: Ordering | None = None

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.spans[-1][1]


def chips(text: str) -> list[Chip]:
    """The chips of a text, in its order. Never raises; ``parse`` says what is wrong with the rest."""
    query = parse(text)
    outline = query.outline
    found: list[Chip] = []
    if isinstance(query.where, Or) and len(outline.parts) > 1:
        whole = (outline.parts[0][1][0], outline.parts[-1][1][1])
        found.append(_alternatives(text, query, query.where, whole))
    else:
        found.extend(_part(_slice(text, query, span, node), node, span) for node, span in outline.parts)
    for each in outline.orderings:
        kind = ChipKind.SORT if each.word == "sort" else ChipKind.GROUP
        found.append(Chip(kind, _slice(text, query, each.span, each), (each.span,), ordering=each))
    return sorted(found, key=lambda chip: chip.spans)


def chips_to_text(every: Sequence[Chip]) -> str:
    """The text of chips; reading it gives the query that they were read from."""
    conditions = [each for each in every if each.ordering is None]
    texts = [
        f"({each.text})" if len(conditions) > 1 and _is_alternatives(each.text) else each.text
        for each in every
    ]
    return " ".join(texts)


def condition_text(
    field: str, op: Op = Op.HAS, values: Sequence[Value] = (), *, negated: bool = False
) -> str:
    """The text of a condition; without values it asks whether there is anything."""
    part = Compare(field, op, tuple(values) or (SpecialValue(Special.ANY),))
    return (Not(part) if negated else part).to_text()


def flag_text(word: str, names: Sequence[str], *, negated: bool = False) -> str:
    """The text of ``is:`` or ``has:`` with names."""
    part = Flag(word, tuple(names))
    return (Not(part) if negated else part).to_text()


def removed(text: str, at: int) -> str:
    """The text without the chip at a place of ``chips(text)``; what stands around it closes up."""
    before = chips(text)
    rest = [each for place, each in enumerate(before) if place != at]
    edited = text
    for start, end in reversed(before[at].spans):
        edited = _closed_up(edited, start, end)
    return edited if _reads_as(edited, rest) else chips_to_text(rest)


def replaced(text: str, at: int, part: str) -> str:
    """The text with a chip replaced by ``part``, which ``condition_text`` or ``flag_text`` wrote."""
    if not part:
        return removed(text, at)
    before = chips(text)
    chip = before[at]
    wanted = [*before[:at], *chips(part), *before[at + 1 :]]
    edited = text
    for start, end in reversed(chip.spans[1:]):
        edited = _closed_up(edited, start, end)
    edited = edited[: chip.start] + part + edited[chip.spans[0][1] :]
    return edited if _reads_as(edited, wanted) else chips_to_text(wanted)


def added(text: str, part: str) -> str:
    """The text with one more condition or ordering at its end."""
    before = chips(text)
    new = chips(part)
    wanted = [*before, *new]
    alone = next((each for each in before if each.ordering is None), None)
    edited = text
    if alone is not None and _is_alternatives(alone.text) and any(each.ordering is None for each in new):
        edited = f"{text[: alone.start]}({text[alone.start : alone.end]}){text[alone.end :]}"
    edited = f"{edited}{'' if not edited or edited[-1].isspace() else ' '}{part}"
    return edited if _reads_as(edited, wanted) else chips_to_text(wanted)


def _reads_as(text: str, wanted: Sequence[Chip]) -> bool:
    return parse(text) == parse(chips_to_text(wanted))


def _is_alternatives(text: str) -> bool:
    """Whether a text has ``or`` outside parentheses."""
    query = parse(text)
    return isinstance(query.where, Or) and len(query.outline.parts) > 1


def _slice(text: str, query: Query, span: Span, part: Node | Ordering) -> str:
    """The characters of a part, unless something is wrong with them."""
    if any(error.span[0] < span[1] and span[0] < error.span[1] for error in query.errors):
        return f"({part.to_text()})" if isinstance(part, And | Or) else part.to_text()
    return text[span[0] : span[1]]


def _alternatives(text: str, query: Query, node: Or, whole: Span) -> Chip:
    """The one chip of parts with ``or`` between; orderings among them are chips of their own."""
    spans: list[Span] = []
    place = whole[0]
    for each in query.outline.orderings:
        if whole[0] <= each.span[0] < whole[1]:
            spans.append((place, each.span[0]))
            place = each.span[1]
    spans.append((place, whole[1]))
    wrong = any(error.span[0] < whole[1] and whole[0] < error.span[1] for error in query.errors)
    plain = text[whole[0] : whole[1]] if len(spans) == 1 and not wrong else node.to_text()
    return Chip(ChipKind.EXPRESSION, plain, tuple(spans))


def _part(text: str, node: Node, span: Span) -> Chip:
    inner, negated = (node.part, True) if isinstance(node, Not) else (node, False)
    spans = (span,)
    if isinstance(inner, Compare):
        return Chip(ChipKind.FIELD, text, spans, inner.field, inner.op, inner.values, negated)
    if isinstance(inner, Flag):
        values = tuple(Literal(name) for name in inner.names)
        return Chip(ChipKind.FLAG, text, spans, inner.word, values=values, negated=negated)
    if isinstance(inner, Text):
        return Chip(ChipKind.WORDS, text, spans, negated=negated, words=inner.text)
    return Chip(ChipKind.EXPRESSION, text, spans)


def _closed_up(text: str, start: int, end: int) -> str:
    """Cut a part out, with an ``and`` that joined it and the space that it needs no more."""
    head, tail = text[:start], text[end:]
    joined = re.search(r"(?:\A|\s)and\s*\Z", head, re.IGNORECASE)
    if joined is not None:
        head = head[: joined.start()]
    else:
        after = re.match(r"\s*and(?=[\s(\"-])", tail, re.IGNORECASE)
        tail = tail[after.end() :] if after is not None else tail
    if not head or head[-1].isspace() or head[-1] == "(":
        tail = tail.lstrip()
    if not tail:
        head = head.rstrip()
    return head + tail
