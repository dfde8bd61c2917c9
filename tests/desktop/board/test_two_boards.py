"""Two people order the same board without knowing of each other: afterwards both see the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.board.moves import Drop
from app.desktop.board.view import BoardView
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE, STATUS
from app.query.ast import Query
from app.store.project import Project
from tests.app.store.replicas import exchange, replica
from tests.desktop import stage


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Project, Project]]:
    ann, bob = replica(tmp_path, 1, alone=True), replica(tmp_path, 2)
    ann.furnish("Harbour", "GBP")
    for number in range(8):
        ann.create(ISSUE, {"title": f"Issue {number}"})
    exchange(ann, bob)
    yield ann, bob
    ann.close()
    bob.close()


def show(qtbot: QtBot, look: Look, project: Project) -> BoardView:
    """The board as a program that was just started shows it."""
    workspace = Workspace(project, ProjectInfo(project.id, "Harbour", ""), stage.stage_now)
    board = BoardView(look, workspace, ISSUE)
    workspace.setParent(board)
    qtbot.addWidget(board)
    board.resize(1000, 700)
    board.model.ask(Query(), "status", paths=board.faces.paths())
    workspace.finish_steps()
    return board


def order(board: BoardView) -> list[list[bytes]]:
    return [board.model.records(place) for place in range(len(board.model.lanes))]


def test_two_at_the_same_place_stand_one_after_the_other_for_both(
    qtbot: QtBot, look: Look, pair: tuple[Project, Project]
) -> None:
    ann, bob = pair
    first, second = show(qtbot, look, ann), show(qtbot, look, bob)
    before = order(first)[0]
    first.drop([before[6]], Drop(0, 1, ordered=True))
    second.drop([before[7]], Drop(0, 1, ordered=True))
    assert ann.column(ISSUE, "rank")[before[6]] == bob.column(ISSUE, "rank")[before[7]]
    exchange(ann, bob)
    first, second = show(qtbot, look, ann), show(qtbot, look, bob)
    assert order(first) == order(second)
    together = order(first)[0]
    assert together[0] == before[0]
    assert set(together[1:3]) == {before[6], before[7]}
    # Between the two nothing fits: the one that is dropped there and one neighbour get new keys.
    written = ann.column(ISSUE, "rank")
    first.drop([before[5]], Drop(0, 2, ordered=True))
    assert order(first)[0][:4] == [before[0], together[1], before[5], together[2]]
    fresh = ann.column(ISSUE, "rank")
    assert sum(fresh.get(each) != written.get(each) for each in before) == 2
    exchange(ann, bob)
    assert order(show(qtbot, look, bob)) == order(first)


def test_what_comes_while_the_order_is_read_is_there(
    qtbot: QtBot, look: Look, pair: tuple[Project, Project]
) -> None:
    ann, _ = pair
    workspace = Workspace(ann, ProjectInfo(ann.id, "Harbour", ""), stage.stage_now)
    board = BoardView(look, workspace, ISSUE)
    workspace.setParent(board)
    qtbot.addWidget(board)
    board.model.ask(Query(), "status", paths=board.faces.paths())
    made: list[bytes] = []
    while workspace._steps:
        workspace._step()
        if len(made) < 6:
            record, touched = ann.create(ISSUE, {"title": "from elsewhere", "rank": "2"})
            workspace.apply_touched(touched)
            made.append(record)
    assert set(made) <= set(order(board)[0])
    assert len(order(board)[0]) == 8 + len(made)
    assert order(board) == order(show(qtbot, look, ann))


def test_whatever_both_drop_they_end_alike(qtbot: QtBot, look: Look, pair: tuple[Project, Project]) -> None:
    ann, bob = pair
    generator = random.Random(5)
    for _ in range(4):
        for project in pair:
            board = show(qtbot, look, project)
            for _ in range(4):
                record = generator.choice(project.records(ISSUE))
                target = generator.randrange(3)
                before = generator.randrange(board.model.count(target) + 1)
                board.drop([record], Drop(target, before, ordered=True))
                found = board.model.find(record)
                assert found is not None
                assert found[0] == target
        exchange(ann, bob, order=generator)
        left, right = show(qtbot, look, ann), show(qtbot, look, bob)
        assert order(left) == order(right)
    assert len(ann.column(STATUS, "name")) == 5
