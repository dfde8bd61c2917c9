"""The parts of a desk that need no window: lines, selection, columns as texts, order in a query's text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from app.desktop.desk.column_texts import moved, with_column, with_width, without
from app.desktop.desk.held import Holding
from app.desktop.desk.lines import Held, Lines
from app.desktop.desk.order import sorted_by, with_group, with_sort
from app.desktop.desk.selection import Selection
from app.query.ast import SortField


@dataclass
class Group:
    text: str
    start: int
    stop: int
    sums: dict[str, Any] = field(default_factory=dict)


def rows(*numbers: int) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.array(numbers, np.int32)


def test_lines_without_groups_are_rows() -> None:
    lines = Lines(rows(5, 3, 9), size=10)
    assert [lines.row(line) for line in range(4)] == [5, 3, 9, None]
    assert lines.line_of(9) == 2
    assert lines.line_of(4) is None
    assert lines.line_of(None) is None
    assert lines.rows_between(2, 1) == [3, 9]


def test_heads_stand_before_their_rows() -> None:
    lines = Lines(rows(5, 3, 9), [Group("a", 0, 2), Group("b", 2, 3)], size=10)
    assert [lines.row(line) for line in range(5)] == [None, 5, 3, None, 9]
    head = lines.head(3)
    assert head is not None
    assert (head.text, head.count, head.row) == ("b", 1, 9)
    assert lines.line_of_head("b") == 3
    assert lines.line_of_head("c") is None
    assert lines.next_row(3, 1) == 4
    assert lines.next_row(0, -1) is None


def test_a_closed_group_is_one_line() -> None:
    groups = [Group("a", 0, 2), Group("b", 2, 3)]
    lines = Lines(rows(5, 3, 9), groups, folded={"a"}, size=10)
    assert [lines.row(line) for line in range(3)] == [None, None, 9]
    assert lines.line_of(5) is None
    assert lines.rows() == [9]


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (Held(7, 3, 2), [5, 3, 7, 9]),
        (Held(7, None, 0), [7, 5, 3, 9]),
        (Held(7, 4, 1), [5, 7, 3, 9]),
        (Held(7, 4, 90), [5, 3, 9, 7]),
        (Held(5, 9, 2), [3, 9, 5]),
    ],
)
def test_a_held_row_stands_where_it_stood(held: Held, expected: list[int]) -> None:
    assert Lines(rows(5, 3, 9), held=[held], size=10).rows() == expected


def test_40_000_lines_are_found_at_once() -> None:
    lines = Lines(np.arange(40_000, dtype=np.int32)[::-1], size=40_000)
    assert lines.line_of(0) == 39_999
    assert lines.line_of(39_999) == 0


def test_too_many_edited_rows_are_not_held() -> None:
    holding = Holding()
    holding.hold(bytes([index % 256, index // 256]) for index in range(500))
    assert not holding.edited
    holding.hold([b"a", b"b"])
    assert holding.release([b"b"])
    assert holding.edited == {b"b"}


def test_a_selection_extends_from_its_anchor() -> None:
    selection = Selection()
    selection.only(b"a")
    selection.extend([b"a", b"b", b"c"])
    selection.extend([b"a", b"b"])
    assert selection.records == {b"a", b"b"}
    selection.toggle(b"x")
    selection.extend([b"x", b"y"], add=True)
    selection.extend([b"x"], add=True)
    assert selection.records == {b"a", b"b", b"x"}
    assert selection.keep({b"a"})
    assert selection.records == {b"a"}


def test_columns_as_texts() -> None:
    texts = ("number", "title=300", "cost")
    assert with_width(texts, "cost", 80) == ("number", "title=300", "cost=80")
    assert with_width(texts, "title", 0) == ("number", "title", "cost")
    assert moved(texts, "cost", "number") == ("cost", "number", "title=300")
    assert moved(texts, "number", "") == ("title=300", "cost", "number")
    assert moved(texts, "gone", "number") == texts
    assert without(texts, "title") == ("number", "cost")
    assert with_column(("title", "sync"), "due", "sync") == ("title", "due", "sync")
    assert with_column(texts, "cost", "sync") == texts


def same(name: str) -> str:
    return {"assignee": "assignees"}.get(name, name)


@pytest.mark.parametrize(
    ("text", "field", "further", "expected"),
    [
        ("crack", "title", False, "crack sort:title"),
        ("crack sort:title", "title", False, "crack sort:-title"),
        ("crack sort:-title", "title", False, "crack"),
        ("sort:title crack", "cost", False, "crack sort:cost"),
        ("sort:title", "cost", True, "sort:title,cost"),
        ("sort:title,cost", "title", True, "sort:-title,cost"),
        ("sort:-title,cost", "title", True, "sort:cost"),
        ("sort:assignee", "assignees", False, "sort:-assignee"),
        ("stauts:open", "title", False, "stauts:open sort:title"),
    ],
)
def test_a_press_on_a_head_edits_the_query(text: str, field: str, further: bool, expected: str) -> None:
    assert sorted_by(text, field, same, further=further) == expected


def test_order_and_groups_are_put_into_a_query_and_taken_out() -> None:
    assert with_sort('a "b c"', [SortField("due", descending=True)]) == 'a "b c" sort:-due'
    assert with_sort("a sort:due b", []) == "a b"
    assert with_group("status:open", "Room type") == 'status:open group:"Room type"'
    assert with_group("group:status a", "") == "a"
