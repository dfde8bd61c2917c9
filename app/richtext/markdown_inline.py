"""What stands inside a line of Markdown: emphasis, code, links, references, images.

markdown-it's inline parser reads what CommonMark has, and ``~~strike~~``; rules of our own add ``==highlight==``,
``[[Title]]``, and formulas and remarks (``$x$``, ``%%x%%``), which stay as they are. HTML tags of known formats count
where they come in pairs. A line beyond ``LONGEST``, or with ``MOST_BRACKETS`` brackets, is read by a grammar that takes
linear time: backslash escapes, numeric character references, HTML tags and kept objects, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, Final, NamedTuple

from markdown_it.token import Token

from app.richtext.delta import PLAIN, Attributes, Embed, Insert
from app.richtext.formats import (
    BOLD,
    CODE,
    HIGHLIGHT,
    HIGHLIGHT_COLOR,
    ITALIC,
    LINK,
    STRIKE,
    UNDERLINE,
    mention,
)
from app.richtext.known import ALT, is_object, joined, json_value
from app.richtext.markdown_rules import PARSER
from app.richtext.names import NAMED, PERSON_ADDRESS, RECORD_ADDRESS, ReadNames, reference_value
from sync.ids import id_text, parse_id

KEPT_OBJECT: Final = "<!--sitebook:"
"""Begins the comment that holds an embedded object for which Markdown has no form."""
LONGEST: Final = 20_000
"""Characters of a line beyond which emphasis and links in Markdown's own signs are no longer read."""
MOST_BRACKETS: Final = 500
SPECIAL: Final = re.compile(
    r"[\\`*\[\ud800-\udfff]|(?<!\w)_|_(?!\w)|==|%%|~~|&[#A-Za-z]|<\S|\$.*\$", re.DOTALL
)
"""What a line that is text as it stands has none of."""
_WORDS: Final = r"([^\W_](?:[^\\`*_\[\]<&~=$%\ud800-\udfff]*[^\W_])?)"
_SPAN: Final = re.compile(
    rf"(?:(?<=[ \t])|^)(?:\*\*{_WORDS}\*\*|\*{_WORDS}\*|__{_WORDS}__|_{_WORDS}_|~~{_WORDS}~~|=={_WORDS}==|`{_WORDS}`"
    rf"|\[{_WORDS}\]\(((?!sitebook:)[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9/.?=#%:@+,;~-]*)\))(?=[ \t.,;:!?)]|\Z)"
)
"""Whole words in one format, between spaces: these need no parser."""
_SPANS: Final = (BOLD, ITALIC, BOLD, ITALIC, STRIKE, HIGHLIGHT, CODE)


class _Mark(NamedTuple):
    """A format begins or ends; ``pair`` names an HTML tag, which counts only where it has its partner."""

    name: str
    value: Any
    opens: bool
    pair: str = ""
    source: str = ""


class _Object(NamedTuple):
    embed: Embed
    attributes: Attributes = PLAIN


_Part = str | _Mark | _Object

_TOKENS: Final = {"strong": BOLD, "em": ITALIC, "s": STRIKE, "mark": HIGHLIGHT, "link": LINK}
_TAGS: Final = {
    "b": BOLD,
    "strong": BOLD,
    "i": ITALIC,
    "em": ITALIC,
    "u": UNDERLINE,
    "s": STRIKE,
    "del": STRIKE,
    "code": CODE,
    "mark": HIGHLIGHT,
    "a": LINK,
}
_TAG_SOURCE = (
    r"<(/?)(b|strong|i|em|u|s|del|code|mark|a)>"
    r'|<(mark) style="background:([^"]*)">'
    r'|<(a) href="([^"]*)">'
    rf"|{KEPT_OBJECT}([^<>]*)-->"
)
_TAG = re.compile(_TAG_SOURCE)
_SIMPLE = re.compile(rf"\\([!-/:-@\[-`{{-~])|&#(\d{{1,7}});|({_TAG_SOURCE})")
_BROKEN = re.compile("[\ud800-\udfff]")


def read_inline(source: str, names: ReadNames) -> tuple[Insert, ...]:
    """The pieces that the content of a line holds, equal neighbours joined. Bytes that were no UTF-8 become U+FFFD."""
    if not SPECIAL.search(source):
        return (Insert(source),) if source else ()
    if (simple := _simple_line(source)) is not None:
        return simple
    source = without_surrogates(source)
    if len(source) > LONGEST or source.count("[") > MOST_BRACKETS:
        parts = list(_simple_parts(source))
    else:
        parts = list(_parts(PARSER.inline.parse(source, PARSER, {"names": names}, [])))
    return _pieces(parts)


def _simple_line(source: str) -> tuple[Insert, ...] | None:
    """The pieces of a line in which nothing is special but single words in one format; None for other lines."""
    if len(source) > LONGEST or source.count("$") > 1:
        return None
    found: list[Insert] = []
    at = 0
    for span in _SPAN.finditer(source):
        start, stop = span.span()
        if start > at:
            between = source[at:start]
            if SPECIAL.search(between):
                return None
            found.append(Insert(between))
        kind = span.lastindex
        assert kind is not None
        if kind > len(_SPANS):
            found.append(Insert(span[kind - 1], {LINK: span[kind]}))
        else:
            name = _SPANS[kind - 1]
            found.append(Insert(span[kind], {name: HIGHLIGHT_COLOR if name == HIGHLIGHT else True}))
        at = stop
    if at < len(source):
        if not found or SPECIAL.search(source, at):
            return None
        found.append(Insert(source[at:]))
    return tuple(found)


def without_surrogates(text: str) -> str:
    """A text in which what was no UTF-8 is U+FFFD."""
    return _BROKEN.sub("\ufffd", text)


def _pieces(parts: list[_Part]) -> tuple[Insert, ...]:
    paired = _paired(parts)
    open_values: dict[str, list[Any]] = {}
    found: list[Insert] = []
    for at, part in enumerate(parts):
        if isinstance(part, _Mark):
            if part.pair and at not in paired:
                found.append(Insert(part.source, _attributes(open_values)))
            elif part.opens:
                open_values.setdefault(part.name, []).append(part.value)
            elif open_values.get(part.name):
                open_values[part.name].pop()
        elif isinstance(part, _Object):
            found.append(Insert(part.embed, {**_attributes(open_values), **part.attributes}))
        else:
            found.append(Insert(part, _attributes(open_values)))
    return joined(found)


def _attributes(values: Mapping[str, list[Any]]) -> dict[str, Any]:
    return {name: stack[-1] for name, stack in values.items() if stack}


def _paired(parts: list[_Part]) -> set[int]:
    """The places of HTML tags that have a partner."""
    waiting: dict[str, list[int]] = {}
    found: set[int] = set()
    for at, part in enumerate(parts):
        if not isinstance(part, _Mark) or not part.pair:
            continue
        if part.opens:
            waiting.setdefault(part.pair, []).append(at)
        elif waiting.get(part.pair):
            found.update((waiting[part.pair].pop(), at))
    return found


def _tag(source: str) -> _Part:
    """What an HTML tag or comment means; its source where it means nothing."""
    found = _TAG.fullmatch(source)
    if found is None:
        return source
    if found[7] is not None:
        return _kept_object(found[7]) or source
    name = found[2] or found[3] or found[5]
    if found[1]:
        return _Mark(_TAGS[name], None, opens=False, pair=name, source=source)
    value: Any = True
    if name == "mark":
        value = unescape(found[4]) if found[3] else HIGHLIGHT_COLOR
    elif name == "a":
        if not found[5]:
            return source
        value = unescape(found[6])
    if value == "":
        return source
    return _Mark(_TAGS[name], value, opens=True, pair=name, source=source)


def _kept_object(text: str) -> _Object | None:
    value = json_value(text)
    embed, alt = value if isinstance(value, list) and len(value) == 2 else (value, "")
    if not is_object(embed) or not isinstance(alt, str):
        return None
    return _Object(embed, {ALT: alt} if alt else PLAIN)


def _simple_parts(source: str) -> Iterator[_Part]:
    at = 0
    for found in _SIMPLE.finditer(source):
        if found.start() > at:
            yield source[at : found.start()]
        if found[1]:
            yield found[1]
        elif found[2]:
            code = int(found[2])
            valid = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
            yield chr(code) if valid else found[0]
        else:
            yield _tag(found[0])
        at = found.end()
    if at < len(source):
        yield source[at:]


def _parts(tokens: list[Token]) -> Iterator[_Part]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.type in ("text", "text_special"):
            if token.content:
                yield token.content
        elif token.type == "code_inline":
            yield _Mark(CODE, True, opens=True)
            yield token.content
            yield _Mark(CODE, None, opens=False)
        elif token.type == "html_inline":
            yield _tag(token.content)
        elif token.type == "object":
            yield _Object(token.meta["embed"], token.meta["attributes"])
        elif token.type == "link_open" and (inner := _inside_link(tokens, at)) is not None:
            found = _addressed(str(token.attrs["href"]), inner)
            if found is None:
                yield _Mark(LINK, token.attrs["href"], opens=True)
            else:
                yield found
                while tokens[at].type != "link_close":
                    at += 1
                at += 1
        else:
            name = _TOKENS[token.tag if token.tag != "a" else "link"]
            value = HIGHLIGHT_COLOR if name == HIGHLIGHT else token.attrs.get("href", True)
            yield _Mark(name, value, opens=token.nesting > 0)


def _inside_link(tokens: list[Token], at: int) -> str | None:
    """The text of a link without formats in it; None where there are any."""
    text = ""
    while tokens[at].type in ("text", "text_special"):
        text += tokens[at].content
        at += 1
    return text if tokens[at].type == "link_close" else None


def _addressed(href: str, text: str) -> _Object | None:
    """The person or record that a link to an address of ours stands for."""
    if href.startswith(PERSON_ADDRESS) and text.startswith("@"):
        person = _exact_id(href.removeprefix(PERSON_ADDRESS))
        return _Object(mention(person)) if person else None
    if href.startswith(RECORD_ADDRESS):
        record = _exact_id(href.removeprefix(RECORD_ADDRESS).removesuffix(NAMED))
        if record:
            return _Object(reference_value(record, text if href.endswith(NAMED) else "", ""))
    return None


def _exact_id(text: str) -> bytes | None:
    """The id that a text is, written as ids are."""
    if len(text) != 36:
        return None
    try:
        found = parse_id(text)
    except ValueError:
        return None
    return found if id_text(found) == text else None
