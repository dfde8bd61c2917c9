"""Texts for tests: a short notation, and documents of every shape."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from app.richtext.context import Context, DocumentContext, Edit
from app.richtext.delta import Attributes, Insert, applied
from app.richtext.formats import divider, mention, reference
from app.richtext.lines import Line, join_lines

NOTE = bytes(range(16))
_PREFIXES: tuple[tuple[str, Attributes], ...] = (
    ("# ", {"header": 1}),
    ("## ", {"header": 2}),
    ("- ", {"list": "bullet"}),
    ("1. ", {"list": "ordered"}),
    ("[ ] ", {"list": "unchecked"}),
    ("[x] ", {"list": "checked"}),
    ("> ", {"blockquote": True}),
    ("` ", {"code-block": True}),
)
_MARKS = {"*": "bold", "_": "italic"}

Command = Callable[[Context, int, int], Edit | None]


def document(notation: str) -> list[Insert]:
    """A document from lines such as ``→- a step in``; ``*b*`` is bold, ``---`` a divider, ``@`` an object.

    Each leading ``→`` is one step of indentation.
    """
    lines = []
    for text in notation.split("\n"):
        bare = text.lstrip("→")
        formats: dict[str, object] = {"indent": len(text) - len(bare)} if bare != text else {}
        for prefix, known in _PREFIXES:
            if bare.startswith(prefix):
                formats |= known
                bare = bare[len(prefix) :]
                break
        lines.append(Line(tuple(_pieces(bare)), formats))
    return join_lines(lines)


def _pieces(text: str) -> list[Insert]:
    if text.strip("|") == "---":
        before, after = text.split("---")
        return [Insert(before), Insert(divider()), Insert(after)]
    found: list[Insert] = []
    on: dict[str, bool] = {}
    for character in text:
        name = _MARKS.get(character)
        if name is None:
            found.append(Insert(reference(NOTE) if character == "@" else character, dict(on)))
        elif on.pop(name, None) is None:
            on[name] = True
    return found


def marked(text: str) -> tuple[DocumentContext, int, int]:
    """A text in the notation with ``|`` at both ends of the selection, or once for the cursor."""
    places = []
    at = 0
    bare: list[Insert] = []
    for content, attributes in document(text):
        if not isinstance(content, str):
            bare.append(Insert(content, attributes))
            at += 1
            continue
        for character in content:
            if character == "|":
                places.append(at)
            else:
                bare.append(Insert(character, attributes))
                at += 1
    return DocumentContext(bare), places[0], places[-1]


def assert_makes(command: Command, before: str, after: str) -> None:
    """A command makes the second text of the first one, or nothing at all of it where that is empty."""
    context, start, stop = marked(before)
    edit = command(context, start, stop)
    if not after:
        assert edit is None
        return
    wanted, first, last = marked(after)
    assert edit is not None
    assert applied(context.document, edit.change) == wanted.document
    assert edit.select == (first, last)


_LINES: tuple[Attributes, ...] = (
    {},
    {"header": 2},
    {"list": "bullet"},
    {"list": "ordered", "indent": 1},
    {"list": "checked"},
    {"list": "unchecked", "indent": 2},
    {"blockquote": True},
    {"code-block": True},
    {"align": "right"},
)
_LETTERS: tuple[Attributes, ...] = (
    {},
    {"bold": True},
    {"italic": True, "link": "https://example.org"},
    {"color": "red"},
)
_line_pieces = st.lists(
    st.builds(
        Insert,
        st.one_of(
            st.sampled_from(("a", "bc ", "é", "😀", "שלום", "\u2028", "  ")),
            st.sampled_from((reference(NOTE), mention(NOTE), {"formula": "e"})),
        ),
        st.sampled_from(_LETTERS),
    ),
    max_size=4,
).map(tuple)


def _line(pieces: tuple[Insert, ...], attributes: Attributes, dice: int) -> Line:
    if dice == 0:
        return Line((Insert(divider()),))
    if attributes.get("code-block"):
        pieces = tuple(Insert(content) for content, _ in pieces)
    return Line(pieces, attributes)


documents = st.lists(
    st.builds(_line, _line_pieces, st.sampled_from(_LINES), st.integers(0, 9)), min_size=1, max_size=6
).map(join_lines)
"""Documents with lines of all kinds."""
