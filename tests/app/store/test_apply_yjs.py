"""What another Yjs program did to a text comes in: under several clients, out of order, repeated, on two devices."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Array, Doc, Map
from pycrdt import Text as YText

from app.domain.schema import NOTE
from app.richtext.delta import Delete, Insert, Retain
from app.richtext.yjs import read_document
from app.store.project import Project
from app.store.texts import document_text, open_document
from sync.errors import Refused
from tests.app.store.replicas import KEY, SetClock, exchange, picture, replica

Pair = tuple[Project, Project]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return replica(tmp_path, 1), replica(tmp_path, 2)


class Other:
    """A Yjs program with a document of its own."""

    def __init__(self, client: int, state: bytes | None) -> None:
        self.document: Doc[Any] = open_document(state, client)
        self.text: YText = document_text(self.document)
        self.updates: list[bytes] = []
        self.document.observe(lambda event: self.updates.append(event.update))

    def state(self) -> bytes:
        return self.document.get_update()

    def shown(self) -> list[Insert]:
        return read_document(self.text)


def same(pair: Pair, note: bytes, *others: Other) -> list[Insert]:
    """Everybody takes in what everybody has, and all have the same."""
    exchange(*pair)
    left, right = pair
    assert picture(left) == picture(right)
    shown = left.text_document(note)
    for other in others:
        other.document.apply_update(left.text_state(note) or b"")
        assert other.shown() == shown
    return shown


def test_a_state_comes_in_once_and_the_other_program_goes_on_merging(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="one two")
    other = Other(77, left.text_state(note))
    other.text.insert(3, " bold 🌍", {"bold": True})
    del other.text[0:1]
    other.text.insert_embed(0, {"divider": True})
    left.apply_yjs(note, "text", other.state())
    left.change_text(note, "text", [Retain(5), Delete(2), Insert("!", {"italic": True})])
    assert same(pair, note, other) == left.text_document(note)
    before = left.text_state(note)
    assert left.apply_yjs(note, "text", other.state()).records == {}
    assert left.text_state(note) == before
    other.text.insert(1, "more ")
    left.apply_yjs(note, "text", other.state())
    assert "more" in same(pair, note, other)[1].content
    left.undo()
    assert "more" not in left.plain_text(note)
    same(pair, note, other)


@pytest.mark.parametrize("seed", range(6))
def test_updates_of_several_programs_come_in_on_two_devices_in_any_order(pair: Pair, seed: int) -> None:
    chance = random.Random(seed)
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="one two three four")
    exchange(left, right)
    others = [Other(client, left.text_state(note)) for client in (5, 1 << 31, 300)]
    for _ in range(30):
        other = chance.choice(others)
        length = len(str(other.text)) - 1
        at = chance.randrange(length) if length > 0 else 0
        do = chance.randrange(6)
        if do == 0 and length > 4:
            del other.text[at : at + 1]
        elif do == 1:
            chance.choice(others).document.apply_update(other.state())
        elif do == 2 and other.updates:
            chance.choice(pair).apply_yjs(note, "text", chance.choice(other.updates))
        elif do == 3:
            chance.choice(pair).apply_yjs(note, "text", other.state())
        elif do == 4:
            chance.choice(pair).insert_text(note, "text", 0, chance.choice("xyz"))
        else:
            other.text.insert(at, chance.choice(["a", "bc", "def"]), {"bold": True} if do % 2 else None)
        if chance.random() < 0.2:
            exchange(left, right)
    for project in pair:
        for other in others:
            for update in chance.sample(other.updates, len(other.updates)):
                project.apply_yjs(note, "text", update)
    exchange(left, right)
    for other in others:
        left.apply_yjs(note, "text", other.state())
    assert same(pair, note, *others)
    assert left.apply_yjs(note, "text", others[0].state()).records == {}


def test_two_devices_that_bring_in_the_same_program_apart_have_what_it_wrote_once(pair: Pair) -> None:
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Diary"})
    exchange(left, right)
    other = Other(77, left.text_state(note))
    other.text.insert(0, "one ")
    left.apply_yjs(note, "text", other.state())
    other.text.insert(4, "two ")
    right.apply_yjs(note, "text", other.state())
    assert same(pair, note, other) == [Insert("one two \n")]
    other.text.insert(8, "three")
    right.apply_yjs(note, "text", other.state())
    assert same(pair, note, other) == [Insert("one two three\n")]


def test_a_file_from_before_two_devices_could_share_a_number_decides_anew(pair: Pair, tmp_path: Path) -> None:
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Diary"})
    exchange(left, right)
    other = Other(77, left.text_state(note))
    for project in pair:
        other.text.insert(0, "word ")
        project.apply_yjs(note, "text", other.state())
    exchange(left, right)
    with left.writing():
        left.db.run("UPDATE updates SET lost = 1 WHERE lost <> 0")
        left.put_meta("elect", 1)
    path = left.path
    left.close()
    again = Project.open(path, KEY, device=b"\1" * 32, clock=SetClock(), random=bytes)
    assert again.plain_text(note) == right.plain_text(note) == "word word "
    again.close()


def test_what_waits_for_what_is_missing_comes_when_that_came(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Diary"})
    other = Other(77, left.text_state(note))
    for at, letter in enumerate("abc"):
        other.text.insert(at, letter)
    left.apply_yjs(note, "text", other.updates[2])
    assert left.plain_text(note) == ""
    left.apply_yjs(note, "text", other.updates[0])
    assert left.plain_text(note) == "a"
    left.apply_yjs(note, "text", other.state())
    assert same(pair, note, other) == [Insert("abc\n")]


def test_a_large_document_comes_in_as_one_action(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Diary"})
    other = Other(77, left.text_state(note))
    other.text.insert(0, "🌍 wörds " * 150_000)
    left.apply_yjs(note, "text", other.state())
    assert same(pair, note, other) == [Insert("🌍 wörds " * 150_000 + "\n")]
    left.undo()
    assert left.plain_text(note) == ""


def _foreign() -> list[bytes]:
    nested: Doc[Any] = Doc(client_id=1)
    nested.get("content", type=YText).insert_embed(0, Map({"a": 1}))
    mapped: Doc[Any] = Doc(client_id=1)
    mapped.get("content", type=Map)["a"] = 1
    listed: Doc[Any] = Doc(client_id=1)
    listed.get("content", type=Array).append("a")
    elsewhere: Doc[Any] = Doc(client_id=1)
    elsewhere.get("other", type=YText).insert(0, "a")
    whole = Other(1, None)
    whole.text.insert(0, "abc")
    state = whole.state()
    return [
        b"",
        b"\xff" * 40,
        state[:-2],
        state + b"\0",
        *(each.get_update() for each in (nested, mapped, listed, elsewhere)),
    ]


def test_what_is_no_update_of_a_text_is_refused_and_changes_nothing(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="one")
    before = left.text_state(note)
    for update in _foreign():
        with pytest.raises(Refused):
            left.apply_yjs(note, "text", update)
    assert left.text_state(note) == before
    assert len(left.history(note)) == 3
