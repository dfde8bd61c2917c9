from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.guard import ErrorHook
from app.desktop.workers import Workers
from sync.errors import SitebookError


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> ErrorHook:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    made = ErrorHook()
    made.install()
    return made


def test_an_error_of_our_own_is_logged_and_told(
    qtbot: QtBot, hook: ErrorHook, caplog: pytest.LogCaptureFixture
) -> None:
    error = ZeroDivisionError("by zero")
    with qtbot.waitSignal(hook.happened):
        sys.excepthook(type(error), error, None)
    assert "ZeroDivisionError" in caplog.text
    assert caplog.records[0].levelno == logging.CRITICAL


def test_an_error_on_a_thread_is_told_too(
    qtbot: QtBot, hook: ErrorHook, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with qtbot.waitSignal(hook.happened):
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    assert "ZeroDivisionError" in caplog.text


def test_slow_calls_run_elsewhere_and_answer_here(qtbot: QtBot) -> None:
    workers = Workers()
    here = threading.get_ident()
    answers: list[tuple[str, int, int]] = []
    workers.run(
        threading.get_ident,
        lambda there: answers.append(("done", there, threading.get_ident())),
        lambda sentence: answers.append((sentence, 0, 0)),
    )
    assert workers.busy
    qtbot.waitUntil(lambda: not workers.busy)
    word, there, back = answers[0]
    assert word == "done"
    assert there != here
    assert back == here


def test_errors_of_slow_calls_become_sentences(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    workers = Workers()
    told: list[str] = []

    def refuse() -> None:
        raise SitebookError("The server does not answer.")

    def fail() -> None:
        raise ZeroDivisionError

    for work in (refuse, fail):
        workers.run(work, lambda _result: told.append("done"), told.append)
    qtbot.waitUntil(lambda: not workers.busy)
    assert told[0] == "The server does not answer."
    assert told[1].startswith("Something went wrong")
    assert "ZeroDivisionError" in caplog.text


_PAINTING = """
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app.desktop.guard import ErrorHook

application = QApplication([])
hook = ErrorHook()
hook.install()


def draw():
    picture = QPixmap(16, 16)
    painter = QPainter(picture)
    painter.save()
    raise KeyError("no such icon")


class Broken(QWidget):
    def paintEvent(self, event):
        painter = QPainter(self)
        draw()


window = QWidget()
broken = Broken(window)
window.show()
for _ in range(5):
    broken.update()
    application.processEvents()
broken.deleteLater()
window.update()
application.processEvents()
print("lived")
"""


def test_an_error_while_painting_leaves_the_window_alive() -> None:
    # In a process of its own: the fault that this looks for ends the process.
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", _PAINTING],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "MALLOC_PERTURB_": "165"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "lived\n", done.stderr
    assert "active painter" not in done.stderr
    assert "KeyError: 'no such icon'" in done.stderr
