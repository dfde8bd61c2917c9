from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.detect import Detected, coordinate_pair, detect_column
from app.domain.schema import FieldType


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2.5", "", "1,000"], Detected(FieldType.NUMBER)),
        (["007", "012"], Detected(FieldType.TEXT)),
        (["+44 20 7946 0958"], Detected(FieldType.TEXT)),
        (["2027-01-31", ""], Detected(FieldType.DATE, "%Y-%m-%d")),
        (["11/17/2014", "01/02/2015"], Detected(FieldType.DATE, "%m/%d/%Y")),
        (["17.11.2014"], Detected(FieldType.DATE, "%d.%m.%Y")),
        (["01/01/2015", "02/02/2015"], Detected(FieldType.DATE, "%m/%d/%Y")),
        (["01/02/2015"], Detected(FieldType.TEXT, ambiguous=("%m/%d/%Y", "%d/%m/%Y"))),
        (["", " "], Detected(FieldType.TEXT)),
        ([], Detected(FieldType.TEXT)),
        (["a", "b"] * 5, Detected(FieldType.CHOICE, choices=("a", "b"))),
        (["a", "b", "c", "a"], Detected(FieldType.TEXT)),
        (["same"] * 9, Detected(FieldType.TEXT)),
    ],
)
def test_the_type_of_a_column_is_seen_from_its_cells(cells: list[str], expected: Detected) -> None:
    assert detect_column(cells) == expected


def test_a_given_date_format_decides_and_leaves_mistakes_to_the_import() -> None:
    cells = ["01/02/2015", "13/02/2015", "soon"]
    assert detect_column(cells, "%d/%m/%Y") == Detected(FieldType.DATE, "%d/%m/%Y")
    assert detect_column(["one", "two", "13/02/2015"], "%d/%m/%Y").type is FieldType.TEXT
    assert detect_column(["12", "13"], "%d/%m/%Y").type is FieldType.NUMBER


@given(st.lists(st.text(max_size=8), max_size=10), st.text(max_size=4))
def test_no_column_makes_it_fail(cells: list[str], form: str) -> None:
    detect_column(cells, form)


def test_latitude_and_longitude_are_known_by_name_and_range() -> None:
    assert coordinate_pair({"Lat": ["33.7", ""], "x": ["1"], "LONG": ["-118.2"]}) == ("Lat", "LONG")
    assert coordinate_pair({"latitude": ["133.7"], "longitude": ["-118.2"]}) is None
    assert coordinate_pair({"latitude": ["33"], "length": ["1"]}) is None
    assert coordinate_pair({"latitude": [""], "longitude": [""]}) is None
