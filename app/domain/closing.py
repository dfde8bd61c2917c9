"""From done to closed: who does the work resolves, who asked for it closes or sends back.

A project may want one step only; then whoever is done closes. Nobody is kept from a step, since a site has its
own ways and a device may be offline; ``usual`` says whether it is this person's turn, and the window offers those
steps first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.categories import Categories
from app.domain.directory import StatusEntry
from app.domain.names import shorten
from app.domain.shape import CLOSED_MEANINGS, ISSUE, ONE_STEP, TWO_STEPS, Meaning
from sync.errors import SitebookError


class Action(StrEnum):
    """A step that an issue takes towards its end, or back."""

    RESOLVE = "resolve"
    CLOSE = "close"
    SEND_BACK = "send back"
    REOPEN = "reopen"


_TITLES = {
    Action.RESOLVE: "Resolve",
    Action.CLOSE: "Close",
    Action.SEND_BACK: "Send back",
    Action.REOPEN: "Reopen",
}
_ENDS = {
    Action.RESOLVE: Meaning.REVIEW,
    Action.CLOSE: Meaning.DONE,
    Action.SEND_BACK: Meaning.OPEN,
    Action.REOPEN: Meaning.OPEN,
}
_DONE = {
    Action.RESOLVE: "resolved",
    Action.CLOSE: "closed",
    Action.SEND_BACK: "open",
    Action.REOPEN: "open",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step that can be taken: what it is called, the status that the issue gets, whether it needs a reason.

    ``usual``: it is the turn of the person who asks.
    """

    action: Action
    title: str
    status: bytes
    needs_reason: bool
    usual: bool


@dataclass(frozen=True, slots=True)
class Stake:
    """What a person has to do with an issue: whether he works on it, whether he asked for it.

    An issue without assignees is everybody's work; one of unknown origin was asked for by everybody.
    """

    works: bool = True
    asked: bool = True

    @classmethod
    def of(cls, me: bytes | None, assignees: Collection[bytes], creator: bytes | None) -> Stake:
        """The stake of a person; None for somebody who is nobody of the project yet."""
        return cls(not assignees or me in assignees, creator is None or me == creator)


def statuses_for(
    statuses: Iterable[StatusEntry], categories: Categories, category: object
) -> Sequence[StatusEntry]:
    """The statuses that issues of a category have, in their order; all, where none belongs to it."""
    every = sorted(statuses, key=lambda each: each.rank)
    found = [each for each in every if categories.belongs(each.categories, ISSUE, category)]
    return found or every


def first_status(statuses: Iterable[StatusEntry], meaning: Meaning) -> StatusEntry | None:
    """The first status of a meaning; one that belongs to the category alone comes before what all have."""
    found = [each for each in statuses if each.meaning is meaning]
    return next((each for each in found if each.categories), next(iter(found), None))


def steps_after(
    current: StatusEntry | None, statuses: Sequence[StatusEntry], closing: object, stake: Stake
) -> list[Step]:
    """The steps that an issue can take from a status, those of this person's turn first.

    ``statuses`` are those of its category; ``closing`` is what the project says, two steps where it says
    nothing. Where no status means review, one step is all that there can be.
    """
    two = closing != ONE_STEP and first_status(statuses, Meaning.REVIEW) is not None
    meaning = Meaning.OPEN if current is None else current.meaning
    # Who asked for something and does it himself need not ask himself.
    alone = stake.works and stake.asked
    if meaning in CLOSED_MEANINGS:
        wanted = [(Action.REOPEN, stake.asked)]
    elif meaning is Meaning.REVIEW:
        wanted = [(Action.CLOSE, stake.asked), (Action.SEND_BACK, stake.asked)]
    elif two:
        wanted = [(Action.RESOLVE, stake.works), (Action.CLOSE, alone)]
    else:
        wanted = [(Action.CLOSE, stake.works)]
    found = []
    for action, usual in wanted:
        status = first_status(statuses, _ENDS[action])
        if status is not None:
            found.append(Step(action, _TITLES[action], status.id, action is Action.SEND_BACK, usual))
    return sorted(found, key=lambda step: not step.usual)


def find_step(
    action: Action, current: StatusEntry | None, statuses: Sequence[StatusEntry], closing: object
) -> Step:
    """One step from a status. Raises SitebookError with what can be done instead."""
    steps = steps_after(current, statuses, closing, Stake())
    for step in steps:
        if step.action is action:
            return step
    name = "without a status" if current is None else f"“{shorten(current.name, 40)}”"
    if action is Action.RESOLVE and closing == ONE_STEP and any(s.action is Action.CLOSE for s in steps):
        raise SitebookError(f"This project closes in one step; close the issue. (Now it is {name}.)")
    if current is not None and current.meaning is _ENDS[action]:
        raise SitebookError(f"The issue is {_DONE[action]} already: its status is {name}.")
    if not steps or first_status(statuses, _ENDS[action]) is None:
        raise SitebookError(
            f"No status means {_ENDS[action]}; add one, and the issue can be {_DONE[action]}."
        )
    able = " or ".join(step.action for step in steps)
    raise SitebookError(f"The issue is {name}; what can be done is: {able}.")


__all__ = [
    "ONE_STEP",
    "TWO_STEPS",
    "Action",
    "Stake",
    "Step",
    "find_step",
    "first_status",
    "statuses_for",
    "steps_after",
]
