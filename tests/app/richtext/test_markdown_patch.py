from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.richtext.delta import Insert
from app.richtext.known import known_lines
from app.richtext.lines import Line, join_lines
from app.richtext.markdown_patch import patch_markdown
from app.richtext.markdown_read import decode_markdown, read_markdown
from tests.app.richtext.samples import SIGNS, Names, documents

NAMES = Names()
parts = st.lists(st.sampled_from((*SIGNS, "> ", "- ", "  ", "~~~", "\udcff")), max_size=4).map("".join)
ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", ""])
sources = st.lists(st.tuples(parts, ends).map("".join), max_size=9).map("".join)


@settings(max_examples=100)
@given(sources, documents, st.randoms(use_true_random=False))
def test_patching_is_exact(source: str, other: list[Insert], rng: random.Random) -> None:
    document = read_markdown(source, NAMES)
    assert patch_markdown(source, document, NAMES) == source
    assert read_markdown(patch_markdown(source, other, NAMES), NAMES) == other
    lines, more = known_lines(document), known_lines(other)
    at = rng.randrange(len(lines))
    lines[at : at + rng.randint(0, 2)] = [rng.choice(more)]
    edited = join_lines(lines)
    assert read_markdown(patch_markdown(source, edited, NAMES), NAMES) == edited


@given(st.binary(max_size=60))
def test_any_bytes_stay(data: bytes) -> None:
    source = decode_markdown(data)
    assert patch_markdown(source, read_markdown(source)) == source


SOURCE = (
    "\ufeff# Title #\r\n"
    "Some __bold__ text  \r\n"
    "* [ ] one\r\n"
    "\t* [x] two \\# \r\n"
    "\r\n"
    "3) three\r\n"
    "```py title='x'\r\n"
    "a = 1\r\n"
    "b = 2\r\n"
    "``` \r\n"
    "| a | b |\r\n"
    "last"
)


def edited(before: str, after: str) -> str:
    """The source after a word in the document was put in place of another."""
    document = [
        Insert(
            each.content.replace(before, after) if isinstance(each.content, str) else each.content,
            each.attributes,
        )
        for each in read_markdown(SOURCE)
    ]
    return patch_markdown(SOURCE, document)


@pytest.mark.parametrize(
    ("before", "after", "was", "becomes"),
    [
        ("Title", "Name", "# Title #", "# Name"),
        ("text", "words", "Some __bold__ text  ", "Some **bold** words  "),
        ("one", "1", "* [ ] one", "* [ ] 1"),
        ("two", "2", "\t* [x] two \\# ", "\t* [x] 2 # "),
        ("three", "3", "3) three", "3) 3"),
        ("a = 1", "a = 3", "a = 1", "a = 3"),
        ("| b |", "| c |", "| a | b |", "| a | c |"),
        ("last", "end", "last", "end"),
    ],
)
def test_only_the_edited_line_changes(before: str, after: str, was: str, becomes: str) -> None:
    assert edited(before, after) == SOURCE.replace(was, becomes)


def test_a_ticked_box_changes_one_character() -> None:
    document = [
        Insert(each.content, {**each.attributes, "list": "checked"})
        if each.attributes.get("list") == "unchecked"
        else each
        for each in read_markdown(SOURCE)
    ]
    assert patch_markdown(SOURCE, document) == SOURCE.replace("[ ]", "[x]")


def test_lines_that_are_split_stay_what_they_are() -> None:
    lines = known_lines(read_markdown(SOURCE))
    lines.insert(3, Line((Insert("more"),), lines[2].attributes))
    lines.insert(8, Line((), lines[7].attributes))
    found = patch_markdown(SOURCE, join_lines(lines))
    assert found == SOURCE.replace("one\r\n", "one\r\n* [ ] more\r\n").replace("b = 2", "\r\nb = 2")


def test_new_lines_look_like_those_around_them() -> None:
    document = [
        *read_markdown(SOURCE),
        Insert("new"),
        Insert("\n", {"list": "bullet"}),
        Insert("deep"),
        Insert("\n", {"list": "bullet", "indent": 1}),
        Insert("number"),
        Insert("\n", {"list": "ordered"}),
    ]
    assert patch_markdown(SOURCE, document) == SOURCE + "\r\n* new\r\n\t* deep\r\n1) number"


def test_what_a_code_block_holds_never_closes_it() -> None:
    source = "```\na\n```\nb\n"
    document = [Insert("```\n", {"code-block": True}), Insert("b\n")]
    assert patch_markdown(source, document) == "````\n```\n````\nb\n"


def test_many_lines_are_patched_in_time() -> None:
    source = "".join(f"- line {number % 500}\n" for number in range(10_000))
    document = read_markdown(source)
    lines = known_lines(document)
    del lines[7_000:7_010]
    lines[10:10] = known_lines(read_markdown("**new**\n"))
    found = patch_markdown(source, join_lines(lines))
    assert found.splitlines()[10] == "**new**"
    assert read_markdown(found) == join_lines(lines)
