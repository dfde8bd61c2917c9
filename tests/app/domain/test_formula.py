from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fields import CustomField
from app.domain.formula import (
    FUNCTION_NAMES,
    Formula,
    FormulaError,
    FormulaProblem,
    compile_formula,
    rename_paths,
)
from app.domain.formula_fields import MOST_LEVELS, FormulaField, compile_fields
from app.domain.schema import Field, FieldType
from app.domain.values import display, sort_key, to_json, to_text, valid
from tests.app.domain.sample import context, record

_FIELDS = {
    "cost": Field("cost", FieldType.MONEY, "Cost"),
    "due": Field("due", FieldType.DATE, "Due"),
    "title": Field("title", FieldType.TEXT, "Title"),
    "count": Field("f.1", FieldType.NUMBER, "Count"),
    "ready": Field("f.2", FieldType.CHECKBOX, "Ready"),
    "seen": Field("f.3", FieldType.MOMENT, "Seen"),
    "assignees": Field("assignees", FieldType.PEOPLE, "Assignees", many=True),
    "assignees.company": Field("company", FieldType.TEXT, "Company", many=True),
    "references.cost": Field("cost", FieldType.MONEY, "Cost", many=True),
    "nothing": Field("f.4", FieldType.NUMBER, "Nothing"),
}
_VALUES: dict[str, object] = {
    "cost": ["120.50", "GBP"],
    "due": "2026-11-20",
    "title": "Crack in slab",
    "count": 3,
    "ready": True,
    "seen": 1_700_000_000_000,
    "assignees": (record("person", 0), record("person", 2)),
    "assignees.company": ("Hilti", "Nord"),
    "references.cost": (["10", "GBP"], ["2.50", "GBP"]),
}
_CONTEXT = context()


def _find(path: str) -> Field | None:
    return _FIELDS.get(path.lower())


def _run(text: str) -> object:
    return compile_formula(text, _find).evaluate(lambda path: _VALUES.get(path.lower()), _CONTEXT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("0.1 + 0.2", 0.3),
        ("-2 ^ 2", -4),
        ("2 ^ 3 ^ 2", 512),
        ("10 − 4 ÷ 2 × 3", 4),
        ("15% * 200", 30),
        ("1 / 3", 1 / 3),
        ("{Count} * 2", 6),
        ("nothing * 2", None),
        ("sum(nothing, 2, count)", 5),
        ("cost * 1.2", ["144.6", "GBP"]),
        ("cost + 100", ["220.5", "GBP"]),
        ("sum(references.cost)", ["12.5", "GBP"]),
        ("cost / sum(references.cost)", 9.64),
        ("max(cost, 5, 200)", ["200", "GBP"]),
        ("round(cost / 7, 2)", ["17.21", "GBP"]),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("floor(-2.5)", -3),
        ("abs(-2)", 2),
        ("mod(-7, 3)", 2),
        ("average(1, 2, 6)", 3),
        ('number("1,200.5") + 1', 1201.5),
        ('upper(left(title, 5)) & "!"', "CRACK!"),
        ('concat(title, ": ", count)', "Crack in slab: 3"),
        ("len(title)", 13),
        ("mid(title, 7, 2)", "in"),
        ('right(title, 4) = "SLAB"', True),
        ('replace(title, "slab", "wall")', "Crack in wall"),
        ('contains(title, "CRACK")', True),
        ('find("slab", title)', 10),
        ('assignees & ""', "Ann Lee, Bo Chen"),
        ('join(assignees.company, " / ")', "Hilti / Nord"),
        ('{assignees.company} = "nord"', True),
        ('{assignees.company} != "nord"', False),
        ("count(assignees.company)", 2),
        ("{assignees.company}", "Hilti, Nord"),
        ("today()", "2026-11-22"),
        ("due + 7 days", "2026-11-27"),
        ("due + 7d - 1 week", "2026-11-20"),
        ("due + 1 month", "2026-12-20"),
        ("date(2027, 1, 31) + 1 month", "2027-02-28"),
        ("today() - due", 2),
        ("days(due, today())", 2),
        ("workdays(due, today())", 1),
        ("end_of_month(due)", "2026-11-30"),
        ("weekday(due)", 5),
        ("seen + 2 hours", 1_700_007_200_000),
        ("seen < today()", True),
        ('due < "2026-12-01"', True),
        ('if(due < today() and not empty(title), "late", "")', "late"),
        ("if(count > 5, 1, count > 2, 2, 3)", 2),
        ("if(nothing > 5, 1)", None),
        ('switch(title, "crack in slab", 1, 2)', 1),
        ("coalesce(nothing, count)", 3),
        ("not ready or count = 3", True),
        ("and(ready, count = 3)", True),
        ("between(count, 1, 3)", True),
        ("iferror(1 / 0, 5)", 5),
        ("empty(nothing)", True),
        ('nothing = ""', True),
        ('if(ready, 1, "a")', "1"),
        ("“typed” & 'so'", "typedso"),
        ("'it''s'", "it's"),
    ],
)
def test_a_formula_gives(text: str, expected: object) -> None:
    assert _run(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("count / 0", "zero"),
        ("mod(1, 0)", "zero"),
        ("0 ^ -1", "zero"),
        ("9 ^ 999999999", "too large"),
        ("9 ^ 900 * 1", "too large"),
        ('number("many")', "not a number"),
        ("date(2026, 2, 30)", "not a date"),
        ("due + 9999999 days", "1000 to 9999"),
        ("due + 99999999999 days", "too many"),
        ('due > "some day"', "not a date"),
        ("sqrt(-1)", "there is none"),
        ("references.cost * 2", "2 values"),
    ],
)
def test_what_has_no_value_says_why(text: str, said: str) -> None:
    found = _run(text)
    assert isinstance(found, FormulaError)
    assert said in found.message


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("", "empty", (0, 0)),
        ("1 +", "too early", (3, 3)),
        ("(1", "not closed", (0, 2)),
        ('title & "a', "quotation", (8, 10)),
        ("{title", "brace", (0, 6)),
        ("{}", "name of a field", (0, 2)),
        ("cost 5", "operator is missing", (5, 6)),
        ("* 5", "value is missing", (0, 1)),
        ("cost * wages", "no field “wages”", (7, 12)),
        ("xpper(title)", "“upper”", (0, 12)),
        ("upper()", "takes 1 value", (0, 7)),
        ("round(1, 2, 3)", "1 to 2 values", (0, 14)),
        ("1 + title", "together", (0, 9)),
        ("title + title", "&", (0, 13)),
        ("title = count", "compared", (0, 13)),
        ("1 < 2 < 3", "two values at a time", (6, 7)),
        ("if(count, 1, 2)", "condition", (3, 8)),
        ("abs(title)", "takes", (4, 9)),
        ("1 ? 2", "“?”", (2, 3)),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, said: str, place: tuple[int, int]) -> None:
    with pytest.raises(FormulaProblem) as caught:
        compile_formula(text, _find)
    assert said in str(caught.value)
    assert caught.value.span == place


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "not " * 5000 + "ready",
        "2^" * 4000 + "1",
        "1+" * 4000 + "1",
        "if(" * 900,
        "1" * 11_000,
        "abs(" * 500 + "1",
    ],
)
def test_too_deep_or_too_long_is_said(text: str) -> None:
    with pytest.raises(FormulaProblem):
        compile_formula(text, _find)


def test_many_signs_and_long_sums_are_not_deep() -> None:
    assert _run("-" * 3001 + "1") == -1
    assert _run("+".join("1" * 900)) == 900


def test_a_text_that_grows_without_end_is_stopped() -> None:
    text = "title"
    for _ in range(12):
        text = f'replace({text}, "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")'
    assert isinstance(_run(text), FormulaError)


def test_money_of_two_currencies_is_not_added() -> None:
    fields = {"a": _FIELDS["cost"], "b": _FIELDS["cost"]}
    formula = compile_formula("a + b", fields.get)
    found = formula.evaluate({"a": ["1", "GBP"], "b": ["1", "EUR"]}.get, _CONTEXT)
    assert isinstance(found, FormulaError)
    assert "GBP and EUR" in found.message


def test_values_of_another_shape_count_as_empty() -> None:
    for value in ("x", b"\1", [1], {"a": 1}, 1e999, True):
        for name in ("cost", "count", "due", "seen"):
            found = compile_formula(
                f"{name} = 5" if name in ("cost", "count") else f"{name} = today()", _find
            )
            assert isinstance(found.evaluate({name: value}.get, _CONTEXT), bool)


def test_paths_and_dependence_on_the_day_are_known() -> None:
    formula = compile_formula("{Cost} * count + cost", _find)
    assert formula.paths == ("Cost", "count", "cost")
    assert not formula.is_dated
    assert compile_formula("today() - due", _find).is_dated


def test_fields_are_renamed_in_a_formula() -> None:
    names = {"cost": "f.12", "f.12": "cost", "Count": "No. of doors"}
    text = 'cost * 7 + {Count} & "cost"'
    stored = rename_paths(text, lambda name: names.get(name, name))
    assert stored == '{f.12} * 7 + {No. of doors} & "cost"'
    assert rename_paths(stored, lambda name: names.get(name, name)) == '{cost} * 7 + {No. of doors} & "cost"'
    assert rename_paths("due + 7 days", str.upper) == "DUE + 7 days"


def test_results_are_shown_like_fields_of_their_type() -> None:
    def field(text: str) -> tuple[Field, object]:
        found = CustomField(b"x" * 16, "F", FieldType.FORMULA, formula=text).field("F")
        formula = compile_formula(text, _find)
        value = formula.evaluate(lambda path: _VALUES.get(path.lower()), _CONTEXT)
        return replace(found, result=formula.result, unit="m"), value

    assert display(*field("cost / 7"), _CONTEXT) == "GBP 17.21"
    assert display(*field("1 / 3"), _CONTEXT) == "0.333333 m"
    assert display(*field("due + 1"), _CONTEXT) == "2026-11-21"
    assert display(*field("ready"), _CONTEXT) == "yes"
    failed = field("1 / 0")
    assert display(*failed, _CONTEXT) == "This divides by zero."
    assert to_json(*failed, _CONTEXT) == {"error": "This divides by zero."}
    assert to_text(*field("cost / 7"), _CONTEXT).startswith("GBP 17.2142857")
    good = field("count")
    assert sorted([sort_key(*failed, _CONTEXT), sort_key(*good, _CONTEXT)])[0] == sort_key(*good, _CONTEXT)


def _project(**formulas: str) -> tuple[list[FormulaField], dict[str, Field]]:
    fields = {
        name: CustomField(name.encode().ljust(16, b"\0"), name, FieldType.FORMULA, formula=text).field(name)
        for name, text in formulas.items()
    }
    return [FormulaField("issue", field) for field in fields.values()], fields


def _compile(**formulas: str) -> dict[str, Formula | FormulaError]:
    every, fields = _project(**formulas)
    found = compile_fields(every, lambda kind, path: fields.get(path) or _find(path))
    assert (
        found == compile_fields(reversed(every), lambda kind, path: fields.get(path) or _find(path)) or found
    )
    return {field.title: found[field.definition] for field in fields.values()}


def test_formulas_build_on_each_other() -> None:
    found = _compile(a="b * 2", b="cost", c='a & "!"')
    assert [each.result for each in found.values() if isinstance(each, Formula)] == ["money", "money", "text"]


def test_formulas_that_loop_say_so_the_same_in_any_order() -> None:
    found = _compile(a="b", b="c", c="a", d="a + 1", e="e", f="count")
    said = {name: str(each) for name, each in found.items() if isinstance(each, FormulaError)}
    assert said["a"] == "This formula loops: a → b → c → a."
    assert said["c"] == "This formula loops: c → a → b → c."
    assert said["e"] == "This formula loops: e → e."
    assert "builds on" in said["d"]
    assert isinstance(found["f"], Formula)


def test_a_formula_with_a_mistake_carries_its_place() -> None:
    found = _compile(a="1 +", b="a * 2")
    assert found["a"] == FormulaError("The formula ends too early; a value is missing.", (3, 3))
    assert isinstance(found["b"], Formula)
    assert found["b"].evaluate({"a": found["a"]}.get, _CONTEXT) == FormulaError(str(found["a"]))


def test_a_tower_of_formulas_has_an_end() -> None:
    formulas = {f"x{number}": f"x{number + 1}" for number in range(MOST_LEVELS + 20)}
    found = _compile(**formulas, **{f"x{MOST_LEVELS + 20}": "1"})
    assert isinstance(found[f"x{MOST_LEVELS + 20}"], Formula)
    assert isinstance(found["x0"], FormulaError)


_VALUE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=4)
_ANY = st.recursive(_VALUE, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
_LEAF = st.sampled_from(
    [*_FIELDS, "0", "1", "2.5", "1e3", '""', '"a"', "true", "empty", "today()", "3 days", '"2026-01-01"']
)
_OPERATOR = st.sampled_from(["+", "-", "*", "/", "^", "&", "=", "!=", "<", ">=", " and ", " or "])
_NAME = st.sampled_from(FUNCTION_NAMES)
_TEXT = st.recursive(
    _LEAF,
    lambda inner: (
        st.tuples(inner, _OPERATOR, inner).map("".join)
        | inner.map("({})".format)
        | inner.map("-{}".format)
        | st.tuples(_NAME, st.lists(inner, max_size=3)).map(lambda call: f"{call[0]}({','.join(call[1])})")
    ),
    max_leaves=12,
)


def _read(text: str) -> Formula | None:
    """The formula; where it is refused, the place is one in the text."""
    try:
        return compile_formula(text, _find)
    except FormulaProblem as problem:
        start, stop = problem.span
    assert 0 <= start <= stop <= len(text)
    return None


@given(_TEXT, st.dictionaries(st.sampled_from(sorted(_FIELDS)), _ANY))
def test_any_formula_over_any_values_ends_with_a_value_of_its_type(
    text: str, values: dict[str, object]
) -> None:
    formula = _read(text)
    if formula is None:
        return
    found = formula.evaluate(lambda path: values.get(path.lower()), _CONTEXT)
    field = Field("f", formula.result, "F")
    assert found is None or isinstance(found, FormulaError) or valid(field, found), (text, found)
    assert found == formula.evaluate(lambda path: values.get(path.lower()), _CONTEXT)


@given(st.text(max_size=60) | st.text("({})\"'+-*/^&=<>.,;% 12adnort", max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    _read(text)


_SMALL = st.decimals(min_value=-1000, max_value=1000, allow_nan=False, places=2)


@given(_SMALL, _SMALL, _SMALL)
def test_arithmetic_is_that_of_exact_decimals(a: Decimal, b: Decimal, c: Decimal) -> None:
    assert _run(f"({a:f}) + ({b:f}) * ({c:f}) - ({a:f})") == float(b * c)


@given(st.integers(-400, 400), st.integers(-400, 400))
def test_days_later_are_days_between(first: int, second: int) -> None:
    assert _run(f"(today() + ({first})) - (today() + ({second}))") == first - second


def test_what_would_take_long_or_much_memory_is_given_up() -> None:
    many = {
        "assignees.company": tuple(str(each) for each in range(20_000)),
        "references.cost": ((["1", "GBP"],) * 20_000),
        "title": "x" * 90_000,
    }

    def run(text: str) -> object:
        return compile_formula(text, _find).evaluate(lambda path: many.get(path.lower()), _CONTEXT)

    every = run("assignees.company < assignees.company")
    assert isinstance(every, FormulaError)
    assert "too many" in every.message
    for text in ("join(assignees.company, title)", f"concat({', '.join(['title'] * 800)})"):
        found = run(text)
        assert isinstance(found, FormulaError)
        assert "longer than" in found.message
    assert run('assignees.company = "19999"') is True
