"""Each benchmark runs and says something, at toy size. Nothing is timed here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.workspace.big_sample import Shape
from tests.benchmarks import (
    applying,
    desk,
    desk_data,
    desk_search,
    desk_window,
    editing,
    editor,
    folder,
    gui_sync,
    gui_thread,
    imports,
    month,
    opening,
    round_trip,
    server_load,
)
from tests.benchmarks.peers import whole
from tests.benchmarks.peers.export import export
from tests.benchmarks.process import PartFailed, answer_of


def test_editing(tmp_path: Path) -> None:
    assert "meanwhile" in editing.run(8, tmp_path)


def test_applying(tmp_path: Path) -> None:
    assert "new issues" in applying.run(40, tmp_path)


def test_round_trip(tmp_path: Path) -> None:
    assert "server's data" in round_trip.run(8, tmp_path)


def test_server_load(tmp_path: Path) -> None:
    with server_load.on_sqlite(tmp_path) as server:
        assert len(server_load.push(server.url, 2, 2, 0.2)) == 4
    with server_load.on_sqlite(tmp_path) as server:
        assert "KiB of memory each" in server_load.streams(server, 4, 2, 2)


@pytest.mark.slow
def test_whole(tmp_path: Path) -> None:
    ours = whole.measure(Shape(30, 5), tmp_path, tmp_path)
    assert "joined by the log" in whole.shown(Shape(30, 5), ours, "a disk", 1.0, "v1")


def test_month(tmp_path: Path) -> None:
    assert "changes done" in month.run(month.Month(40, 2, 20_000, 10), tmp_path)


@pytest.mark.slow
def test_gui_sync(tmp_path: Path) -> None:
    assert "with all of it" in gui_sync.run(gui_sync.Scene(0.5, 20, Shape(30, 5), 2, 20_000, 200), tmp_path)


def test_folder(tmp_path: Path) -> None:
    assert "opened as a vault" in folder.run(20, tmp_path)


@pytest.mark.slow
def test_the_window(tmp_path: Path) -> None:
    assert "list painted" in opening.run(20, tmp_path, 1, cold_too=False)
    assert "typing in the title" in gui_thread.run(40, tmp_path, 0.02)


@pytest.mark.slow
def test_the_editor() -> None:
    assert "50 edits a second" in editor.typing(3, length=2_000)
    assert "first screen" in editor.opening(1, length=2_000)


def test_the_trace(qapp: QApplication) -> None:
    assert "the binding" in editor.trace(30)


def test_imports() -> None:
    assert imports.contributors("import sync.clock", 2)


def test_a_part_that_fails_says_why() -> None:
    with pytest.raises(PartFailed, match="no_such_part"):
        answer_of("tests.benchmarks.no_such_part", seconds=60)


def test_desk(tmp_path: Path) -> None:
    said = desk.run(Shape(60, 12), tmp_path, 2)
    assert "a changed phone" in said
    assert "all columns of issues" in said


def test_search(tmp_path: Path) -> None:
    assert "The index takes" in desk_search.run(Shape(30, 5), tmp_path, 1, ["crack", "裂缝"])


@pytest.mark.slow
def test_the_desk_in_its_window(tmp_path: Path) -> None:
    said = desk_window.run(Shape(80, 10), tmp_path, 1, 0.02)
    assert "by dragging the bar" in said
    assert "editing what is sorted by" in said


def test_what_peers_are_given(tmp_path: Path) -> None:
    with desk_data.open_workspace(desk_data.cached_profile(tmp_path, Shape(20, 5))) as workspace:
        assert export(desk_data.only_project(workspace), tmp_path) > 20_000
    issues = [json.loads(line) for line in (tmp_path / "issue.jsonl").read_text().splitlines()]
    assert len(issues) == 20
    assert all(isinstance(issue["Reading"], float) and issue["text"] for issue in issues)
