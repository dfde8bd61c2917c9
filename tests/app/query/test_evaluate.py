from __future__ import annotations

import random
import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.directory import Context
from app.domain.fields import FieldSet, load_fields
from app.query.ast import And, Flag, Node, Not, Or, Query
from app.query.evaluate import Compiled, compile_query, run, search, sort_keys, sort_records
from app.query.parser import parse
from app.query.steps import Loader
from sync.errors import SitebookError
from tests.app.domain.sample import TODAY, Memory, context, project, record


def _status(number: int) -> bytes:
    return record("status", number)


def _person(number: int) -> bytes:
    return record("person", number)


def _memory() -> Memory:
    memory = project()
    memory.add("field", 1, name="Fire rating", type="number", unit="min", of="issue")
    memory.add("field", 2, name="Trade", type="choice", of="issue", choices=["Paint", "Tiles"])
    fields = load_fields("issue", memory)
    rating, trade = fields.resolve("fire rating").name, fields.resolve("trade").name
    issues: list[dict[str, object]] = [
        {
            "number": 1,
            "title": "Crack in slab",
            "status": _status(0),
            "due": "2026-11-21",
            "cost": ["600", "GBP"],
            "assignees": (_person(0), _person(1)),
            "labels": (record("label", 0),),
            "location": record("location", 1),
            "priority": "high",
            "created": 1_795_000_000_000,
            rating: 60,
            trade: "Paint",
        },
        {
            "number": 2,
            "title": "Wet wall",
            "status": _status(1),
            "due": "2026-11-22",
            "cost": ["700", "USD"],
            "assignees": (_person(1),),
            "location": record("location", 0),
            "priority": "none",
            "starred": True,
            rating: 30,
        },
        {
            "number": 10,
            "title": "Énorme fissure",
            "status": _status(5),
            "due": "2026-11-01",
            "labels": (record("label", 0), record("label", 1)),
            "references": (record("issue", 0),),
            "starred": False,
        },
        {"number": 214, "title": "Paint", "status": _status(0), "due": "2026-12-24", "archived": True},
        {"title": "Odd", "due": "someday", "cost": 500, "assignees": "nobody", "status": 7, rating: "sixty"},
    ]
    for place, values in enumerate(issues):
        memory.add("issue", place, **values)
    memory.plain = {
        record("issue", 1): "See the CRACK\nbehind the boiler",
        record("issue", 3): "#10 is like it",
    }
    memory.flags = {"unsynced": {record("issue", 1)}, "conflict": {record("issue", 0), record("note", 0)}}
    return memory


_MEMORY = _memory()
_FIELDS = load_fields("issue", _MEMORY)
_CONTEXT = context(_MEMORY, me=_person(0))


def _found(text: str, *, sort: tuple[str, ...] = (), limit: int | None = None) -> str:
    """The places of the issues found, as digits."""
    records = search(text, _FIELDS, _MEMORY, _CONTEXT, sort=sort, limit=limit)
    return "".join(str(each[-1]) for each in records)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "01234"),
        # words
        ("crack", "01"),
        ("CRACK slab", "0"),
        ('"in slab"', "0"),
        ("enorme", "2"),
        ("#214", "3"),
        ("#10", "23"),
        ("title:wall", "1"),
        ("title=paint", "3"),
        ("title!=paint", "0124"),
        ("title>m", "134"),
        ("text:boiler", "1"),
        ("text:none", "024"),
        # numbers, money
        ("number:10", "2"),
        ("number:#10,#1", "02"),
        ("number<=10", "012"),
        ("number:2..214", "123"),
        ('"Fire rating":60', "0"),
        ('"fire-rating">=30min', "01"),
        ("cost>500", "01"),
        ("cost>£500", "0"),
        ("cost:..650", "0"),
        ("cost:USD700", "1"),
        ('cost!="USD 700"', "0234"),
        ("cost:any", "014"),
        # dates
        ("due<today", "02"),
        ("due:today", "1"),
        ("due<=today", "012"),
        ("due>+7d", "3"),
        ("due:-1d..today", "01"),
        ("due:2026-11", "012"),
        ("due>2026-11", "3"),
        ("due:2026", "0123"),
        ("due:none", ""),
        ("created:2026-11-18", "0"),
        ("created>2026-11-18", ""),
        ("changed:any", ""),
        ("created>2026-11-18T11:00", "0"),
        # people and other records
        ('assignee:"ann lee"', "0"),
        ("assignee:zoe", "01"),
        ("assignee:@me", "0"),
        ("assignee:none", "23"),
        ("-assignee:any", "23"),
        ("assignee:ann,zoe", "01"),
        ('assignee!="ann lee"', "1234"),
        ("label:fire", "02"),
        ('label:"wet, cold"', "2"),
        ("-label:fire", "134"),
        ('location:"Level 2"', "01"),
        ('location="Level 2"', "1"),
        ('location:"core b"', "0"),
        ("references:#1", "2"),
        # status by name and by meaning
        ("status:open", "03"),
        ("status:done", "2"),
        ("status:verified", "2"),
        ("status=done", ""),
        ("status:progress", "1"),
        ('status:"in progress"', "1"),
        ("status:open,done", "023"),
        # choices and checkboxes
        ("priority:HIGH", "0"),
        ("priority:none", "1234"),
        ("trade:paint", "0"),
        ("starred:yes", "1"),
        ("starred:no", "0234"),
        # is and has
        ("is:overdue", "0"),
        ("is:open", "0134"),
        ("is:closed", "2"),
        ("is:done", "2"),
        ("is:starred", "1"),
        ("is:starred,archived", "13"),
        ("is:unsynced", "1"),
        ("is:mine", "0"),
        ("is:unassigned", "23"),
        ("has:conflict", "0"),
        ("has:assignee", "014"),
        ('has:"fire rating"', "014"),
        ("has:attachment", ""),
        # joining
        ("crack or paint", "013"),
        ("status:open cost>500", "0"),
        ("status:open and -(cost>500 or is:archived)", ""),
        ("not status:open", "124"),
        ("(crack or wall) -is:unsynced", "0"),
    ],
)
def test_what_a_query_finds(text: str, expected: str) -> None:
    # The odd issue at the end has values of wrong shapes in nearly every field.
    assert _found(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("asignee:ann", "no field “asignee”. Did you mean “assignees”.*put them in quotes"),
        ("status:opne", "no status “opne”. Did you mean “open”"),
        ("assignee:nobody", "no person “nobody”"),
        ("location:attic", "no location “attic”"),
        ("cost>much", "“much” is not an amount of money"),
        ("due<soon", "“soon” is not a date"),
        ("number:x", "“x” is not a whole number"),
        ("created:x", "“x” is not a date or a time"),
        ("starred:perhaps", "neither yes nor no"),
        ("priority:hihg", "Did you mean “high”"),
        ("trade:wood", "no Trade “wood”"),
        ("status>open", "tatus has no order"),
        ("status:a..b", "tatus has no order"),
        ("due>2026..2027", "takes one value and no range"),
        ("due>none", "cannot be followed by “none”"),
        ("is:nice", "no “is:” with “nice”.*overdue"),
        ("has:luck", "no “has:” with “luck”.*conflict"),
        ("references:#99", "no issue #99"),
        ("sort:duee", "no field “duee”"),
        ("title:@me", "holds no people; “@me”"),
    ],
)
def test_a_wrong_part_is_an_error_and_the_rest_still_counts(text: str, problem: str) -> None:
    with pytest.raises(SitebookError, match=problem):
        _found(text)
    compiled = compile_query(parse(f"crack {text} -is:unsynced"), _FIELDS, _CONTEXT)
    assert run(compiled, _MEMORY) == [record("issue", 0)]
    assert len(compiled.errors) == 1
    start, end = compiled.errors[0].span
    assert 0 < start < end or text.startswith("is")


def test_me_without_a_person_says_so() -> None:
    with pytest.raises(SitebookError, match="@me points to no person"):
        search("assignee:@me", _FIELDS, _MEMORY, context(_MEMORY))


def test_one_wrong_value_of_several_leaves_the_others() -> None:
    compiled = compile_query(parse("assignee:ann,xyz"), _FIELDS, _CONTEXT)
    assert run(compiled, _MEMORY) == [record("issue", 0)]
    assert len(compiled.errors) == 1


def test_a_label_that_nobody_made_is_a_warning_only() -> None:
    assert _found("-label:paint", limit=2) == "01"
    compiled = compile_query(parse("label:paint"), _FIELDS, _CONTEXT)
    assert [error.warning for error in compiled.errors] == [True]
    assert run(compiled, _MEMORY) == []


def test_sorting_puts_what_has_nothing_last_both_ways() -> None:
    assert _found("", sort=("number",)) == "01234"
    assert _found("", sort=("-number",)) == "32104"
    assert _found("", sort=("-starred", "title")) == "12043"
    assert _found("", sort=("priority", "-due")) == "01324"
    assert _found("sort:-number", sort=("number",)) == "32104"
    assert _found("sort:-status,title") == "21034"
    assert _found("sort:assignee") == "01423"
    assert _found("", sort=("-number",), limit=2) == "32"
    with pytest.raises(SitebookError, match="no field “nmber”"):
        sort_keys(["nmber"], _FIELDS)


def test_only_the_columns_of_the_query_are_read_and_each_once() -> None:
    memory = _memory()
    compiled = compile_query(parse("due<today due:any cost>5 sort:due"), _FIELDS, _CONTEXT, strict=True)
    memory.asked.clear()
    run(compiled, memory)
    assert sorted(memory.asked) == [("issue", "cost"), ("issue", "due")]


def test_texts_are_read_last_and_only_where_something_is_left() -> None:
    memory = _memory()
    compiled = compile_query(parse("boiler number:99999"), _FIELDS, _CONTEXT, strict=True)
    memory.asked.clear()
    assert run(compiled, memory) == []
    assert memory.asked == [("issue", "number")]


def test_other_kinds_are_asked_in_the_same_language() -> None:
    people, elements = load_fields("person", _MEMORY), load_fields("element", _MEMORY)
    assert search("company:paint", people, _MEMORY, _CONTEXT) == [_person(0)]
    assert search("nord", people, _MEMORY, _CONTEXT) == [_person(1)]
    assert search('"fire rating":60', elements, _MEMORY, _CONTEXT) == [record("element", 0)]
    assert search('"fire rating":30', elements, _MEMORY, _CONTEXT) == [record("element", 1)]
    assert search("maker:sohne", elements, _MEMORY, _CONTEXT) == [record("element", 0)]
    ordered = search('door sort:"fire rating"', elements, _MEMORY, _CONTEXT)
    assert ordered == [record("element", number) for number in (0, 1, 2)]
    with pytest.raises(SitebookError, match="Name the parameter"):
        search("parameters:60", elements, _MEMORY, _CONTEXT)
    with pytest.raises(SitebookError, match="no “is:” with “overdue”"):
        search("is:overdue", people, _MEMORY, _CONTEXT)


@dataclass
class _Row:
    """One record of a memory."""

    memory: Memory
    kind: str
    id: bytes

    def value(self, field: str) -> object:
        return self.memory.column(self.kind, field).get(self.id)

    def text(self) -> str:
        return self.memory.plain.get(self.id, "")

    def flag(self, name: str) -> bool:
        return self.id in self.memory.flagged(self.kind, name)


def _compiled(node: Node | None) -> Compiled:
    return compile_query(Query(node), _FIELDS, _CONTEXT, strict=True)


_LEAVES = [
    "crack",
    "status:open",
    "cost>500",
    "due<today",
    "assignee:zoe",
    "label:fire",
    "is:starred",
    "has:conflict",
    "priority!=high",
    "text:any",
    '"Fire rating":30..60',
]
_PARSED: list[Node] = [where for text in _LEAVES if (where := parse(text).where) is not None]
_LEAF_SETS = {id(node): frozenset(run(_compiled(node), _MEMORY)) for node in _PARSED}
_ALL = frozenset(_MEMORY.records("issue"))
_TREES: st.SearchStrategy[Node] = st.recursive(
    st.sampled_from(_PARSED),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)


def _as_sets(node: Node) -> frozenset[bytes]:
    if isinstance(node, Not):
        return _ALL - _as_sets(node.part)
    if isinstance(node, And):
        return frozenset.intersection(*map(_as_sets, node.parts))
    if isinstance(node, Or):
        return frozenset.union(*map(_as_sets, node.parts))
    return _LEAF_SETS[id(node)]


@given(_TREES)
def test_and_or_not_are_those_of_sets_by_columns_and_by_rows(tree: Node) -> None:
    compiled = _compiled(tree)
    expected = _as_sets(tree)
    assert frozenset(run(compiled, _MEMORY)) == expected
    assert {each for each in _ALL if compiled.matches(_Row(_MEMORY, "issue", each))} == expected
    assert frozenset(search(Query(tree).to_text(), _FIELDS, _MEMORY, _CONTEXT)) == expected


_WORDS = st.sampled_from(
    [
        "status",
        "cost",
        "due",
        "label",
        "is",
        "has",
        "sort",
        "title",
        "created",
        "number",
        "references",
        '"Trade"',
    ]
)
_OPS = st.sampled_from([":", "=", "!=", "<", "<=", ">", ">="])
_VALUES = st.one_of(
    st.text(max_size=6), st.sampled_from(["none", "any", "@me", "5", "today", "1..2", "-1d", "open"])
)


@given(
    st.lists(st.tuples(_WORDS, _OPS, _VALUES).map("".join) | st.text(max_size=8), max_size=4).map(" ".join)
)
def test_no_text_makes_a_query_raise_where_it_need_not(text: str) -> None:
    compiled = compile_query(parse(text), _FIELDS, _CONTEXT)
    found = run(compiled, _MEMORY)
    assert set(found) <= _ALL
    assert {each for each in _ALL if compiled.matches(_Row(_MEMORY, "issue", each))} == set(found)


_SHAPES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=20),
    st.lists(st.text()),
)
_EVERY = [
    f"{field.typed_name}:{value}" for field in FieldSet("issue").fields for value in ("any", "none")
] + _LEAVES


@given(st.dictionaries(st.sampled_from(list(FieldSet("issue").kind.fields)), _SHAPES))
def test_values_of_any_shape_are_filtered_and_sorted(values: dict[str, object]) -> None:
    memory = project()
    memory.add("issue", 0, **values)
    memory.add("issue", 1, title="Crack")
    here = context(memory)
    for text in _EVERY[:-1]:
        search(text, FieldSet("issue"), memory, here)
    loader = Loader("issue", memory)
    for field in FieldSet("issue").kind.fields:
        sort_records(memory.records("issue"), sort_keys([field], FieldSet("issue")), loader, here)


def test_a_flag_among_alternatives() -> None:
    compiled = _compiled(Flag("is", ("starred", "unsynced")))
    assert run(compiled, _MEMORY) == [record("issue", 1)]


def _large() -> tuple[Memory, Context]:
    memory = project()
    chance = random.Random(1)
    for number in range(10_000):
        memory.add(
            "issue",
            number,
            number=number,
            title=f"Issue {number} about paint",
            status=_status(chance.randrange(5)),
            due=f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 28):02}",
        )
    return memory, context(memory)


def test_ten_thousand_rows_are_asked_in_reasonable_time() -> None:
    # The goal is well below 50 ms; the bound here only catches a step that became quadratic.
    memory, here = _large()
    compiled = compile_query(parse("status:open due<today paint sort:-due,title"), FieldSet("issue"), here)
    began = time.perf_counter()
    found = run(compiled, memory)
    assert time.perf_counter() - began < 2
    assert found
    assert all(str(memory.columns["issue", "due"][each]) < TODAY.isoformat() for each in found)
