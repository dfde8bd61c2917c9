"""The versions of a text that its history knows, and what is shown of them. Long work comes in steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.richtext.delta import Insert, Op, compose, length
from app.richtext.marked import DELETED, marked, unmarked

if TYPE_CHECKING:
    from collections.abc import Generator

    from app.store.text_history import TextHistory, TextSession

NOTHING: Final[Sequence[Insert]] = (Insert("\n"),)
_MOST_CHANGES: Final = 50
"""So many changes are put together at once; more of them take more than a moment."""


class Showing(StrEnum):
    """What is shown of a session: what it changed, what changed since, or the whole text at its end."""

    CHANGES = "changes"
    SINCE = "since"
    WHOLE = "whole"


class Versions:
    """The sessions of a text as far as they were read, by number from the oldest."""

    def __init__(self, history: TextHistory) -> None:
        self._history = history
        # A text begins with its last newline: nothing was written yet.
        blank = len(history.sessions) == 1 and history.after(0) == list(NOTHING)
        self.sessions: Sequence[TextSession] = () if blank else tuple(history.sessions)

    def text(self, at: int) -> list[Insert]:
        """The text at the end of a session; -1 is before the first."""
        return unmarked(self._history.after(at))

    def is_now(self, at: int, now: Sequence[Insert]) -> bool:
        """Whether the text at the end of a session is what it is now."""
        return self._history.after(at) == list(now)

    def shown(self, at: int, showing: Showing) -> Generator[None, None, list[Insert]]:
        """Work out what is shown of a session, in steps; the last one gives it."""
        if showing is Showing.WHOLE:
            return self.text(at)
        if showing is Showing.CHANGES:
            before = self._history.after(at - 1)
            yield
            return marked(before, _within(before, self._history.change(at)))
        changes = [self._history.change(each) for each in range(at + 1, len(self.sessions))]
        while len(changes) > 1:
            # Two by two: each change is put together with others a few times, and not with all of them.
            for number in range(len(changes) // 2):
                changes[number : number + 2] = [compose(changes[number], changes[number + 1])]
                yield
        whole = self._history.after(at)
        yield
        return marked(whole, _within(whole, changes[0] if changes else ()))

    def origin(self, at: int, showing: Showing, side: str) -> int:
        """The session at whose end the text had a part of what is shown; -1 for the text before the first.

        ``side`` tells whether the part is marked as deleted.
        """
        if showing is Showing.SINCE:
            return at if side == DELETED else len(self.sessions) - 1
        return at - (showing is Showing.CHANGES and side == DELETED)

    def since(self, at: int) -> Sequence[Op] | None:
        """What was done to the text since a session; None where that is too much to put together at once."""
        if len(self.sessions) - at > _MOST_CHANGES:
            return None
        change: Sequence[Op] = ()
        for each in self._changes_after(at):
            change = compose(change, each)
        return change

    def _changes_after(self, at: int) -> Iterator[Sequence[Op]]:
        return (self._history.change(each) for each in range(at + 1, len(self.sessions)))


def _within(document: Sequence[Insert], change: Sequence[Op]) -> list[Op]:
    """A change cut where the document ends: a text may have had no newline at its end, which is shown all the same."""
    left = length(document)
    found: list[Op] = []
    for op in change:
        if not isinstance(op, Insert):
            if op.length > left:
                break
            left -= op.length
        found.append(op)
    return found
