"""The rules of markdown-it's inline parser, with those of our own: ``PARSER`` reads the content of one line.

Our own are links without titles, images of attachments, ``[[Title]]``, ``==highlight==``, and formulas and remarks.
Objects are tokens of the type ``object``. ``env["names"]`` says what names stand for.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

from app.richtext.delta import PLAIN, Attributes, Embed
from app.richtext.formats import attached_image
from app.richtext.known import ALT
from app.richtext.names import ReadNames, reference_value

_WIKI = re.compile(r"!?\[\[([^\[\]|#]*)(?:#([^\[\]|]*))?(?:\|([^\[\]]*))?\]\]")
_VERBATIM = re.compile(
    r"\$\$[^$]+\$\$|\$(?=[^\s$])[^$]*(?<=[^\s\\])\$(?!\d)|%%(?:[^%]|%(?!%))*%%",
)
_UNESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


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
                _object(state, reference_value(known, shown or "", heading or ""))
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


PARSER: Final = _parser()
