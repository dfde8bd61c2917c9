from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

from app.interchange.backup import backup
from app.interchange.project_import import import_project
from app.interchange.restore import restore
from app.keys.profile import Profile
from app.store.project import Project
from app.workspace.workspace import Workspace
from tests.app.interchange.tables import CASES, imported, nothing_but_furniture, project
from tests.app.interchange.test_project_export import attachments, exported, workspace
from tests.app.keys.helpers import reopen
from tests.app.store.replicas import KEY, SetClock

ROOT = Path(__file__).parents[3]


def killed(what: str, source: Path, target: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "tests.app.interchange.killed", what, str(source), str(target)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        timeout=100,
    )
    assert found.returncode == -signal.SIGKILL


def test_a_killed_table_import_left_nothing_and_comes_in_again(tmp_path: Path) -> None:
    made = project(tmp_path)
    path = made.path
    made.close()
    (tmp_path / "cases.csv").write_text(CASES)
    killed("table", tmp_path / "cases.csv", path)
    made = Project.open(
        path,
        KEY,
        device=bytes([1]) * 32,
        clock=SetClock(1_800_000_000_000),
        random=random.Random(5).randbytes,
    )
    assert nothing_but_furniture(made)
    assert imported(made, tmp_path, CASES, date_format="%m/%d/%Y").created == 8


def test_a_killed_project_import_backup_or_restore_left_nothing(tmp_path: Path) -> None:
    with workspace(tmp_path / "home") as home:
        entry = home.new_project("Tower")
        made = home.open(entry.project)
        imported(made, tmp_path, CASES, date_format="%m/%d/%Y")
        attachments(home, entry).add_bytes(made.records("issue")[0], "a.bin", bytes(3_000_000))
        exported(home, entry, tmp_path / "tower.zip")
        backup(home.vault, tmp_path / "whole.backup", clock=SetClock())
        killed("backup", tmp_path / "home", tmp_path / "half.backup")
        assert not (tmp_path / "half.backup").exists()
        backup(home.vault, tmp_path / "half.backup", clock=SetClock())
    workspace(tmp_path / "away", 2).close()
    killed("project", tmp_path / "tower.zip", tmp_path / "away")
    with Workspace(reopen(Profile(tmp_path / "away"))) as away:
        assert away.projects() == []
        came = import_project(tmp_path / "tower.zip", away)
        assert len(away.open(came.entry.project).records("issue")) == 8
    killed("restore", tmp_path / "half.backup", tmp_path / "back")
    assert not (tmp_path / "back").exists()
    assert restore(tmp_path / "half.backup", Profile(tmp_path / "back")).projects == 1
    with Workspace(reopen(Profile(tmp_path / "back"))) as back:
        assert len(back.open(entry.project).records("issue")) == 8
