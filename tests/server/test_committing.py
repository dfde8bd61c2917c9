"""The queue of writers: in order, together where they wait, each with its own failure."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sync.server.committing import Committing
from sync.server.sqlite import SqliteStorage
from sync.server.storage import Writing
from tests.server.support import FakeClock, Seeded

P = b"p" * 32


class Counted(SqliteStorage):
    """Counts transactions, and holds the first one back."""

    def __init__(self) -> None:
        super().__init__(":memory:", FakeClock(), Seeded(1))
        self.transactions = 0
        self.entered = threading.Event()
        self.go_on = threading.Event()

    @contextmanager
    def write(self, project: bytes) -> Iterator[Writing]:  # type: ignore[override]
        self.transactions += 1
        self.entered.set()
        self.go_on.wait(10)
        with super().write(project) as change:
            yield change


def waiting(committing: Committing) -> int:
    return sum(map(len, committing._lines.values()))


@pytest.mark.parametrize("failing", [None, 3])
def test_who_waits_is_committed_together_and_in_order(failing: int | None) -> None:
    storage = Counted()
    committing = Committing(storage)
    done: list[int] = []
    failed: list[int] = []

    def work(change: Writing, index: int) -> None:
        change.add_devices(P, [bytes([index])])
        if index == failing:
            raise ZeroDivisionError
        done.append(index)

    def run(index: int) -> None:
        try:
            committing.run(P, lambda change: work(change, index))
        except ZeroDivisionError:
            failed.append(index)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(8)]
    threads[0].start()
    assert storage.entered.wait(10)
    for count, thread in enumerate(threads[1:], 1):
        thread.start()
        while waiting(committing) < count:
            pass
    storage.go_on.set()
    for thread in threads:
        thread.join(10)
    with storage.read() as view:
        noted = [index for index in range(8) if view.projects_of(bytes([index]))]
    if failing is None:
        assert (storage.transactions, done, failed) == (2, list(range(8)), [])
        assert noted == done
    else:
        # Together it failed; then each alone, and only one fails.
        assert (storage.transactions, failed) == (2 + 7, [3])
        assert noted == [0, 1, 2, 4, 5, 6, 7]
    assert committing._lines == {}
    storage.close()
