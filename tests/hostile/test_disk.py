"""Bad luck with the disk: an operation is acknowledged and there, or says one sentence and is not there."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from app.store.operations import Edit
from app.store.project import Project
from app.store.slices import Step
from sync.errors import SitebookError
from tests.app.store.replicas import KEY, PROJECT, SetClock, replica
from tests.faults.disk import Faults, faulty_disk
from tests.hostile.hostile import read_all

_VFS = "faulty"
DEVICE = b"\1" * 32


@pytest.fixture
def faults() -> Iterator[Faults]:
    with faulty_disk(_VFS) as found:
        yield found


def opened(path: Path, vfs: str | None = None) -> Project:
    return Project.open(
        path, KEY, device=DEVICE, clock=SetClock(), random=random.Random(os.urandom(8)).randbytes, vfs=vfs
    )


def _made(path: Path, vfs: str | None = None) -> Project:
    chance = random.Random(4).randbytes
    return Project.make(
        path, KEY, project=PROJECT, device=DEVICE, clock=SetClock(), random=chance, alone=True, vfs=vfs
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A small project file, and the issue in it."""
    folder = tmp_path_factory.mktemp("base")
    project = replica(folder, 1, alone=True)
    issue, _ = project.create("issue", {"title": "base"}, text="base")
    project.close()
    return (folder / "replica1.sitebook").read_bytes(), issue


def _actions(issue: bytes) -> list[Callable[[Project, str], object]]:
    def bulk(project: Project, mark: str) -> None:
        group = project.bulk()
        for part in range(20):
            group.create("issue", {"title": f"{mark} {part}"}, text="x" * 500)
        group.commit()

    def draft(project: Project, mark: str) -> None:
        project.draft_value(issue, "external_id", mark, project.field(issue, "external_id").seen)
        project.finish_drafts()

    return [
        lambda project, mark: project.create("issue", {"title": mark}, text=mark),
        lambda project, mark: project.set(issue, "title", mark),
        lambda project, mark: project.insert_text(issue, "text", 0, mark),
        bulk,
        draft,
        lambda project, mark: project.add(issue, "labels", mark.encode().ljust(16)),
        lambda project, mark: project.maintain(),
        lambda project, mark: project.checkpoint(),
        lambda project, mark: project.create("comment", {"parent": issue}, text=mark),
    ]


def _marks(project: Project, mark: str) -> bool:
    """Whether a mark is anywhere in the project: all of it, or (bulk) checked to be whole."""
    titles = [str(title) for title in project.column("issue", "title").values()]
    parts = sum(title.startswith(f"{mark} ") for title in titles)
    assert parts in (0, 20)
    words = [*project.texts("issue").values(), *project.texts("comment").values(), *titles]
    words += [str(value) for value in project.column("issue", "external_id").values()]
    labels = [label for labels in project.column("issue", "labels").values() for label in labels]
    return bool(parts) or any(mark in word for word in words) or mark.encode().ljust(16) in labels


def _try_all(project: Project, issue: bytes, turn: str) -> tuple[list[str], list[str]]:
    """Do everything once: what was acknowledged, and what was refused with a sentence."""
    acknowledged, refused = [], []
    for number, action in enumerate(_actions(issue)):
        mark = f"<{turn}{number}>"
        try:
            action(project, mark)
        except SitebookError:
            refused.append(mark)
        else:
            if number not in (6, 7):
                acknowledged.append(mark)
    return acknowledged, refused


@pytest.mark.parametrize("lasting", [True, False], ids=["lasting", "once"])
@pytest.mark.parametrize("kind", ["full", "write", "read", "sync"])
def test_each_operation_is_there_or_says_so(
    tmp_path: Path, faults: Faults, base: tuple[bytes, bytes], kind: str, lasting: bool
) -> None:
    data, issue = base
    struck = 0
    for after in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55):
        path = tmp_path / f"{after}.sitebook"
        path.write_bytes(data)
        faults.heal()
        project = opened(path, _VFS)
        faults.plan(kind, after, lasting=lasting)
        acknowledged, refused = _try_all(project, issue, "a")
        struck += faults.struck
        faults.heal()
        # The disk is well again: the same window goes on, or says that it cannot.
        more, _ = _try_all(project, issue, "b")
        with suppress(SitebookError):
            project.close()
        project = opened(path)
        project.check()
        read_all(project)
        for mark in acknowledged + more:
            # A later title, or identifier, stands in its place; it is in the history then.
            if mark[2:] not in ("1>", "4>"):
                assert _marks(project, mark), (after, mark)
            else:
                assert any(entry.value == mark for entry in project.history(issue)), (after, mark)
        for mark in refused:
            if mark[2:] != "4>":
                assert not _marks(project, mark), (after, mark)
                assert not any(entry.value == mark for entry in project.history(issue)), (after, mark)
        project.close()
    assert struck > 3


@pytest.mark.parametrize("kind", ["full", "write", "read"])
def test_filling_the_index_says_so_and_goes_on(
    tmp_path: Path, faults: Faults, base: tuple[bytes, bytes], kind: str
) -> None:
    struck = 0
    for after in (0, 1, 4, 16):
        path = tmp_path / f"{after}.sitebook"
        path.write_bytes(base[0])
        faults.heal()
        project = opened(path, _VFS)
        group = project.bulk()
        for number in range(40):
            group.create("issue", {"title": f"Wall {number}"}, text="behind the boiler " * 5)
        group.commit()
        faults.plan(kind, after, lasting=True)
        with suppress(SitebookError):
            while project.maintain():
                pass
        struck += faults.struck
        faults.heal()
        while project.maintain():
            pass
        assert project.db.one("SELECT count(*) FROM local_unindexed") == (0,)
        project.check()
        project.close()
    assert struck > 1


@pytest.mark.parametrize("kind", ["full", "sync"])
def test_slices_that_fail_are_no_part_of_what_is_undone(
    tmp_path: Path, faults: Faults, base: tuple[bytes, bytes], kind: str
) -> None:
    path = tmp_path / "slices.sitebook"
    path.write_bytes(base[0])
    project = opened(path, _VFS)
    group = project.bulk()
    issues = [group.create("issue", {"title": f"Wall {number}"}) for number in range(60)]
    group.commit()
    project.set(issues[0], "title", "Before")
    due = dict.fromkeys(issues, "2026-03-06")

    def bulk() -> Iterator[Step]:
        group = project.bulk()
        for each, day in due.items():
            group.update(each, [Edit("due", day)])
        return group.steps(0.0)

    faults.plan(kind, 0, lasting=True)
    with pytest.raises(SitebookError):
        list(bulk())
    faults.heal()
    assert not any(project.column("issue", "due").values())
    assert project.undo() is not None
    assert project.field(issues[0], "title").value == "Wall 0"
    list(bulk())
    faults.plan(kind, 0, lasting=True)
    with pytest.raises(SitebookError):
        list(project.undo_steps(0.0))
    faults.heal()
    assert project.redo_size() == 0
    list(project.undo_steps(0.0))
    assert not any(project.column("issue", "due").values())
    list(project.redo_steps(0.0))
    assert project.column("issue", "due") == due
    project.close()
    project = opened(path)
    project.check()
    project.close()


@pytest.mark.parametrize("kind", ["full", "write", "read", "sync"])
def test_opening_and_making_a_file_on_a_bad_disk_says_so(
    tmp_path: Path, faults: Faults, base: tuple[bytes, bytes], kind: str
) -> None:
    data, issue = base
    for after in range(0, 12, 2 if kind == "read" else 1):
        path = tmp_path / f"{after}.sitebook"
        path.write_bytes(data)
        faults.plan(kind, after, lasting=True)
        with suppress(SitebookError):
            project = opened(path, _VFS)
            with closing(project):
                project.get(issue)
        new = tmp_path / f"new{after}.sitebook"
        made = False
        with suppress(SitebookError):
            project = _made(new, _VFS)
            made = True
            project.close()
        faults.heal()
        if not made:
            project = _made(new)
            project.close()
        project = opened(path)
        assert project.get(issue) is not None
        project.close()


def test_a_file_removed_under_the_window_is_no_crash(tmp_path: Path, base: tuple[bytes, bytes]) -> None:
    path = tmp_path / "gone.sitebook"
    path.write_bytes(base[0])
    project = opened(path)
    for name in list(tmp_path.iterdir()):
        name.unlink()
    _try_all(project, base[1], "a")
    project.close()


def test_a_log_cut_off_anywhere_leaves_whole_operations(tmp_path: Path, base: tuple[bytes, bytes]) -> None:
    data, issue = base
    path = tmp_path / "first.sitebook"
    path.write_bytes(data)
    project = opened(path)
    acknowledged, _ = _try_all(project, issue, "a")
    log = Path(f"{path}-wal").read_bytes()
    body = path.read_bytes()
    project.close()
    chance = random.Random(1)
    for number, length in enumerate([0, 1, 31, 32, 33, *(chance.randrange(len(log)) for _ in range(12))]):
        cut = tmp_path / f"cut{number}.sitebook"
        cut.write_bytes(body)
        Path(f"{cut}-wal").write_bytes(log[:length])
        project = opened(cut)
        project.check()
        for mark in acknowledged:
            _marks(project, mark)
        project.close()


_OPEN = """
import sys
from pathlib import Path
from sync.errors import SitebookError
from tests.hostile.test_disk import opened
try:
    opened(Path(sys.argv[1]))
except SitebookError as error:
    print(error)
"""


def test_a_read_only_folder_is_said(tmp_path: Path, base: tuple[bytes, bytes]) -> None:
    """Root passes permissions by, so root runs this without the right to."""
    path = tmp_path / "in" / "a.sitebook"
    path.parent.mkdir()
    path.write_bytes(base[0])
    path.parent.chmod(0o500)
    rights = "-dac_override,-dac_read_search"
    without = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"] if os.geteuid() == 0 else []
    ran = subprocess.run(
        [*without, sys.executable, "-c", _OPEN, str(path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    path.parent.chmod(0o700)
    assert "permissions" in ran.stdout
    assert ran.stdout.count("\n") == 1


def test_two_threads_write_through_one_lock_and_nobody_meets_a_busy_file(
    tmp_path: Path, base: tuple[bytes, bytes]
) -> None:
    path = tmp_path / "both.sitebook"
    path.write_bytes(base[0])
    window = opened(path)
    failures: list[Exception] = []
    done: dict[str, int] = {"window": 0, "sync": 0}

    def hammer(name: str, project: Project) -> None:
        for number in range(60):
            project.create("note", {"title": f"{name}{number}"}, text="x")
            if number % 10 == 0:
                project.maintain()
                project.checkpoint()
            done[name] += 1

    def work() -> None:
        try:
            second = window.second()
            hammer("sync", second)
            second.close()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test is to show it
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    hammer("window", window)
    thread.join()
    assert not failures
    titles: dict[bytes, Any] = window.column("note", "title")
    assert set(titles.values()) == {f"{name}{number}" for name in done for number in range(60)}
    window.close()
