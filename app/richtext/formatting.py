"""Formats over a selection: of letters and of lines. Nothing here changes a text's words.

A header is no list, code has no formats within, a list nests at most one deeper than the line before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from app.richtext.context import (
    Context,
    Edit,
    Placed,
    Range,
    Writer,
    attributes_at,
    clamped,
    is_code,
    is_divider,
    line_at,
    lines_in,
    pieces_between,
    without_formats,
)
from app.richtext.delta import Attributes, Insert, attribute_change
from app.richtext.formats import (
    CHECKED,
    CODE_BLOCK,
    INDENT,
    LINE,
    LINK,
    LIST,
    MOST_INDENT,
    UNCHECKED,
)

STEP: Final = "    "
"""What one step of indenting is in code."""


# Letters


def toggle_format(context: Context, start: int, stop: int, name: str, value: Any = True) -> Edit:
    """Set an inline format where not all of the selection has it, else take it away. Code stays as it is."""
    start, stop = clamped(context, start, stop)
    runs = _runs(context, start, stop)
    words = [each for each in runs if isinstance(each[1].content, str)] or runs
    on = any(each.attributes.get(name) in (None, False) for _, each in words)
    return _formatted(runs, {name: value if on else None}, (start, stop))


def set_format(context: Context, start: int, stop: int, name: str, value: Any) -> Edit:
    """Set an inline format over the selection; None takes it away. Code stays as it is."""
    start, stop = clamped(context, start, stop)
    return _formatted(_runs(context, start, stop), {name: value}, (start, stop))


def _runs(context: Context, start: int, stop: int) -> list[tuple[int, Insert]]:
    """What can have inline formats in a selection."""
    found: list[tuple[int, Insert]] = []
    if start < stop:
        for placed in lines_in(context, start, stop):
            if not is_code(placed.attributes) and not is_divider(placed.line):
                found.extend(pieces_between(placed, start, stop))
    return found


def _formatted(runs: Iterable[tuple[int, Insert]], formats: Attributes, select: Range) -> Edit:
    writer = Writer()
    for position, piece in runs:
        over = {name: value for name, value in formats.items() if piece.attributes.get(name) != value}
        writer.format(position, position + piece.length, over)
    return Edit(writer.done(), select)


def clear_formats(context: Context, start: int, stop: int) -> Edit:
    """Take the formats of a selection away, and those of the lines that are whole in it; links stay.

    Without a selection the line's formats go.
    """
    start, stop = clamped(context, start, stop)
    writer = Writer()
    for placed in lines_in(context, start, stop):
        for position, piece in pieces_between(placed, start, stop):
            gone = dict.fromkeys(name for name in piece.attributes if name != LINK)
            writer.format(position, position + piece.length, gone)
        if start == stop or (start <= placed.start and placed.newline <= stop):
            gone = dict.fromkeys(name for name in placed.attributes if name in LINE)
            writer.format(placed.newline, placed.stop, gone)
    return Edit(writer.done(), (start, stop))


# Links


def link_at(context: Context, position: int) -> tuple[int, int, str] | None:
    """Give the link that a position is in or at the end of: its range and its address."""
    placed = line_at(context, position)
    links: list[tuple[int, int, str]] = []
    at = placed.start
    for piece in placed.line.pieces:
        address = piece.attributes.get(LINK)
        if isinstance(address, str):
            joins = links and links[-1][1:] == (at, address)
            first = links.pop()[0] if joins else at
            links.append((first, at + piece.length, address))
        at += piece.length
    inside = [each for each in links if each[0] <= position < each[1]]
    return next(iter(inside or [each for each in links if each[1] == position]), None)


def set_link(context: Context, start: int, stop: int, address: str) -> Edit:
    """Make a selection a link; without one the link at the cursor gets the address, else the address is put in."""
    start, stop = clamped(context, start, stop)
    if start == stop:
        known = link_at(context, start)
        if known is None:
            writer = Writer()
            writer.insert(start, address, {LINK: address})
            return Edit(writer.done(), (start + len(address),) * 2)
        return Edit(set_format(context, known[0], known[1], LINK, address).change, (start, stop))
    return set_format(context, start, stop, LINK, address)


def unlink(context: Context, start: int, stop: int) -> Edit:
    """Take links away from a selection, or the link at the cursor. Their words stay."""
    start, stop = clamped(context, start, stop)
    known = link_at(context, start) if start == stop else None
    first, last = (start, stop) if known is None else known[:2]
    return Edit(set_format(context, first, last, LINK, None).change, (start, stop))


# Lines


def with_line_format(old: Attributes, name: str, value: Any) -> Attributes:
    """The formats of a line that is given another one: what excludes it goes, what is not known stays."""
    if value in (None, False):
        gone = {name, INDENT} if name == LIST else {name}
        return {each: known for each, known in old.items() if each not in gone}
    kept = {each: known for each, known in old.items() if each not in LINE}
    if name == LIST and LIST in old and INDENT in old:
        kept[INDENT] = old[INDENT]
    return {**kept, name: value}


def toggle_line(context: Context, start: int, stop: int, name: str, value: Any = True) -> Edit:
    """Give the lines of a selection a format, or take it away where all have it."""
    start, stop = clamped(context, start, stop)
    lines = _formatted_lines(context, start, stop)
    on = not all(_has(placed.attributes, name, value) for placed in lines)
    return _set_lines(lines, name, value if on else None, (start, stop))


def set_line(context: Context, start: int, stop: int, name: str, value: Any) -> Edit:
    """Give the lines of a selection a format; None takes it away."""
    start, stop = clamped(context, start, stop)
    return _set_lines(_formatted_lines(context, start, stop), name, value, (start, stop))


def make_plain(context: Context, start: int, stop: int) -> Edit:
    """Take all formats that lines can have away from the lines of a selection."""
    start, stop = clamped(context, start, stop)
    writer = Writer()
    for placed in lines_in(context, start, stop):
        gone = dict.fromkeys(name for name in placed.attributes if name in LINE)
        writer.format(placed.newline, placed.stop, gone)
    return Edit(writer.done(), (start, stop))


def _formatted_lines(context: Context, start: int, stop: int) -> list[Placed]:
    return [placed for placed in lines_in(context, start, stop) if not is_divider(placed.line)]


def _has(attributes: Attributes, name: str, value: Any) -> bool:
    known = attributes.get(name)
    if name == LIST and value == UNCHECKED:
        return known in (CHECKED, UNCHECKED)
    return bool(known) if name == CODE_BLOCK else bool(known == value)


def _set_lines(lines: Sequence[Placed], name: str, value: Any, select: Range) -> Edit:
    writer = Writer()
    for placed in lines:
        old = placed.attributes
        if value is not None and _has(old, name, value):
            continue
        new = with_line_format(old, name, value)
        if is_code(new):
            without_formats(writer, pieces_between(placed, placed.start, placed.newline))
        writer.format(placed.newline, placed.stop, attribute_change(old, new))
    return Edit(writer.done(), select)


def toggle_checked(context: Context, start: int, stop: int) -> Edit:
    """Tick the boxes of a selection's lines, or untick them where all are ticked."""
    start, stop = clamped(context, start, stop)
    boxes = [
        each for each in lines_in(context, start, stop) if each.attributes.get(LIST) in (CHECKED, UNCHECKED)
    ]
    state = UNCHECKED if all(each.attributes[LIST] == CHECKED for each in boxes) else CHECKED
    writer = Writer()
    for placed in boxes:
        if placed.attributes[LIST] != state:
            writer.format(placed.newline, placed.stop, {LIST: state})
    return Edit(writer.done(), (start, stop))


# Depth


def depth_of(attributes: Attributes) -> int:
    """How deep a line stands, 0 to MOST_INDENT, whatever is written there."""
    value = attributes.get(INDENT)
    return min(max(value, 0), MOST_INDENT) if isinstance(value, int) else 0


def indent(context: Context, start: int, stop: int, by: int = 1) -> Edit | None:
    """Move the list items of a selection, with what hangs on the last, one deeper, or back where ``by`` is -1.

    Code is moved by spaces. None where there is neither: the key means something else then.
    """
    start, stop = clamped(context, start, stop)
    lines = lines_in(context, start, stop)
    if any(is_code(placed.attributes) for placed in lines):
        return _indent_code(lines, start, stop, by)
    if not any(LIST in placed.attributes for placed in lines):
        return None
    writer = Writer()
    above = -1
    if lines[0].start > 0:
        _, before = attributes_at(context, lines[0].start - 1)
        above = depth_of(before) if LIST in before else -1
    moved = 0
    for placed in lines:
        old = depth_of(placed.attributes)
        if LIST not in placed.attributes:
            above = -1
            continue
        new = max(old - 1, 0) if by < 0 else max(old, min(old + 1, above + 1, MOST_INDENT))
        moved, above = new - old, new
        _set_depth(writer, placed.newline, placed.attributes, new)
    last = lines[-1]
    if moved and LIST in last.attributes:
        _move_children(context, writer, last.stop, depth_of(last.attributes), moved)
    return Edit(writer.done(), (start, stop))


def _set_depth(writer: Writer, newline: int, attributes: Attributes, depth: int) -> None:
    if attributes.get(INDENT) != (depth or None):
        writer.format(newline, newline + 1, {INDENT: depth or None})


def _move_children(context: Context, writer: Writer, at: int, depth: int, by: int) -> None:
    """Take the items that hang on one along."""
    length = context.length()
    while at < length:
        (_, stop), attributes = attributes_at(context, at)
        if LIST not in attributes or depth_of(attributes) <= depth:
            return
        new = min(max(depth_of(attributes) + by, 0), MOST_INDENT)
        _set_depth(writer, stop - 1, attributes, new)
        at = stop


def _indent_code(lines: Sequence[Placed], start: int, stop: int, by: int) -> Edit:
    writer = Writer()
    if start == stop and by > 0:
        writer.insert(start, STEP)
        return Edit(writer.done(), (start + len(STEP),) * 2)
    first, last = start, stop
    for placed in lines:
        if not is_code(placed.attributes):
            continue
        if by > 0:
            if placed.line.length > 1:
                writer.insert(placed.start, STEP)
                first += len(STEP) * (placed.start <= start)
                last += len(STEP)
            continue
        gone = _leading(placed)
        writer.delete(placed.start, placed.start + gone)
        first -= min(gone, max(start - placed.start, 0))
        last -= min(gone, max(stop - placed.start, 0))
    return Edit(writer.done(), (first, last))


def _leading(placed: Placed) -> int:
    """How many characters one step back takes from the beginning of a line of code."""
    pieces = placed.line.pieces
    text = pieces[0].content if pieces and isinstance(pieces[0].content, str) else ""
    if text.startswith("\t"):
        return 1
    return min(len(text) - len(text.lstrip(" ")), len(STEP))
