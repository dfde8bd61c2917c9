"""Recorded typing, replayed as the devices that typed it: each sees what its writer had seen, and no more."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pycrdt import Doc, Text, TextEvent, TransactionEvent

from app.richtext.delta import Delete, Delta, Insert, Retain
from app.richtext.positions import TextIndex
from app.richtext.yjs import apply_change, byte_length, read_event

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "tests" / "fixtures" / "editing-trace.json"
FOLDER = ROOT.parent / "shared" / "data" / "editing-traces"
TWO_FRIENDS = FOLDER / "friendsforever.json.gz"
PAPER = FOLDER / "automerge-paper.json.gz"


class Entry(NamedTuple):
    """What one device typed at once: its patches (position, deleted, inserted), and the entries it had seen."""

    agent: int
    parents: Sequence[int]
    patches: Sequence[tuple[int, int, str]]


class Trace(NamedTuple):
    """Recorded typing, and the text that it ends in."""

    entries: Sequence[Entry]
    end: str

    @property
    def agents(self) -> int:
        """How many devices there are."""
        return 1 + max(each.agent for each in self.entries)


def read_trace(path: Path) -> Trace:
    """Read a trace as the repository josephg/editing-traces has it, of one or more writers."""
    data = path.read_bytes()
    found: dict[str, Any] = json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
    entries = []
    for number, each in enumerate(found["txns"]):
        before = [number - 1] if number else []
        patches = [(int(at), int(deleted), str(inserted)) for at, deleted, inserted in each["patches"]]
        entries.append(Entry(int(each.get("agent", 0)), each.get("parents", before), patches))
    return Trace(entries, found["endContent"])


def change_of(patch: tuple[int, int, str]) -> Delta:
    """A patch as a change of a document."""
    at, deleted, inserted = patch
    return [Retain(at), Insert(inserted), Delete(deleted)]


class Writer:
    """A device that types. ``updates`` are those that it made."""

    def __init__(self, client: int) -> None:
        self.client = client
        self._yjs: Doc[Text] = Doc(client_id=client)
        self._text: Text = self._yjs.get("content", type=Text)
        self._index = TextIndex()
        self._receiving = False
        self.updates: list[bytes] = []
        self._subscriptions = [self._text.observe(self._follow), self._yjs.observe(self._keep)]

    def type(self, patches: Sequence[tuple[int, int, str]]) -> None:
        """Make the edits of one entry."""
        with self._yjs.transaction():
            for patch in patches:
                apply_change(self._text, change_of(patch), self._index)
                position, deleted, inserted = patch
                self._index.replace(position, position + deleted, inserted)

    def receive(self, update: bytes) -> None:
        """Take in what another device made."""
        self._receiving = True
        self._yjs.apply_update(update)
        self._receiving = False

    def text(self) -> str:
        """The Yjs text; its index says the same."""
        text = str(self._text)
        assert text == str(self._index)
        return text

    def _follow(self, event: TextEvent) -> None:
        if not self._receiving:
            return
        at = 0
        for op in read_event(event.delta):  # type: ignore[attr-defined]
            first = self._index.utf8_to_point(at)
            if isinstance(op, Insert):
                assert isinstance(op.content, str)
                self._index.replace(first, first, op.content)
                at += byte_length(op.content)
            elif isinstance(op, Delete):
                self._index.replace(first, self._index.utf8_to_point(at + op.length), "")
            else:
                at += op.length

    def _keep(self, event: TransactionEvent) -> None:
        if not self._receiving:
            self.updates.append(event.update)


def replay(trace: Trace, count: int | None = None) -> list[Writer]:
    """Type the first entries of a trace, or all; gives its devices with everything received."""
    writers = [Writer(1000 + agent) for agent in range(trace.agents)]
    place: list[int] = []
    got = [[0] * trace.agents for _ in writers]

    def bring(agent: int, other: int, most: int) -> None:
        for update in writers[other].updates[got[agent][other] : most]:
            writers[agent].receive(update)
        got[agent][other] = max(got[agent][other], most)

    for entry in trace.entries[:count]:
        for parent in entry.parents:
            of = trace.entries[parent].agent
            if of != entry.agent:
                bring(entry.agent, of, place[parent])
        writer = writers[entry.agent]
        writer.type(entry.patches)
        place.append(len(writer.updates))
    for agent in range(trace.agents):
        for other in range(trace.agents):
            if other != agent:
                bring(agent, other, len(writers[other].updates))
    return writers
