"""Between deltas and the Yjs text of a document (root ``content``), through pycrdt.

pycrdt counts UTF-8 bytes, an embedded object being one, and gives whole numbers back as floats. Its documents belong
to one thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from app.richtext.delta import (
    PLAIN,
    Attributes,
    Delete,
    Delta,
    Embed,
    Insert,
    Op,
    Retain,
    normal_document,
    without_null,
)
from app.richtext.positions import EMBED, TextIndex, utf8_length

if TYPE_CHECKING:
    from pycrdt import Text


def whole(value: Any) -> Any:
    """A value from pycrdt with its whole numbers as integers."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1 << 53 else value
    if isinstance(value, Mapping):
        return {str(name): whole(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [whole(each) for each in value]
    return value


def attributes_of(given: Any) -> Attributes:
    """Attributes from pycrdt; None where there are none."""
    return {str(name): whole(value) for name, value in given.items()} if given else PLAIN


def content_of(given: Any) -> str | Embed:
    """A text or an embedded object from pycrdt. A value that is no map is put under the name ``value``."""
    if isinstance(given, str):
        return given
    value = whole(given)
    return value if isinstance(value, dict) else {"value": value}


def read_document(text: Text) -> list[Insert]:
    """The whole text as a document, normal, with a newline at its end even where the Yjs text has none."""
    return normal_document(
        Insert(content_of(content), attributes_of(given)) for content, given in text.diff()
    )


def read_pieces(text: Text) -> list[Insert]:
    """The whole text exactly as it is: without a newline that is not there."""
    known: dict[str, Attributes] = {}
    found = []
    for content, given in text.diff():
        if not given:
            found.append(Insert(content_of(content), PLAIN))
            continue
        # Many pieces share few sets of attributes: each is made once, and is one and the same object.
        key = repr(given)
        attributes = known.get(key)
        if attributes is None:
            attributes = known[key] = attributes_of(given)
        found.append(Insert(content_of(content), attributes))
    return found


def read_event(delta: Iterable[Mapping[str, Any]]) -> list[Op]:
    """The change that a pycrdt text event tells, its lengths in UTF-8 bytes as they come."""
    found: list[Op] = []
    for part in delta:
        attributes = attributes_of(part.get("attributes"))
        if "insert" in part:
            found.append(Insert(content_of(part["insert"]), attributes))
        elif "retain" in part:
            found.append(Retain(int(part["retain"]), attributes))
        elif "delete" in part:
            found.append(Delete(int(part["delete"])))
    return found


def apply_change(text: Text, change: Delta, index: TextIndex | None = None) -> None:
    """Make a change in the Yjs text, within the transaction that the caller has open. Counts are code points.

    It is made from its end on: ``index``, the index of the text, is only read, and Yjs, which looks for each place
    from the beginning of the text, finds that of a new text at once. Every insertion says all its attributes, so it
    takes none over from its neighbours. Raises ValueError beyond the end of the text.
    """
    index = TextIndex(text_of(text)) if index is None else index
    at = 0
    placed: list[tuple[int, Op]] = []
    for op in change:
        placed.append((at, op))
        if not isinstance(op, Insert):
            at += op.length
    if at > len(index):
        raise ValueError("the change reaches beyond the end of the text")
    for at, op in reversed(placed):
        first = index.point_to_utf8(at)
        if isinstance(op, Insert):
            attributes = dict(without_null(op.attributes))
            if isinstance(op.content, str):
                text.insert(first, op.content, attributes)
            else:
                text.insert_embed(first, dict(op.content), attributes)
        elif isinstance(op, Delete):
            del text[first : index.point_to_utf8(at + op.length)]
        elif op.attributes:
            text.format(first, index.point_to_utf8(at + op.length), dict(op.attributes))


def text_of(text: Text) -> str:
    """The text as a ``TextIndex`` wants it: EMBED in place of each embedded object."""
    return "".join(content if isinstance(content, str) else EMBED for content, _ in text.diff())


def byte_length(content: str | Embed) -> int:
    """UTF-8 bytes of what is inserted; an embedded object is one."""
    return utf8_length(content) if isinstance(content, str) else 1
