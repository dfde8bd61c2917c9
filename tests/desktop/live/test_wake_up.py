"""Two real devices over a real server process: what one writes, the other shows within a moment."""

from __future__ import annotations

import time
from functools import partial

from pytestqt.qtbot import QtBot

from app.domain.schema import ISSUE
from app.store.project import Project
from sync.presence import Presence
from tests.desktop.live.conftest import Pair


def write(pair: Pair, title: str) -> bytes:
    record = pair.ada.session.open(pair.project).create(ISSUE, {"title": title})
    pair.ada.feed.poke(pair.project)
    return record if isinstance(record, bytes) else record[0]


def has(project: Project, record: bytes) -> bool:
    return project.get(record) is not None


def test_a_change_shows_at_the_others_within_a_moment(pair: Pair, qtbot: QtBot) -> None:
    pair.begin(qtbot)
    theirs = pair.ben.session.open(pair.project)
    seconds = []
    for number in range(3):
        begun = time.perf_counter()
        record = write(pair, f"Crack {number}")
        qtbot.waitUntil(partial(has, theirs, record), timeout=10_000)
        seconds.append(time.perf_counter() - begun)
    # The sender waits 250 ms for more; without events the other would look in half a minute.
    assert min(seconds) < 5.0


def test_ones_own_writing_is_no_reason_for_more_rounds(pair: Pair, qtbot: QtBot) -> None:
    pair.begin(qtbot)
    rounds: list[bytes] = []
    theirs = pair.ben.session.open(pair.project)
    pair.ada.feed.synced.connect(lambda project, _result: rounds.append(project))
    record = write(pair, "Crack")
    qtbot.waitUntil(lambda: theirs.get(record) is not None and bool(rounds), timeout=10_000)
    qtbot.wait(400)
    assert len(rounds) == 1


def test_who_is_there_is_known_and_who_goes_is_gone(pair: Pair, qtbot: QtBot) -> None:
    pair.begin(qtbot)
    moved: list[bytes] = []
    ada, ben = pair.ada.feed.lines, pair.ben.feed.lines
    ada.people_changed.connect(moved.append)
    assert ada.people(pair.project) == ()
    ben.say(pair.project, Presence(True, b"r" * 16))
    qtbot.waitUntil(lambda: bool(ada.people(pair.project)), timeout=10_000)
    assert [each.said.record for each in ada.people(pair.project)] == [b"r" * 16]
    assert moved
    # Who comes later is told of those who are there.
    ada.say(pair.project, Presence())
    qtbot.waitUntil(lambda: bool(ben.people(pair.project)), timeout=10_000)
    ben.say(pair.project, None)
    qtbot.waitUntil(lambda: not ada.people(pair.project), timeout=10_000)
    ben.say(pair.project, Presence())
    qtbot.waitUntil(lambda: bool(ada.people(pair.project)), timeout=10_000)
    pair.ben.session.close()
    qtbot.waitUntil(lambda: not ada.people(pair.project), timeout=10_000)


def test_closing_takes_less_than_a_second(pair: Pair, qtbot: QtBot) -> None:
    pair.begin(qtbot)
    pair.ada.feed.lines.say(pair.project, Presence())
    begun = time.monotonic()
    pair.ada.feed.stop()
    assert time.monotonic() - begun < 1.0
