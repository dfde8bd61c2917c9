from __future__ import annotations

from datetime import UTC, date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.dates import find_date, find_days, moment_local, parse_moment
from sync.errors import SitebookError

_TODAY = date(2026, 11, 22)
"""A Sunday."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in 2 weeks", "2026-12-06"),
        ("In a week", "2026-11-29"),
        ("in three days", "2026-11-25"),
        ("in 1 month", "2026-12-22"),
        ("in 2 quarters", "2027-05-22"),
        ("2 weeks from now", "2026-12-06"),
        ("3 days ago", "2026-11-19"),
        ("a year ago", "2025-11-22"),
        ("end of month", "2026-11-30"),
        ("end of the  month", "2026-11-30"),
        ("eom", "2026-11-30"),
        ("end of next month", "2026-12-31"),
        ("start of next year", "2027-01-01"),
        ("beginning of week", "2026-11-16"),
        ("end of week", "2026-11-22"),
        ("end of quarter", "2026-12-31"),
        ("next week", "2026-11-23"),
        ("next month", "2026-12-01"),
        ("next fri", "2026-11-27"),
        ("this friday", "2026-11-27"),
        ("sun", "2026-11-29"),
        ("last fri", "2026-11-20"),
        ("last sun", "2026-11-15"),
    ],
)
def test_words_mean_a_day(text: str, expected: str) -> None:
    found = find_date(text, _TODAY)
    assert found is not None
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    "text", ["", "in", "in weeks", "end of", "next", "last", "fr", "in 99999 years", "end of day", "x" * 99]
)
def test_other_words_mean_none(text: str) -> None:
    assert find_date(text, _TODAY) is None


def test_a_period_is_all_its_days() -> None:
    assert find_days("this week", _TODAY) == (date(2026, 11, 16), date(2026, 11, 22))
    assert find_days("last quarter", _TODAY) == (date(2026, 7, 1), date(2026, 9, 30))
    assert find_days("this year", date(9999, 5, 1)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomorrow 14:30", "2026-11-23 14:30"),
        ("fri 9am", "2026-11-27 09:00"),
        ("end of month at 12:15 PM", "2026-11-30 12:15"),
        ("12 am", "2026-11-22 00:00"),
        ("8:05", "2026-11-22 08:05"),
        ("31 Jan 2027, 23:59", "2027-01-31 23:59"),
        ("31 Jan 2027", "2027-01-31 00:00"),
    ],
)
def test_a_time_may_follow_the_words(text: str, expected: str) -> None:
    assert moment_local(parse_moment(text, _TODAY, UTC), UTC) == expected


@pytest.mark.parametrize("text", ["fri 25:00", "fri 13pm", "14:60", "noon"])
def test_no_such_time(text: str) -> None:
    with pytest.raises(SitebookError, match="date and time"):
        parse_moment(text, _TODAY, UTC)


@given(st.text("inagolsthefrwkmdyu 0123456789", max_size=40), st.dates())
def test_any_text_on_any_day_is_a_date_or_none(text: str, today: date) -> None:
    find_date(text, today)
    days = find_days(text, today)
    assert days is None or days[0] <= days[1]
