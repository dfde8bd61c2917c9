"""Calls on a worker: in order, and what they hold goes on the GUI thread, also when who asked is gone."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.desktop.workers import Workers


class Held:
    """Notes on which thread it goes."""

    def __init__(self, gone: list[int]) -> None:
        self._gone = gone

    def look(self) -> None:
        """What a call does with it."""

    def __del__(self) -> None:
        self._gone.append(threading.get_ident())


def test_what_a_call_holds_goes_on_the_gui_thread(qtbot: QtBot) -> None:
    workers, gone, told = Workers(), list[int](), list[object]()
    for _ in range(20):
        workers.run(Held(gone).look, told.append, told.append)
    qtbot.waitUntil(lambda: not workers.busy)
    assert told == [None] * 20
    assert gone == [threading.get_ident()] * 20


def test_what_a_call_gives_goes_on_the_gui_thread(qtbot: QtBot) -> None:
    workers, gone = Workers(), list[int]()
    for _ in range(20):
        workers.run(lambda: Held(gone), lambda _held: None, lambda _sentence: None)
    qtbot.waitUntil(lambda: not workers.busy)
    assert gone == [threading.get_ident()] * 20


@pytest.mark.usefixtures("python_collects")
def test_the_worker_collects_no_garbage(qtbot: QtBot) -> None:
    workers, collected = Workers(), set[int]()

    def note(_phase: str, _info: dict[str, int]) -> None:
        collected.add(threading.get_ident())

    def make_cycles() -> None:
        for _ in range(20_000):
            cycle: list[object] = []
            cycle.append(cycle)

    gc.callbacks.append(note)
    try:
        workers.run(make_cycles, lambda _nothing: None, lambda _sentence: None)
        qtbot.waitUntil(lambda: not workers.busy)
    finally:
        gc.callbacks.remove(note)
    assert collected <= {threading.get_ident()}
    assert gc.isenabled()


def test_nobody_is_told_when_who_asked_is_gone(qtbot: QtBot) -> None:
    page = QObject()
    workers, told, go_on = Workers(page), list[object](), threading.Event()
    last = Workers()
    workers.run(go_on.wait, told.append, told.append)
    page.deleteLater()
    with qtbot.waitSignal(page.destroyed):
        pass
    go_on.set()
    last.run(lambda: None, lambda _nothing: None, told.append)
    qtbot.waitUntil(lambda: not workers.busy and not last.busy)
    assert told == []


def test_what_waits_for_its_turn_is_forgotten(qtbot: QtBot) -> None:
    workers, told, begun = Workers(), list[str](), threading.Event()
    busy: list[bool] = []
    workers.busy_changed.connect(busy.append)

    def first() -> str:
        begun.set()
        return "first"

    workers.run(first, told.append, told.append)
    assert begun.wait(10)
    hold = threading.Event()
    workers.run(lambda: hold.wait(0.1), lambda _: told.append("second"), told.append)
    workers.run(lambda: "third", told.append, told.append)
    workers.wait()
    qtbot.waitUntil(lambda: not workers.busy)
    assert "third" not in told
    assert busy == [True, False]


def test_the_process_ends_while_a_call_runs() -> None:
    script = """
import threading, time
from PySide6.QtWidgets import QApplication
from app.desktop.workers import Workers
application = QApplication([])
workers = Workers()
begun = threading.Event()
workers.run(lambda: (begun.set(), time.sleep(0.2)), print, print)
workers.run(lambda: None, print, print)
assert begun.wait(10)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
