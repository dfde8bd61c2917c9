"""The smallest edits that turn one text into another, where a report of a change is too large."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

from app.richtext.delta import common_prefix

_MOST_LINES = 2000
"""Above this many lines the middle is replaced as a whole: the comparison is quadratic at worst."""


class Replacement(NamedTuple):
    """Put ``text`` in place of ``removed`` code points at ``position`` of the old text."""

    position: int
    removed: int
    text: str


def differences(old: str, new: str) -> list[Replacement]:
    """List the edits that turn ``old`` into ``new``, in rising order; positions are those of ``old``.

    What is alike at both ends stays, and so do the lines between that are alike.
    """
    trimmed = _trim(old, new, 0)
    if trimmed is None:
        return []
    old_lines = old[trimmed.position : trimmed.position + trimmed.removed].splitlines(keepends=True)
    new_lines = trimmed.text.splitlines(keepends=True)
    if min(len(old_lines), len(new_lines)) < 2 or max(len(old_lines), len(new_lines)) > _MOST_LINES:
        return [trimmed]
    starts = [trimmed.position]
    for line in old_lines:
        starts.append(starts[-1] + len(line))
    found = []
    for tag, first, last, new_first, new_last in SequenceMatcher(
        None, old_lines, new_lines, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            was, becomes = "".join(old_lines[first:last]), "".join(new_lines[new_first:new_last])
            edit = _trim(was, becomes, starts[first])
            assert edit is not None
            found.append(edit)
    return found


def _trim(old: str, new: str, offset: int) -> Replacement | None:
    """Drop what two texts have alike at their beginning and end; None where they are equal."""
    if old == new:
        return None
    head = common_prefix(old, new)
    tail = common_prefix(old[head:][::-1], new[head:][::-1])
    return Replacement(offset + head, len(old) - head - tail, new[head : len(new) - tail])
