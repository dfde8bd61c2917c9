from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app.desktop import words
from app.desktop.session import SyncPhase, SyncView
from app.desktop.translate import tr_count
from app.desktop.widgets import Look

NOW = datetime(2026, 3, 8, 14, 40, tzinfo=UTC)
TODAY = NOW.date()


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.mark.usefixtures("look")
@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW.replace(hour=14, minute=32), "today 14:32"),
        (NOW - timedelta(days=1, hours=-2), "yesterday 16:40"),
        (NOW - timedelta(days=2), "Fri 6 Mar"),
        (NOW.replace(year=2025), "8 Mar 2025"),
    ],
)
def test_moments_are_said_as_people_say_them(moment: datetime, said: str) -> None:
    assert words.moment_text(ms(moment), NOW) == said


@pytest.mark.usefixtures("look")
def test_today_is_the_devices_own() -> None:
    late = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)
    east = timezone(timedelta(hours=2))
    assert words.moment_text(ms(late), datetime(2026, 3, 9, 8, 0, tzinfo=east)) == "today 01:30"


@pytest.mark.usefixtures("look")
def test_days_are_said_as_people_say_them() -> None:
    assert words.day_text(TODAY, TODAY) == "today"
    assert words.day_text(TODAY + timedelta(days=1), TODAY) == "tomorrow"
    assert words.day_text(TODAY - timedelta(days=1), TODAY) == "yesterday"
    assert words.day_text(date(2026, 3, 6), TODAY) == "Fri 6 Mar"
    assert words.day_text(date(2027, 3, 6), TODAY) == "6 Mar 2027"
    assert words.overdue_text(date(2026, 3, 6), TODAY) == "overdue 2 days"
    assert words.overdue_text(date(2026, 3, 7), TODAY) == "overdue 1 day"


@pytest.mark.usefixtures("look")
def test_an_exact_moment_names_day_and_minute() -> None:
    assert words.exact_text(ms(NOW), UTC) == "Sunday 8 March 2026, 14:40"


@pytest.mark.usefixtures("look")
@pytest.mark.parametrize(
    ("view", "said"),
    [
        (SyncView(SyncPhase.ALONE, waiting=40), "Only on this device: no server set"),
        (SyncView(SyncPhase.OFFLINE, waiting=12), "Offline, 12 changes waiting"),
        (SyncView(SyncPhase.OFFLINE, waiting=1), "Offline, 1 change waiting"),
        (SyncView(SyncPhase.OFFLINE, waiting=1284), "Offline, 1,284 changes waiting"),
        (SyncView(SyncPhase.OFFLINE), "Offline, nothing waiting"),
        (SyncView(SyncPhase.SYNCING, waiting=3), "Syncing"),
        (SyncView(SyncPhase.SYNCED, last_success_ms=ms(NOW.replace(minute=32))), "Synced 14:32"),
        (SyncView(SyncPhase.SYNCED, last_success_ms=ms(NOW - timedelta(days=1))), "Synced yesterday 14:40"),
        (SyncView(SyncPhase.SYNCED, waiting=2, last_success_ms=ms(NOW)), "2 changes waiting"),
        (SyncView(SyncPhase.SYNCED), "Waiting for a connection"),
        (
            SyncView(SyncPhase.SYNCED, attention=1, last_success_ms=ms(NOW.replace(minute=32))),
            "Needs attention: 1 · Synced 14:32",
        ),
        (
            SyncView(SyncPhase.OFFLINE, waiting=12, attention=2),
            "Needs attention: 2 · Offline, 12 changes waiting",
        ),
    ],
)
def test_the_bottom_line_tells_the_truth(view: SyncView, said: str) -> None:
    assert words.sync_sentence(view, NOW) == said
    assert words.sync_icon(view)


@pytest.mark.usefixtures("look")
def test_the_hint_says_why_and_what_to_do() -> None:
    view = SyncView(
        SyncPhase.OFFLINE, waiting=1, last_success_ms=ms(NOW), problem="The server does not answer."
    )
    hint = words.sync_hint(view, NOW)
    assert hint.startswith(
        "The server does not answer.\nLast in step with the server: Sunday 8 March 2026, 14:40."
    )
    assert "safe here" in hint


def test_counts_take_the_right_form(look: Look) -> None:
    assert tr_count("%n entry", "%n entries", 0) == "0 entries"
    assert tr_count("%n entry", "%n entries", 1) == "1 entry"
    assert tr_count("%n entry", "%n entries", 40000) == "40,000 entries"
