"""What is said to others, how often, and what a window makes of what it hears."""

from __future__ import annotations

import threading
import time

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.item.source import Author
from app.desktop.live.faces import Faces
from app.desktop.live.here import Here
from app.desktop.live.lines import Lines
from app.desktop.live.speaker import Speaker
from app.desktop.widgets import Look
from sync.clock import SystemClock, system_random
from sync.epochs import KeyRing
from sync.errors import Unreachable
from sync.presence import Caret, Online, Place, Presence

P = b"p" * 32
ISSUE, NOTE = b"i" * 16, b"n" * 16
CARET = Caret("text", Place(1, 2), Place(1, 2))


class Line:
    """Nobody's line: it keeps what is said."""

    def __init__(self) -> None:
        self.said: list[Presence | None] = []
        self.there: tuple[Online, ...] = ()
        self.asked = 0

    def begin(self) -> None: ...

    def renew(self) -> None: ...

    def admit(self, devices: object, keys: KeyRing) -> None: ...

    def say(self, said: Presence | None) -> None:
        self.said.append(said)

    def people(self) -> tuple[Online, ...]:
        self.asked += 1
        return self.there

    def end(self) -> None: ...

    def join(self, seconds: float) -> None: ...


class Names:
    names = ("Mina Okafor", "Jon Tan", "Priya Kaur")

    def author(self, device: bytes) -> Author:
        return Author(self.names[device[0] % 3], "Tablet", device[0] % 3 == 2)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def lines(qtbot: QtBot, line: Line) -> Lines:
    made = Lines()
    made.use(P)
    made.open(P, lambda heard, moved: line, lambda heard: None)
    line.said.clear()
    return made


def here_of(lines: Lines, *, shown: bool = True) -> Here:
    return Here(P, lines, Names, shown=shown, parent=lines)


def online(number: int, said: Presence) -> Online:
    return Online(bytes([number]) * 32, said)


def test_one_says_where_one_is(lines: Lines, line: Line) -> None:
    here = here_of(lines)
    here.look_at(ISSUE)
    here.write_at(ISSUE, CARET)
    here.write_at(NOTE, CARET)
    here.look_at(NOTE)
    here.leave()
    assert line.said == [
        Presence(),
        Presence(True, ISSUE),
        Presence(True, ISSUE, CARET),
        Presence(True, NOTE),
        None,
    ]


def test_who_does_not_want_to_be_seen_says_nothing(lines: Lines, line: Line) -> None:
    here = here_of(lines, shown=False)
    here.look_at(ISSUE)
    here.write_at(ISSUE, CARET)
    assert set(line.said) == {None}
    here.show_me(True)
    assert line.said[-1] == Presence(True, ISSUE, CARET)
    here.show_me(False)
    assert line.said[-1] is None


def test_while_nobody_is_there_nothing_is_done(qtbot: QtBot, lines: Lines, line: Line) -> None:
    here = here_of(lines)
    qtbot.waitUntil(lambda: line.asked == 1)
    assert not here._gone.isActive()
    assert not here._soon.isActive()
    assert not here.is_seen


def test_others_are_told_apart_by_where_they_are(qtbot: QtBot, lines: Lines, line: Line) -> None:
    here = here_of(lines)
    line.there = (
        online(0, Presence(True, ISSUE, CARET)),
        online(3, Presence(True, NOTE)),
        online(1, Presence()),
        online(2, Presence(True, ISSUE)),
    )
    with qtbot.waitSignals([here.changed, here.moved, here.wanted]):
        lines._moved(P)
    # A person with two devices is one face, and one's own other device is none.
    assert here.faces() == ["Jon Tan", "Mina Okafor"]
    assert here.faces(ISSUE) == ["Mina Okafor"]
    assert [(who.name, caret) for who, caret in here.writing(ISSUE, "text")] == [("Mina Okafor", CARET)]
    assert here.writing(ISSUE, "other") == here.writing(NOTE, "text") == []
    assert here.is_seen
    line.there = ()
    with qtbot.waitSignal(here.changed):
        lines._moved(P)
    assert here.faces() == []
    assert not here._gone.isActive()


def test_many_at_one_time_are_named_little_by_little(qtbot: QtBot, lines: Lines, line: Line) -> None:
    here = here_of(lines)
    line.there = tuple(online(number, Presence()) for number in range(200))
    lines._moved(P)
    qtbot.waitUntil(lambda: bool(here.people))
    assert len(here.people) == 10
    qtbot.waitUntil(lambda: len(here.people) == 200, timeout=10_000)


def test_a_window_that_looks_rarely_is_told_once(qtbot: QtBot, lines: Lines) -> None:
    told: list[bytes] = []
    lines.people_changed.connect(told.append)
    for _ in range(1_000):
        lines._moved(P)
    assert told == [P]
    lines.people(P)
    lines._moved(P)
    assert told == [P, P]


def test_only_the_last_few_projects_have_a_line(lines: Lines) -> None:
    for number in range(6):
        project = bytes([number]) * 32
        lines.use(project)
        assert lines.wants(project)
        lines.open(project, lambda heard, moved: Line(), lambda heard: None)
    assert not lines.has(P)
    assert len(lines._lines) == 4


def test_faces_are_few_and_the_rest_a_number(qtbot: QtBot, look: Look) -> None:
    faces = Faces(look, most=4, what="Here:")
    qtbot.addWidget(faces)
    assert faces.isHidden()
    faces.show_names(["Ann", "Bob"])
    assert not faces.isHidden()
    small = faces.sizeHint().width()
    faces.show_names([f"Person {number}" for number in range(500)])
    assert faces.sizeHint().width() < 4 * small
    assert faces._beyond() == 497
    assert faces.toolTip().count("\n") == 21
    assert faces.toolTip().endswith("and 480 more")
    faces.grab()
    faces.show_names([])
    assert faces.isHidden()


class Voice:
    """What a speaker sends, and when."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, Presence]] = []
        self.came = threading.Condition()
        self.others = 1
        self.fails = False
        self.speaker = Speaker(
            self.send, lambda: self.others, clock=SystemClock(), random=system_random, apart=0.1
        )

    def send(self, said: Presence) -> None:
        with self.came:
            self.sent.append((time.monotonic(), said))
            self.came.notify_all()
        if self.fails:
            raise Unreachable("no", retry_after=0.2)

    def wait(self, count: int) -> None:
        with self.came:
            assert self.came.wait_for(lambda: len(self.sent) >= count, 10)


def test_a_speaker_says_the_newest_and_not_too_often() -> None:
    voice = Voice()
    voice.speaker.say(Presence())
    assert voice.speaker._thread is None
    voice.speaker.listen(True)
    voice.wait(1)
    for number in range(100):
        voice.speaker.say(Presence(True, bytes([number]) * 16))
    voice.wait(2)
    assert voice.sent[1][1] == Presence(True, bytes([99]) * 16)
    assert voice.sent[1][0] - voice.sent[0][0] >= 0.1
    voice.speaker.end()
    assert voice.speaker.join(5)
    assert voice.sent[-1][1] == Presence(here=False)
    assert len(voice.sent) == 3


def test_a_speaker_waits_as_long_as_it_is_asked_to() -> None:
    voice = Voice()
    voice.fails = True
    voice.speaker.listen(True)
    voice.speaker.say(Presence())
    voice.wait(1)
    voice.speaker.say(Presence(True, ISSUE))
    voice.wait(2)
    assert voice.sent[1][0] - voice.sent[0][0] >= 0.2
    voice.speaker.listen(False)
    voice.speaker.end()
    assert voice.speaker.join(5)
    assert len(voice.sent) == 2


def test_who_was_never_seen_need_not_say_goodbye() -> None:
    voice = Voice()
    voice.speaker.listen(True)
    voice.speaker.say(None)
    voice.speaker.end()
    assert voice.speaker.join(5)
    assert voice.sent == []
