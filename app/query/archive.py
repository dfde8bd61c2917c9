"""What lies in the archive stays out of lists, boards and counts, unless a query asks for it by name."""

from __future__ import annotations

from dataclasses import replace

from app.domain.names import fold_name
from app.domain.schema import ISSUE
from app.query.ast import And, Compare, Flag, Not, Query

ARCHIVED = "archived"
_OUTSIDE = Not(Flag("is", (ARCHIVED,)))


def asks_for_archive(query: Query) -> bool:
    """Whether a query says itself what it wants of the archive: ``is:archived``, ``-is:archived``, ``archived:yes``."""
    return any(
        fold_name(name) == ARCHIVED
        for node in query.nodes()
        for name in (
            node.names if isinstance(node, Flag) else (node.field,) if isinstance(node, Compare) else ()
        )
    )


def outside_archive(query: Query, kind: str) -> Query:
    """The query as it is answered: for what is not in the archive, unless it asks for that itself."""
    if kind != ISSUE or asks_for_archive(query):
        return query
    return replace(query, where=_OUTSIDE if query.where is None else And((_OUTSIDE, query.where)))
