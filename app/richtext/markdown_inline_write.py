"""The content of a line as Markdown, in several ways from the nicest to the surest.

The writer of lines takes the first that reads back as the same content. The last way always does: every sign is
escaped, formats are HTML tags around each piece, embedded objects are comments; both grammars of
``markdown_inline`` read it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape as escape_html
from typing import Any, Final

from app.richtext.delta import Insert
from app.richtext.formats import (
    BOLD,
    CODE,
    HIGHLIGHT,
    HIGHLIGHT_COLOR,
    IMAGE,
    ITALIC,
    LINK,
    MENTION,
    REF,
    STRIKE,
    UNDERLINE,
    record_of,
)
from app.richtext.known import ALT
from app.richtext.markdown_inline import KEPT_OBJECT
from app.richtext.names import HEADING, NAMED, PERSON_ADDRESS, RECORD_ADDRESS, WriteNames
from app.richtext.nesting import ORDER, Wrap, nested
from sync.ids import id_text

_SIGNS: Final = {BOLD: "**", ITALIC: "*", STRIKE: "~~", HIGHLIGHT: "=="}
_TAGS: Final = {
    BOLD: "b",
    ITALIC: "i",
    STRIKE: "s",
    UNDERLINE: "u",
    HIGHLIGHT: "mark",
    CODE: "code",
    LINK: "a",
}
_SOME: Final = re.compile(r"[\\`*_\[\]<&~$]|(?<==)=|=(?==)|%(?=%)|(?<=%)%|!(?=\[)")
_EVERY: Final = re.compile(r"[!-/:-@\[-`{-~]")
_FIRST: Final = re.compile(r"([ \t]*)([#>+=|%-]|!(?=\[))")
_NUMBER: Final = re.compile(r"([ \t]*\d{1,9})([.)])")
_TICKS: Final = re.compile("`+")
_AUTOLINK: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\x00-\x20]*|[\w.+-]+@[\w.-]+", re.ASCII)
_NO_TITLE: Final = re.compile(r"[\[\]|#\r\n]")
_Escape = Callable[[str], str]


def ways(pieces: Sequence[Insert], names: WriteNames, *, stripped: bool) -> Iterator[str]:
    """The content of a line in Markdown, the nicest way first, the surest last.

    ``stripped`` says that white space at the edges does not count where the content will stand.
    """
    yield _nested(pieces, _as_it_is, names, _with_signs)
    edges = _edges if stripped else _as_it_is
    yield edges(_first(_nested(pieces, _some, names, _with_signs), pieces))
    yield edges(_first(_nested(pieces, _some, names, _with_tags), pieces))
    yield surest(pieces)


def surest(pieces: Sequence[Insert]) -> str:
    """The content in the way that always reads back."""
    return "".join(_surest_piece(each) for each in pieces)


def _surest_piece(piece: Insert) -> str:
    text = _every(piece.content) if isinstance(piece.content, str) else kept_object(piece)
    for name in reversed(ORDER):
        if name in piece.attributes:
            text = _tagged(name, piece.attributes[name], text)
    return text


def kept_object(piece: Insert) -> str:
    """An embedded object as a comment; an image that is said in words, as a list of the two."""
    alt = piece.attributes.get(ALT)
    data = json.dumps(
        [piece.content, alt] if alt else piece.content, separators=(",", ":"), ensure_ascii=True
    )
    data = data.replace("-", r"\u002d").replace("<", r"\u003c").replace(">", r"\u003e")
    return f"{KEPT_OBJECT}{data}-->"


def _as_it_is(text: str) -> str:
    return text


def _some(text: str) -> str:
    """Escape the signs that may mean something anywhere in a line."""
    return _SOME.sub(r"\\\g<0>", text).replace("\r", "&#13;")


def _every(text: str) -> str:
    """Escape every sign, and white space at the edges."""
    return _edges(_EVERY.sub(r"\\\g<0>", text).replace("\r", "&#13;"))


def _edges(text: str) -> str:
    """White space at the edges as character references, so that nothing strips it."""
    if not text:
        return text
    core = text.strip(" \t")
    start = len(text) - len(text.lstrip(" \t"))
    before, after = (text, "") if not core else (text[:start], text[start + len(core) :])
    return _references(before) + core + _references(after)


def _references(space: str) -> str:
    return "".join(f"&#{ord(each)};" for each in space)


def _first(written: str, pieces: Sequence[Insert]) -> str:
    """Escape what means something at the beginning of a line only, where the content begins with plain text."""
    if not pieces or not isinstance(pieces[0].content, str) or pieces[0].attributes:
        return written
    if found := _NUMBER.match(written):
        return f"{found[1]}\\{written[found.start(2) :]}"
    if found := _FIRST.match(written):
        return f"{found[1]}\\{written[found.start(2) :]}"
    return written


def _nested(pieces: Sequence[Insert], escape: _Escape, names: WriteNames, wrap: Wrap) -> str:
    def bare(piece: Insert, code: bool) -> str:
        if not isinstance(piece.content, str):
            written = _embed(piece, names)
            return _tagged(CODE, True, written) if code else written
        return _code(piece.content) if code else escape(piece.content)

    return nested(pieces, bare, wrap)


def _with_signs(name: str, value: Any, inner: str) -> str:
    if name == LINK:
        if value in (inner, f"mailto:{inner}") and _AUTOLINK.fullmatch(inner):
            return f"<{inner}>"
        return f"[{inner}]({_address(value)})"
    if name not in _SIGNS or (name == HIGHLIGHT and value != HIGHLIGHT_COLOR):
        return _tagged(name, value, inner)
    if not inner or inner[0].isspace() or inner[-1].isspace():
        return _tagged(name, value, inner)
    return _SIGNS[name] + inner + _SIGNS[name]


def _with_tags(name: str, value: Any, inner: str) -> str:
    return _tagged(name, value, inner)


def _tagged(name: str, value: Any, inner: str) -> str:
    tag = _TAGS[name]
    if name == LINK:
        return f'<a href="{_attribute(value)}">{inner}</a>'
    if name == HIGHLIGHT and value != HIGHLIGHT_COLOR:
        return f'<mark style="background:{_attribute(value)}">{inner}</mark>'
    return f"<{tag}>{inner}</{tag}>"


def _attribute(value: str) -> str:
    return escape_html(value).replace("\n", "&#10;").replace("\r", "&#13;")


def _address(value: str) -> str:
    if value and not any(each.isspace() or each in "<>()\\&" or ord(each) < 0x20 for each in value):
        return value
    return "<" + re.sub(r"[<>\\&]", r"\\\g<0>", value) + ">"


def _code(text: str) -> str:
    ticks = "`" * (max((len(each) for each in _TICKS.findall(text)), default=0) + 1)
    padded = text.startswith(("`", " ")) or text.endswith(("`", " "))
    space = " " if padded and text.strip(" ") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _embed(piece: Insert, names: WriteNames) -> str:
    embed = piece.content
    assert isinstance(embed, Mapping)
    found = record_of(embed)
    if found is None:
        return kept_object(piece)
    kind, record = found
    if kind == IMAGE:
        path = names.path(record)
        alt = _EVERY.sub(r"\\\g<0>", piece.attributes.get(ALT, "")) if path else ""
        return f"![{alt}]({_address(path)})" if path else kept_object(piece)
    if kind == MENTION:
        return f"[@{_some(names.person(record) or '')}]({PERSON_ADDRESS}{id_text(record)})"
    assert kind == REF
    return _reference(embed[REF], record, names.title(record))


def _reference(value: Mapping[str, Any], record: bytes, title: str | None) -> str:
    text, heading = str(value.get("text", "")), str(value.get(HEADING, ""))
    named = title and title.strip() and not _NO_TITLE.search(title)
    if named and not _NO_TITLE.search(heading) and "[" not in text and "]" not in text:
        return f"[[{title}{'#' if heading else ''}{heading}{'|' if text else ''}{text}]]"
    if text:
        return f"[{_some(text)}]({RECORD_ADDRESS}{id_text(record)}{NAMED})"
    return f"[{_some(title or '')}]({RECORD_ADDRESS}{id_text(record)})"
