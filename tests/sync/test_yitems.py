"""Updates taken apart and put together otherwise say the same to Yjs."""

from __future__ import annotations

import random
from typing import Any

import pytest
from pycrdt import Doc, Text, merge_updates

from sync.errors import Malformed
from sync.yitems import cut, encode_run, read_pieces, split_update, without_first
from sync.yupdate import MAX_INT, read_insertion


def document(client: int = 7) -> tuple[Doc[Any], Text, list[bytes]]:
    made: Doc[Any] = Doc(client_id=client)
    text = made.get("content", type=Text)
    updates: list[bytes] = []
    made.observe(lambda event: updates.append(event.update))
    return made, text, updates


def edited(seed: int) -> tuple[Doc[Any], Text]:
    chance = random.Random(seed)
    made, text, _ = document()
    text.insert(0, "start\n")
    objects = 0
    for _ in range(60):
        whole = str(text)
        at = objects + len(whole[: chance.randrange(len(whole) + 1)].encode())
        kind = chance.randrange(5)
        if kind < 2:
            text.insert(at, chance.choice(["a", "wörd ", "🌍🌎", "line\n"]))
        elif kind == 2:
            text.insert(at, "b", {"bold": True})
        elif kind == 3:
            objects += 1
            text.insert_embed(0, {"mention": {"id": "1"}})
        elif len(whole) > 3:
            at = objects + len(whole[:-3].encode())
            del text[at : at + len(whole[-3].encode())]
    return made, text


def shown(*updates: bytes) -> list[tuple[Any, Any]]:
    made, text, _ = document(9)
    made.apply_update(merge_updates(*updates))
    return text.diff()


@pytest.mark.parametrize("seed", range(4))
def test_pieces_of_an_update_make_the_same_text_in_any_order(seed: int) -> None:
    made, text = edited(seed)
    state = made.get_update()
    pieces = read_pieces(state)
    items = pieces.items[7]
    end = items[-1].clock + items[-1].length
    middle = items[len(items) // 2].clock
    parts = [encode_run(7, cut(items, 7, low, high)) for low, high in ((0, middle), (middle, end))]
    gone = encode_run(7, (), pieces.deletes)
    assert shown(*parts, gone) == shown(gone, *reversed(parts)) == text.diff()
    small = list(split_update(state, 7, 64))
    assert len(small) > 2
    assert shown(*reversed(small)) == text.diff()
    assert all(read_insertion(each, 7) for each in (*parts, gone, *small))
    assert shown(parts[0], without_first(state, 7, middle)) == text.diff()


def test_long_strings_are_cut_between_characters() -> None:
    made, text, _ = document()
    text.insert(0, "🌍" * 5_000 + "\n")
    small = list(split_update(made.get_update(), 7, 4_096))
    assert max(map(len, small)) < 5_000
    assert shown(*small) == text.diff()


def test_half_a_character_becomes_the_sign_for_a_damaged_one() -> None:
    made, text, _ = document()
    text.insert(0, "a🌍b\n")
    (item,) = cut(read_pieces(made.get_update()).items[7], 7, 2, MAX_INT)
    assert (item.clock, item.length, item.content) == (2, 3, "\ufffdb\n")


def test_gaps_are_read_and_other_structures_are_not() -> None:
    _, text, updates = document()
    for at, each in enumerate("abc"):
        text.insert(at, each)
    pieces = read_pieces(merge_updates(updates[0], updates[2]))
    assert [item.clock for item in pieces.items[7]] == [0, 2]
    other: Doc[Any] = Doc(client_id=7)
    other.get("elsewhere", type=Text).insert(0, "a")
    with pytest.raises(Malformed, match="beside"):
        read_pieces(other.get_update())
    for at in range(len(updates[1])):
        with pytest.raises(Malformed):
            read_pieces(updates[1][:at])
