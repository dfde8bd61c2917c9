from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest

from app.desktop.board.order import RankOrder
from app.desktop.session import ProjectInfo
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE
from app.store.project import Project
from app.workspace.ranks import rank_of
from tests.desktop import stage


@pytest.fixture
def workspace(qapp: object, project: Project) -> Iterator[Workspace]:
    made = Workspace(project, ProjectInfo(project.id, "Harbour", ""), stage.stage_now)
    yield made
    made.stop()


def expected(workspace: Workspace) -> list[bytes]:
    ranks = workspace.columns.column(ISSUE, "rank")
    return sorted(workspace.ids(ISSUE), key=lambda record: (rank_of(ranks.get(record), record), record))


def loaded(workspace: Workspace) -> RankOrder:
    order = RankOrder(workspace.columns.frame(ISSUE))
    for _ in order.load(workspace.columns.column(ISSUE, "rank")):
        pass
    return order


def shown(workspace: Workspace, order: RankOrder) -> list[bytes]:
    frame = workspace.columns.frame(ISSUE)
    return [frame.record(row) for row in order.rows.tolist()]


def test_what_nobody_placed_stands_newest_first(workspace: Workspace) -> None:
    assert shown(workspace, loaded(workspace)) == workspace.ids(ISSUE)


def test_following_gives_what_reading_anew_gives(workspace: Workspace) -> None:
    order = loaded(workspace)
    frame = workspace.columns.frame(ISSUE)
    generator = random.Random(3)
    project = workspace.source
    for step in range(40):
        ids = workspace.ids(ISSUE)
        if step % 7 == 3:
            workspace.delete([generator.choice(ids)])
        elif step % 7 == 5:
            workspace.undo()
        elif step % 7 == 6:
            workspace.create_issue()
        else:
            rank = generator.choice(["K", "V", "k1", "x", None])
            workspace.written(project.set(generator.choice(ids), "rank", rank))
        there = set(workspace.ids(ISSUE))
        ranks = workspace.columns.column(ISSUE, "rank")
        order.follow(
            there - set(ids), set(ids) - there, {each: ranks.get(each) for each in ids if each in there}
        )
        assert shown(workspace, order) == expected(workspace)
    some = np.array(sorted(generator.sample(range(frame.size), 5)), np.int32)
    alive = [row for row in some.tolist() if frame.alive[row]]
    arranged = order.arranged(np.array(alive, np.int32)).tolist()
    assert arranged == [row for row in order.rows.tolist() if row in alive]
