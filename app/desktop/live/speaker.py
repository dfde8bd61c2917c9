"""Says to the others where one is: the newest only, not too often, and now and then that one is still there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sync.clock import Clock, Random
from sync.errors import SitebookError, Unreachable
from sync.presence import HEARTBEAT_MS, Presence

APART: Final = 0.2
"""Seconds between two messages at least."""
HEARTBEAT: Final = HEARTBEAT_MS / 1000
ALONE: Final = 60.0
"""Seconds between two messages while nobody else is there."""
_LONGEST: Final = 3_600.0


class Speaker:
    """One project's voice. Its thread begins with the first word; nothing is sent while nobody listens."""

    def __init__(
        self,
        send: Callable[[Presence], None],
        others: Callable[[], int],
        *,
        clock: Clock,
        random: Random,
        apart: float = APART,
    ) -> None:
        """``send`` is called in the thread and may raise SitebookError; ``others``: how many are there."""
        self._send = send
        self._others = others
        self._clock = clock
        self._random = random
        self._apart = apart
        self._condition = threading.Condition()
        self._said: Presence | None = None
        self._seen = False
        self._live = False
        self._ending = False
        self._due = clock.monotonic()
        self._earliest = self._due
        self._thread: threading.Thread | None = None

    def say(self, said: Presence | None) -> None:
        """Say where one is from now on; None: nothing more, and that one is gone."""
        with self._condition:
            if said == self._said:
                return
            self._said = said
            self._soon(0.0)

    def listen(self, live: bool) -> None:
        """Say whether there is a way to the others now."""
        with self._condition:
            self._live = live
            self._soon(0.0)

    def greet(self) -> None:
        """Somebody came: tell them soon, but not all at one time."""
        with self._condition:
            chance = int.from_bytes(self._random(2), "big") / (1 << 16)
            self._soon(chance * min(HEARTBEAT, 0.3 + 0.03 * self._others()))

    def _soon(self, seconds: float) -> None:
        self._due = min(self._due, self._clock.monotonic() + seconds)
        if self._ending or not self._live or (self._said is None and not self._seen):
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sitebook-presence", daemon=True)
            self._thread.start()
        self._condition.notify_all()

    def end(self) -> None:
        """Say that one is gone, and stop; ``join`` waits for it."""
        with self._condition:
            self._said = None
            self._ending = True
            self._condition.notify_all()

    def join(self, seconds: float) -> bool:
        """Wait until it has ended; whether it has."""
        if self._thread is None or self._thread is threading.current_thread():
            return True
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    # In its thread

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._ending and (wait := self._wait()) > 0:
                    self._condition.wait(wait)
                if self._ending and not (self._seen and self._live):
                    return
                said = self._said
            self._speak(said if said is not None else Presence(here=False))
            if self._ending:
                return

    def _wait(self) -> float:
        if not self._live or (self._said is None and not self._seen):
            return _LONGEST
        return max(self._due, self._earliest) - self._clock.monotonic()

    def _speak(self, said: Presence) -> None:
        held = 0.0
        with suppress(SitebookError):
            try:
                self._send(said)
            except Unreachable as error:
                held = error.retry_after or HEARTBEAT
                raise
        with self._condition:
            now = self._clock.monotonic()
            self._seen = said.here
            self._earliest = now + max(self._apart, held)
            newer = (self._said or Presence(here=False)) != said
            self._due = now if newer else now + (HEARTBEAT if self._others() else ALONE)
