"""Searches of the texts while they are typed: on a thread and a connection of their own, the last one only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.workers import Workers
from app.store.search import Cancelled

if TYPE_CHECKING:
    from app.store.search import Hit, Search

_RANK_AFTER_MS = 80
"""How long typing rests before the hits are put into the order of how well they fit."""
MOST = 40
"""So many hits are shown."""


class Searcher(QObject):
    """Asks for the hits of a text; each text that is asked for cancels the one before."""

    found = Signal(str, list)
    """Emits the text and its newest hits."""
    ranked = Signal(str, list)
    """Emits the text and its best hits, a moment later."""
    failed = Signal(str)

    def __init__(self, make: Callable[[], Search], parent: QObject | None = None) -> None:
        """``make`` opens a connection; it is called on the search's own thread when first needed."""
        super().__init__(parent)
        self._make = make
        self._workers = Workers(self)
        self._search: Search | None = None
        self._lock = threading.Lock()
        self._turn = 0
        self._text = ""
        self._pause = QTimer(self, singleShot=True, interval=_RANK_AFTER_MS)
        self._pause.timeout.connect(self._rank)

    @property
    def text(self) -> str:
        """What was asked for last."""
        return self._text

    def ask(self, text: str) -> None:
        """Search for a text; an empty one only ends what runs."""
        self._text = text
        turn = self._next_turn()
        self._pause.stop()
        if text.strip():
            self._run(turn, lambda search: search.first_hits(text, MOST), self._first_came)

    def stop(self) -> None:
        """End what runs and close the connection."""
        self._next_turn()
        self._pause.stop()
        self._workers.wait()
        if self._search is not None:
            self._search.close()
            self._search = None

    def _next_turn(self) -> int:
        with self._lock:
            self._turn += 1
            if self._search is not None:
                self._search.cancel()
            return self._turn

    def _rank(self) -> None:
        text = self._text
        self._run(self._turn, lambda search: search.ranked(text, MOST), self._best_came)

    def _run(
        self, turn: int, question: Callable[[Search], list[Hit]], done: Callable[[int, list[Hit]], None]
    ) -> None:
        def work() -> list[Hit] | None:
            with self._lock:
                # Whoever asks next cancels under the same lock: no cancelling is lost between these lines.
                if turn != self._turn:
                    return None
                if self._search is not None:
                    self._search.renew()
            if self._search is None:
                self._search = self._make()
            try:
                return question(self._search)
            except Cancelled:
                return None

        self._workers.run(work, lambda hits: None if hits is None else done(turn, hits), self._failed)

    def _first_came(self, turn: int, hits: list[Hit]) -> None:
        if turn == self._turn:
            self._pause.start()
            self.found.emit(self._text, hits)

    def _best_came(self, turn: int, hits: list[Hit]) -> None:
        if turn == self._turn:
            self.ranked.emit(self._text, hits)

    def _failed(self, sentence: str) -> None:
        self.failed.emit(sentence)
