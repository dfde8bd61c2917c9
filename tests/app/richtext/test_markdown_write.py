from __future__ import annotations

import pytest
from hypothesis import given, settings

from app.richtext.delta import Insert
from app.richtext.formats import attached_image, divider, mention, reference
from app.richtext.markdown_read import read_markdown
from app.richtext.markdown_write import write_markdown
from sync.ids import id_text
from tests.app.richtext.samples import RECORDS, Names, documents

NAMES = Names()


@settings(max_examples=150)
@given(documents)
def test_every_document_reads_back(document: list[Insert]) -> None:
    assert read_markdown(write_markdown(document, NAMES, NAMES), NAMES) == document


@settings(max_examples=50)
@given(documents)
def test_without_names_every_document_reads_back_too(document: list[Insert]) -> None:
    assert read_markdown(write_markdown(document)) == document


@pytest.mark.parametrize(
    ("document", "source"),
    [
        ([Insert("\n")], ""),
        ([Insert("\n\n")], "\n\n"),
        ([Insert("5 * 3 = 15, snake_case, a & b!\n")], "5 * 3 = 15, snake_case, a & b!\n"),
        ([Insert("*a* and # b\n# c\n1. d\n")], "\\*a\\* and # b\n\\# c\n1\\. d\n"),
        ([Insert("bold "), Insert("word ", {"bold": True}), Insert("x\n")], "bold <b>word </b>x\n"),
        (
            [Insert("a", {"bold": True, "italic": True}), Insert("b", {"bold": True}), Insert("\n")],
            "***a*b**\n",
        ),
        (
            [Insert("a"), Insert("\n", {"list": "ordered"}), Insert("b"), Insert("\n", {"list": "ordered"})],
            "1. a\n2. b\n",
        ),
        ([Insert("a\n"), Insert(divider()), Insert("\n")], "a\n***\n"),
        ([Insert("http://a.b", {"link": "http://a.b"}), Insert("\n")], "<http://a.b>\n"),
        ([Insert("a", {"link": "x y)"}), Insert("\n")], "[a](<x y)>)\n"),
        ([Insert("```"), Insert("\n", {"code-block": "py"})], "````py\n```\n````\n"),
        ([Insert("a"), Insert("\n", {"indent": 2})], "&emsp;&emsp;a\n"),
        ([Insert("| a | *b* |\n")], "| a | *b* |\n"),
        ([Insert("> [!note] *x*\n> y\n")], "> [!note] *x*\n> y\n"),
        ([Insert("\ufeffa\n")], "&#65279;a\n"),
    ],
)
def test_the_nicest_way_is_taken(document: list[Insert], source: str) -> None:
    assert write_markdown(document) == source
    assert read_markdown(source) == document


def test_names_are_written() -> None:
    person = id_text(RECORDS[1])
    document = [
        Insert(reference(RECORDS[0])),
        Insert(reference(RECORDS[0], "it")),
        Insert(mention(RECORDS[1])),
        Insert(attached_image(RECORDS[0]), {"alt": "x"}),
        Insert("\n"),
    ]
    assert write_markdown(document, NAMES) == (
        "[[Leak in the roof]][[Leak in the roof|it]]"
        f"[@Bob](sitebook://person/{person})![x](<files/a photo (1).jpg>)\n"
    )


def test_a_title_that_markdown_cannot_name_is_a_link_to_the_record() -> None:
    record = id_text(RECORDS[1])
    document = [Insert(reference(RECORDS[1])), Insert("\n")]
    assert write_markdown(document, NAMES) == f"[Door \\[2\\] | #4](sitebook://record/{record})\n"


def test_what_is_not_known_is_left_out() -> None:
    document = [
        Insert("a", {"color": "red", "bold": True, "link": 5}),
        Insert("\n", {"align": "right", "header": 9}),
    ]
    assert write_markdown(document) == "**a**\n"


@pytest.mark.timeout(30)
def test_a_line_of_a_million_characters_keeps_its_formats() -> None:
    document = [Insert("*a " * 200_000), Insert("b ", {"bold": True}), Insert("_c" * 200_000 + "\n")]
    assert read_markdown(write_markdown(document)) == document
