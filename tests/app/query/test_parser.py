from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.query.ast import (
    And,
    Compare,
    Flag,
    Literal,
    Node,
    Not,
    Op,
    Or,
    Query,
    Range,
    SortField,
    Special,
    SpecialValue,
    Text,
)
from app.query.parser import parse
from sync.errors import SitebookError

_CHARACTERS = st.sampled_from('abAB é1290 ".,:=<>!()-\\_@#+\n\t日')
_SNIPPETS = st.sampled_from(
    [
        "status:open",
        "cost>500",
        'assignee:"Ann Lee"',
        "-label:paint",
        "or",
        "and",
        "not ",
        "(",
        ")",
        '"',
        '"words in"',
        "is:overdue,",
        "due:..+7d",
        "1..2..3",
        "sort:-due,title",
        "group:",
        "@me",
        " ",
        ",",
        ":",
        "!=",
        "<=",
        "-",
    ]
)
_WILD = st.one_of(st.text(max_size=60), st.text(_CHARACTERS, max_size=40), st.lists(_SNIPPETS).map("".join))

_WORDS = st.text(_CHARACTERS, min_size=1, max_size=8)
_NAMES = st.one_of(st.sampled_from(["status", "Fire rating", "is", "sort", "not", "or"]), _WORDS)
_LITERALS = st.one_of(st.sampled_from(["none", "ANY", "@me", "1..2", "", "=5", "1."]), _WORDS).map(Literal)
_RANGES = st.one_of(
    st.builds(Range, _LITERALS, _LITERALS),
    st.builds(Range, st.none(), _LITERALS),
    st.builds(Range, _LITERALS, st.none()),
)
_VALUES = st.one_of(_LITERALS, _RANGES, st.sampled_from(list(Special)).map(SpecialValue))
_LEAVES: st.SearchStrategy[Node] = st.one_of(
    _WORDS.map(Text),
    st.builds(
        Compare,
        _NAMES,
        st.sampled_from([Op.HAS, Op.EQUAL, Op.UNEQUAL]),
        st.lists(_VALUES, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(Compare, _NAMES, st.sampled_from(list(Op)), st.tuples(_VALUES)),
    st.builds(Flag, st.sampled_from(["is", "has"]), st.lists(_NAMES, min_size=1, max_size=2).map(tuple)),
)


def _branches(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(nodes, min_size=2, max_size=4).map(tuple)
    return st.one_of(nodes.map(Not), several.map(And), several.map(Or))


_NODES: st.SearchStrategy[Node] = st.recursive(_LEAVES, _branches, max_leaves=12)
_QUERIES = st.builds(
    Query,
    st.none() | _NODES,
    st.lists(st.builds(SortField, _NAMES, st.booleans()), max_size=2).map(tuple),
    st.none() | _NAMES,
)


@given(_QUERIES)
def test_a_written_query_reads_back_equal(query: Query) -> None:
    read = parse(query.to_text())
    assert read.errors == ()
    assert read == query


@given(_WILD)
def test_no_text_makes_the_parser_raise_and_what_it_reads_it_writes(text: str) -> None:
    query = parse(text)
    again = parse(query.to_text())
    assert again.errors == ()
    assert again == query
    for error in query.errors:
        assert 0 <= error.span[0] <= error.span[1] <= len(text)
        assert error.message


@given(_WILD)
def test_every_node_knows_its_place(text: str) -> None:
    for node in parse(text).nodes():
        start, end = node.span
        assert 0 <= start < end <= len(text)


def test_the_example_of_the_language() -> None:
    query = parse(
        'status:open cost>500 due<2027-01-01 assignee:"Ann Lee" -label:paint "words in the title or text"',
        strict=True,
    )
    assert query.where == And(
        (
            Compare("status", Op.HAS, (Literal("open"),)),
            Compare("cost", Op.MORE, (Literal("500"),)),
            Compare("due", Op.LESS, (Literal("2027-01-01"),)),
            Compare("assignee", Op.HAS, (Literal("Ann Lee"),)),
            Not(Compare("label", Op.HAS, (Literal("paint"),))),
            Text("words in the title or text"),
        )
    )


def test_or_binds_weaker_than_and_and_parentheses_bind_strongest() -> None:
    assert parse("a b or c and d").where == Or((And((Text("a"), Text("b"))), And((Text("c"), Text("d")))))
    assert parse("a (b OR c)").where == And((Text("a"), Or((Text("b"), Text("c")))))
    assert parse("not (a b)").where == Not(And((Text("a"), Text("b"))))


def test_values_lists_ranges_and_special_words() -> None:
    assert parse("label:fire,safety").where == Compare("label", Op.HAS, (Literal("fire"), Literal("safety")))
    assert parse("cost:10..20").where == Compare("cost", Op.HAS, (Range(Literal("10"), Literal("20")),))
    assert parse("due:today..").where == Compare("due", Op.HAS, (Range(Literal("today"), None),))
    assert parse('"Fire rating":60').where == Compare("Fire rating", Op.HAS, (Literal("60"),))
    assert parse("cost > 500").where == parse("cost>500").where
    assert parse("assignee:@me").where == Compare("assignee", Op.HAS, (SpecialValue(Special.ME),))
    assert parse('due:"none"').where == Compare("due", Op.HAS, (Literal("none"),))
    assert parse("is:overdue,starred has:conflict").where == And(
        (Flag("is", ("overdue", "starred")), Flag("has", ("conflict",)))
    )
    assert parse("location:Level-2/Core.B").where == Compare("location", Op.HAS, (Literal("Level-2/Core.B"),))


def test_sort_and_group_belong_to_the_whole_query() -> None:
    query = parse('a or b sort:-due,"Fire rating" group:trade', strict=True)
    assert query.where == Or((Text("a"), Text("b")))
    assert query.sort == (SortField("due", True), SortField("Fire rating"))
    assert query.group == "trade"


@pytest.mark.parametrize(
    ("text", "good", "problem"),
    [
        ("crack status:", "crack", "a value is missing"),
        ("crack (", "crack", "not closed"),
        ("crack )", "crack", "not opened"),
        ("(crack", "crack", "not closed"),
        ('"crack', "crack", "quote is not closed"),
        ("crack or", "crack", "both sides"),
        ("or crack", "crack", "both sides"),
        ("crack and", "crack", "both sides"),
        ("crack -", "crack", "right after it"),
        ("crack not", "crack", "needs something"),
        ("crack >5", "crack>5", ""),
        (":5 crack", "crack", "name of a field is missing"),
        ("label:a,", "label:a", "after “the comma”"),
        ("cost>1,2", "cost>1", "takes one value"),
        ("crack ()", "crack", "nothing between"),
        ("crack (sort:due)", "crack", "outside of parentheses"),
        ("is:1..2,starred", "is:starred", "no ranges"),
        ("status: open", "open", "a value is missing"),
        ('crack ""', "crack", "nothing between"),
        ("cost:..", "", "at least one end"),
    ],
)
def test_what_works_is_kept_beside_an_error(text: str, good: str, problem: str) -> None:
    query = parse(text)
    assert query.to_text() == good
    if problem:
        assert problem in query.errors[0].message
        with pytest.raises(SitebookError, match="cannot be read"):
            parse(text, strict=True)


@pytest.mark.parametrize(
    "text", ["(" * 5000, "-" * 5000 + "a", "not " * 5000, "(-" * 5000 + "a" + ")" * 5000]
)
def test_deep_nesting_is_an_error_and_not_a_crash(text: str) -> None:
    query = parse(text)
    assert 0 < len(query.errors) <= 20
    assert parse(query.to_text()) == query


@pytest.mark.parametrize("text", ["-" * 100_000, "(-" * 50_000, '"' * 100_001, ">a" * 50_000])
def test_a_long_row_of_signs_takes_no_longer_than_as_many_words(text: str) -> None:
    """What looked at the whole rest of the query for each of them took minutes; the suite would stand still."""
    assert parse(text).errors
