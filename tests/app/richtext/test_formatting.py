from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.richtext.context import DocumentContext
from app.richtext.delta import Insert, applied, length, normal_document
from app.richtext.formatting import (
    clear_formats,
    indent,
    link_at,
    make_plain,
    set_format,
    set_line,
    set_link,
    toggle_checked,
    toggle_format,
    toggle_line,
    unlink,
)
from app.richtext.lines import split_lines
from tests.app.richtext.texts import Command, assert_makes, documents, marked

bold = partial(toggle_format, name="bold")
header = partial(toggle_line, name="header", value=1)
bullets = partial(toggle_line, name="list", value="bullet")
boxes = partial(toggle_line, name="list", value="unchecked")
code = partial(toggle_line, name="code-block")
back = partial(indent, by=-1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a |word| b", "a *|word*| b"),
        ("a *|word|* b", "a |word| b"),
        ("a |wo*rd|* b", "a *|word|* b"),
        ("one |two\n- three| four", "one *|two*\n- *three*| four"),
        ("|one\n` code\ntwo|", "*|one*\n` code\n*two*|"),
        ("|@ and|", "*|@ and|*"),
        ("one| two", "one| two"),
    ],
)
def test_toggles_letters(before: str, after: str) -> None:
    assert_makes(bold, before, after)


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        (header, "ti|tle", "# ti|tle"),
        (header, "# ti|tle", "ti|tle"),
        (partial(toggle_line, name="header", value=2), "# ti|tle", "## ti|tle"),
        (header, "→- it|em", "# it|em"),
        (header, "|a\n---\nb|", "# |a\n---\n# b|"),
        (bullets, "# he|ad", "- he|ad"),
        (partial(toggle_line, name="list", value="ordered"), "- a\n→- b|", "- a\n→1. b|"),
        (bullets, "- a\n→- b|", "- a\nb|"),
        (bullets, "|a\n- b|", "- |a\n- b|"),
        (bullets, "|a\n|b", "- |a\n|b"),
        (boxes, "[x] a|", "a|"),
        (boxes, "[x] |a\nb|", "[x] |a\n[ ] b|"),
        (partial(toggle_line, name="blockquote"), "- a|", "> a|"),
        (code, "|*a* b\n# c|", "` |a b\n` c|"),
        (code, "` a|", "a|"),
        (partial(set_line, name="header", value=None), "# a|", "a|"),
        (make_plain, "# |a\n→- b\n` c|", "|a\nb\nc|"),
        (toggle_checked, "[ ] a|", "[x] a|"),
        (toggle_checked, "[ ] |a\n[x] b\nc|", "[x] |a\n[x] b\nc|"),
        (toggle_checked, "[x] |a\n[x] b|", "[ ] |a\n[ ] b|"),
        (clear_formats, "# a|", "a|"),
        (clear_formats, "# *a|b|c*", "# *a*|b|*c*"),
        (clear_formats, "# *|a*\n- _b_|", "|a\nb|"),
    ],
)
def test_formats_lines(command: Command, before: str, after: str) -> None:
    assert_makes(command, before, after)


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        (indent, "- a\n- b|", "- a\n→- b|"),
        (indent, "- a|", "- a|"),
        (indent, "- a\n→- b|", "- a\n→- b|"),
        (indent, "- a\n- b|\n→- c\n- d", "- a\n→- b|\n→→- c\n- d"),
        (indent, "a\n- b|", "a\n- b|"),
        (indent, "- a\n- |b\n- c|", "- a\n→- |b\n→- c|"),
        (indent, "plain|", ""),
        (indent, "` co|de", "` co    |de"),
        (indent, "` |a\n` b|", "`     |a\n`     b|"),
        (back, "- a\n→- b|", "- a\n- b|"),
        (back, "- a\n→- b|\n→→- c", "- a\n- b|\n→- c"),
        (back, "- a|", "- a|"),
        (back, "`       a|", "`   a|"),
    ],
)
def test_moves_deeper_and_back(command: Command, before: str, after: str) -> None:
    assert_makes(command, before, after)


def test_a_list_is_never_deeper_than_one_step_below_the_line_before() -> None:
    deep = "\n".join("→" * depth + "- a" for depth in range(9))
    context, start, stop = marked(deep + "\n→→→→→→→→- |b")
    edit = indent(context, start, stop)
    assert edit is not None
    assert edit.change == []


def test_a_link_is_set_found_changed_and_taken_away() -> None:
    context, start, stop = marked("see |the plan| here")
    linked = DocumentContext(
        applied(context.document, set_link(context, start, stop, "https://a.example").change)
    )
    assert link_at(linked, start + 2) == (start, stop, "https://a.example")
    assert link_at(linked, stop) == (start, stop, "https://a.example")
    assert link_at(linked, stop + 1) is None
    bolder = DocumentContext(applied(linked.document, toggle_format(linked, start, start + 3, "bold").change))
    assert link_at(bolder, stop - 1) == (start, stop, "https://a.example")
    changed = set_link(bolder, start + 1, start + 1, "https://b.example")
    assert link_at(DocumentContext(applied(bolder.document, changed.change)), start) == (
        start,
        stop,
        "https://b.example",
    )
    assert applied(linked.document, unlink(linked, start, start).change) == context.document


def test_an_address_without_words_is_its_own_words() -> None:
    context, start, stop = marked("see |")
    edit = set_link(context, start, stop, "https://a.example")
    assert applied(context.document, edit.change)[1] == Insert(
        "https://a.example", {"link": "https://a.example"}
    )
    assert edit.select == (21, 21)


FORMATTING: tuple[Command, ...] = (
    bold,
    partial(set_format, name="background", value="#ffe58f"),
    partial(set_link, address="https://example.org/x"),
    unlink,
    header,
    bullets,
    boxes,
    code,
    partial(toggle_line, name="blockquote"),
    make_plain,
    clear_formats,
    toggle_checked,
    indent,
    back,
)


def unformatted(document: list[Insert]) -> list[Insert]:
    return [
        Insert(content.replace(" ", "") if isinstance(content, str) else content)
        for content, _ in normal_document(Insert(content) for content, _ in document)
    ]


@settings(max_examples=150)
@given(documents, st.data())
def test_formats_lose_no_word(document: list[Insert], data: st.DataObject) -> None:
    context = DocumentContext(document)
    places = st.integers(0, context.length() - 1)
    start, stop = sorted((data.draw(places), data.draw(places)))
    command = data.draw(st.sampled_from(FORMATTING))
    edit = command(context, start, stop)
    if edit is None:
        return
    after = applied(context.document, edit.change)
    if not (start == stop and isinstance(command, partial) and command.func is set_link):
        assert unformatted(after) == unformatted(context.document)
    assert normal_document(after) == after
    assert 0 <= edit.select[0] <= edit.select[1] < length(after)


@settings(max_examples=150)
@given(documents, st.data())
def test_toggling_twice_restores_what_had_no_format(document: list[Insert], data: st.DataObject) -> None:
    bare = [Insert(content, {}) for content, _ in document]
    context = DocumentContext(bare)
    places = st.integers(0, context.length() - 1)
    start, stop = sorted((data.draw(places), data.draw(places)))
    command = data.draw(st.sampled_from((bold, header, bullets, boxes, code)))
    once = DocumentContext(applied(context.document, command(context, start, stop).change))
    assert applied(once.document, command(once, start, stop).change) == context.document


@settings(max_examples=100)
@given(documents, st.data())
def test_moving_deeper_keeps_lists_as_deep_as_they_may_be(
    document: list[Insert], data: st.DataObject
) -> None:
    context = DocumentContext(document)
    places = st.integers(0, context.length() - 1)
    start, stop = sorted((data.draw(places), data.draw(places)))
    edit = indent(context, start, stop)
    if edit is None:
        return
    before, after = split_lines(context.document), split_lines(applied(context.document, edit.change))
    above = -1
    for old, new in zip(before, after, strict=True):
        depth = new.attributes.get("indent", 0)
        if depth > old.attributes.get("indent", 0) and start < stop:
            assert depth <= above + 1 or old.attributes.get("indent", 0) > 0
        above = depth if "list" in new.attributes else -1
