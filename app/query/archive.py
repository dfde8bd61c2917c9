"""What is put aside (archived, or a template) stays out of lists, boards and counts, unless a query asks for it."""

from __future__ import annotations

from dataclasses import replace

from app.domain.names import fold_name
from app.domain.schema import ISSUE, NOTE
from app.query.ast import And, Compare, Flag, Not, Query

ARCHIVED = "archived"
TEMPLATE = "template"
_ASIDE = {ISSUE: (ARCHIVED, TEMPLATE), NOTE: (TEMPLATE,)}
"""By kind, the fields that put a record aside."""


def asks_for(query: Query, aside: str) -> bool:
    """Whether a query says itself what it wants of these: ``is:archived``, ``-is:archived``, ``archived:yes``."""
    return any(
        fold_name(name) == aside
        for node in query.nodes()
        for name in (
            node.names if isinstance(node, Flag) else (node.field,) if isinstance(node, Compare) else ()
        )
    )


def outside_archive(query: Query, kind: str) -> Query:
    """The query as it is answered: for what is not put aside, unless it asks for that itself."""
    outside = tuple(Not(Flag("is", (each,))) for each in _ASIDE.get(kind, ()) if not asks_for(query, each))
    if not outside:
        return query
    parts = outside if query.where is None else (*outside, query.where)
    return replace(query, where=parts[0] if len(parts) == 1 else And(parts))
