from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale

from app.desktop.calendar.days import (
    day_names,
    day_of,
    is_weekend,
    month_of,
    moved_to,
    ordinals,
    shift_days,
    shift_month,
    title_of,
    week_begin,
    week_of,
)
from app.domain.schema import Field, FieldType

BRITISH = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
AMERICAN = QLocale(QLocale.Language.English, QLocale.Country.UnitedStates)
EGYPTIAN = QLocale(QLocale.Language.Arabic, QLocale.Country.Egypt)
DUE = Field("due", FieldType.DATE, "Due")
DONE = Field("completed", FieldType.MOMENT, "Completed")
EAST = timezone(timedelta(hours=13))


@pytest.fixture(autouse=True)
def british(qapp: object) -> None:
    QLocale.setDefault(BRITISH)


def test_a_month_is_shown_in_whole_weeks_that_begin_as_the_locale_says() -> None:
    march = month_of(date(2026, 3, 8), BRITISH)
    assert (march.days[0], march.days[-1], march.weeks) == (date(2026, 2, 23), date(2026, 4, 5), 6)
    american = month_of(date(2026, 3, 8), AMERICAN)
    assert (american.days[0], american.weeks) == (date(2026, 3, 1), 5)
    assert month_of(date(2027, 2, 10), BRITISH).weeks == 4
    assert week_begin(date(2026, 3, 8), EGYPTIAN) == date(2026, 3, 7)


def test_weekends_are_the_days_of_rest_of_the_locale() -> None:
    saturday, friday = date(2026, 3, 7), date(2026, 3, 6)
    assert is_weekend(saturday, BRITISH)
    assert not is_weekend(friday, BRITISH)
    assert is_weekend(friday, EGYPTIAN)


@given(st.dates(date(1000, 1, 1), date(9998, 12, 31)))
def test_every_month_has_all_its_days(day: date) -> None:
    shown = month_of(day, BRITISH)
    assert 28 <= len(shown.days) <= 42
    assert shown.index(day) is not None
    assert shown.days[0].weekday() == 0
    assert all(b - a == timedelta(days=1) for a, b in zip(shown.days, shown.days[1:], strict=False))
    assert week_of(day, BRITISH).index(day) == day.weekday()


def test_months_and_days_move_and_stop_at_the_ends() -> None:
    assert shift_month(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert shift_month(date(2026, 3, 8), -1) == date(2026, 2, 8)
    assert shift_month(date(9999, 12, 5), 1) == shift_days(date(9998, 12, 30), 7) == date(9998, 12, 31)
    assert month_of(date(9999, 12, 31)).month == 12
    assert shift_days(date(1, 1, 1), -1) == date(1000, 1, 1)
    assert shift_days(date(2026, 3, 8), -7) == date(2026, 3, 1)


def test_titles_and_names() -> None:
    assert title_of(month_of(date(2026, 3, 8))) == "March 2026"
    assert title_of(week_of(date(2026, 3, 10))) == "9 – 15 March 2026"
    assert title_of(week_of(date(2026, 3, 31))) == "30 Mar – 5 Apr 2026"
    assert title_of(week_of(date(2026, 12, 30))) == "28 Dec 2026 – 3 Jan 2027"
    assert day_names(month_of(date(2026, 3, 8)))[0] == "Mon"


def test_a_moment_stands_on_the_day_of_the_wall_clock_and_keeps_its_time() -> None:
    moment = round(datetime(2026, 3, 8, 20, 15, tzinfo=UTC).timestamp() * 1000)
    assert day_of(DONE, moment, UTC) == date(2026, 3, 8)
    assert day_of(DONE, moment, EAST) == date(2026, 3, 9)
    moved = moved_to(DONE, moment, date(2026, 3, 20), EAST)
    assert isinstance(moved, int)
    assert datetime.fromtimestamp(moved / 1000, EAST).isoformat()[:16] == "2026-03-20T09:15"
    assert moved_to(DONE, moment, None, EAST) is None
    noon = moved_to(DONE, None, date(2026, 3, 20), UTC)
    assert isinstance(noon, int)
    assert datetime.fromtimestamp(noon / 1000, UTC).hour == 12
    assert moved_to(DUE, "2026-03-08", date(2026, 4, 1), UTC) == "2026-04-01"


@pytest.mark.parametrize("wild", [None, "soon", 5, ("2026-03-08",), True, 10**30, -(10**30), b"", {}])
def test_what_is_no_date_stands_on_no_day(wild: object) -> None:
    assert day_of(DUE, wild, UTC) is None
    assert ordinals(DUE, [wild, "2026-03-08"], UTC) == [0, date(2026, 3, 8).toordinal()]
    if not isinstance(wild, int) or wild != 5:
        assert day_of(DONE, wild, UTC) is None
