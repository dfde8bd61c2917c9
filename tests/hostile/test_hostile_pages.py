"""Pages of a hostile server: whatever they hold and in whatever order, an honest one heals it afterwards."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.store.log import Log, State
from app.store.project import Project
from app.store.sync_side import SyncSide
from sync.change import Set, Text
from sync.cookie import Cookie
from sync.envelope import Envelope, parse
from sync.epochs import KeyRing
from sync.errors import SitebookError
from sync.membership_actions import Role
from tests.app.store.replicas import KEY, SetClock
from tests.hostile.hostile import read_all, seen, text_item, update
from tests.sync.crew import Crew

ISSUE = b"I" * 16
GENERATION = b"g" * 16


class Story:
    """What happened in a project, and one device after another that learns of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.crew = Crew(3)
        editor = self.crew.member(Role.EDITOR)
        contributor = self.crew.member(Role.CONTRIBUTOR)
        viewer = self.crew.member(Role.VIEWER)
        self.reader = self.crew.member(Role.EDITOR)
        self.crew.founder.write(Set("issue", ISSUE, "created", None), Set("issue", ISSUE, "title", "Crack"))
        editor.write(Text("issue", ISSUE, "text", update(5, 0, text_item("wide\n")), 5))
        contributor.write(Set("issue", ISSUE, "title", "Not his to write"))
        contributor.write(Text("comment", b"C" * 16, "text", update(6, 0, text_item("seen\n")), 6))
        viewer.write(Set("issue", ISSUE, "title", "Nor his"))
        editor.write(Text("issue", ISSUE, "text", update(5, 5, text_item("wet ", right=(5, 0))), 5))
        self.crew.founder.set_role(editor, Role.CONTRIBUTOR)
        editor.write(Set("issue", ISSUE, "title", "Demoted"))
        self.wires = [envelope.wire() for envelope in self.crew.all]
        self._made = 0
        self._open: list[Project] = []

    def device(self) -> SyncSide:
        """A new replica of the reader."""
        self._made += 1
        project = Project.make(
            self.folder / f"{self._made}.sitebook",
            KEY,
            project=self.crew.project,
            device=self.reader.device,
            clock=SetClock(),
            random=random.Random(self._made).randbytes,
            alone=False,
        )
        return self._side(project)

    def reopened(self, side: SyncSide) -> SyncSide:
        """The same replica after a restart."""
        path = side.store.path
        self._open.remove(side.store)
        side.store.close()
        project = Project.open(
            path, KEY, device=self.reader.device, clock=SetClock(), random=random.Random(99).randbytes
        )
        return self._side(project)

    def _side(self, project: Project) -> SyncSide:
        self._open.append(project)
        return SyncSide(project, self.reader.identity, KeyRing((self.crew.key,)))

    def heal(self, side: SyncSide) -> dict[str, Any]:
        """Let an honest server give its whole history; then say what the replica shows."""
        give(side, self.wires, reset=True)
        side.settle_reset()
        side = self.reopened(side)
        read_all(side.store)
        assert Log(side.store).count(State.WAITING, State.APPLYING) == 0
        members = {key: (each.role, len(each.devices)) for key, each in side.membership.members.items()}
        return {**seen(side.store), "members": members}

    def close(self) -> None:
        for project in self._open:
            project.close()


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.close()


@pytest.fixture
def honest(story: Story) -> dict[str, Any]:
    """What a replica shows that never met anything but honesty."""
    found = story.heal(story.device())
    titles = [row[5] for row in found["live"] if row[2] == "title"]
    assert titles == [msgspec.msgpack.encode("Crack")]
    assert (ISSUE, "text", "wet wide") in found["texts"]
    return found


def give(
    side: SyncSide,
    wires: Sequence[bytes],
    *,
    reset: bool = False,
    version: int | None = None,
    generation: bytes = GENERATION,
) -> None:
    """One page; the cookie fits to its length unless something else is wanted."""
    side.receive(wires, Cookie(generation, len(wires) if version is None else version, b"r" * 32), reset)


def _bodiless(wire: bytes) -> bytes:
    return _packed(parse(wire), None)


def _packed(envelope: Envelope, body: bytes | None, signature: bytes | None = None) -> bytes:
    return msgspec.msgpack.encode([envelope.header_bytes, signature or envelope.signature, body])


def _swapped(wires: Sequence[bytes]) -> list[bytes]:
    found = [parse(wire) for wire in wires]
    return [_packed(a, b.body) for a, b in zip(found, found[::-1], strict=True)]


def _forged(wires: Sequence[bytes]) -> list[bytes]:
    return [_packed(parse(wire), parse(wire).body, bytes(64)) for wire in wires]


def _garbage(count: int) -> list[bytes]:
    chance = random.Random(5)
    return [chance.randbytes(chance.randrange(300)) for _ in range(count)]


def _damaged(wires: Sequence[bytes]) -> list[bytes]:
    chance = random.Random(6)
    found = []
    for wire in wires:
        at = chance.randrange(len(wire))
        found.append(wire[:at] + bytes([wire[at] ^ (1 << chance.randrange(8))]) + wire[at + 1 :])
    return found


Attack = Callable[[Story, SyncSide], None]


def _duplicates(story: Story, side: SyncSide) -> None:
    give(side, [wire for wire in story.wires for _ in range(3)])
    give(side, story.wires)


def _backwards(story: Story, side: SyncSide) -> None:
    give(side, story.wires[::-1])


def _one_by_one_shuffled(story: Story, side: SyncSide) -> None:
    wires = list(story.wires)
    random.Random(8).shuffle(wires)
    for wire in wires:
        give(side, [wire])


def _gaps(story: Story, side: SyncSide) -> None:
    give(side, story.wires[::2])
    give(side, story.wires[1::4])


def _bodies_swapped(story: Story, side: SyncSide) -> None:
    give(side, _swapped(story.wires))


def _forged_first(story: Story, side: SyncSide) -> None:
    give(side, [*_forged(story.wires), *story.wires])
    give(side, _forged(story.wires))


def _headers_first(story: Story, side: SyncSide) -> None:
    give(side, [_bodiless(wire) for wire in story.wires])
    give(side, story.wires)


def _headers_last(story: Story, side: SyncSide) -> None:
    give(side, story.wires)
    give(side, [_bodiless(wire) for wire in story.wires])


def _headers_and_whole_in_one_page(story: Story, side: SyncSide) -> None:
    give(side, [each for wire in story.wires for each in (_bodiless(wire), wire, _bodiless(wire))])


def _headers_alone(story: Story, side: SyncSide) -> None:
    give(side, [_bodiless(wire) for wire in story.wires])


def _another_project(story: Story, side: SyncSide) -> None:
    other = Crew(4)
    other.founder.write()
    give(side, [envelope.wire() for envelope in other.all] + story.wires[:4])


def _noise(story: Story, side: SyncSide) -> None:
    give(side, [*_garbage(500), *story.wires, *_garbage(500)])


def _bits(story: Story, side: SyncSide) -> None:
    for _ in range(3):
        give(side, _damaged(story.wires))


def _cookies(story: Story, side: SyncSide) -> None:
    for turn, wire in enumerate(story.wires):
        version = [0, 5, 1, (1 << 63) - 1, 0][turn % 5]
        give(side, [wire, wire], version=version, generation=bytes([turn]) * 16, reset=turn % 3 == 0)


def _empty(story: Story, side: SyncSide) -> None:
    give(side, story.wires)
    give(side, [], reset=True, version=0)
    give(side, [], version=0)


ATTACKS: tuple[Attack, ...] = (
    _duplicates,
    _backwards,
    _one_by_one_shuffled,
    _gaps,
    _bodies_swapped,
    _forged_first,
    _headers_first,
    _headers_last,
    _headers_and_whole_in_one_page,
    _headers_alone,
    _another_project,
    _noise,
    _bits,
    _cookies,
    _empty,
)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda each: each.__name__.strip("_"))
def test_an_honest_server_heals_what_a_hostile_one_did(
    story: Story, honest: dict[str, Any], attack: Attack, restarted: bool
) -> None:
    side = story.device()
    attack(story, side)
    if restarted:
        side = story.reopened(side)
    assert story.heal(side) == honest


def test_the_whole_envelope_is_kept_after_its_header_came_alone(story: Story, honest: dict[str, Any]) -> None:
    side = story.device()
    _headers_first(story, side)
    side = story.reopened(side)
    kept = {bytes(wire) for (wire,) in side.store.db.all("SELECT wire FROM envelopes")}
    assert kept == set(story.wires)
    assert {**seen(side.store), "members": honest["members"]} == honest


def test_nothing_that_is_here_goes_and_all_of_it_is_offered_to_an_empty_server(story: Story) -> None:
    side = story.device()
    give(side, story.wires)
    before = seen(side.store)
    give(side, [], reset=True, version=0)
    side.settle_reset()
    assert seen(side.store) == before
    offered = {wire for _, wire in side.unpushed(1_000, 1 << 30)}
    assert {wire for wire in story.wires if parse(wire).header.kind == 1} <= offered


def test_a_header_alone_takes_nothing_from_an_envelope_that_waits(
    story: Story, honest: dict[str, Any]
) -> None:
    """Everything but the founding comes and waits; its headers come again; then only the founding comes."""
    side = story.device()
    give(side, story.wires[1:])
    give(side, [_bodiless(wire) for wire in story.wires[1:]])
    side = story.reopened(side)
    give(side, story.wires[:1])
    side = story.reopened(side)
    assert seen(side.store)["live"] == honest["live"]
    assert seen(side.store)["texts"] == honest["texts"]


@pytest.mark.parametrize("after", range(0, 24, 3))
def test_a_crash_in_the_middle_of_a_page_is_made_good(
    story: Story, honest: dict[str, Any], after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The n-th time that the sync side asks whether to stop, it is told so: as a crash between two slices."""
    project = story.device().store
    left = after

    def stopped() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    side = SyncSide(project, story.reader.identity, KeyRing((story.crew.key,)), stopped)
    with suppress(SitebookError):
        give(side, story.wires)
    assert story.heal(story.reopened(side)) == honest
