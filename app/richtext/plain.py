"""Document -> plain text, as it is copied for programs that know nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.richtext.delta import Insert
from app.richtext.formats import (
    CHECKED,
    DIVIDER,
    IMAGE,
    INDENT,
    LIST,
    MENTION,
    ORDERED,
    QUOTE,
    REF,
    UNCHECKED,
    record_of,
)
from app.richtext.known import ALT
from app.richtext.lines import split_lines
from app.richtext.names import NoTitles, WriteNames
from app.richtext.numbering import Numbering

_STEP = "  "
_RULE = "――――――――"
_BOXES = {CHECKED: "[x] ", UNCHECKED: "[ ] "}


def write_plain(document: Iterable[Insert], names: WriteNames | None = None) -> str:
    """The text with list marks, numbers, check boxes as ``[x]`` and ``[ ]``, and names where it points to something.

    Two spaces are a level of indentation. Ends with a newline.
    """
    names = names or NoTitles()
    numbers = Numbering()
    found: list[str] = []
    for line in split_lines(document):
        number = numbers.next(line.attributes)
        kind = line.attributes.get(LIST)
        mark = f"{number}. " if kind == ORDERED else _BOXES.get(str(kind), "- " if kind else "")
        quote = "> " if line.attributes.get(QUOTE) else ""
        indent = line.attributes.get(INDENT, 0)
        space = _STEP * indent if isinstance(indent, int) else ""
        text = "".join(_text(each, names) for each in line.pieces)
        found.append(f"{quote}{space}{mark}{text}\n")
    return "".join(found)


def _text(piece: Insert, names: WriteNames) -> str:
    embed = piece.content
    if isinstance(embed, str):
        return embed
    if DIVIDER in embed:
        return _RULE
    alt = piece.attributes.get(ALT)
    kind, record = record_of(embed) or ("", b"")
    if kind == REF:
        value = embed[REF]
        text = value.get("text") if isinstance(value, Mapping) else None
        return str(text or names.title(record) or "")
    if kind == MENTION:
        return f"@{names.person(record) or ''}"
    return alt if IMAGE in embed and isinstance(alt, str) else ""
