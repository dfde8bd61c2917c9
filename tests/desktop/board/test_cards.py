from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QFontMetrics, QImage
from pytestqt.qtbot import QtBot

from app.desktop.board.cards import LINES, wrap
from app.desktop.board.view import BoardView
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE
from app.query.ast import Query
from app.store.attachments import Attachments
from app.store.project import Project
from tests.desktop import stage


def photo() -> bytes:
    """A picture as a camera gives it, only smaller."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("text", ["", "short", "word " * 40, "x" * 500, "漏水" * 60, "Brandschutz" * 12])
def test_a_title_takes_three_lines_at_most_and_never_leaves_the_card(look: Look, text: str) -> None:
    font = look.theme.font()
    measure = QFontMetrics(font)
    lines = wrap(text, font, 240)
    assert 1 <= len(lines) <= LINES
    assert all(measure.horizontalAdvance(line) <= 244 for line in lines)
    if measure.horizontalAdvance(text) > 4 * 240:
        assert lines[-1].endswith("…")


@pytest.fixture
def board(qtbot: QtBot, look: Look, project: Project, tmp_path: Path) -> Iterator[BoardView]:
    workspace = Workspace(
        project,
        ProjectInfo(project.id, "Harbour", ""),
        stage.stage_now,
        attachments=Attachments(project, tmp_path / "files"),
    )
    board = BoardView(look, workspace, ISSUE)
    workspace.setParent(board)
    qtbot.addWidget(board)
    board.resize(1000, 700)
    board.model.ask(Query(), "status", paths=board.faces.paths())
    workspace.finish_steps()
    yield board
    workspace.stop()


def test_a_photo_comes_onto_the_card_and_leaves_it_again(
    qtbot: QtBot, board: BoardView, project: Project
) -> None:
    record = board.model.record(0, 0)
    bare = board.card_box(0, board.spans(0)[0]).height()
    attachments = board.workspace.attachments
    assert attachments is not None
    attachment, touched = attachments.add_bytes(record, "crack.png", photo())
    board.workspace.written(touched)
    assert board.faces.face(record).photo == attachment
    assert board.card_box(0, board.spans(0)[0]).height() >= bare
    with qtbot.waitSignal(board.photos.came):
        board.grab()
    assert board.photos.picture(attachment) is not None
    board.workspace.written(project.delete(attachment))
    assert board.faces.face(record).photo is None


def test_a_card_without_anything_and_one_with_far_too_much(board: BoardView, project: Project) -> None:
    record, touched = project.create(ISSUE, {})
    board.workspace.written(touched)
    assert board.faces.face(record).title == "Untitled"
    board.workspace.written(project.set(record, "title", "wide " * 50_000))
    assert len(board.faces.face(record).title) <= 300
    assert isinstance(board.grab().toImage(), QImage)
