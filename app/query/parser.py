"""From the text of a query to its tree.

::

    query     = any-of; at the top also sort:FIELD,-FIELD and group:FIELD
    any-of    = all-of { "or" all-of }
    all-of    = part { ["and"] part }
    part      = "-" part | "not" part | "(" any-of ")" | condition | word | "quoted words"
    condition = FIELD op value { "," value } | "is:" name { "," name } | "has:" name { "," name }
    op        = ":" | "=" | "!=" | "<" | "<=" | ">" | ">="
    value     = TEXT | "quoted text" | [TEXT] ".." [TEXT] | none | any | @me

Words ignore case. A field whose name has spaces stands in quotes; in quotes, a backslash stands before a
quote or a backslash. The colon has no spaces around it; the other signs may have some.

Reading never fails: what cannot be read becomes an error with its place, and the rest stays.
"""

from __future__ import annotations

import re

from app.domain.lists import unquote
from app.query.ast import (
    FLAG_WORDS,
    ORDER_WORDS,
    And,
    Compare,
    Flag,
    Literal,
    Node,
    Not,
    Op,
    Or,
    Ordering,
    Outline,
    Query,
    QueryError,
    Range,
    SortField,
    Span,
    Special,
    SpecialValue,
    Text,
    Value,
)
from sync.errors import SitebookError

_DEEPEST = 40
_MOST_ERRORS = 20
_SPACE = re.compile(r"\s*")
_WORD = re.compile(r'(?:[^\s()":=<>!]|!(?!=))+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)("|\\?\Z)', re.DOTALL)
_OPERATOR = re.compile(r":|\s*(<=|>=|!=|<|>|=)\s*")
_BARE_LOW = re.compile(r'(?:[^\s()",.]|\.(?!\.))+')
_BARE_HIGH = re.compile(r'[^\s()",]+')
_LIST_OPERATORS = frozenset({Op.HAS, Op.EQUAL, Op.UNEQUAL})
_SPECIALS = {each.value: each for each in Special}


def parse(text: str, *, strict: bool = False) -> Query:
    """Read a query. Without ``strict`` it never raises, and ``errors`` of the query says what was left out.

    With ``strict`` the first error raises SitebookError. Names of fields and values are not looked at here:
    that is the business of ``app.query.evaluate.compile_query``, which knows the project.
    """
    query = _Parser(text).query()
    if strict and query.errors:
        raise SitebookError(f"The query cannot be read: {query.errors[0].message}")
    return query


class _Parser:
    """Recursive descent over the characters; ``place`` is the next one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.depth = 0
        self.errors: list[QueryError] = []
        self.sort: list[SortField] = []
        self.group: str | None = None
        self.parts: list[tuple[Node, Span]] = []
        self.orderings: list[Ordering] = []

    def query(self) -> Query:
        where = self.any_of()
        outline = Outline(tuple(self.parts), tuple(self.orderings))
        return Query(where, tuple(self.sort), self.group, tuple(self.errors), outline)

    # Reading characters

    def skip_space(self) -> None:
        match = _SPACE.match(self.text, self.place)
        assert match is not None
        self.place = match.end()

    def next_is(self, character: str) -> bool:
        return self.text.startswith(character, self.place)

    def error(self, span: Span, message: str) -> None:
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(QueryError(span, message))

    def keyword(self, word: str) -> bool:
        """Whether the next word is this keyword and not the name of a field."""
        # Looked at first: a word can be as long as the query, and this is asked at every character of it.
        if self.text[self.place : self.place + len(word)].lower() != word:
            return False
        match = _WORD.match(self.text, self.place)
        if match is None or match.end() - self.place != len(word):
            return False
        follows = self.text[match.end() : match.end() + 1]
        return not (follows and follows in ":=<>!")

    def quoted(self) -> str:
        match = _QUOTED.match(self.text, self.place)
        assert match is not None, "called at a quote"
        if match[2] != '"':
            self.error((self.place, len(self.text)), "a quote is not closed.")
        self.place = match.end()
        return unquote(match[1])

    # Structure

    def any_of(self) -> Node | None:
        start = self.place
        parts: list[Node] = []
        or_span: Span | None = None
        while True:
            part = self.all_of()
            if part is not None:
                parts.append(part)
            elif or_span is not None:
                self.error(or_span, "“or” needs something on both sides.")
            if not self.keyword("or"):
                break
            or_span = (self.place, self.place + 2)
            if part is None:
                self.error(or_span, "“or” needs something on both sides.")
            self.place += 2
        if len(parts) > 1:
            return Or(tuple(parts), (start, self.place))
        return parts[0] if parts else None

    def all_of(self) -> Node | None:
        parts: list[Node] = []
        start = self.place
        and_span: Span | None = None
        while True:
            self.skip_space()
            if self.place >= len(self.text) or self.keyword("or"):
                break
            if self.next_is(")"):
                if self.depth > 0:
                    break
                self.error((self.place, self.place + 1), "a parenthesis is closed that was not opened.")
                self.place += 1
            elif self.keyword("and"):
                span = (self.place, self.place + 3)
                if not parts or and_span is not None:
                    self.error(span, "“and” needs something on both sides.")
                and_span = span
                self.place += 3
            else:
                begin = self.place
                part = self.part()
                if part is not None:
                    parts.append(part)
                    and_span = None
                    if self.depth == 0:
                        self.parts.append((part, (begin, self.place)))
        if and_span is not None and parts:
            self.error(and_span, "“and” needs something on both sides.")
        if len(parts) > 1:
            return And(tuple(parts), (start, self.place))
        return parts[0] if parts else None

    def part(self) -> Node | None:
        """One part; at least one character is consumed."""
        start = self.place
        if self.next_is("-"):
            following = self.text[start + 1 : start + 2]
            self.place += 1
            if not following or following.isspace() or following == ")":
                self.error((start, start + 1), "“-” needs something right after it.")
                return None
            return self.negation(start)
        if self.keyword("not"):
            self.place += 3
            self.skip_space()
            return self.negation(start)
        if self.next_is("("):
            return self.parentheses()
        if self.next_is('"'):
            name, is_quoted = self.quoted(), True
        else:
            match = _WORD.match(self.text, start)
            if match is None:
                self.stray_operator()
                return None
            self.place = match.end()
            name, is_quoted = match.group(), False
        operator = _OPERATOR.match(self.text, self.place)
        if operator is not None:
            self.place = operator.end()
            return self.condition(start, name, is_quoted, Op(operator[1] or ":"))
        word = name if is_quoted else name.rstrip(",")
        if is_quoted and not word:
            self.error((start, self.place), "there is nothing between the quotes.")
        return Text(word, (start, self.place)) if word else None

    def negation(self, start: int) -> Node | None:
        if self.place >= len(self.text) or self.next_is(")") or self.keyword("or") or self.keyword("and"):
            self.error((start, self.place), "“not” needs something after it.")
            return None
        if self.depth >= _DEEPEST:
            self.error((start, self.place), "the query is nested too deeply.")
            return None
        self.depth += 1
        part = self.part()
        self.depth -= 1
        return None if part is None else Not(part, (start, self.place))

    def parentheses(self) -> Node | None:
        start = self.place
        self.place += 1
        if self.depth >= _DEEPEST:
            self.error((start, start + 1), "the query is nested too deeply.")
            return None
        before = len(self.errors)
        self.depth += 1
        inner = self.any_of()
        self.depth -= 1
        if self.next_is(")"):
            self.place += 1
        else:
            self.error((start, start + 1), "a parenthesis is not closed.")
        if inner is None and len(self.errors) == before:
            self.error((start, self.place), "there is nothing between the parentheses.")
        return inner

    def stray_operator(self) -> None:
        operator = _OPERATOR.match(self.text, self.place)
        assert operator is not None, "every character begins a word, a quote, a group or an operator"
        span = operator.span()
        self.place = operator.end()
        self.error(span, f"before “{operator.group().strip()}” the name of a field is missing.")
        value = _BARE_HIGH.match(self.text, self.place)
        if value is not None:
            self.place = value.end()

    # Conditions

    def condition(self, start: int, name: str, is_quoted: bool, op: Op) -> Node | None:
        word = name.lower()
        if not name:
            self.error((start, self.place), "there is nothing between the quotes.")
        if not is_quoted and op is Op.HAS and word in ORDER_WORDS:
            self.ordering(start, word)
            return None
        values = self.values(start, name, op)
        if not values or not name:
            return None
        if not is_quoted and op is Op.HAS and word in FLAG_WORDS:
            return self.flag(start, word, values)
        if len(values) > 1 and op not in _LIST_OPERATORS:
            self.error(
                (start, self.place), f"“{op.value}” takes one value; one with a comma in it stands in quotes."
            )
            values = values[:1]
        return Compare(name, op, tuple(values), (start, self.place))

    def values(self, start: int, name: str, op: Op) -> list[Value]:
        values: list[Value] = []
        while True:
            value = self.value()
            if value is not None:
                values.append(value)
            else:
                after = f"{name}{op.value}" if not values else "the comma"
                self.error((start, self.place), f"right after “{after}” a value is missing.")
            if not self.next_is(","):
                return values
            self.place += 1

    def value(self) -> Value | None:
        start = self.place
        low = self.atom(_BARE_LOW)
        if self.next_is(".."):
            self.place += 2
            high = self.atom(_BARE_HIGH)
            if low is None and high is None:
                self.error((start, self.place), "a range needs at least one end, as in 10..20 or 10.. alone.")
                return None
            return Range(low, high, (start, self.place))
        if low is not None and not self.text.startswith('"', start):
            special = _SPECIALS.get(low.text.lower())
            if special is not None:
                return SpecialValue(special, low.span)
        return low

    def atom(self, bare: re.Pattern[str]) -> Literal | None:
        start = self.place
        if self.next_is('"'):
            text = self.quoted()
            return Literal(text, (start, self.place))
        match = bare.match(self.text, start)
        if match is None:
            return None
        self.place = match.end()
        return Literal(match.group(), (start, self.place))

    def flag(self, start: int, word: str, values: list[Value]) -> Node | None:
        names: list[str] = []
        for value in values:
            if isinstance(value, Range):
                self.error(value.span, f"“{word}:” takes names and no ranges.")
            else:
                names.append(value.text if isinstance(value, Literal) else value.special.value)
        return Flag(word, tuple(names), (start, self.place)) if names else None

    def ordering(self, start: int, word: str) -> None:
        """``sort:`` and ``group:``, which belong to the query as a whole."""
        fields: list[SortField] = []
        while True:
            begin = self.place
            descending = self.next_is("-")
            self.place += descending
            name = self.atom(_BARE_HIGH)
            if name is not None and name.text:
                fields.append(SortField(name.text, descending, (begin, self.place)))
            else:
                self.error((start, self.place), f"“{word}:” needs the name of a field right after it.")
            if not self.next_is(","):
                break
            self.place += 1
        if self.depth > 0:
            self.error((start, self.place), f"“{word}:” stands outside of parentheses and has no “not”.")
            return
        if word == "group" and fields:
            if len(fields) > 1 or fields[0].descending:
                self.error((start, self.place), "“group:” takes the name of one field.")
            fields = [SortField(fields[0].field, span=fields[0].span)]
            self.group = fields[0].field
        elif word == "sort":
            self.sort.extend(fields)
        if fields:
            self.orderings.append(Ordering(word, tuple(fields), (start, self.place)))
