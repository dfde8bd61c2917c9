"""Completes links and mentions: ``[[`` notes and issues, ``#`` issues, ``@`` people.

What is offered comes from memory with each key. What is not chosen stays as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import SignalInstance

from app.desktop.editor.caret_menu import Asked, CaretMenu
from app.desktop.editor.editing import Editing
from app.desktop.entries import Entry
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.domain.names import fold
from app.richtext.editing import insert_embed
from app.richtext.finding import OBJECT
from app.richtext.formats import mention, reference

LINK_SIGN = "[["
ISSUE_SIGN = "#"
PERSON_SIGN = "@"

_LINK = re.compile(rf"\[\[([^\[\]{OBJECT}]{{0,50}})(\]?\]?)$")
_ISSUE = re.compile(rf"(?:^|[\s(\[]){ISSUE_SIGN}([^\s#/{OBJECT}][^\s#{OBJECT}]*|)$")
_PERSON = re.compile(rf"(?:^|[\s(\[]){PERSON_SIGN}((?:[^\s@{OBJECT}]+ ){{0,2}}[^\s@{OBJECT}]*)$")


@dataclass(frozen=True, slots=True)
class Offer:
    """A record that can be linked to. ``sign`` and ``mark`` say what stands before it, as in ``Entry``."""

    record: bytes
    title: str
    detail: str = ""
    right: str = ""
    sign: str = "icon"
    mark: str = "file-text"


class Finder(Protocol):
    """Finds records by what was typed behind a sign, at once, and makes notes."""

    @property
    def changed(self) -> SignalInstance:
        """Emitted when more can be found than before."""
        ...

    def find(self, sign: str, text: str) -> list[Offer]:
        """Find what fits, the best first; an empty text asks for what is likely."""
        ...

    def create_note(self, title: str) -> bytes | None:
        """Make a note; None where that failed, which was told."""
        ...


@dataclass(frozen=True, slots=True)
class _New:
    """The offer to make a note."""

    title: str


class Completion(CaretMenu):
    """Offers records at the cursor and puts them in as objects that follow their titles."""

    def __init__(self, look: Look, editor: Editing, finder: Finder) -> None:
        super().__init__(look, editor, tr("Links"))
        self._finder = finder
        finder.changed.connect(self.refresh)

    def asked(self, before: str, start: int) -> Asked | None:
        """A sign with what was typed behind it."""
        found = _LINK.search(before)
        if found is not None:
            return Asked(LINK_SIGN, found[1] + found[2], start + found.start())
        for pattern, sign in ((_ISSUE, ISSUE_SIGN), (_PERSON, PERSON_SIGN)):
            found = pattern.search(before)
            if found is not None:
                return Asked(sign, found[1], start + found.start(1) - 1)
        return None

    def entries(self, asked: Asked) -> Sequence[Entry]:
        """What fits, and for a link the note that could be made."""
        text = asked.text
        if text.endswith("]"):
            return [_entry(each) for each in self._same(asked)]
        if asked.sign == PERSON_SIGN and text.endswith("  "):
            return []
        offers = self._finder.find(asked.sign, text)
        found = [_entry(each) for each in offers]
        title = " ".join(text.split())
        if asked.sign == LINK_SIGN and title and all(fold(each.title) != fold(title) for each in offers):
            words = tr("Create note “{title}”").format(title=title)
            found.append(Entry(words, sign="icon", mark="file-plus", data=_New(title)))
        return found

    def _same(self, asked: Asked) -> list[Offer]:
        """The records with just the title that stands between the brackets."""
        title = fold(asked.text.rstrip("]"))
        return [each for each in self._finder.find(LINK_SIGN, title) if fold(each.title) == title]

    def finish(self, asked: Asked, stop: int) -> bool:
        """Both brackets that close a link take the record of just that title."""
        same = self._same(asked) if asked.text.endswith("]]") else []
        if same:
            self._put(same[0], asked, stop)
        return bool(same)

    def take(self, entry: Entry, asked: Asked, stop: int) -> None:
        """Put the record in place of the sign and the words."""
        chosen = entry.data
        if isinstance(chosen, _New):
            record = self._finder.create_note(chosen.title)
            if record is None:
                return
            chosen = Offer(record, chosen.title)
        assert isinstance(chosen, Offer)
        self._put(chosen, asked, stop)

    def _put(self, offer: Offer, asked: Asked, stop: int) -> None:
        make: Callable[[bytes], object] = mention if asked.sign == PERSON_SIGN else reference
        embed = make(offer.record)
        assert isinstance(embed, dict)
        edit = insert_embed(self.editor, asked.start, stop, embed)
        self.editor.change(edit.change, edit.select)


def _entry(offer: Offer) -> Entry:
    return Entry(offer.title, offer.detail, offer.right, offer.sign, offer.mark, data=offer)
