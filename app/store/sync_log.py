"""What sync did with a project on this device, kept for a person to read: the last few hundred entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.store.core import Core
from app.store.touched import Touched
from sync.errors import SitebookError
from sync.result import SyncResult

MOST: Final = 500
"""Entries that are kept."""


class Happened(StrEnum):
    """What an entry is about."""

    ROUND = "round"
    """A round that moved something."""
    FAILED = "failed"
    """Something stood in the way; the sentence says what."""
    RECOVERED = "recovered"
    """The first round that went through after a failure."""
    TOLD = "told"
    """Anything else; the sentence says it."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry. ``at_ms`` is in UTC milliseconds by this device's clock."""

    at_ms: int
    what: Happened
    result: SyncResult
    sentence: str


class SyncLog:
    """The entries, on one connection."""

    def __init__(self, core: Core) -> None:
        self._core = core
        last = self._last()
        self._failed = last is not None and last[0] == Happened.FAILED

    def round(self, result: SyncResult) -> None:
        """Note a round that ended well, where it moved something or is the first after a failure."""
        moved = result != SyncResult()
        if moved or self._failed:
            self._add(Happened.ROUND if moved else Happened.RECOVERED, result, "")
            self._failed = False

    def failed(self, sentence: str) -> None:
        """Note what stands in the way, where it is not what stood there before."""
        if self._last() != (Happened.FAILED, sentence):
            self._add(Happened.FAILED, SyncResult(), sentence)
        self._failed = True

    def tell(self, sentence: str) -> None:
        """Note anything else."""
        self._add(Happened.TOLD, SyncResult(), sentence)

    def lines(self, count: int = MOST) -> list[LogLine]:
        """The last entries, the newest first."""
        rows = self._core.db.all(
            "SELECT at_ms, what, pulled, pushed, conflicts, refused, sentence FROM local_sync_log"
            " ORDER BY lid DESC LIMIT ?",
            (count,),
        )
        return [
            LogLine(int(at), Happened(what), SyncResult(*map(int, counts)), str(sentence))
            for at, what, *counts, sentence in rows
        ]

    def _last(self) -> tuple[str, str] | None:
        row = self._core.db.one("SELECT what, sentence FROM local_sync_log ORDER BY lid DESC LIMIT 1")
        return None if row is None else (str(row[0]), str(row[1]))

    def _add(self, what: Happened, result: SyncResult, sentence: str) -> None:
        db = self._core.db
        with self._core.lightly(), self._core.writing(Touched()):
            db.run(
                "INSERT INTO local_sync_log (at_ms, what, pulled, pushed, conflicts, refused, sentence)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    self._core.clock.now_ms(),
                    str(what),
                    result.pulled,
                    result.pushed,
                    result.conflicts,
                    result.refused,
                    sentence,
                ),
            )
            db.run(
                "DELETE FROM local_sync_log WHERE lid <= (SELECT max(lid) FROM local_sync_log) - ?", (MOST,)
            )


@contextmanager
def noted(log: SyncLog) -> Iterator[Callable[[SyncResult], None]]:
    """Keep how a round ends: give what it did to what this gives, or raise. A full disk hides neither."""

    def note(result: SyncResult) -> None:
        with suppress(SitebookError):
            log.round(result)

    try:
        yield note
    except SitebookError as error:
        with suppress(SitebookError):
            log.failed(str(error))
        raise
