"""One file of the folder as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from app.interchange.folder.front_matter import FrontMatter
from app.interchange.folder.keys import ALIASES, BASE, ID
from app.interchange.folder.root import Root, Stamp
from app.interchange.folder.state import HASH, base_hash
from sync.errors import Malformed, Refused
from sync.ids import parse_id

MOST_TEXT: Final = 4 << 20
"""Bytes of a Markdown file beyond which it is left alone."""


@dataclass
class Read:
    """A file's bytes and front matter. ``claim`` is the record that it says it is, ``named`` the base that it names.

    ``content`` is its text without the line that names the base: what the hash of a base is made of.
    """

    path: str
    data: bytes
    stamp: Stamp
    front: FrontMatter
    claim: bytes | None
    named: bytes
    content: str

    @classmethod
    def of(cls, path: str, data: bytes, stamp: Stamp) -> Self:
        """Make sense of a file's bytes. Raises Refused where they are no text."""
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise Refused(
                "holds bytes that are no UTF-8 text, so it was left as it is; save it as UTF-8."
            ) from error
        if "\0" in text:
            raise Refused("holds bytes that are no text, so it was left as it is.")
        front = FrontMatter.split(text)
        return cls(path, data, stamp, front, _claim(front), _named(front), without_base(text))

    def hash(self, record: bytes) -> bytes:
        """The hash of this file as a base of a record."""
        return base_hash(record, self.content)

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names by which links find it."""
        value = self.front.get(ALIASES)
        return (value,) if isinstance(value, str) else value or ()


def without_base(text: str) -> str:
    """The text of a file without the line that names its base."""
    front = FrontMatter.split(text)
    front.put_lines(BASE, [])
    return front.text()


def read_file(root: Root, path: str) -> Read:
    """Read a file. Raises SitebookError; ``Refused`` with the end of a sentence that begins with the file's name."""
    stamp = root.stamp(path)
    if stamp is not None and stamp.size > MOST_TEXT:
        raise Refused(f"is larger than {MOST_TEXT >> 20} MB, so it was left as it is; cut it in parts.")
    data, stamp = root.read(path, MOST_TEXT)
    return Read.of(path, data, stamp)


def _claim(front: FrontMatter) -> bytes | None:
    value = front.get(ID)
    if not isinstance(value, str):
        return None
    try:
        return parse_id(value)
    except Malformed:
        return None


def _named(front: FrontMatter) -> bytes:
    value = front.get(BASE)
    try:
        found = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        return b"?"
    return found if len(found) == HASH or not value else b"?"
