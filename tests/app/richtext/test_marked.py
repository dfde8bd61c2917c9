from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.richtext.delta import Delete, Insert, Op, Retain, difference, plain_text, sliced
from app.richtext.marked import CHANGE, DELETED, INSERTED, marked, selected, unmarked

OLD = [Insert("Hairline on Monday, 0.4 mm.\n")]
NEW = [Insert("Hairline, 0.4 mm "), Insert("today", {"bold": True}), Insert(".\n")]


def parts(document: list[Insert], change: str) -> str:
    return "|".join(str(each.content) for each in document if each.attributes.get(CHANGE) == change)


def test_says_what_became_of_each_piece() -> None:
    found = marked(OLD, difference(OLD, NEW))
    assert parts(found, DELETED) == " on Monday"
    assert parts(found, INSERTED) == " |today"
    assert next(each for each in found if each.content == "today").attributes["bold"] is True


def test_a_part_is_taken_from_the_version_that_has_it() -> None:
    found = marked(OLD, difference(OLD, NEW))
    text = plain_text(found)
    at = text.index(" on Monday")
    assert selected(found, at, at + 10) == (DELETED, 8, 18)
    assert selected(found, 0, at + 12) == (INSERTED, 0, 10)
    assert selected(found, 3, 3) is None


def test_words_that_change_side_by_side_stay_together() -> None:
    change: list[Op] = [Insert("by"), Delete(2), Retain(1), Insert("noon"), Delete(6)]
    found = marked([Insert("on Monday it was wet\n")], change)
    assert parts(found, DELETED) == "on Monday"
    assert parts(found, INSERTED) == "by noon"


def test_a_change_beyond_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond the end"):
        marked(OLD, [Delete(100)])


def test_an_author_cannot_make_a_text_look_changed() -> None:
    forged = [Insert("all is well", {CHANGE: DELETED}), Insert("\n")]
    assert marked(forged, []) == [Insert("all is well\n")]


@settings(max_examples=80)
@given(old=st.text("ab\n", max_size=12), new=st.text("ab\n", max_size=12), data=st.data())
def test_both_versions_are_in_it(old: str, new: str, data: st.DataObject) -> None:
    before, after = [Insert(old + "\n")], [Insert(new + "\n")]
    found = marked(before, difference(before, after))
    for skipped, version in ((INSERTED, before), (DELETED, after)):
        kept = unmarked(each for each in found if each.attributes.get(CHANGE) != skipped)
        assert kept == version
    whole = len(plain_text(found))
    start = data.draw(st.integers(0, whole - 1))
    stop = data.draw(st.integers(start + 1, whole))
    taken = selected(found, start, stop)
    assert taken is not None
    side, first, last = taken
    version = before if side == DELETED else after
    shown = [
        each
        for each in sliced(found, start, stop)
        if side == DELETED or each.attributes.get(CHANGE) != DELETED
    ]
    assert plain_text(sliced(version, first, last)) == plain_text(shown)
