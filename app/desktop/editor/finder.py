"""Finds what a text can link to in one project: from the titles in memory, some milliseconds for 40,000 of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QObject, Signal

from app.desktop.editor.completion import ISSUE_SIGN, LINK_SIGN, PERSON_SIGN, Offer
from app.desktop.palette.items import item_entry
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE, NOTE, PERSON
from app.query.titles import Titled, Titles
from app.store.touched import Touched

_KINDS: Final = {LINK_SIGN: (NOTE, ISSUE), ISSUE_SIGN: (ISSUE,), PERSON_SIGN: (PERSON,)}
_MOST: Final = 20
_LIKELY: Final = 5
"""So many of each kind are offered before anything was typed."""


class WorkspaceFinder(QObject):
    """One for all texts of a project's window. Titles are read when they are first asked for."""

    changed = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._titles = Titles(workspace.columns, (NOTE, ISSUE, PERSON))
        self._used = False
        workspace.touched.connect(self._follow)

    def load(self) -> None:
        """Read the titles, in steps."""
        self._used = True
        if self._titles.stale:
            self._workspace.run_steps(self._steps())

    def _steps(self) -> Iterator[None]:
        yield from self._titles.load_steps()
        self.changed.emit()

    def _follow(self, touched: Touched) -> None:
        if self._titles.apply(touched) and self._used:
            self.load()

    def find(self, sign: str, text: str) -> list[Offer]:
        """Find records by title or number, the best first; of an empty text, the newest."""
        if self._titles.stale:
            self.load()
        kinds = _KINDS[sign]
        if not text.strip():
            most = _MOST if len(kinds) == 1 else _LIKELY
            found = [each for kind in kinds for each in self._titles.newest(kind, most)]
        else:
            found = self._titles.find(text, _MOST, kinds)
        return [self._offer(each) for each in found]

    def _offer(self, found: Titled) -> Offer:
        entry = item_entry(self._workspace, found)
        right = entry.right if found.kind == ISSUE else ""
        return Offer(found.record, entry.text, entry.detail, right, entry.sign, entry.mark)

    def create_note(self, title: str) -> bytes | None:
        """Make a note; None where that failed, which the window tells."""
        return self._workspace.create(NOTE, {"title": title})
