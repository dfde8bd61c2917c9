"""What a walk offers while one types: the project's phrases, its templates, and titles written before."""

from __future__ import annotations

from typing import Any

from app.desktop.workspace import Workspace
from app.domain.names import fold
from app.domain.schema import ISSUE, PHRASE
from app.domain.walk import Phrase, matching_phrases, template_fields
from app.store.touched import Touched

_MOST_TITLES = 3_000
"""So many of the latest titles are looked through: those of the months that people remember."""


class Offers:
    """Reads once and follows what changes."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._phrases: list[Phrase] | None = None
        workspace.touched.connect(self._forget)

    def _forget(self, touched: Touched) -> None:
        if {touched.kinds.get(record, "") for record in touched.records} & {ISSUE, PHRASE}:
            self._phrases = None

    def matching(self, typed: str, category: str) -> list[Phrase]:
        """What fits, the best first."""
        return matching_phrases(self._every(), typed, category)

    def has(self, words: str) -> bool:
        """Whether this is a phrase of the project."""
        texts = self._workspace.columns.column(PHRASE, "text").values()
        return fold(words) in {fold(text) for text in texts if isinstance(text, str)}

    def _every(self) -> list[Phrase]:
        if self._phrases is None:
            columns = self._workspace.columns
            templates = columns.column(ISSUE, "template")
            titles, categories = columns.column(ISSUE, "title"), columns.column(ISSUE, "category")
            texts, trades = columns.column(PHRASE, "text"), columns.column(PHRASE, "category")
            found = [
                Phrase(title, _text(categories.get(record)), record)
                for record, is_one in templates.items()
                if is_one is True and isinstance(title := titles.get(record), str)
            ]
            found += [
                Phrase(text, _text(trades.get(record)))
                for record, text in texts.items()
                if isinstance(text, str)
            ]
            for record in self._workspace.ids(ISSUE)[:_MOST_TITLES]:
                title = titles.get(record)
                if isinstance(title, str) and title and record not in templates:
                    found.append(Phrase(title, _text(categories.get(record))))
            self._phrases = found
        return self._phrases

    def fields_of(self, template: bytes) -> dict[str, Any]:
        """What an issue takes from a template."""
        record = self._workspace.view(template, ISSUE)
        if record is None:
            return {}
        values = {name: state.values if state.many else state.value for name, state in record.fields.items()}
        own = [field.name for field in self._workspace.fields(ISSUE).fields if field.custom]
        return template_fields(values, own)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
