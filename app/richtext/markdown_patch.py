"""Writing Markdown over what was read: lines that did not change keep their bytes.

List marks, ``__bold__``, escapes, white space at ends, line ends, a missing last newline, a BOM, tabs, fences: all
stays as it is in every line that nobody edited. Lines that changed or are new are written in the style around them.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence

from app.richtext.alignment import aligned
from app.richtext.delta import Insert
from app.richtext.formats import CHECKED, LIST, UNCHECKED
from app.richtext.known import EMPTY, known_lines
from app.richtext.lines import Line
from app.richtext.markdown_read import BOM, ReadLine, SourceLine, read_lines, split_source
from app.richtext.markdown_write import MARK, Kept, SourceBlock, Style, Writer, without_bom
from app.richtext.names import Names, NoNamesAtAll


def patch_markdown(source: str, document: Iterable[Insert], names: Names | None = None) -> str:
    """The source of a document that was read from ``source`` with the same names, and edited since.

    It reads back as the document, and is ``source`` itself where nothing was edited.
    """
    names = names or NoNamesAtAll()
    lines = known_lines(document)
    mark = BOM if source.startswith(BOM) else ""
    sources = split_source(source.removeprefix(BOM))
    read = read_lines(sources, names)
    before = [each.line for each in read] or [EMPTY]
    if before == lines:
        return source
    style = _style(sources)
    kept: dict[int, Kept] = {}
    prefixes: dict[int, str] = {}
    blocks = _blocks(sources, read)
    at = new_at = 0
    stretches = aligned([_key(line) for line in before], [_key(line) for line in lines]) if read else ()
    for first, second, count in [*stretches, (len(read), len(lines), 0)]:
        for old, place in zip(range(at, first), range(new_at, second), strict=False):
            if prefix := _prefix(sources, read[old], lines[place]):
                prefixes[place] = prefix
        for step in range(count):
            kept[second + step] = _kept(sources, read[first + step], first + step, blocks)
        at, new_at = first + count, second + count
    found = _joined(Writer(lines, names, names, style, kept, prefixes).written(), sources, style)
    again = [each.line for each in read_lines(split_source(found), names)] or [EMPTY]
    if again != lines:
        # What was kept means something else beside what is new: then every line is written anew.
        found = _joined(Writer(lines, names, names, style, {}).written(), sources, style)
    return mark + without_bom(found)


def _key(line: Line) -> Hashable:
    """What is equal where two lines are."""
    if not line.attributes and len(line.pieces) < 2 and (not line.pieces or not line.pieces[0].attributes):
        content = line.pieces[0].content if line.pieces else ""
        if isinstance(content, str):
            return content
    pieces = tuple(
        (
            content if isinstance(content, str) else (json.dumps(content, sort_keys=True),),
            tuple(sorted(attributes.items())),
        )
        for content, attributes in line.pieces
    )
    return pieces, tuple(sorted(line.attributes.items()))


def _style(sources: Sequence[SourceLine]) -> Style:
    """The line end and list marks that a source begins with."""
    end = sources[0].end if sources and sources[0].end else "\n"
    bullet, number, tabs = "", "", False
    for text, _ in sources:
        if mark := MARK.match(text):
            bullet = bullet or ("" if mark[3] else mark[2])
            number = number or (mark[3] or "")
            tabs = tabs or "\t" in mark[1]
    return Style(end, bullet or "-", number or ".", tabs)


def _prefix(sources: Sequence[SourceLine], old: ReadLine, line: Line) -> str:
    """What stood before the content of a line, where it can stand before that of the line that took its place."""
    if old.fence is not None or not old.content:
        return ""
    prefix = sources[old.at].text[: old.content]
    was, becomes = dict(old.line.attributes), dict(line.attributes)
    if was == becomes:
        return prefix
    boxes = was.pop(LIST, None), becomes.pop(LIST, None)
    if was == becomes and boxes == (UNCHECKED, CHECKED):
        return prefix.replace("[ ]", "[x]", 1)
    if was == becomes and boxes == (CHECKED, UNCHECKED):
        return prefix.replace("[x]", "[ ]", 1).replace("[X]", "[ ]", 1)
    return ""


def _blocks(sources: Sequence[SourceLine], read: Sequence[ReadLine]) -> dict[int, SourceBlock]:
    """The code blocks of a source by the line that opens them."""
    found: dict[int, SourceBlock] = {}
    for place, each in enumerate(read):
        if each.fence is None:
            continue
        opening, closing = each.fence
        block = found.get(opening)
        if block is None:
            end = sources[closing] if closing >= 0 else None
            found[opening] = SourceBlock(place, 1, sources[opening], end)
        else:
            found[opening] = block._replace(size=block.size + 1)
    return found


def _kept(
    sources: Sequence[SourceLine], read: ReadLine, place: int, blocks: Mapping[int, SourceBlock]
) -> Kept:
    block = blocks[read.fence[0]] if read.fence is not None else None
    return Kept(place, sources[read.start : read.stop], sources[read.at] if read.at >= 0 else None, block)


def _joined(lines: Iterable[SourceLine], sources: Sequence[SourceLine], style: Style) -> str:
    """The text of lines, each but the last with an end; the last has one if the source had."""
    written = list(lines)
    bare = bool(sources) and not sources[-1].end and bool(written[-1].text)
    parts = [text + (end or style.end) for text, end in written[:-1]]
    parts.append(written[-1].text + ("" if bare else written[-1].end or style.end))
    return "".join(parts)
