"""Which columns a view shows that names none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.domain.schema import ISSUE, KINDS, PERSON

SYNC = "sync"
"""The path of the column with the dot that says where a record is. No query knows it."""
MOST_OWN = 5
"""So many fields of the project's own are shown without being chosen."""
LIST_COLUMNS = ("status", "number", "title", "location=150", "assignees=36", "due=96", SYNC)
"""The row of the list of issues: one line, the same in every view."""


def usual_paths(kind: str, own: Sequence[str], filled: Callable[[str], bool], *, empty: bool) -> list[str]:
    """The columns of a table for which nobody chose any: what people look for, where something stands in it.

    ``own`` are the fields that the project's people made; ``filled`` tells whether anything stands in a
    column; in an ``empty`` project all built-in ones are shown.
    """
    found = [name for name in own if filled(name)][:MOST_OWN]
    if kind == PERSON:
        usual = ("name", "company", "specialty", "home_base", "phone", "email")
        return [*usual, *found, "issues.count", SYNC]
    if kind != ISSUE:
        known = KINDS[kind]
        built_in = [name for name in ("type", "within", "location") if name in known.fields]
        return [known.heading, *built_in, *found, "issues.count", SYNC]
    further = [name for name in ("location", "assignees") if empty or filled(name)]
    last = [name for name in ("cost", "due") if empty or filled(name)]
    return ["status", "number", "title", *further, *found, *last, SYNC]
