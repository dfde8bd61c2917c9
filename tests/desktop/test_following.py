"""What goes on for long is shown a number of times that hardly grows."""

from __future__ import annotations

from app.desktop.following import Growing


def times_shown(seconds: int) -> int:
    now = [0.0]
    growing = Growing(lambda: now[0])
    shown = 0
    for _ in range(seconds * 100):
        now[0] += 0.01
        shown += growing.due()
    return shown


def test_soon_at_first_then_by_a_part_of_what_was_done() -> None:
    assert times_shown(2) in (3, 4)
    assert times_shown(4000) < times_shown(400) + 20
