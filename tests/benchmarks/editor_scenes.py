"""The editor off-screen in a process of its own: typing, typing while others do, opening. Prints times as JSON."""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from random import Random

from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.desktop.app import dress
from app.desktop.editor.rich import RichTextEditor
from app.desktop.editor.tools import EditorTools
from app.desktop.garbage import GarbageCollector
from app.desktop.tokens import ThemeName
from app.desktop.widgets import Look
from tests.benchmarks.editor import KEYS_A_SECOND, REMOTE_A_SECOND
from tests.benchmarks.editor_other import Other
from tests.benchmarks.rich_text import long_document, state_of

_CLIENT = 7


class Painted(QObject):
    """Knows when a widget was painted last."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self.count += 1
        return False


class Scene:
    """An editor in a window of 900 x 900 pixels, with its tools."""

    def __init__(self, look: Look) -> None:
        self.window = QWidget()
        self.editor = RichTextEditor(look, "Text", "Write")
        EditorTools(look, self.editor)
        layout = QVBoxLayout(self.window)
        layout.addWidget(self.editor)
        self.window.resize(900, 900)
        self.window.show()
        self.window.activateWindow()
        self.painted = Painted(self.editor.viewport())
        settle()

    def open(self, state: bytes) -> tuple[float, float, float]:
        """Open a text; seconds until its first screen is painted, those of processor, and until it is whole."""
        begun, processor = time.perf_counter(), time.thread_time()
        self.editor.bind(state, _CLIENT, lambda _update: None)
        self.paint()
        shown, spent = time.perf_counter() - begun, time.thread_time() - processor
        binding = self.editor.binding
        assert binding is not None
        while not binding.complete:
            QApplication.processEvents()
        return shown, spent, time.perf_counter() - begun

    def paint(self) -> None:
        """Let what is due be painted."""
        before = self.painted.count
        while self.painted.count == before:
            QApplication.processEvents()

    def type(
        self, share: float, count: int, remote: Callable[[], bytes] | None = None
    ) -> tuple[list[float], list[float]]:
        """Type at a place in the text; seconds from when each key was due until it was painted, and of processor.

        A key is due at a fixed time whatever goes on: what keeps it waiting counts. ``remote`` makes an edit of
        somebody else's.
        """
        binding = self.editor.binding
        assert binding is not None
        place = round((self.editor.length() - 1) * share)
        self.editor.setFocus()
        self.editor.set_selection(place, place)
        settle()
        chance = Random(count)
        begun = time.perf_counter() + 0.1
        dues = [(begun + number / KEYS_A_SECOND, True) for number in range(count)]
        if remote is not None:
            several = count * REMOTE_A_SECOND // KEYS_A_SECOND
            dues += [(begun + number / REMOTE_A_SECOND, False) for number in range(several)]
        times, spent = [], []
        for due, is_key in sorted(dues):
            while time.perf_counter() < due:
                QApplication.processEvents()
                time.sleep(0.0005)
            if is_key:
                processor = time.thread_time()
                QTest.keyClicks(self.editor, chance.choice("etaoin shrdlu "))
                self.paint()
                times.append(time.perf_counter() - due)
                spent.append(time.thread_time() - processor)
            elif remote is not None:
                self.editor.receive(remote())
        return times, spent


def settle() -> None:
    """Let everything be done that is waiting."""
    for _ in range(5):
        QApplication.processEvents()


def main(length: int, keys: int, opened: int) -> None:
    """Run the scenes, and print what they took."""
    application = QApplication(sys.argv[:1])
    collector = GarbageCollector(application)
    collector.begin()
    sys.setswitchinterval(0.001)
    look = dress(application, ThemeName.LIGHT)
    state = state_of(long_document(length))
    scene = Scene(look)
    scene.open(state)
    found: dict[str, list[float]] = {"first screen": [], "first screen, spent": [], "whole": []}
    for _ in range(opened):
        gc.collect()
        shown, spent, whole = scene.open(state)
        found["first screen"].append(shown)
        found["first screen, spent"].append(spent)
        found["whole"].append(whole)
        settle()
    for name, share in (("beginning", 0.001), ("middle", 0.5), ("end", 0.999)):
        found[name], found[f"{name}, spent"] = scene.type(share, keys)
    binding = scene.editor.binding
    assert binding is not None
    found["others"], found["others, spent"] = scene.type(0.5, keys, Other(binding.state()).edit)
    scene.editor.release()
    collector.end()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
