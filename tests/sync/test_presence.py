"""Presence: what is said, what counts, and what a server or a stranger cannot make of it."""

from __future__ import annotations

import msgspec
import pytest

from sync.epochs import EpochKey, KeyRing
from sync.errors import Malformed, NewerFormat, SitebookError
from sync.keys import SigningKey
from sync.presence import (
    GONE_MS,
    MAX_ONLINE,
    WINDOW_MS,
    Caret,
    Online,
    Place,
    Presence,
    PresenceBook,
    PresenceWriter,
)
from tests.server.support import FakeClock, Seeded

P = b"p" * 32
EPOCH = EpochKey(0, b"e" * 32, b"k" * 32)
SAID = Presence(True, b"r" * 16, Caret("text", Place(7, 0), Place(7, 0)))


class Two:
    """One who speaks and one who listens."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.random = Seeded(1)
        self.key = SigningKey.generate(self.random)
        self.writer = self.speak(self.key)
        self.book = PresenceBook(project=P, own=b"o" * 32, clock=self.clock)
        self.book.admit([self.key.public], KeyRing((EPOCH,)))

    def speak(self, key: SigningKey, project: bytes = P) -> PresenceWriter:
        return PresenceWriter(project=project, key=key, clock=self.clock, random=self.random)

    def online(self) -> dict[bytes, Presence]:
        return {each.device: each.said for each in self.book.online()}


@pytest.fixture
def two() -> Two:
    return Two()


def test_what_is_said_arrives(two: Two) -> None:
    for said in (
        Presence(),
        SAID,
        Presence(True, None, None),
        Presence(True, b"r" * 16, Caret("t", None, None)),
    ):
        two.book.take(two.writer.wire(said, EPOCH))
        assert two.book.online() == (Online(two.key.public, said),)
    assert two.book.take(two.writer.wire(SAID, EPOCH))
    assert not two.book.take(two.writer.wire(SAID, EPOCH))


def test_who_leaves_is_gone_at_once_and_who_is_silent_after_a_while(two: Two) -> None:
    two.book.take(two.writer.wire(SAID, EPOCH))
    assert two.book.take(two.writer.wire(Presence(here=False), EPOCH))
    assert two.online() == {}
    two.book.take(two.writer.wire(SAID, EPOCH))
    two.clock.pass_seconds((GONE_MS - 1) / 1000)
    assert two.online()
    two.clock.pass_seconds(0.002)
    assert two.online() == {}


def test_nothing_of_it_is_readable_and_its_length_says_nothing(two: Two) -> None:
    short, long = two.writer.wire(Presence(), EPOCH), two.writer.wire(SAID, EPOCH)
    assert len(short) == len(long)
    assert b"text" not in long
    assert b"r" * 16 not in long


def test_what_comes_again_does_not_count(two: Two) -> None:
    first, second = two.writer.wire(SAID, EPOCH), two.writer.wire(Presence(), EPOCH)
    two.book.take(second)
    for wire in (first, second):
        with pytest.raises(Malformed, match="came again"):
            two.book.take(wire)
    two.clock.pass_seconds(1)
    after = two.speak(two.key)
    two.book.take(after.wire(SAID, EPOCH))
    with pytest.raises(Malformed, match="came again"):
        two.book.take(second)
    two.book.take(after.wire(Presence(here=False), EPOCH))
    with pytest.raises(Malformed):
        two.book.take(second)


def test_a_message_of_another_time_does_not_count(two: Two) -> None:
    old = two.writer.wire(SAID, EPOCH)
    two.clock.pass_seconds(WINDOW_MS / 1000 + 1)
    with pytest.raises(Malformed, match="not of now"):
        two.book.take(old)


def test_strangers_the_revoked_and_other_projects_do_not_count(two: Two) -> None:
    stranger = two.speak(SigningKey.generate(two.random))
    with pytest.raises(Malformed, match="nobody who belongs"):
        two.book.take(stranger.wire(SAID, EPOCH))
    other = two.speak(two.key, b"q" * 32)
    with pytest.raises(Malformed, match="another project"):
        two.book.take(other.wire(SAID, EPOCH))
    with pytest.raises(Malformed, match="key"):
        two.book.take(two.writer.wire(SAID, EpochKey(0, b"f" * 32, b"k" * 32)))
    with pytest.raises(Malformed, match="changed"):
        two.book.take(two.writer.wire(SAID, EpochKey(0, b"e" * 32, b"x" * 32)))
    two.book.take(two.writer.wire(SAID, EPOCH))
    assert two.book.admit([], KeyRing((EPOCH,)))
    assert two.online() == {}
    with pytest.raises(Malformed, match="nobody who belongs"):
        two.book.take(two.writer.wire(SAID, EPOCH))


def test_ones_own_do_not_count(two: Two) -> None:
    book = PresenceBook(project=P, own=two.key.public, clock=two.clock)
    book.admit([two.key.public], KeyRing((EPOCH,)))
    with pytest.raises(Malformed):
        book.take(two.writer.wire(SAID, EPOCH))


def test_whatever_is_changed_on_the_way_is_refused(two: Two) -> None:
    wire = two.writer.wire(SAID, EPOCH)
    for place in range(len(wire)):
        for bit in (1, 128):
            changed = wire[:place] + bytes([wire[place] ^ bit]) + wire[place + 1 :]
            with pytest.raises((Malformed, NewerFormat)):
                two.book.take(changed)
    for size in range(len(wire)):
        with pytest.raises(Malformed):
            two.book.take(wire[:size])
    assert two.online() == {}
    two.book.take(wire)


def test_hostile_bytes_raise_sentences_only(two: Two) -> None:
    random = Seeded(3)
    hostile = [
        b"",
        b"\x91" * 4_096,
        b"\xdd\xff\xff\xff\xff",
        b"x" * 5_000,
        msgspec.msgpack.encode([1, P, two.key.public, b"s" * 16, 1 << 60, 0, b"", b"s" * 64]),
        msgspec.msgpack.encode([2, P, two.key.public, b"s" * 16, 1, 0, b"", b"s" * 64]),
        *(random(size) for size in range(1, 200)),
    ]
    for wire in hostile:
        with pytest.raises(SitebookError):
            two.book.take(wire)


def test_a_members_own_nonsense_is_refused(two: Two) -> None:
    long = Presence(True, b"r" * 16, Caret("f" * 65, None, None))
    with pytest.raises(Malformed):
        two.book.take(two.writer.wire(long, EPOCH))
    with pytest.raises(Malformed):
        two.book.take(two.writer.wire(Presence(True, b"r" * 33, None), EPOCH))
    with pytest.raises(Malformed, match="too long"):
        two.writer.wire(Presence(True, b"r" * 5_000, None), EPOCH)


def test_counts_are_bounded_and_a_flood_costs_little(two: Two) -> None:
    keys = [SigningKey.generate(two.random) for _ in range(MAX_ONLINE + 5)]
    two.book.admit([key.public for key in keys], KeyRing((EPOCH,)))
    for key in keys:
        two.clock.pass_seconds(0.01)
        two.book.take(two.speak(key).wire(Presence(), EPOCH))
    assert len(two.book.online()) == MAX_ONLINE
    writer = two.speak(keys[0])

    def flood() -> None:
        for _ in range(1_000):
            two.book.take(writer.wire(Presence(), EPOCH))

    with pytest.raises(Malformed, match="too many"):
        flood()


WIRE = bytes.fromhex(
    "9801c4207070707070707070707070707070707070707070707070707070707070707070c420917cc3f700754b6985c0"
    "5862e1fa3ce3554b8e50887963d960fa754e745369bdc4107bd5d47e446fcec2a3d811736110e57801cf000001a3185c"
    "5000c4c393c4206565656565656565656565656565656565656565656565656565656565656565c40c1bcccea696762e"
    "6116c6e9c9c490a287be01797615bfc31f61db1edf12619b28cb05b064994f052883e989a5d953448fa6b109d603c0ce"
    "63b72b1717015fd239088f516e46f377eec3c96b0286c163c7dfeaad7642e7999efe11ea1b29bb99ebe235649ea77da4"
    "e738d53d12e29a01959a14c1d9bfb2868e75bcbe4e35c616e12faa29e0463cd9521482693b9daa9abb53fe65c08e8c0e"
    "7a2687eb0e354ec440ff1614bf255c434aea4580b4ee2e9a2a8337c6d226ea5c01638b62b0e9a5c8c9bb9c08bf85439c"
    "931ed606c341bdea1b7f83db13e83b561052fba097fd83790a"
)
"""What the first version made of ``SAID``: it stays readable for ever."""


def test_the_format_stays_as_it_is(two: Two) -> None:
    assert two.writer.wire(SAID, EPOCH) == WIRE
    two.book.take(WIRE)
    assert two.online() == {two.key.public: SAID}
