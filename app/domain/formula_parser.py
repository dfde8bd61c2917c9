"""Reading the text of a formula into a tree: a recursive descent over tokens, with bounds on length and depth.

From the loosest to the tightest: ``or``, ``and``, ``not``, one comparison, ``&``, ``+ -``, ``* /``, a sign,
``^`` (to the right), ``%`` and units of time behind a value. A row of operators of one rank is one node with
many operands, so that a long sum is no deeper than a short one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from app.domain.names import shorten
from sync.errors import SitebookError

LONGEST_FORMULA = 10_000
DEEPEST = 40
MOST_NODES = 2_000


class FormulaProblem(SitebookError):
    """A formula that cannot be used; ``span`` is the part of its text that is meant, in code points."""

    def __init__(self, message: str, span: tuple[int, int]) -> None:
        """``message`` is one sentence."""
        super().__init__(message)
        self.span = span


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is number, text, path (in braces), word, sign or end; ``value`` what it stands for."""

    kind: str
    value: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, yes, no, or nothing."""

    value: Decimal | str | bool | None
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Path:
    """A field, or one behind a reference."""

    name: str
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands with operators of one rank between them."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; signs before a value and units behind it are functions too."""

    name: str
    arguments: tuple[Node, ...]
    span: tuple[int, int]


Node = Literal | Path | Chain | Call

UNITS = {
    "day": "days",
    "days": "days",
    "week": "weeks",
    "weeks": "weeks",
    "month": "months",
    "months": "months",
    "year": "years",
    "years": "years",
    "hour": "hours",
    "hours": "hours",
    "minute": "minutes",
    "minutes": "minutes",
}
_SHORT_UNITS = {"d": "days", "w": "weeks", "m": "months", "y": "years", "h": "hours"}
_CONSTANTS: dict[str, bool | None] = {"true": True, "yes": True, "false": False, "no": False, "empty": None}
_WORD_OPERATORS = frozenset({"and", "or", "not"})
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_SAME = {
    "==": "=",
    "<>": "!=",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "×": "*",
    "·": "*",
    "÷": "/",
    "−": "-",
    "–": "-",
}
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))
    | (?P<text>"(?:[^"]|"")*"|“[^”]*”|'(?:[^']|'')*')
    | \{(?P<path>[^{}]*)\}
    | (?P<word>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<sign><=|>=|<>|!=|==|[-+*/^&=<>(),;%≠≤≥×·÷−–])
    )""",
    re.VERBOSE,
)


def tokens_of(text: str) -> list[Token]:
    """Split a formula into tokens, the last of which is the end. Raises FormulaProblem."""
    if len(text) > LONGEST_FORMULA:
        raise FormulaProblem(
            f"The formula has {len(text)} characters; {LONGEST_FORMULA} are allowed.",
            (LONGEST_FORMULA, len(text)),
        )
    found: list[Token] = []
    place = 0
    end = len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise _unreadable(text, place)
        kind, value = match.lastgroup, match[match.lastgroup]
        start, place = match.start(kind), match.end()
        if kind == "path":
            start, value = start - 1, value.strip()
        elif kind == "text":
            quote = value[0]
            value = value[1:-1].replace(quote * 2, quote) if quote != "“" else value[1:-1]
        elif kind == "sign":
            value = _SAME.get(value, value)
        found.append(Token(kind, value, start, place))
    found.append(Token("end", "", len(text), len(text)))
    return found


def _unreadable(text: str, place: int) -> FormulaProblem:
    while text[place].isspace():
        place += 1
    mark = text[place]
    if mark in "\"“'":
        return FormulaProblem("A quotation mark is not closed.", (place, len(text)))
    if mark in "{}":
        return FormulaProblem("A brace is not closed; a field is written as {Due}.", (place, len(text)))
    return FormulaProblem(f"“{mark}” means nothing in a formula.", (place, place + 1))


def parse_formula(text: str) -> Node:
    """Read a formula. Raises FormulaProblem."""
    parser = _Parser(tokens_of(text))
    if parser.token.kind == "end":
        raise FormulaProblem("The formula is empty; write, for instance, {Cost} * 1.2.", (0, len(text)))
    found = parser.expression()
    if parser.token.kind != "end":
        raise FormulaProblem(
            f"An operator is missing before “{shorten(parser.token.value, 20)}”.", parser.token_span
        )
    return found


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._nodes = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    @property
    def token_span(self) -> tuple[int, int]:
        return self.token.start, self.token.stop

    def _next(self) -> Token:
        token = self.token
        if token.kind != "end":
            self._at += 1
        return token

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise FormulaProblem(f"The formula has more than {MOST_NODES} parts.", self.token_span)

    def _span(self, start: int) -> tuple[int, int]:
        return start, self._tokens[max(self._at - 1, 0)].stop

    def _operator(self, *names: str) -> str | None:
        """The operator here, where it is one of some; words are found in any case."""
        token = self.token
        value = token.value.lower() if token.kind == "word" else token.value
        return value if token.kind in ("sign", "word") and value in names else None

    def expression(self) -> Node:
        """Everything, from the loosest operator down."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaProblem(f"The formula is nested more than {DEEPEST} deep.", self.token_span)
        found = self._chain(0)
        self._depth -= 1
        return found

    _RANKS = (("or",), ("and",), ("not",), tuple(_COMPARISONS), ("&",), ("+", "-"), ("*", "/"))

    def _chain(self, rank: int) -> Node:
        if rank == len(self._RANKS):
            return self._signed()
        if self._RANKS[rank] == ("not",):
            return self._negated(rank)
        start = self.token.start
        operands = [self._chain(rank + 1)]
        operators: list[str] = []
        while (operator := self._operator(*self._RANKS[rank])) is not None:
            if operator in _COMPARISONS and operators:
                raise FormulaProblem(
                    "Compare two values at a time, and join comparisons with “and”.", self.token_span
                )
            self._next()
            self._count()
            operators.append(operator)
            operands.append(self._chain(rank + 1))
        return Chain(tuple(operators), tuple(operands), self._span(start)) if operators else operands[0]

    def _negated(self, rank: int) -> Node:
        start = self.token.start
        if self._operator("not") is None or self._is_call():
            return self._chain(rank + 1)
        self._next()
        self._count()
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaProblem(f"The formula is nested more than {DEEPEST} deep.", self.token_span)
        inner = self._negated(rank)
        self._depth -= 1
        return Call("not", (inner,), self._span(start))

    def _is_call(self) -> bool:
        following = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        return following.kind == "sign" and following.value == "("

    def _signed(self) -> Node:
        start = self.token.start
        negative = False
        signed = False
        while (sign := self._operator("+", "-")) is not None:
            self._next()
            signed = True
            negative = negative != (sign == "-")
        found = self._power()
        return Call("negative", (found,), self._span(start)) if signed and negative else found

    def _power(self) -> Node:
        start = self.token.start
        base = self._postfix()
        if self._operator("^") is None:
            return base
        self._next()
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaProblem(f"The formula is nested more than {DEEPEST} deep.", self.token_span)
        exponent = self._signed()
        self._depth -= 1
        return Call("power", (base, exponent), self._span(start))

    def _postfix(self) -> Node:
        start = self.token.start
        number = self.token.kind == "number"
        found = self._primary()
        while True:
            if self._operator("%") is not None:
                self._next()
                found = Call("percent", (found,), self._span(start))
            elif self.token.kind == "word" and (unit := self._unit(number)) is not None:
                self._next()
                found = Call(f"in {unit}", (found,), self._span(start))
            else:
                return found
            self._count()

    def _unit(self, after_number: bool) -> str | None:
        word = self.token.value.lower()
        return (
            None if self._is_call() else UNITS.get(word) or (_SHORT_UNITS.get(word) if after_number else None)
        )

    def _primary(self) -> Node:
        self._count()
        token = self._next()
        span = (token.start, token.stop)
        if token.kind == "number":
            if len(token.value) > 40:
                raise FormulaProblem("A number may have 40 digits.", span)
            return Literal(Decimal(token.value), span)
        if token.kind == "text":
            return Literal(token.value or None, span)  # an empty text is an empty value
        if token.kind == "path":
            if not token.value:
                raise FormulaProblem("Between the braces stands the name of a field.", span)
            return Path(token.value, span)
        if token.kind == "word":
            return self._word(token)
        if token.value == "(":
            found = self.expression()
            self._close(token.start)
            return found
        if token.kind == "end":
            raise FormulaProblem("The formula ends too early; a value is missing.", span)
        raise FormulaProblem(f"Before “{token.value}” a value is missing.", span)

    def _close(self, start: int) -> None:
        if self._operator(")") is None:
            raise FormulaProblem("A parenthesis is not closed.", (start, self.token.stop))
        self._next()

    def _word(self, token: Token) -> Node:
        name = token.value.lower()
        if self._operator("(") is not None:
            return self._call(token)
        if name in _CONSTANTS:
            return Literal(_CONSTANTS[name], (token.start, token.stop))
        if name in _WORD_OPERATORS:
            raise FormulaProblem(f"Before “{token.value}” a value is missing.", (token.start, token.stop))
        return Path(token.value, (token.start, token.stop))

    def _call(self, token: Token) -> Node:
        self._next()
        arguments: list[Node] = []
        if self._operator(")") is None:
            arguments.append(self.expression())
            while self._operator(",", ";") is not None:
                self._next()
                arguments.append(self.expression())
        self._close(token.start)
        return Call(token.value.lower(), tuple(arguments), self._span(token.start))
