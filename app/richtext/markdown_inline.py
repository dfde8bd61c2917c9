"""What stands inside a line of Markdown: emphasis, code, links, references, images.

markdown-it's inline parser reads what CommonMark has, and ``~~strike~~``; rules of our own add ``==highlight==``,
``[[Title]]``, and formulas and remarks (``$x$``, ``%%x%%``), which stay as they are. HTML tags of known formats count
where they come in pairs. A line beyond ``LONGEST``, or with ``MOST_BRACKETS`` brackets, is read by a grammar that takes
linear time: backslash escapes, numeric character references, HTML tags and kept objects, and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, Final, NamedTuple, Protocol

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from app.richtext.delta import PLAIN, Attributes, Embed, Insert
from app.richtext.formats import (
    BOLD,
    CODE,
    HIGHLIGHT,
    HIGHLIGHT_COLOR,
    ITALIC,
    LINK,
    REF,
    STRIKE,
    UNDERLINE,
    attached_image,
    mention,
)
from app.richtext.known import ALT, joined
from sync.ids import id_text, parse_id

KEPT_OBJECT: Final = "<!--sitebook:"
"""Begins the comment that holds an embedded object for which Markdown has no form."""
LONGEST: Final = 20_000
"""Characters of a line beyond which emphasis and links in Markdown's own signs are no longer read."""
MOST_BRACKETS: Final = 500
PERSON_ADDRESS: Final = "sitebook://person/"
"""A link to this and a person's id, whose text begins with ``@``, is a mention."""
RECORD_ADDRESS: Final = "sitebook://record/"
"""A link to this and a record's id is a reference that shows the record's title."""
NAMED: Final = "?named"
"""Behind the address of a record: the link's text is what the reference shows."""
HEADING: Final = "heading"
"""In the value of a reference: the heading in the other note that ``[[Title#Heading]]`` leads to."""
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


class ReadNames(Protocol):
    """What names in Markdown stand for."""

    def record(self, title: str) -> bytes | None:
        """The record that a title in ``[[ ]]`` means; None leaves it as text."""

    def attachment(self, path: str) -> bytes | None:
        """The attachment that the path of an image means; None leaves it as text."""


class NoNames:
    """Knows nothing: links by title and images stay text."""

    def record(self, title: str) -> bytes | None:
        """No record."""
        return None

    def attachment(self, path: str) -> bytes | None:
        """No attachment."""
        return None


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
_WIKI = re.compile(r"!?\[\[([^\[\]|#]*)(?:#([^\[\]|]*))?(?:\|([^\[\]]*))?\]\]")
_VERBATIM = re.compile(
    r"\$\$[^$]+\$\$|\$(?=[^\s$])[^$]*(?<=[^\s\\])\$(?!\d)|%%(?:[^%]|%(?!%))*%%",
)
_UNESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
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
        parts = list(_parts(_PARSER.inline.parse(source, _PARSER, {"names": names}, [])))
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
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    embed, alt = value if isinstance(value, list) and len(value) == 2 else (value, "")
    if not isinstance(embed, dict) or len(embed) != 1 or not isinstance(alt, str):
        return None
    if _BROKEN.search(json.dumps(value, ensure_ascii=False)):
        return None
    return _Object(embed, {ALT: alt} if alt else PLAIN)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


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
            return _Object(_reference(record, text if href.endswith(NAMED) else "", ""))
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


def _reference(record: bytes, text: str, heading: str) -> Embed:
    value = {"id": id_text(record)}
    if text:
        value["text"] = text
    if heading:
        value[HEADING] = heading
    return {REF: value}


def _object(state: StateInline, embed: Embed, attributes: Attributes = PLAIN) -> None:
    token = state.push("object", "", 0)
    token.meta = {"embed": embed, "attributes": attributes}


def _wiki_rule(state: StateInline, silent: bool) -> bool:
    """``[[Title#Heading|shown]]`` and ``![[image.png|in words]]``; literal text where the name leads nowhere."""
    start = state.pos
    if not state.src.startswith(("[[", "![["), start):
        return False
    found = _WIKI.match(state.src, start, state.posMax)
    if found is None:
        return False
    if not silent:
        names: ReadNames = state.env["names"]
        title, heading, shown = found.groups()
        known = None
        if found[0][0] == "!":
            known = names.attachment(title) if title.strip() and heading is None else None
            if known is not None:
                _object(state, attached_image(known), {ALT: shown} if shown else PLAIN)
        elif title.strip() and heading != "" and shown != "":
            known = names.record(title)
            if known is not None:
                _object(state, _reference(known, shown or "", heading or ""))
        if known is None:
            state.append_pending(found[0])
    state.pos = found.end()
    return True


def _verbatim_rule(state: StateInline, silent: bool) -> bool:
    """Formulas and remarks stay as they are."""
    if state.src[state.pos] not in "$%":
        return False
    found = _VERBATIM.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.append_pending(found[0])
    state.pos = found.end()
    return True


def _destination(state: StateInline, label_end: int) -> tuple[str, int] | None:
    """The address in the brackets behind a label, and where they end. One with a title is left as text."""
    source, most = state.src, state.posMax
    at = label_end + 1
    if label_end < 0 or at >= most or source[at] != "(":
        return None
    at += 1
    while at < most and source[at] in " \t":
        at += 1
    address = ""
    if at < most and source[at] != ")":
        found = state.md.helpers.parseLinkDestination(source, at, most)
        if not found.ok:
            return None
        address, at = found.str, found.pos
    while at < most and source[at] in " \t":
        at += 1
    return (address, at + 1) if at < most and source[at] == ")" else None


def _link_rule(state: StateInline, silent: bool) -> bool:
    start, most = state.pos, state.posMax
    if state.src[start] != "[":
        return False
    label_end = state.md.helpers.parseLinkLabel(state, start, True)
    found = _destination(state, label_end)
    if found is None or not found[0]:
        state.pos = start
        return False
    if not silent:
        state.pos, state.posMax = start + 1, label_end
        state.push("link_open", "a", 1).attrs = {"href": found[0]}
        state.linkLevel += 1
        state.md.inline.tokenize(state)
        state.linkLevel -= 1
        state.push("link_close", "a", -1)
    state.pos, state.posMax = found[1], most
    return True


def _image_rule(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if not state.src.startswith("![", start):
        return False
    label_end = state.md.helpers.parseLinkLabel(state, start + 1, False)
    found = _destination(state, label_end)
    state.pos = start
    names: ReadNames = state.env["names"]
    if found is None:
        return False
    if not silent:
        image = names.attachment(found[0]) if found[0] else None
        if image is None:
            state.append_pending(state.src[start : found[1]])
        else:
            alt = _UNESCAPED.sub(r"\1", state.src[start + 2 : label_end])
            _object(state, attached_image(image), {ALT: alt} if alt else PLAIN)
    state.pos = found[1]
    return True


_EQUALS: Final = ord("=")


def _highlight_rule(state: StateInline, silent: bool) -> bool:
    """Each ``==`` is a mark that may open or close."""
    if silent or not state.src.startswith("==", state.pos):
        return False
    scanned = state.scanDelims(state.pos, True)
    if scanned.length % 2:
        state.push("text", "", 0).content = "="
    for _ in range(scanned.length // 2):
        state.push("text", "", 0).content = "=="
        place = len(state.tokens) - 1
        state.delimiters.append(Delimiter(_EQUALS, 0, place, -1, scanned.can_open, scanned.can_close))
    state.pos += scanned.length
    return True


def _highlight_pairs(state: StateInline) -> None:
    groups = [state.delimiters, *(meta["delimiters"] for meta in state.tokens_meta if meta)]
    for group in groups:
        for opener in group:
            if opener.marker == _EQUALS and opener.end >= 0:
                for place, nesting in ((opener.token, 1), (group[opener.end].token, -1)):
                    token = state.tokens[place]
                    token.type, token.tag, token.content = "mark", "mark", ""
                    token.nesting = 1 if nesting > 0 else -1


def _parser() -> MarkdownIt:
    found = MarkdownIt("commonmark").enable("strikethrough")
    rules = found.inline.ruler
    rules.disable(["newline"])
    rules.before("escape", "verbatim", _verbatim_rule)
    rules.at("link", _link_rule)
    rules.at("image", _image_rule)
    rules.before("link", "wiki", _wiki_rule)
    rules.before("link", "highlight", _highlight_rule)
    found.inline.ruler2.before("fragments_join", "highlight", _highlight_pairs)
    # Addresses are kept as they are written: what may be opened is decided where a link is opened.
    for name, kept in (
        ("normalizeLink", lambda address: address),
        ("normalizeLinkText", lambda address: address),
        ("validateLink", lambda _address: True),
    ):
        setattr(found, name, kept)
    return found


_PARSER: Final = _parser()
