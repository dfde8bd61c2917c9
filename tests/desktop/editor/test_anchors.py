"""Places in texts that stay right while others write: in all scripts, and whatever a stranger says."""

from __future__ import annotations

import random as seeded

import pytest
from pycrdt import Doc, Text

from app.desktop.editor.anchors import anchor_of, anchored
from app.richtext.positions import TextIndex
from sync.presence import Place
from sync.yitems import read_vector

PIECES = {
    "latin": ["a", "bc", "def ", "\n"],
    "all": ["a", "é", "xyz", "😀", "日本", "ö 😀 b", "\n", "ß"],
}


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class Side:
    def __init__(self, client: int) -> None:
        self.doc: Doc[Text] = Doc(client_id=client)
        self.text = self.doc.get("content", type=Text)

    def write(self, random: seeded.Random, pieces: list[str]) -> None:
        written = str(self.text)
        place = random.randint(0, len(written))
        if written and random.random() < 0.3:
            stop = min(len(written), place + random.randint(1, 4))
            start, end = len(written[:place].encode()), len(written[:stop].encode())
            if start < end:
                del self.text[start:end]
        else:
            self.text.insert(len(written[:place].encode()), random.choice(pieces))

    def anchor(self, position: int) -> Place | None:
        return anchor_of(self.text, TextIndex(str(self.text)), position)

    def find(self, place: Place | None) -> int | None:
        return anchored(self.text, TextIndex(str(self.text)), read_vector(self.doc.get_state()), place)


def wild(seed: int, script: str) -> tuple[Side, Side, Side]:
    """Three sides with one text that two wrote in at once, in short pieces, deleting much of it."""
    random, one, two = seeded.Random(seed), Side(1), Side(2)
    for _ in range(30):
        one.write(random, PIECES[script])
        two.write(random, PIECES[script])
        if random.random() < 0.4:
            one.doc.apply_update(two.doc.get_update())
            two.doc.apply_update(one.doc.get_update())
    one.doc.apply_update(two.doc.get_update())
    two.doc.apply_update(one.doc.get_update())
    late = Side(3)
    late.doc.apply_update(one.doc.get_update())
    return one, two, late


@pytest.mark.parametrize("seed", range(12))
def test_a_place_is_the_same_for_everybody(seed: int) -> None:
    one, two, late = wild(seed, "latin")
    for position in range(len(str(one.text)) + 1):
        place = one.anchor(position)
        assert two.find(place) == late.find(place) == position


def test_in_other_scripts_it_is_wrong_rarely() -> None:
    wrong = count = 0
    for seed in range(12):
        one, two, _ = wild(seed, "all")
        written = str(one.text)
        for point in range(len(written) + 1):
            position = units(written[:point])
            wrong += two.find(one.anchor(position)) != position
            count += 1
    assert wrong <= count / 50


@pytest.mark.parametrize("script", list(PIECES))
def test_it_moves_with_its_character(script: str) -> None:
    random, one, two = seeded.Random(3), Side(1), Side(2)
    for _ in range(20):
        one.write(random, PIECES[script])
    two.doc.apply_update(one.doc.get_update())
    written = str(one.text)
    places = [one.anchor(units(written[:point])) for point in range(len(written) + 1)]
    middle = len(written) // 2
    two.text.insert(len(written[:middle].encode()), "😀ü new ")
    for point, place in enumerate(places):
        moved = units("😀ü new ") if point > middle else 0
        assert two.find(place) == units(written[:point]) + moved
    two.text.clear()
    assert {two.find(place) for place in places} == {0}


def test_what_is_not_here_yet_is_nowhere_and_nonsense_does_no_harm() -> None:
    one, two = Side(1), Side(2)
    one.text.insert(0, "héllo")
    two.doc.apply_update(one.doc.get_update())
    one.text.insert(6, "wörld")
    place = one.anchor(8)
    assert two.find(place) is None
    for strange in (Place(9, 0), Place(1, 10), Place(1, (1 << 53) - 1), Place((1 << 53) - 1, 0)):
        assert two.find(strange) is None
    two.doc.apply_update(one.doc.get_update())
    assert two.find(place) == 8
    assert Side(4).anchor(0) is None
    assert Side(4).anchor(3) is None
