from __future__ import annotations

from app.richtext.delta import Insert, applied, plain_text
from app.richtext.formats import mention
from app.richtext.lines import split_lines
from app.richtext.quoting import appended, quoted, trimmed


def test_says_who_and_leaves_a_line_to_write_on() -> None:
    document = [Insert("Propping "), Insert("stays", {"bold": True}), Insert(".\n")]
    lines = split_lines(quoted(document, "Mina Okafor"))
    assert [line.text for line in lines] == ["Mina Okafor", "Propping stays.", ""]
    assert [line.attributes.get("blockquote") for line in lines] == [True, True, None]
    assert lines[0].pieces[0].attributes == {"bold": True}
    assert lines[1].pieces[1] == Insert("stays", {"bold": True})


def test_lists_keep_their_signs_and_headings_become_lines() -> None:
    document = [
        Insert("Plan"), Insert("\n", {"header": 2}),
        Insert("prop"), Insert("\n", {"list": "ordered"}),
        Insert("inject"), Insert("\n", {"list": "ordered"}),
        Insert("dated"), Insert("\n", {"list": "checked"}),
        Insert("photo"), Insert("\n", {"list": "unchecked"}),
        Insert("end"), Insert("\n", {"list": "bullet"}),
    ]  # fmt: skip
    lines = split_lines(quoted(document, ""))
    assert [line.text for line in lines] == [
        "Plan",
        "1. prop",
        "2. inject",
        "☑ dated",
        "☐ photo",
        "• end",
        "",
    ]
    assert {tuple(line.attributes) for line in lines[:-1]} == {("blockquote",)}


def test_an_answer_to_an_answer_does_not_grow() -> None:
    first = quoted([Insert("Is it dry?\n")], "Jon")
    answer = [*first[:-1], Insert("\nYes.\n")]
    assert [line.text for line in split_lines(quoted(answer, "Mina"))] == ["Mina", "Yes.", ""]


def test_blank_ends_go_and_objects_stay() -> None:
    person = mention(bytes(16))
    assert trimmed([Insert("\n \n"), Insert(person), Insert("\n\n \n")]) == [Insert(person), Insert("\n")]
    assert trimmed([Insert(" \n\n")]) == []
    assert plain_text(trimmed([Insert("\na\n\nb\n\n")])) == "a\n\nb\n"


def test_a_quote_goes_behind_what_is_written_already() -> None:
    quote = quoted([Insert("Is it dry?\n")], "Jon")
    blank = [Insert("\n")]
    assert applied(blank, appended(blank, quote)) == quote
    begun = [Insert("Well"), Insert("\n", {"list": "bullet"})]
    lines = split_lines(applied(begun, appended(begun, quote)))
    assert [(line.text, dict(line.attributes)) for line in lines] == [
        ("Well", {"list": "bullet"}), ("Jon", {"blockquote": True}), ("Is it dry?", {"blockquote": True}), ("", {}),
    ]  # fmt: skip
