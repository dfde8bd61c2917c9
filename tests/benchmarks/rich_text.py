"""A long rich text with everything in it, the same for every editor that is measured with it."""

from __future__ import annotations

from random import Random
from typing import Any

from pycrdt import Doc, Text

from app.richtext.delta import Insert, normal_document
from app.richtext.yjs import apply_change

_WORDS = (
    *("crack", "water", "stain", "riser", "door", "frame", "level", "site", "north", "wall", "slab", "check"),
    *(
        "before",
        "plaster",
        "second",
        "visit",
        "agreed",
        "with",
        "the",
        "contractor",
        "photo",
        "shows",
        "moisture",
    ),
    *("reading", "above", "threshold", "seal", "around", "window", "needs", "renewal"),
)
_INLINE: tuple[dict[str, Any], ...] = (
    {"bold": True},
    {"italic": True},
    {"underline": True},
    {"strike": True},
    {"code": True},
    {"background": "#ffe58f"},
    {"link": "https://example.com/plan"},
)
_LINES: tuple[dict[str, Any], ...] = (
    {},
    {},
    {},
    {"header": 2},
    {"list": "bullet"},
    {"list": "bullet", "indent": 1},
    {"list": "ordered"},
    {"list": "checked"},
    {"list": "unchecked"},
    {"blockquote": True},
    {"code-block": True},
)


def long_document(length: int, seed: int = 4) -> list[Insert]:
    """A document of about ``length`` characters: lines of every kind, about one word in eight with a format."""
    chance = Random(seed)
    pieces: list[Insert] = []
    written = 0
    while written < length:
        line = chance.choice(_LINES)
        for _ in range(chance.randrange(3, 40)):
            plain = "code-block" in line or chance.random() > 0.12
            pieces.append(Insert(chance.choice(_WORDS), {} if plain else chance.choice(_INLINE)))
            pieces.append(Insert(" "))
            written += pieces[-2].length + 1
        pieces.append(Insert("\n", line))
        written += 1
    return normal_document(pieces)


def state_of(document: list[Insert], client: int = 1) -> bytes:
    """The Yjs state of a text that was written at once."""
    yjs: Doc[Text] = Doc(client_id=client)
    text: Text = yjs.get("content", type=Text)
    with yjs.transaction():
        apply_change(text, document)
    return yjs.get_update()
