"""What a walk offers while one types: the project's phrases, its templates, and titles written before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.desktop.workspace import Workspace
from app.domain.names import fold
from app.domain.schema import ISSUE, PHRASE
from app.domain.walk import Phrase, matching_phrases, template_fields
from app.store.touched import Touched

_MOST_TITLES = 3_000
"""So many of the latest titles are looked through: those of the months that people remember."""
_A_STEP = 200


class Offers:
    """Read in steps when a walk begins; what the walk makes is added, what others make is there the next time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._phrases: list[Phrase] = []

    def concerned(self, touched: Touched) -> bool:
        """Whether a change is about phrases or templates, so that all must be read again."""
        return any(
            touched.kinds.get(record) == PHRASE
            or (touched.kinds.get(record) == ISSUE and "template" in fields)
            for record, fields in touched.records.items()
        )

    def load_steps(self) -> Iterator[None]:
        """Read everything, a little a step; what was read before is offered until then."""
        columns = self._workspace.columns
        yield from columns.load_steps(ISSUE, ("title", "category", "template"))
        yield from columns.load_steps(PHRASE, ("text", "category"))
        titles, categories = columns.column(ISSUE, "title"), columns.column(ISSUE, "category")
        texts, trades = columns.column(PHRASE, "text"), columns.column(PHRASE, "category")
        templates = {record for record, value in columns.column(ISSUE, "template").items() if value is True}
        yield
        found = [
            Phrase(title, _text(categories.get(record)), record)
            for record in templates
            if isinstance(title := titles.get(record), str)
        ]
        found += [
            Phrase(text, _text(trades.get(record))) for record, text in texts.items() if isinstance(text, str)
        ]
        yield
        seen: set[str] = set()
        for place, record in enumerate(self._workspace.ids(ISSUE)[:_MOST_TITLES]):
            title = titles.get(record)
            if isinstance(title, str) and title and record not in templates and title not in seen:
                seen.add(title)
                found.append(Phrase(title, _text(categories.get(record))))
            if place % _A_STEP == 0:
                yield
        self._phrases = found

    def note(self, title: str, category: str) -> None:
        """The walk made an issue: its title is offered from now on."""
        self._phrases.append(Phrase(title, category))

    def matching(self, typed: str, category: str) -> list[Phrase]:
        """What fits, the best first."""
        return matching_phrases(self._phrases, typed, category)

    def has(self, words: str) -> bool:
        """Whether this is a phrase of the project."""
        texts = self._workspace.columns.column(PHRASE, "text").values()
        return fold(words) in {fold(text) for text in texts if isinstance(text, str)}

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
