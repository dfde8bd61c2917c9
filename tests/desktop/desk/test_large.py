"""40,000 rows cost what 40 do: only what is on the screen is ever asked for."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.desktop.desk.lines import Lines
from tests.desktop.desk.desk_stage import Hand

ROWS = 40_000


@pytest.fixture
def large(hand: Hand) -> Hand:
    """The rows of the stage again and again: as many lines as in a large project."""
    rows = np.tile(np.array(hand.table.lines.rows(), np.int32), ROWS // 40)
    hand.table.show_lines(Lines(rows, size=hand.table.scene.frame.size))
    return hand


def test_scrolling_draws_only_what_comes_into_view(large: Hand) -> None:
    table = large.table
    drawn: list[int] = []
    for column in table.plan.placed:
        draw = column.ink.draw

        def counted(*cell: object, draw: object = draw, **how: object) -> None:
            drawn.append(1)
            draw(*cell, **how)  # type: ignore[operator]

        column.ink.draw = counted  # type: ignore[method-assign]
    seen = table.viewport().height() // table.row_height + 2
    columns = len(table.plan.placed)
    bar = table.verticalScrollBar()
    for at in np.linspace(0, bar.maximum(), 60).astype(int).tolist():
        drawn.clear()
        bar.setValue(at)
        table.viewport().repaint()
        assert 0 < len(drawn) <= seen * columns
        assert len(table.painting.painted) <= seen


def test_the_ends_of_40_000_rows_are_one_key_away(large: Hand) -> None:
    large.table.setFocus()
    large.press(Qt.Key.Key_Home)
    large.press(Qt.Key.Key_PageDown)
    bar = large.table.verticalScrollBar()
    assert bar.maximum() == ROWS * large.table.row_height - large.table.viewport().height()
    bar.setValue(bar.maximum())
    assert large.table.line_at(large.table.viewport().height() - 1) == ROWS - 1


def test_one_step_of_the_wheel_draws_only_the_rows_that_come(large: Hand) -> None:
    """What is on the screen already is moved, not drawn again."""
    table = large.table
    if not table.devicePixelRatioF().is_integer():
        pytest.skip("the screen has no whole pixels to move")
    table.verticalScrollBar().setValue(0)
    table.viewport().repaint()
    table.painting.painted = []
    table.verticalScrollBar().setValue(3 * table.row_height)
    large.qtbot.waitUntil(lambda: bool(table.painting.painted))
    assert len(table.painting.painted) <= 6
