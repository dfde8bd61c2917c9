from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.desktop.side_bar import SideBar, SideEntry
from app.desktop.tokens import Density, ThemeName
from app.desktop.widgets import Look

_LOWEST = 480
"""Pixels that a screen of 720 lines has at 150 %."""


def test_large_rows_give_way_on_a_low_screen(qtbot: QtBot, look: Look) -> None:
    look.theme.choose(ThemeName.LIGHT, Density.TOUCH)
    entries = tuple(SideEntry(f"page{each}", "tag", f"Page {each}") for each in range(12))
    bar = SideBar(look, "Harbour Tower", entries, (SideEntry("settings", "tag", "Settings"),))
    qtbot.addWidget(bar)
    assert bar.minimumSizeHint().height() <= _LOWEST
    bar.resize(bar.width(), _LOWEST)
    with qtbot.waitExposed(bar):
        bar.show()
    assert bar.height() == _LOWEST
    low = bar._entries["settings"]
    assert low.geometry().bottom() < _LOWEST
    bar.resize(bar.width(), 1000)
    qtbot.waitUntil(lambda: bar._entries["page0"].height() == bar._entries["page0"].sizeHint().height())
