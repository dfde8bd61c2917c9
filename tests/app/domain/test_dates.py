from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.dates import (
    EARLIEST_MS,
    LATEST_MS,
    find_days,
    is_date,
    is_moment,
    is_relative,
    moment_iso,
    moment_local,
    parse_date,
    parse_date_with,
    parse_moment,
)
from sync.errors import SitebookError
from tests.app.domain.sample import TODAY, context


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-01-31", "2027-01-31"),
        ("2027-1-5", "2027-01-05"),
        ("today", "2026-11-22"),
        ("Tomorrow", "2026-11-23"),
        ("yesterday", "2026-11-21"),
        ("+7d", "2026-11-29"),
        ("-1d", "2026-11-21"),
        ("−2w", "2026-11-08"),
        ("+3 months", "2027-02-22"),
        ("+1y", "2027-11-22"),
        ("fri", "2026-11-27"),
        ("next fri", "2026-11-27"),
        ("sunday", "2026-11-29"),
        ("31 Jan 2027", "2027-01-31"),
        ("1. March", "2026-03-01"),
        ("Mar 1st, 2027", "2027-03-01"),
    ],
)
def test_dates_as_people_write_them(text: str, expected: str) -> None:
    assert parse_date(text, TODAY) == expected


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2027-02-30", "0999-01-01", "3/4/2027", "+99999y", "-99999w", "next", "ma 1", "32 May"],
)
def test_what_is_no_date_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(SitebookError, match="is not a date"):
        parse_date(text, TODAY)


def test_months_end_where_they_end() -> None:
    assert parse_date("+1m", date(2027, 1, 31)) == "2027-02-28"
    assert parse_date("-1y", date(2028, 2, 29)) == "2027-02-28"


def test_a_month_or_a_year_is_all_its_days() -> None:
    assert find_days("2028-02", TODAY) == (date(2028, 2, 1), date(2028, 2, 29))
    assert find_days("2027", TODAY) == (date(2027, 1, 1), date(2027, 12, 31))
    assert find_days("2027-13", TODAY) is None
    assert find_days("0001", TODAY) is None


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_stored_date_reads_back(day: date) -> None:
    assert is_date(day.isoformat())
    assert parse_date(day.isoformat(), TODAY) == day.isoformat()


@given(st.text(max_size=20), st.dates())
def test_no_text_and_no_day_make_reading_fail_otherwise(text: str, today: date) -> None:
    for form in (text, f"+{text}", f"-9{text}d"):
        found = find_days(form, today)
        assert found is None or found[0] <= found[1]


def test_dates_with_a_given_form() -> None:
    assert parse_date_with("11/17/2014", "%m/%d/%Y") == "2014-11-17"
    with pytest.raises(SitebookError, match="%m/%d/%Y"):
        parse_date_with("17/11/2014", "%m/%d/%Y")
    with pytest.raises(SitebookError, match="form %Q"):
        parse_date_with("17", "%Q")
    with pytest.raises(SitebookError, match="1000"):
        parse_date_with("0042-01-01", "%Y-%m-%d")


@pytest.mark.parametrize("value", [None, 5, "2027-1-1", "2027-02-30", "today", b"2027-01-01", ["2027-01-01"]])
def test_other_values_are_no_dates(value: object) -> None:
    assert not is_date(value)


@given(st.integers(EARLIEST_MS, LATEST_MS))
def test_a_written_moment_reads_back(moment: int) -> None:
    assert is_moment(moment)
    assert parse_moment(moment_iso(moment), TODAY, UTC) == moment
    assert moment_local(moment, timezone(timedelta(hours=-8)))


def test_moments_as_people_write_them() -> None:
    zone = timezone(timedelta(hours=2))
    noon = int(datetime(2027, 1, 31, 12, 0, tzinfo=UTC).timestamp() * 1000)
    assert parse_moment("2027-01-31T12:00:00Z", TODAY, zone) == noon
    assert parse_moment("2027-01-31 14:00", TODAY, zone) == noon
    assert moment_iso(noon) == "2027-01-31T12:00:00Z"
    assert moment_iso(noon + 5) == "2027-01-31T12:00:00.005Z"
    assert moment_local(noon, zone) == "2027-01-31 14:00"
    assert parse_moment("tomorrow", TODAY, UTC) == int(datetime(2026, 11, 23, tzinfo=UTC).timestamp() * 1000)
    with pytest.raises(SitebookError, match="date and time"):
        parse_moment("noonish", TODAY, UTC)
    with pytest.raises(SitebookError, match="outside the years"):
        parse_moment("0001-01-01T00:00+05:00", TODAY, UTC)
    assert not is_moment(True)
    assert not is_moment(1 << 70)


def test_a_relative_day_is_known_as_such() -> None:
    assert is_relative(" +7d ")
    assert not is_relative("today")


@pytest.mark.parametrize("hours", [-8, 0, 5])
def test_days_begin_at_local_midnight_to_the_very_edges(hours: int) -> None:
    here = context(hours=hours)
    day = date(2027, 1, 31)
    midnight = datetime(2027, 1, 31, tzinfo=timezone(timedelta(hours=hours)))
    assert here.day_start(day.toordinal()) == int(midnight.timestamp() * 1000)
    assert here.day_start(date.max.toordinal() + 1) - here.day_start(date.max.toordinal()) == 86_400_000
