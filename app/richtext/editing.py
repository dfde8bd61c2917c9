"""Keys and commands that change a text's lines: Enter, Backspace, Delete, pasting, moving lines.

Each gives what becomes of the text and what is selected then, or None where the key means nothing special there.
Formats are in ``app.richtext.formatting``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.richtext.context import (
    Context,
    DocumentContext,
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
    moved_back,
    pieces_between,
    text_length,
    without_formats,
)
from app.richtext.delta import (
    PLAIN,
    Attributes,
    Embed,
    Insert,
    applied,
    attribute_change,
    compose,
    plain_text,
)
from app.richtext.formats import (
    CHECKED,
    CODE_BLOCK,
    HEADER,
    INDENT,
    LINE,
    LIST,
    QUOTE,
    UNCHECKED,
    divider,
)
from app.richtext.formatting import depth_of, indent, with_line_format
from app.richtext.lines import Line, split_lines

# Taking out


def delete_range(context: Context, start: int, stop: int) -> Edit:
    """Take a selection out. What is left of its lines is one with the format of the first of them.

    Where whole lines go, the one behind keeps its own. The last newline of a text stays.
    """
    start, stop = clamped(context, start, stop)
    place, writer = start, Writer()
    if start < stop:
        (first, _), formats = attributes_at(context, start)
        last = line_at(context, stop)
        if first < last.start:
            # A divider stays alone in its line.
            stop -= stop == last.start and start != first and is_divider(last.line)
            start += start != first and is_divider(line_at(context, first).line)
        writer.delete(start, stop)
        whole = start == first and stop == last.start
        if first < last.start <= stop and start == place and not whole:
            _join(writer, last, stop, formats)
    return Edit(writer.done(), (place, place))


def _join(writer: Writer, tail: Placed, at: int, formats: Attributes) -> None:
    """Give what is left of a line, from ``at`` on, the formats of the line that it comes to."""
    if is_code(formats) and not is_code(tail.attributes):
        without_formats(writer, pieces_between(tail, at, tail.newline))
    writer.format(tail.newline, tail.stop, attribute_change(tail.attributes, formats))


def backspace(context: Context, position: int) -> Edit | None:
    """At the beginning of a line take its format off, bring it back a step, or join it to the line before."""
    placed = line_at(context, position)
    if position != placed.start:
        return None
    formats = placed.attributes
    before = line_at(context, placed.start - 1) if placed.start else None
    in_code = before is not None and is_code(formats) and is_code(before.attributes)
    if not in_code:
        eased = _eased(context, placed)
        if eased is not None:
            return eased
    if before is None:
        return None
    writer = Writer()
    if is_divider(before.line):
        writer.delete(before.start, before.stop)
        return Edit(writer.done(), (before.start,) * 2)
    writer.delete(before.newline, before.stop)
    if before.line.length > 1:
        _join(writer, placed, placed.start, before.attributes)
    return Edit(writer.done(), (before.newline,) * 2)


def _eased(context: Context, placed: Placed) -> Edit | None:
    """A line one step plainer than it is; None where it is plain."""
    formats, at = placed.attributes, placed.start
    if depth_of(formats) and LIST in formats:
        return indent(context, at, at, -1)
    known = [name for name in (LIST, HEADER, QUOTE, CODE_BLOCK, INDENT) if name in formats]
    if not known:
        return None
    writer = Writer()
    change = attribute_change(formats, with_line_format(formats, known[0], None))
    writer.format(placed.newline, placed.stop, change)
    return Edit(writer.done(), (at, at))


def delete_forward(context: Context, position: int) -> Edit | None:
    """At the end of a line join the next one to it."""
    placed = line_at(context, position)
    if position != placed.newline or placed.stop >= context.length():
        return None
    writer = Writer()
    after = line_at(context, placed.stop)
    if is_divider(placed.line):
        writer.delete(placed.start, placed.stop)
        return Edit(writer.done(), (placed.start,) * 2)
    if is_divider(after.line) and placed.line.length > 1:
        # The divider's own newline may be the last one: what goes is the newline before it.
        writer.delete(placed.newline, after.newline)
        writer.format(after.newline, after.stop, attribute_change(after.attributes, placed.attributes))
        return Edit(writer.done(), (position, position))
    writer.delete(position, placed.stop)
    if placed.line.length > 1:
        _join(writer, after, after.start, placed.attributes)
    return Edit(writer.done(), (position, position))


# Enter


def enter(context: Context, start: int, stop: int) -> Edit:
    """Begin a new line in place of the selection, as the line asks for: lists go on, empty items end them."""
    return instead(context, start, stop, _enter)


def instead(context: Context, start: int, stop: int, then: Callable[[Context, int], Edit]) -> Edit:
    """Take a selection out and do something in its place, as one change.

    ``then`` is given a text of the lines around, and the position in it.
    """
    start, stop = clamped(context, start, stop)
    if start == stop:
        return then(context, start)
    low, high = context.line_span(start)[0], context.line_span(stop)[1]
    low = context.line_span(low - 1)[0] if low else low
    high = context.line_span(high)[1] if high < context.length() else high
    before = DocumentContext(context.slice(low, high))
    removal = delete_range(before, start - low, stop - low)
    after = DocumentContext(applied(before.document, removal.change))
    made = then(after, start - low)
    first, last = made.select
    return Edit(moved_back(compose(removal.change, made.change), low), (first + low, last + low))


def _enter(context: Context, at: int) -> Edit:
    placed = line_at(context, at)
    formats = placed.attributes
    if is_code(formats):
        return _enter_code(context, placed, at)
    if placed.line.length == 1:
        eased = _eased(context, placed)
        if eased is not None:
            return eased
    first, second = _split(formats, at == placed.start, at == placed.newline)
    writer = Writer()
    writer.insert(at, "\n", first)
    writer.format(placed.newline, placed.stop, attribute_change(formats, second))
    return Edit(writer.done(), (at + 1, at + 1))


def _split(formats: Attributes, at_start: bool, at_end: bool) -> tuple[Attributes, Attributes]:
    """The formats of both lines that a line becomes."""
    if HEADER in formats and at_start != at_end:
        plain = with_line_format(formats, HEADER, None)
        return (plain, formats) if at_start else (formats, plain)
    if formats.get(LIST) == CHECKED:
        open_ = {**formats, LIST: UNCHECKED}
        return (open_, formats) if at_start and not at_end else (formats, open_)
    return formats, formats


def _enter_code(context: Context, placed: Placed, at: int) -> Edit:
    """Go on with the same indentation; an empty last line ends the code."""
    writer = Writer()
    text = placed.line.text
    if not text.strip() and text_length(placed.line.pieces) == len(text) and placed.start:
        _, before = attributes_at(context, placed.start - 1)
        last = placed.stop >= context.length() or not is_code(attributes_at(context, placed.stop)[1])
        if last and is_code(before):
            writer.delete(placed.start, placed.newline)
            change = attribute_change(
                placed.attributes, with_line_format(placed.attributes, CODE_BLOCK, None)
            )
            writer.format(placed.newline, placed.stop, change)
            return Edit(writer.done(), (placed.start,) * 2)
    head = plain_text(each for _, each in pieces_between(placed, placed.start, at))
    spaces = head[: len(head) - len(head.lstrip(" \t"))]
    writer.insert(at, "\n", placed.attributes)
    writer.insert(at, spaces)
    place = at + 1 + len(spaces)
    return Edit(writer.done(), (place, place))


# Putting in


def insert_pieces(context: Context, start: int, stop: int, pieces: Sequence[Insert]) -> Edit:
    """Put pieces without a newline in place of a selection."""

    def put(there: Context, at: int) -> Edit:
        placed = line_at(there, at)
        if is_divider(placed.line):
            return _beside_divider(placed, at, [Line(tuple(pieces))])
        writer = Writer()
        writer.insert_all(at, pieces)
        place = at + text_length(pieces)
        return Edit(writer.done(), (place, place))

    return instead(context, start, stop, put)


def _beside_divider(placed: Placed, at: int, lines: Sequence[Line]) -> Edit:
    """Lines of their own before or behind a divider."""
    writer = Writer()
    behind = at > placed.start
    for count, line in enumerate(lines):
        # Behind the divider its own newline becomes that of the last line.
        if behind:
            writer.insert(at, "\n", lines[count - 1].attributes if count else placed.attributes)
        writer.insert_all(at, line.pieces)
        if not behind:
            writer.insert(at, "\n", line.attributes)
    if behind:
        change = attribute_change(placed.attributes, lines[-1].attributes)
        writer.format(placed.newline, placed.stop, change)
    place = at + sum(line.length for line in lines) - (not behind)
    return Edit(writer.done(), (place, place))


def insert_embed(
    context: Context, start: int, stop: int, embed: Embed, attributes: Attributes = PLAIN
) -> Edit:
    """Put an embedded object in place of a selection."""
    return insert_pieces(context, start, stop, [Insert(embed, attributes)])


def insert_divider(context: Context, start: int, stop: int) -> Edit:
    """Put a divider, alone in its line, in place of a selection; the cursor stands in the line below it."""
    return instead(context, start, stop, _divider)


def _divider(context: Context, at: int) -> Edit:
    placed = line_at(context, at)
    formats = placed.attributes
    plain = {name: value for name, value in formats.items() if name not in LINE}
    writer = Writer()
    place = at + 2
    if at > placed.start:
        writer.insert(at, "\n", formats)
        place += 1
    writer.insert(at, divider())
    writer.insert(at, "\n")
    if at == placed.newline:
        writer.format(placed.newline, placed.stop, attribute_change(formats, plain))
    return Edit(writer.done(), (place, place))


def insert_document(context: Context, start: int, stop: int, document: Sequence[Insert]) -> Edit:
    """Put a part of another text in place of a selection, its last newline there or not.

    Its first line joins the line that it comes into; whole lines bring their formats. In code only words arrive.
    """
    lines = split_lines(document)
    return instead(context, start, stop, lambda there, at: _paste(there, at, lines))


def _paste(context: Context, at: int, lines: Sequence[Line]) -> Edit:
    placed = line_at(context, at)
    formats = placed.attributes
    if is_code(formats):
        return _paste_code(placed, at, lines)
    if not lines:
        return Edit([], (at, at))
    if is_divider(placed.line):
        return _beside_divider(placed, at, lines)
    lines = list(lines)
    plain = not any(line.attributes or is_divider(line) for line in lines)
    if plain and len(lines) > 1 and (LIST in formats or QUOTE in formats):
        # Lines that say nothing of themselves go on with the list that they come into.
        next_ = _split(formats, at_start=False, at_end=True)[1]
        lines = [Line(line.pieces, next_ if count else formats) for count, line in enumerate(lines)]
    elif is_divider(lines[0]) and at > placed.start:
        # A divider joins no line.
        lines.insert(0, Line((), formats))
    tail = at < placed.newline
    last = lines[-1]
    if is_divider(last):
        lines.append(Line((), formats if tail else PLAIN))
    elif not plain and tail and len(lines) > 1 and last.attributes:
        made = _paste_lines(placed, at, [*lines, Line((), formats)])
        return Edit(made.change, (made.select[0] - 1,) * 2)
    return _paste_lines(placed, at, lines)


def _paste_code(placed: Placed, at: int, lines: Sequence[Line]) -> Edit:
    writer = Writer()
    text = "\n".join(line.text for line in lines)
    for count, part in enumerate(text.split("\n")):
        if count:
            writer.insert(at, "\n", placed.attributes)
        writer.insert(at, part)
    return Edit(writer.done(), (at + len(text),) * 2)


def _paste_lines(placed: Placed, at: int, lines: Sequence[Line]) -> Edit:
    formats = placed.attributes
    head, tail = at > placed.start, at < placed.newline
    writer = Writer()
    place = at
    for count, line in enumerate(lines):
        writer.insert_all(at, line.pieces)
        place += text_length(line.pieces)
        own = line.attributes
        if not count and (head or not (own or is_divider(line))):
            own = formats
        if count < len(lines) - 1:
            writer.insert(at, "\n", own)
            place += 1
        elif not tail and (count or not (head or formats)):
            writer.format(placed.newline, placed.stop, attribute_change(formats, own))
    return Edit(writer.done(), (place, place))


# Lines as wholes


def duplicate_lines(context: Context, start: int, stop: int) -> Edit:
    """Put the lines of a selection in once more; the lower ones are selected."""
    start, stop = clamped(context, start, stop)
    first, last = _block(context, start, stop)
    writer = Writer()
    writer.insert_all(first, context.slice(first, last))
    return Edit(writer.done(), (start + last - first, stop + last - first))


def move_lines(context: Context, start: int, stop: int, by: int) -> Edit | None:
    """Move the lines of a selection past the line above (``by`` -1) or below; None where there is none.

    It is that line which changes its place, so that others' cursors in the moved lines stay.
    """
    start, stop = clamped(context, start, stop)
    first, last = _block(context, start, stop)
    length = context.length()
    writer = Writer()
    if by < 0:
        if not first:
            return None
        above = line_at(context, first - 1)
        writer.delete(above.start, above.stop)
        if last < length:
            writer.insert_all(last, [*above.line.pieces, Insert("\n", above.attributes)])
        else:
            # The last newline stays where it is, and becomes that of the line which comes down.
            own = attributes_at(context, last - 1)[1]
            writer.insert_all(last - 1, [Insert("\n", own), *above.line.pieces])
            writer.format(last - 1, last, attribute_change(own, above.attributes))
        return Edit(writer.done(), (start - above.line.length, stop - above.line.length))
    if last >= length:
        return None
    below = line_at(context, last)
    writer.insert_all(first, [*below.line.pieces, Insert("\n", below.attributes)])
    if below.stop < length:
        writer.delete(below.start, below.stop)
    else:
        own = attributes_at(context, last - 1)[1]
        writer.delete(last - 1, below.newline)
        writer.format(below.newline, below.stop, attribute_change(below.attributes, own))
    shift = below.line.length
    return Edit(writer.done(), (start + shift, min(stop + shift, length - 1)))


def _block(context: Context, start: int, stop: int) -> Range:
    lines = lines_in(context, start, stop)
    return lines[0].start, lines[-1].stop
