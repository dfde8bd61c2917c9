from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.richtext.delta import Insert, applied, difference, document_to_json, normal_document, plain_text
from app.richtext.formats import HIGHLIGHT_COLOR, reference
from app.richtext.markdown_read import read_markdown
from app.richtext.markdown_write import write_markdown
from app.richtext.merge import merge
from tests.app.richtext.samples import RECORDS, documents


def merged(base: str, theirs: str, ours: str) -> str:
    """The merge of three texts in Markdown."""
    change = merge(*map(read_markdown, (base, theirs, ours)))
    return write_markdown(applied(read_markdown(ours), change)).removesuffix("\n")


@settings(max_examples=80)
@given(documents, documents, documents)
def test_any_three_documents_merge(base: list[Insert], theirs: list[Insert], ours: list[Insert]) -> None:
    result = applied(ours, merge(base, theirs, ours))
    assert normal_document(result) == result
    assert merge(base, base, ours) == []
    assert merge(base, ours, ours) == []
    assert merge(ours, theirs, ours) == difference(ours, theirs)
    assert applied(ours, merge(ours, theirs, ours)) == theirs


@st.composite
def edited(draw: Callable[[Any], Any], lines: list[list[str]], mark: str) -> list[list[str]]:
    """Lines of words in which some words were taken away, and new ones, each unlike any other, put in."""
    found = [list(line) for line in lines]
    for number in range(draw(st.integers(0, 4))):
        if not found:
            break
        place = draw(st.integers(0, len(found) - 1))
        kind = draw(st.sampled_from(["put", "put", "change", "take", "line", "no line"]))
        word = f"{mark}{number}"
        at = draw(st.integers(0, len(found[place])))
        if kind == "put":
            found[place].insert(at, word)
        elif kind == "change":
            found[place][at : at + 1] = [word]
        elif kind == "take":
            del found[place][at : at + 2]
        elif kind == "line":
            found.insert(place, [word])
        else:
            del found[place]
    return found


words = st.lists(st.lists(st.sampled_from(["a", "b", "the", "roof", "leaks"]), max_size=5), max_size=5)


def document_of(lines: list[list[str]]) -> list[Insert]:
    return normal_document([Insert("".join(" ".join(line) + "\n" for line in lines))])


@settings(max_examples=200)
@given(st.data())
def test_no_word_that_somebody_wrote_is_lost_or_doubled(data: st.DataObject) -> None:
    base = data.draw(words)
    theirs, ours = data.draw(edited(base, "their")), data.draw(edited(base, "our"))
    now = document_of(ours)
    result = applied(now, merge(document_of(base), document_of(theirs), now))
    found = re.findall(r"\w+", plain_text(result))
    for side, mark in ((theirs, "their"), (ours, "our")):
        for word in (word for line in side for word in line if word.startswith(mark)):
            assert found.count(word) == 1


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.data())
def test_edits_of_different_lines_are_both_there(mine: list[bool], data: st.DataObject) -> None:
    base = [f"line {number} stands here" for number in range(len(mine))]
    ours = [line + " now" if own else line for line, own in zip(base, mine, strict=True)]
    theirs = [line if own else "so " + line for line, own in zip(base, mine, strict=True)]
    both = [new if own else other for new, other, own in zip(ours, theirs, mine, strict=True)]
    assert merged("\n".join(base), "\n".join(theirs), "\n".join(ours)) == "\n".join(both)


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "result"),
    [
        ("the red car", "the red bus", "the blue car", "the blue bus"),
        ("The roof leaks.", "The roof leaks badly.", "The old roof leaks.", "The old roof leaks badly."),
        ("a **b** c", "a **b** c d", "a b c", "a b c d"),
        ("one two", "**one** two", "one three", "**one** three"),
        ("one two", "one **two**", "one three", "one **three**"),
        ("one two", "one three", "one **two**", "one **three**"),
        ("- [ ] call", "- [x] call", "- [ ] call him", "- [x] call him"),
        ("# a", "## a", "# b", "## b"),
        ("colour red", "colour green", "colour blue", "colour blue ==green=="),
        ("a b c", "d e f", "g h i", "g h i ==d e f=="),
        ("a", "a\nnew", "a\nnew", "a\nnew"),
        ("a", "a\ntheir line", "a\nour line", "a\nour line\ntheir line"),
        ("a", "a\nsame\ntheirs", "a\nsame\nours", "a\nsame\nours\ntheirs"),
        ("a\nb\nc", "a\nc", "a\nb changed\nc", "a\nb changed\nc"),
        ("a\nb\nc", "a\nb changed\nc", "a\nc", "a\n==b changed==\nc"),
        ("a\nb\nc", "a\nc", "a\nb\nc d", "a\nc d"),
    ],
)
def test_what_both_meant_is_there(base: str, theirs: str, ours: str, result: str) -> None:
    assert merged(base, theirs, ours) == result


def test_objects_are_merged_like_words() -> None:
    def said(*records: int) -> list[Insert]:
        return [Insert("see "), *(Insert(reference(RECORDS[each])) for each in records), Insert("\n")]

    result = applied(said(2), merge(said(0), said(1), said(2)))
    assert document_to_json(result) == [
        {"insert": "see "},
        {"insert": dict(reference(RECORDS[2]))},
        {"insert": dict(reference(RECORDS[1])), "attributes": {"background": HIGHLIGHT_COLOR}},
        {"insert": "\n"},
    ]


def numbered(count: int, every: int, word: str) -> list[Insert]:
    lines = (f"line {at % 100}{word if at % every == 0 else ''}" for at in range(count))
    return [Insert("".join(f"{line}\n" for line in lines))]


@pytest.mark.parametrize(
    ("base", "theirs", "ours"),
    [
        (
            numbered(100_000, 1_000_000, ""),
            numbered(100_000, 7_000, " theirs"),
            numbered(100_000, 9_000, " ours"),
        ),
        (numbered(20_000, 1_000_000, ""), numbered(20_000, 3, " theirs"), numbered(20_000, 2, " ours")),
        (
            [Insert("a b " * 100_000 + "\n")],
            [Insert("b a " * 100_000 + "\n")],
            [Insert("a c " * 100_000 + "\n")],
        ),
        ([Insert("\n" * 50_000)], [Insert("x\n" * 50_000)], [Insert("\ny" * 50_000 + "\n")]),
    ],
)
@pytest.mark.timeout(60)
def test_large_and_hostile_texts_merge_in_time(
    base: list[Insert], theirs: list[Insert], ours: list[Insert]
) -> None:
    assert applied(ours, merge(base, theirs, ours))
