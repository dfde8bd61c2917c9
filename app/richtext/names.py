"""What the names in written texts stand for, and how what a text points to is written.

A reference that cannot be named by title, and a person, are links to an address with an id.
"""

from __future__ import annotations

from typing import Final, Protocol

from app.richtext.delta import Embed
from app.richtext.formats import REF
from sync.ids import id_text

PERSON_ADDRESS: Final = "sitebook://person/"
"""A link to this and a person's id, whose text begins with ``@``, is a mention."""
RECORD_ADDRESS: Final = "sitebook://record/"
"""A link to this and a record's id is a reference that shows the record's title."""
NAMED: Final = "?named"
"""Behind the address of a record: the link's text is what the reference shows."""
HEADING: Final = "heading"
"""In the value of a reference: the heading in the other note that ``[[Title#Heading]]`` leads to."""


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


class WriteNames(Protocol):
    """How what a text points to is called outside."""

    def title(self, record: bytes) -> str | None:
        """The title that stands in ``[[ ]]`` for a record; None writes a link to its id."""

    def path(self, attachment: bytes) -> str | None:
        """The path of an attachment's file, as an image names it; None keeps the image in a comment."""

    def person(self, person: bytes) -> str | None:
        """A person's name, for those who read the file; None writes none."""


class NoTitles:
    """Knows no names: references and people are links to ids, images are kept in comments."""

    def title(self, record: bytes) -> str | None:
        """No title."""
        return None

    def path(self, attachment: bytes) -> str | None:
        """No path."""
        return None

    def person(self, person: bytes) -> str | None:
        """No name."""
        return None


class Names(ReadNames, WriteNames, Protocol):
    """What names stand for, and how what they stand for is called."""


class NoNamesAtAll(NoNames, NoTitles):
    """Knows no names."""


def reference_value(record: bytes, text: str, heading: str) -> Embed:
    """A reference with the name that somebody gave it, and a heading in the other note; either may be empty."""
    value = {"id": id_text(record)}
    if text:
        value["text"] = text
    if heading:
        value[HEADING] = heading
    return {REF: value}
