"""Addresses of items, ``sitebook://PROJECT/KIND/ID``: by them an item is opened from outside, or from a text.

PROJECT is how the project's id begins (16 hexadecimal digits are written), KIND is ``issue``, ``note``, ``element`` or
``person``, ID the record's id. An address names something and gives no right to it: who has not joined the project
can do nothing with it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from app.domain.schema import ELEMENT, ISSUE, NOTE, PERSON
from app.richtext.formats import APP_SCHEME
from sync.errors import Malformed
from sync.ids import id_text, parse_id

KINDS: Final = (ISSUE, NOTE, ELEMENT, PERSON)
MOST: Final = 200
"""Characters that an address has at most."""
_WRITTEN: Final = 16
_ADDRESS: Final = re.compile(
    rf"{APP_SCHEME}://([0-9a-f]{{{_WRITTEN},64}})/({'|'.join(KINDS)})/([0-9a-f-]{{32,36}})/?",
    re.ASCII | re.IGNORECASE,
)


class Address(NamedTuple):
    """Where an address leads. ``project`` is how the project's id begins, in hexadecimal digits."""

    project: str
    kind: str
    record: bytes

    def is_in(self, project: bytes) -> bool:
        """Whether it leads into this project."""
        return project.hex().startswith(self.project)


def address_of(project: bytes, kind: str, record: bytes) -> str:
    """Write the address of an item."""
    return f"{APP_SCHEME}://{project.hex()[:_WRITTEN]}/{kind}/{id_text(record)}"


def has_address(kind: str) -> bool:
    """Whether items of this kind can be opened by an address."""
    return kind in KINDS


def read_address(text: str) -> Address:
    """Read an address. Raises Malformed for anything else."""
    found = _ADDRESS.fullmatch(text.strip()) if len(text) <= MOST else None
    if found is None:
        raise Malformed(
            f"“{text[:60]}” is not an address of Sitebook; copy one with “Copy link” in the window "
            f"({APP_SCHEME}://…/issue/…)."
        )
    project, kind, record = (part.lower() for part in found.groups())
    return Address(project, kind, parse_id(record))
