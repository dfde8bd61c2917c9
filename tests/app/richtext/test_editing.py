from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.richtext.context import Context, DocumentContext, Edit
from app.richtext.delta import Delta, Insert, Retain, applied, length, normal_document, plain_text
from app.richtext.editing import (
    backspace,
    delete_forward,
    delete_range,
    duplicate_lines,
    enter,
    insert_divider,
    insert_document,
    insert_embed,
    insert_pieces,
    move_lines,
)
from app.richtext.formats import reference
from app.richtext.lines import split_lines
from tests.app.richtext.texts import NOTE, Command, assert_makes, document, documents


def at_start(context: Context, start: int, _stop: int) -> Edit | None:
    return backspace(context, start)


def at_end(context: Context, start: int, _stop: int) -> Edit | None:
    return delete_forward(context, start)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ab|cd", "ab\n|cd"),
        ("ab|", "ab\n|"),
        ("- ab|cd", "- ab\n- |cd"),
        ("- ab|", "- ab\n- |"),
        ("→1. ab|", "→1. ab\n→1. |"),
        ("- a\n→- |", "- a\n- |"),
        ("- a\n- |", "- a\n|"),
        ("[x] ab|", "[x] ab\n[ ] |"),
        ("[x] |ab", "[ ] \n[x] |ab"),
        ("[x] a|b", "[x] a\n[ ] |b"),
        ("# ab|", "# ab\n|"),
        ("# |ab", "\n# |ab"),
        ("# a|b", "# a\n# |b"),
        ("# |", "|"),
        ("> ab|", "> ab\n> |"),
        ("> a\n> |", "> a\n|"),
        ("` ab|", "` ab\n` |"),
        ("`   a(|", "`   a(\n`   |"),
        ("` a\n` |", "` a\n|"),
        ("` a\n` |\n` b", "` a\n` \n` |\n` b"),
        ("` |", "` \n` |"),
        ("- *a|b*", "- *a*\n- *|b*"),
        ("a|b\n- c|d", "a\n|d"),
        ("- a|b\nc|d", "- a\n- |d"),
        ("- |ab|", "|"),
        ("---|", "---\n|"),
    ],
)
def test_enter(before: str, after: str) -> None:
    assert_makes(enter, before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a|b", ""),
        ("|ab", ""),
        ("# |ab", "|ab"),
        ("x\n- |ab", "x\n|ab"),
        ("- x\n→- |ab", "- x\n- |ab"),
        ("- x\n→- |ab\n→→- c", "- x\n- |ab\n→- c"),
        ("x\n> |ab", "x\n|ab"),
        ("x\n|ab", "x|ab"),
        ("- x\n|ab", "- x|ab"),
        ("# \n|ab", "|ab"),
        ("- \n|ab", "|ab"),
        ("x\n` |a", "x\n|a"),
        ("` x\n` |a", "` x|a"),
        ("` x\n|*a*b", "` x|ab"),
        ("---\n|a", "|a"),
    ],
)
def test_backspace_at_the_beginning_of_a_line(before: str, after: str) -> None:
    assert_makes(at_start, before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a|b", ""),
        ("ab|", ""),
        ("a|\nb", "a|b"),
        ("- a|\n# b", "- a|b"),
        ("|\n# b", "# |b"),
        ("` a|\n*b*", "` a|b"),
        ("a|\n---\nb", "a|\nb"),
        ("- a|\n---", "- a|"),
        ("---|\nb", "|b"),
    ],
)
def test_delete_at_the_end_of_a_line(before: str, after: str) -> None:
    assert_makes(at_end, before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a|b|c", "a|c"),
        ("- a|b\n# c|d", "- a|d"),
        ("# |ab\n- c|d", "# |d"),
        ("# |ab\n|- cd", "|- cd"),
        ("# |ab\n- |cd", "- |cd"),
        ("` a|b\n*c|d*", "` a|d"),
        ("|ab\n- cd|", "|"),
        ("a|b\n|---", "a|\n---"),
        ("---|\na|b", "---|\nb"),
        ("a|b\n---|\nc", "a|\nc"),
    ],
)
def test_a_selection_goes(before: str, after: str) -> None:
    assert_makes(delete_range, before, after)


def pasted(text: str, *, whole: bool = True) -> Command:
    pieces = document(text)
    if not whole:
        last = pieces[-1]
        assert isinstance(last.content, str)
        pieces[-1] = Insert(last.content[:-1], last.attributes)
    return partial(insert_document, document=[each for each in pieces if each.content])


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [
        (pasted("x"), "a|b", "ax|b"),
        (pasted("*x*"), "a|b|c", "a*x*|c"),
        (pasted("# x"), "a|b", "ax|b"),
        (pasted("# x"), "|", "# x|"),
        (pasted("# x"), "- |", "- x|"),
        (pasted("x\ny"), "a|b", "ax\ny|b"),
        (pasted("x\ny", whole=False), "a|b", "ax\ny|b"),
        (pasted("# x\n- y"), "|", "# x\n- y|"),
        (pasted("# x\n- y"), "a|", "ax\n- y|"),
        (pasted("# x\n- y"), "a|b", "ax\n- y|\nb"),
        (pasted("x\n- y\nz"), "# a|b", "# ax\n- y\n# z|b"),
        (pasted("x\ny"), "- a|", "- ax\n- y|"),
        (pasted("x\ny"), "[x] a|", "[x] ax\n[ ] y|"),
        (pasted("x\n- y"), "→- a|", "→- ax\n- y|"),
        (pasted("*x*\n# y"), "` a|b", "` ax\n` y|b"),
        (pasted("---"), "|", "---\n|"),
        (pasted("---"), "a|b", "a\n---\n|b"),
        (pasted("x\n---\ny"), "a|b", "ax\n---\ny|b"),
        (pasted("x"), "a|b\nc|d", "ax|d"),
    ],
)
def test_a_part_of_another_text_comes_in(what: Command, before: str, after: str) -> None:
    assert_makes(what, before, after)


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        (partial(insert_pieces, pieces=[Insert("é")]), "# a\n---|\n- b", "# a\n---\né|\n- b"),
        (partial(insert_pieces, pieces=[Insert("é")]), "# a\n|---\n- b", "# a\né|\n---\n- b"),
        (pasted("x\n- y"), "---|", "---\nx\n- y|"),
        (insert_divider, "|", "---\n|"),
        (insert_divider, "ab|", "ab\n---\n|"),
        (insert_divider, "|ab", "---\n|ab"),
        (insert_divider, "- a|b", "- a\n---\n- |b"),
        (insert_divider, "- |", "---\n|"),
        (partial(insert_embed, embed=reference(NOTE)), "a|xx|b", "a@|b"),
        (partial(insert_pieces, pieces=[Insert("é")]), "a|x\n- y|b", "aé|b"),
        (duplicate_lines, "- a|b\nc", "- ab\n- a|b\nc"),
        (duplicate_lines, "- a|b\nc|d", "- ab\ncd\n- a|b\nc|d"),
        (partial(move_lines, by=-1), "a\n- b|\nc", "- b|\na\nc"),
        (partial(move_lines, by=-1), "# a\n- b|", "- b|\n# a"),
        (partial(move_lines, by=-1), "a|\nb", ""),
        (partial(move_lines, by=1), "- a|\nb\nc", "b\n- a|\nc"),
        (partial(move_lines, by=1), "# |a\n- b|\n> c", "> c\n# |a\n- b|"),
        (partial(move_lines, by=1), "a\nb|", ""),
    ],
)
def test_lines_and_objects(command: Command, before: str, after: str) -> None:
    assert_makes(command, before, after)


def kept_last_newline(context: DocumentContext, change: Delta) -> bool:
    """Nothing is put behind the last newline, and it is not taken away: a window never shows it."""
    at = 0
    for op in change:
        if isinstance(op, Insert):
            if at >= context.length():
                return False
            continue
        at += op.length
        if at >= context.length() and not isinstance(op, Retain):
            return False
    return True


EDITING: tuple[Command, ...] = (
    enter,
    at_start,
    at_end,
    delete_range,
    insert_divider,
    partial(insert_embed, embed=reference(NOTE)),
    partial(insert_document, document=document("# x\n- *y*\n---\nz")),
    partial(insert_document, document=document("---")),
    partial(insert_document, document=document("x\ny")),
    duplicate_lines,
    partial(move_lines, by=-1),
    partial(move_lines, by=1),
)


@settings(max_examples=200)
@given(documents, st.data())
def test_every_edit_leaves_a_text(document: list[Insert], data: st.DataObject) -> None:
    context = DocumentContext(document)
    places = st.integers(0, context.length() - 1)
    start, stop = sorted((data.draw(places), data.draw(places)))
    edit = data.draw(st.sampled_from(EDITING))(context, start, stop)
    if edit is None:
        return
    after = applied(context.document, edit.change)
    assert normal_document(after) == after
    assert 0 <= edit.select[0] <= edit.select[1] < length(after)
    assert kept_last_newline(context, edit.change)
    for line in split_lines(after):
        dividers = [
            each for each in line.pieces if not isinstance(each.content, str) and "divider" in each.content
        ]
        assert not dividers or len(line.pieces) == 1


@settings(max_examples=100)
@given(documents, st.data())
def test_moving_down_and_up_restores(document: list[Insert], data: st.DataObject) -> None:
    context = DocumentContext(document)
    places = st.integers(0, context.length() - 1)
    start, stop = sorted((data.draw(places), data.draw(places)))
    edit = move_lines(context, start, stop, 1)
    if edit is None:
        return
    moved = DocumentContext(applied(context.document, edit.change))
    assert sorted(plain_text(moved.document)) == sorted(plain_text(context.document))
    if edit.select[1] - edit.select[0] < stop - start:
        return  # nobody can stand behind the last newline
    back = move_lines(moved, *edit.select, -1)
    assert back is not None
    assert applied(moved.document, back.change) == context.document
    assert back.select == (start, stop)
