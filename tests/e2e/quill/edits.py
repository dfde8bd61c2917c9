"""Edits of every kind, from a seed: as calls of Quill, and as changes of a document."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from app.richtext.delta import Delete, Delta, Document, Insert, Retain, length, sliced
from app.richtext.lines import split_lines

TEXTS: Final = (
    "crack in the wall",
    " ",
    "Naht",
    "\N{CONSTRUCTION WORKER}\u200d\u2642\ufe0f",
    "\N{BRICK}\N{BRICK}",
    "e\u0301",
    "\u0634\u0631\u062e \u0641\u064a \u0627\u0644\u062c\u062f\u0627\u0631",
    "\u88c2\u7f1d",
    "x",
)
INLINE: Final[tuple[dict[str, Any], ...]] = (
    {"bold": True},
    {"italic": True},
    {"underline": True},
    {"strike": True},
    {"code": True},
    {"background": "#ffe58f"},
    {"link": "https://example.com/a?b=c"},
    {"link": "sitebook://0123/issue/4567"},
)
NO_KIND: Final[dict[str, Any]] = {"header": None, "list": None, "blockquote": None, "code-block": None}
KINDS: Final[tuple[dict[str, Any], ...]] = (
    *({"header": level} for level in range(1, 7)),
    *({"list": kind} for kind in ("bullet", "ordered", "checked", "unchecked") * 2),
    {"blockquote": True},
    {"code-block": True},
    {"code-block": "python"},
    {},
)
EMBEDS: Final[tuple[tuple[str, Any], ...]] = (
    ("ref", {"id": "a1"}),
    ("ref", {"id": "a2", "text": "that one"}),
    ("mention", {"id": "b1"}),
    ("divider", True),
    ("image", "attachment:c1"),
)


def taken_away(formats: dict[str, Any]) -> dict[str, Any]:
    """The same formats, to be taken away."""
    return dict.fromkeys(formats)


def quill_edit(chance: Random, *, kinds: bool) -> dict[str, Any]:
    """One call of Quill's; ``kinds``: it may be one that gives lines another kind, as undo may as well."""
    two = {"from": chance.random(), "to": chance.random()}
    near = {"from": two["from"], "to": two["from"] + chance.uniform(-0.1, 0.1)}
    edit = chance.choice(
        ("text", "text", "enter", "embed", "delete", "inline", "indent", "kind", "undo", "redo")
    )
    if edit == "text":
        formats = chance.choice(INLINE) if chance.random() < 0.3 else {}
        return {"edit": "insertText", "at": two["from"], "text": chance.choice(TEXTS), "formats": formats}
    if edit == "enter":
        return {"edit": "insertText", "at": two["from"], "text": "\n"}
    if edit == "embed":
        name, value = chance.choice(EMBEDS)
        return {"edit": "insertEmbed", "at": two["from"], "name": name, "value": value}
    if edit == "delete":
        return {"edit": "deleteText", **near}
    if edit == "indent":
        return {"edit": "formatLine", **near, "formats": {"indent": chance.choice((1, 2, 8, False))}}
    if edit == "kind" and kinds:
        formats = chance.choice(KINDS) or dict.fromkeys(NO_KIND, False)
        return {"edit": "formatLine", **near, "formats": formats}
    if edit in ("undo", "redo") and kinds:
        return {"edit": edit}
    formats = chance.choice(INLINE)
    return {"edit": "formatText", **two, "formats": formats if chance.random() < 0.7 else taken_away(formats)}


def change(chance: Random, document: Document, *, kinds: bool) -> Delta:
    """One change of a document that ends in a newline, which it leaves there."""
    whole = length(document)
    first, last = sorted((chance.randrange(whole), chance.randrange(whole)))
    near = min(whole - 1, first + chance.randrange(whole // 10 + 2))
    edit = chance.choice(("text", "text", "enter", "embed", "delete", "inline", "indent", "kind"))
    if edit == "text":
        formats = chance.choice(INLINE) if chance.random() < 0.3 else {}
        return [Retain(first), Insert(chance.choice(TEXTS), formats)]
    if edit == "enter":
        return [Retain(first), Insert("\n", _line_at(document, first))]
    if edit == "embed":
        name, value = chance.choice(EMBEDS)
        return [Retain(first), Insert({name: value})]
    if edit == "delete":
        return [Retain(first), Delete(near - first)]
    if edit == "indent":
        return _over_lines(document, first, near, {"indent": chance.choice((1, 2, 8, None))})
    if edit == "kind" and kinds:
        return _over_lines(document, first, near, {**NO_KIND, **chance.choice(KINDS)})
    formats = chance.choice(INLINE)
    return _over_text(document, first, last, formats if chance.random() < 0.7 else taken_away(formats))


def _line_at(document: Document, position: int) -> dict[str, Any]:
    at = 0
    for line in split_lines(document):
        at += line.length
        if position < at:
            return dict(line.attributes)
    return {}


def _over_lines(document: Document, first: int, last: int, attributes: dict[str, Any]) -> Delta:
    """Give the newlines of the lines between two positions attributes."""
    found: list[Insert | Retain | Delete] = []
    at = 0
    for line in split_lines(document):
        end = at + line.length
        touched = end > first and at <= last
        found += [Retain(line.length - 1), Retain(1, attributes if touched else {})]
        at = end
    return found


def _over_text(document: Document, first: int, last: int, attributes: dict[str, Any]) -> Delta:
    """Give what lies between two positions attributes, without the newlines."""
    found: list[Insert | Retain | Delete] = [Retain(first)]
    for piece in sliced(document, first, last):
        if not isinstance(piece.content, str):
            found.append(Retain(1, attributes))
            continue
        for part in piece.content.splitlines(keepends=True):
            text = part.removesuffix("\n")
            found += [Retain(len(text), attributes), Retain(len(part) - len(text))]
    return found
