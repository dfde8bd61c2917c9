"""Rich texts of records: read, changed and replaced as documents, on two devices."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.schema import NOTE
from app.richtext.delta import Delete, Insert, Retain
from app.richtext.formats import divider, mention, reference
from app.store.project import Project
from app.store.texts import document_text, open_document
from sync.errors import SitebookError
from tests.app.store.replicas import exchange, made_by, picture, replica

Pair = tuple[Project, Project]
DOCUMENT = [
    Insert("Diary"),
    Insert("\n", {"header": 1}),
    Insert("Rain "),
    Insert("until ten", {"bold": True}),
    Insert(". 🌍 See "),
    Insert(reference(b"\7" * 16)),
    Insert(" and "),
    Insert(mention(b"\10" * 16)),
    Insert("\nsweep"),
    Insert("\n", {"list": "unchecked", "indent": 1}),
    Insert(divider()),
    Insert("\n"),
]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return replica(tmp_path, 1), replica(tmp_path, 2)


def same(pair: Pair, record: bytes) -> list[Insert]:
    exchange(*pair)
    left, right = pair
    assert picture(left) == picture(right)
    assert left.text_document(record) == right.text_document(record)
    return left.text_document(record)


def test_a_document_is_kept_with_its_formats_and_objects(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text=DOCUMENT)
    assert same(pair, note) == DOCUMENT
    plain, _ = left.create(NOTE, {"title": "Empty"})
    assert same(pair, plain) == [Insert("\n")]
    assert left.text_document(b"\1" * 16) == [Insert("\n")]


def test_changes_of_two_people_come_together_with_their_formats(pair: Pair) -> None:
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="one two three")
    exchange(left, right)
    left.change_text(note, "text", [Retain(8), Retain(5, {"bold": True})])
    right.change_text(note, "text", [Retain(3), Delete(4), Insert(" 🌍", {"italic": True})])
    assert same(pair, note) == [
        Insert("one"),
        Insert(" 🌍", {"italic": True}),
        Insert(" "),
        Insert("three", {"bold": True}),
        Insert("\n"),
    ]
    left.undo()
    right.undo()
    assert same(pair, note) == [Insert("one two three\n")]


def test_a_replacement_touches_only_what_differs(pair: Pair) -> None:
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text=DOCUMENT)
    exchange(left, right)
    changed = [*DOCUMENT[:3], Insert("until noon", {"bold": True}), *DOCUMENT[4:]]
    left.replace_text(note, "text", changed)
    right.change_text(note, "text", [Retain(3), Retain(2, {"strike": True})])
    found = same(pair, note)
    assert found[:3] == [Insert("Dia"), Insert("ry", {"strike": True}), Insert("\n", {"header": 1})]
    assert found[3:] == changed[2:]
    assert left.replace_text(note, "text", found).records == {}


def test_a_plain_replacement_leaves_formats_and_objects_as_they_are(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text=DOCUMENT)
    bulk = left.bulk()
    bulk.replace_text(note, left.plain_text(note).replace("Rain", "Sun"))
    bulk.commit()
    assert same(pair, note) == [*DOCUMENT[:2], Insert("Sun "), *DOCUMENT[3:]]


def test_the_closing_line_break_stays(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="one")
    left.change_text(note, "text", [Delete(4)])
    assert same(pair, note) == [Insert("\n")]
    state = left.text_state(note)
    assert str(document_text(open_document(state))) == "\n"
    left.change_text(note, "text", [Retain(1), Insert("more")])
    assert same(pair, note) == [Insert("\nmore\n")]
    with pytest.raises(ValueError, match="beyond"):
        left.change_text(note, "text", [Retain(7), Insert("more")])


def test_what_is_being_typed_is_read_and_changed_with_the_rest(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="one")
    document = open_document(left.text_state(note), 77)
    updates: list[bytes] = []
    document.observe(lambda event: updates.append(event.update))
    document_text(document).insert(3, " two", {"bold": True})
    left.draft_text(note, "text", 77, updates[0])
    assert left.text_document(note) == [Insert("one"), Insert(" two", {"bold": True}), Insert("\n")]
    left.change_text(note, "text", [Retain(5), Insert("!")])
    assert left.open_drafts() == 0
    assert [content for content, _ in same(pair, note)] == ["one", " t", "!", "wo", "\n"]
    left.undo()
    assert [content for content, _ in same(pair, note)] == ["one", " two", "\n"]
    left.undo()
    assert same(pair, note) == [Insert("one\n")]


def test_steps_by_code_points_count_objects_and_take_the_look_of_what_is_before(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text=DOCUMENT)
    start = len("Diary\nRain until ten. 🌍 See ")
    left.edit_text(note, "text", [(start, None, 1), (start, "it!", 0), (20, "-ish", 0), (6, "At noon: ", 0)])
    assert same(pair, note)[:7] == [
        Insert("Diary"),
        Insert("\n", {"header": 1}),
        Insert("At noon: Rain "),
        Insert("until ten-ish", {"bold": True}),
        Insert(". 🌍 See it! and "),
        Insert(mention(b"\10" * 16)),
        Insert("\nsweep"),
    ]
    with pytest.raises(SitebookError, match="characters"):
        left.delete_text(note, "text", 0, 1_000)


def test_an_old_state_comes_back_with_its_formats(pair: Pair) -> None:
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text=DOCUMENT)
    first = next(entry.change for entry in left.history(note) if entry.text)
    left.change_text(note, "text", [Delete(10), Retain(9, {"bold": None})])
    exchange(left, right)
    assert right.text_at(note, "text", first) == DOCUMENT
    right.restore_text(note, first)
    assert same(pair, note) == DOCUMENT


def test_a_text_of_megabytes_is_several_changes_and_one_action(pair: Pair) -> None:
    left, right = pair
    long = [Insert("🌍 wörds and more. " * 60_000), Insert("\n", {"header": 1}), Insert("end\n")]
    note, _ = left.create(NOTE, {"title": "Long"}, text=long)
    assert len(made_by(left)) > 2
    assert same(pair, note) == long
    other, _ = right.create(NOTE, {"title": "Other"}, text="short")
    right.replace_text(other, "text", long)
    assert same(pair, other) == long
    right.undo()
    assert same(pair, other) == [Insert("short\n")]
    left.undo()
    exchange(left, right)
    assert right.records(NOTE) == [other]


def test_what_is_pasted_while_typing_may_be_as_long(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Long"}, text="one")
    document = open_document(left.text_state(note), 77)
    updates: list[bytes] = []
    document.observe(lambda event: updates.append(event.update))
    document_text(document).insert(3, "pasted " * 300_000)
    document_text(document).insert(3, "! ")
    for update in updates:
        left.draft_text(note, "text", 77, update)
    left.finish_drafts()
    assert same(pair, note) == [Insert("one! " + "pasted " * 300_000 + "\n")]
    left.undo()
    assert same(pair, note) == [Insert("one\n")]


def test_a_format_that_is_too_long_to_travel_is_left_out(pair: Pair) -> None:
    left, _ = pair
    address = "https://example.org/" + "x" * 5_000
    note, _ = left.create(
        NOTE, {"title": "Link"}, text=[Insert("a "), Insert("b", {"link": address}), Insert("\n")]
    )
    assert same(pair, note) == [Insert("a b\n")]
