from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from pycrdt import Doc, Text

from app.richtext.delta import Delete, Insert, Retain, applied, difference, normal_document
from app.richtext.yjs import apply_change, read_document, read_event, read_pieces, whole
from tests.app.richtext.test_delta import DOCUMENTS


def text_with(document: list[Insert]) -> tuple[Doc[Text], Text]:
    yjs: Doc[Text] = Doc(client_id=1)
    text: Text = yjs.get("content", type=Text)
    with yjs.transaction():
        apply_change(text, document)
    return yjs, text


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_a_change_of_a_document_is_the_same_change_of_the_yjs_text(
    before: list[Insert], after: list[Insert]
) -> None:
    yjs, text = text_with(before)
    assert read_document(text) == before
    events: list[list[dict[str, object]]] = []
    text.observe(lambda event: events.append(event.delta))  # type: ignore[attr-defined]
    change = difference(before, after)
    with yjs.transaction():
        apply_change(text, change)
    assert read_document(text) == after
    assert bool(events) == bool(change)


def test_an_insertion_takes_nothing_over_from_its_neighbours() -> None:
    yjs, text = text_with([Insert("ab", {"bold": True}), Insert("\n", {"header": 2})])
    with yjs.transaction():
        apply_change(text, [Retain(1), Insert("x"), Delete(1), Insert({"divider": True}, {"gone": None})])
    assert read_pieces(text) == [
        Insert("a", {"bold": True}),
        Insert("x"),
        Insert({"divider": True}),
        Insert("\n", {"header": 2}),
    ]
    with pytest.raises(ValueError, match="beyond"):
        apply_change(text, [Retain(9), Insert("x")])


def test_an_event_tells_what_changed() -> None:
    yjs, text = text_with([Insert("é b\n")])
    heard = []
    text.observe(lambda event: heard.extend(read_event(event.delta)))  # type: ignore[attr-defined]
    with yjs.transaction():
        apply_change(text, [Retain(2), Insert("x", {"bold": True}), Delete(1)])
    assert heard == [Retain(3), Delete(1), Insert("x", {"bold": True})]


def test_whole_numbers_come_back_whole() -> None:
    assert whole({"a": 2.0, "b": [1.5, True, None, 3.0]}) == {"a": 2, "b": [1.5, True, None, 3]}
    _, text = text_with([Insert("a"), Insert("\n", {"header": 2})])
    assert repr(read_pieces(text)[1].attributes) == "{'header': 2}"


def test_a_text_of_many_formatted_lines_is_made_in_time() -> None:
    """The bound only catches what became quadratic."""
    begun = time.perf_counter()
    lines = []
    for number in range(6000):
        lines += [Insert(f"{number}"), Insert("\n", {"list": "ordered"})]
    _, text = text_with(lines)
    assert read_document(text) == applied(normal_document([]), [*lines, Delete(1)])
    assert time.perf_counter() - begun < 15
