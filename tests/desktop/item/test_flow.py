"""Widgets that fill lines: where they stand, how high that is, and what comes and goes among them."""

from __future__ import annotations

import gc

from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.item.flow import Flow

GAP = 10


def boxes(count: int) -> list[QWidget]:
    made = [QWidget() for _ in range(count)]
    for each in made:
        each.setFixedSize(100, 20)
    return made


def flow_in_page(qtbot: QtBot, width: int) -> tuple[QWidget, Flow]:
    page = QWidget()
    qtbot.addWidget(page)
    flow = Flow(GAP)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(flow)
    column.addStretch(1)
    page.resize(width, 400)
    with qtbot.waitExposed(page):
        page.show()
    return page, flow


def places(widgets: list[QWidget]) -> list[tuple[int, int]]:
    return [(each.x(), each.y()) for each in widgets]


def test_it_fills_lines_and_is_as_high_as_they_are(qtbot: QtBot) -> None:
    page, flow = flow_in_page(qtbot, 210)
    three = boxes(3)
    flow.show_widgets(three)
    qtbot.waitUntil(lambda: flow.height() == 50)
    assert places(three) == [(0, 0), (110, 0), (0, 30)]
    page.resize(320, 400)
    qtbot.waitUntil(lambda: flow.height() == 20)
    assert places(three) == [(0, 0), (110, 0), (220, 0)]
    page.resize(60, 400)
    qtbot.waitUntil(lambda: flow.height() == 80)


def test_hidden_ones_take_no_room(qtbot: QtBot) -> None:
    _, flow = flow_in_page(qtbot, 210)
    three = boxes(3)
    three[0].hide()
    flow.show_widgets(three)
    qtbot.waitUntil(lambda: flow.height() == 20)
    assert places(three[1:]) == [(0, 0), (110, 0)]
    three[0].show()
    qtbot.waitUntil(lambda: places(three) == [(0, 0), (110, 0), (0, 30)])
    three[1].setFixedSize(90, 40)
    qtbot.waitUntil(lambda: flow.height() == 70)


def test_they_come_and_go_while_garbage_is_collected(qtbot: QtBot) -> None:
    page, flow = flow_in_page(qtbot, 210)
    kept = boxes(1)
    for turn in range(30):
        before, now = flow.findChildren(QWidget), [*boxes(turn % 4), *kept]
        flow.show_widgets(now)
        for each in before:
            if each not in now:
                each.hide()
                each.deleteLater()
        gc.collect()
        page.resize(150 + turn, 400)
    qtbot.waitUntil(lambda: len(flow.findChildren(QWidget)) == len(now))
    assert places(kept) == [(0, 30)]
