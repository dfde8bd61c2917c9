"""Rich texts as plain texts: what is searched, listed, and written into tables.

An embedded object reads as what it points to is called: a person as ``@Ada``, an issue or a note by its title, or as
whoever put it there named it. Images and dividers read as nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from app.richtext.delta import Delete, Delta, Document, Embed, Insert, Op, Retain, difference
from app.richtext.formats import MENTION, REF, record_of

NameOf = Callable[[bytes], str]
MOST_NAME: Final = 200
"""Most characters of a title within another text."""


def one_line(name: str) -> str:
    """A title as it stands within a line."""
    return " ".join(name[: 2 * MOST_NAME].split())[:MOST_NAME]


def embed_text(embed: Embed, name_of: NameOf) -> str:
    """What an embedded object reads as."""
    found = record_of(embed)
    if found is None:
        return ""
    sort, record = found
    if sort == REF:
        given: Any = embed[REF].get("text")
        return one_line(given if isinstance(given, str) and given else name_of(record))
    name = one_line(name_of(record)) if sort == MENTION else ""
    return f"@{name}" if name else ""


def text_pieces(document: Iterable[Insert], name_of: NameOf) -> Iterator[str]:
    """What each piece of a document reads as."""
    for content, _ in document:
        yield content if isinstance(content, str) else embed_text(content, name_of)


def plain_of(document: Iterable[Insert], name_of: NameOf) -> str:
    """A document as plain text, without its closing line break."""
    return "".join(text_pieces(document, name_of)).removesuffix("\n")


def plain_change(document: Document, text: str, name_of: NameOf) -> Delta:
    """What makes the plain text of a document another. What stays keeps its formats, and objects in it stay.

    An object of whose name a part went becomes the rest of that name.
    """
    change: list[Op] = []
    rest = _Rest(document, name_of)
    for op in difference([Insert(plain_of(document, name_of) + "\n")], [Insert(text + "\n")]):
        if isinstance(op, Insert):
            change.append(op)
        else:
            change.extend(rest.take(op.length, kept=isinstance(op, Retain)))
    return change


class _Rest:
    """What of a document is still to be gone over, in characters of its plain text."""

    def __init__(self, document: Document, name_of: NameOf) -> None:
        self._pieces = [
            (content, 1, False) if isinstance(content, str) else (embed_text(content, name_of), 0, True)
            for content, _ in reversed(document)
        ]
        """What each reads as, how much of the document a character of it is, and whether it is a whole object."""

    def take(self, count: int, *, kept: bool) -> Iterator[Op]:
        """Go over so many characters; objects that read as nothing stay with what is kept before them."""
        pieces = self._pieces
        while pieces and (count or (kept and not pieces[-1][0])):
            text, each, whole = pieces.pop()
            taken = min(len(text), count)
            if taken < len(text):
                pieces.append((text[taken:], each, False))
            count -= taken
            if each:
                yield Retain(taken) if kept else Delete(taken)
            elif whole and taken == len(text):
                yield Retain(1) if kept else Delete(1)
            else:
                if whole:
                    yield Delete(1)
                if kept:
                    yield Insert(text[:taken])
