from __future__ import annotations

import pytest

from app.domain.categories import Categories
from app.domain.closing import Action, Stake, find_step, statuses_for, steps_after
from app.domain.directory import StatusEntry
from app.domain.schema import ONE_STEP, TWO_STEPS
from sync.errors import SitebookError
from tests.app.domain.sample import context, project, record

_STATUSES = list(context().directory.statuses.values())
_OPEN, _PROGRESS, _REVIEW, _DONE, _VOID, _VERIFIED = _STATUSES
_WORKER, _ASKER = Stake(True, False), Stake(False, True)


def _titles(current: StatusEntry | None, stake: Stake, closing: object = TWO_STEPS) -> list[tuple[str, bool]]:
    return [(step.title, step.usual) for step in steps_after(current, _STATUSES, closing, stake)]


def test_who_does_the_work_resolves_and_who_asked_closes() -> None:
    assert _titles(_OPEN, _WORKER) == [("Resolve", True), ("Close", False)]
    assert _titles(_PROGRESS, _WORKER) == [("Resolve", True), ("Close", False)]
    assert _titles(_REVIEW, _WORKER) == [("Close", False), ("Send back", False)]
    assert _titles(_REVIEW, _ASKER) == [("Close", True), ("Send back", True)]
    assert _titles(_OPEN, _ASKER) == [("Resolve", False), ("Close", False)]
    assert _titles(_DONE, _ASKER) == [("Reopen", True)]
    assert _titles(_VOID, _WORKER) == [("Reopen", False)]
    assert _titles(None, _WORKER, None) == [("Resolve", True), ("Close", False)]


def test_who_works_for_himself_may_close_at_once() -> None:
    assert _titles(_OPEN, Stake(True, True)) == [("Resolve", True), ("Close", True)]


def test_in_one_step_whoever_is_done_closes() -> None:
    assert _titles(_OPEN, _WORKER, ONE_STEP) == [("Close", True)]
    assert _titles(_REVIEW, _ASKER, ONE_STEP) == [("Close", True), ("Send back", True)]
    without_review = [each for each in _STATUSES if each is not _REVIEW]
    assert [step.title for step in steps_after(_OPEN, without_review, TWO_STEPS, _WORKER)] == ["Close"]


def test_each_step_leads_to_the_first_status_of_its_meaning() -> None:
    assert find_step(Action.RESOLVE, _OPEN, _STATUSES, None).status == _REVIEW.id
    assert find_step(Action.CLOSE, _REVIEW, _STATUSES, None).status == _DONE.id
    back = find_step(Action.SEND_BACK, _REVIEW, _STATUSES, None)
    assert (back.status, back.needs_reason) == (_OPEN.id, True)


@pytest.mark.parametrize(
    ("action", "current", "closing", "said"),
    [
        (Action.RESOLVE, _REVIEW, TWO_STEPS, "resolved already"),
        (Action.RESOLVE, _OPEN, ONE_STEP, "one step; close"),
        (Action.CLOSE, _DONE, TWO_STEPS, "closed already"),
        (Action.SEND_BACK, _DONE, TWO_STEPS, "what can be done is: reopen"),
        (Action.REOPEN, _OPEN, TWO_STEPS, "open already"),
    ],
)
def test_what_cannot_be_done_says_what_can(
    action: Action, current: StatusEntry, closing: str, said: str
) -> None:
    with pytest.raises(SitebookError, match=said):
        find_step(action, current, _STATUSES, closing)


def test_a_project_without_such_a_status_says_so() -> None:
    with pytest.raises(SitebookError, match="No status means done"):
        find_step(Action.CLOSE, _OPEN, [_OPEN], None)


def test_a_category_has_its_own_statuses() -> None:
    memory = project()
    memory.add("category", 0, name="Paint")
    memory.columns["status", "categories"] = {
        record("status", 1): (record("category", 0),),
        record("status", 5): (record("category", 7),),
    }
    world = context(memory).directory
    paint = statuses_for(world.statuses.values(), world.categories, "paint")
    other = statuses_for(world.statuses.values(), world.categories, "Fire")
    assert [each.name for each in paint] == ["open", "in progress", "in review", "done", "void", "Verified"]
    assert [each.name for each in other] == ["open", "in review", "done", "void", "Verified"]
    assert statuses_for([], Categories([]), None) == []


def test_who_has_a_stake() -> None:
    me, other = b"m", b"o"
    assert Stake.of(me, [me], other) == Stake(True, False)
    assert Stake.of(me, [other], me) == Stake(False, True)
    assert Stake.of(me, [], None) == Stake(True, True)
    assert Stake.of(None, [other], other) == Stake(False, False)
