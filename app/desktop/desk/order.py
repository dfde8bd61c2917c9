"""Order and groups as part of the text of a query: a press on a column's head edits the text, nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.query.ast import Query, SortField
from app.query.chips import ChipKind, added, chips, removed
from app.query.parser import parse


def _without(text: str, kind: ChipKind) -> str:
    while True:
        at = next((place for place, chip in enumerate(chips(text)) if chip.kind is kind), None)
        if at is None:
            return text
        text = removed(text, at)


def with_sort(text: str, sort: Sequence[SortField]) -> str:
    """The text with this order in place of its own; every other part stays as it was typed."""
    text = _without(text, ChipKind.SORT)
    return added(text, Query(sort=tuple(sort)).to_text()) if sort else text


def with_group(text: str, group: str) -> str:
    """The text with these groups in place of its own; empty for none."""
    text = _without(text, ChipKind.GROUP)
    return added(text, Query(group=group).to_text()) if group else text


def sorted_by(text: str, typed: str, path_of: Callable[[str], str], *, further: bool = False) -> str:
    """Sort by a field: up, then down, then no more. ``further`` keeps the other keys, as shift does.

    ``path_of`` gives the path of what is typed for a field, so that one field is known by each of its names.
    """
    path = path_of(typed)
    keys = parse(text).sort
    old = next((each for each in keys if path_of(each.field) == path), None)
    if old is None:
        return with_sort(text, [*(keys if further else ()), SortField(typed)])
    turned = [] if old.descending else [SortField(old.field, descending=True)]
    if not further:
        return with_sort(text, turned)
    kept: list[SortField] = []
    for each in keys:
        kept += turned if each is old else [each]
    return with_sort(text, kept)
