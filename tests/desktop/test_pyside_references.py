"""PySide6 must not lose references to None: 6.12.0 does on Python below 3.12, and the process dies of it."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

CALLS = 1000


def test_calls_that_return_nothing_lose_no_reference_to_none(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    label.setText("warm up")
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        label.setText("text")
    lost = before - sys.getrefcount(None)
    # Something else may take or give back a few references meanwhile; the fault loses one a call.
    assert lost < CALLS // 10
