from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.richtext.delta import Insert, applied, difference, length, plain_text
from app.richtext.lines import split_lines
from app.richtext.putting_back import carried, put_back


def doc(text: str) -> list[Insert]:
    return [Insert(text + "\n")]


def back(old: str, now: str, part: str) -> str:
    start = old.index(part)
    change, (first, last) = put_back(doc(old), doc(now), start, start + len(part))
    found = plain_text(applied(doc(now), change))
    assert found[first:last].strip("\n") == part.strip("\n")
    return found.removesuffix("\n")


def test_words_go_between_the_words_that_stood_around_them() -> None:
    old, now = "Hairline on Monday, 0.4 mm today.", "Hairline, 0.4 mm today at the widest point."
    assert back(old, now, " on Monday") == "Hairline on Monday, 0.4 mm today at the widest point."


def test_what_stood_elsewhere_in_the_meantime_goes_after_what_replaced_it() -> None:
    assert back("a dry wall", "a wet wall", "dry") == "a wetdry wall"


def test_a_line_comes_back_as_a_line() -> None:
    assert back("one\ntwo\nthree", "one\nthree", "two") == "one\ntwo\nthree"
    assert back("one\ntwo\nthree", "one and three", "two").count("\n") == 1
    assert back("one\ntwo\nthree", "", "two") == "two\n"


def test_lines_keep_their_formats() -> None:
    old = [Insert("a\nprop"), Insert("\n", {"list": "checked"}), Insert("bold", {"bold": True}), Insert("\n")]
    change, _ = put_back(old, doc("a"), 2, 11)
    lines = split_lines(applied(doc("a"), change))
    assert [(line.text, dict(line.attributes)) for line in lines] == [
        ("a", {}), ("prop", {"list": "checked"}), ("bold", {}),
    ]  # fmt: skip
    assert lines[2].pieces[0].attributes == {"bold": True}


def test_an_object_is_put_back() -> None:
    old = [Insert("see "), Insert({"ref": {"id": "x"}}), Insert(" now\n")]
    change, place = put_back(old, doc("see  now"), 4, 5)
    assert applied(doc("see  now"), change) == old
    assert place == (4, 5)


@settings(max_examples=60)
@given(old=st.text("ab\n", max_size=12), now=st.text("ab\n", max_size=12), data=st.data())
def test_nothing_else_changes(old: str, now: str, data: st.DataObject) -> None:
    before, after = doc(old), doc(now)
    start = data.draw(st.integers(0, length(before) - 1))
    stop = data.draw(st.integers(start + 1, length(before)))
    change, (first, last) = put_back(before, after, start, stop)
    found = plain_text(applied(after, change))
    assert found[:first] + found[last:] == now + "\n"
    assert found[first:last].rstrip("\n") == (old + "\n")[start:stop].rstrip("\n")
    assert found.endswith("\n")


@settings(max_examples=60)
@given(old=st.text("ab\n", max_size=12), now=st.text("ab\n", max_size=12))
def test_carried_positions_keep_their_order_and_stay_inside(old: str, now: str) -> None:
    change = difference(doc(old), doc(now))
    places = [carried(each, change) for each in range(length(doc(old)) + 1)]
    assert places == sorted(places)
    assert places[-1] <= length(doc(now))
