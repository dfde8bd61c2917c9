"""A pass over a folder is killed before each of its steps on the disk; the next pass makes up for it.

Run as a process of its own: each kill is a child of it.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, date
from pathlib import Path
from typing import Any

from app.domain.directory import Context, ProjectDirectory
from app.interchange.folder.folder import Folder
from app.interchange.folder.front_matter import FrontMatter
from app.richtext.delta import Insert
from app.store import database
from app.store.project import Project
from tests.app.interchange.folder.desk import Desk
from tests.app.store.replicas import KEY, SetClock

KILLED = 77
_MOST = 200


def prepare(directory: Path) -> None:
    """A project and a folder in which everything waits to be done."""
    desk = Desk.at(directory)
    made = {name: desk.note(name, f"text of {name}\n") for name in "ABCDEHI"}
    desk.note("Below", "text\n", parent=made["A"])
    for name in ("Bare.md", "deep/Bare too.md"):
        desk.write(name, f"{name} without keys\n")
    desk.sync()
    desk.project.set(made["A"], "title", "A renamed")
    desk.project.change_text(made["B"], "text", [Insert("here: ")])
    desk.edit("B.md", "text of B", "text of B, outside")
    (desk.path / "C.md").unlink()
    desk.project.delete(made["D"])
    (desk.path / "E.md").rename(desk.path / "E moved.md")
    (desk.path / "Bare.md").rename(desk.path / "Bare moved.md")
    desk.write("F.md", "new\n")
    desk.write("new/er/F.md", "new\n")
    desk.note("G", "new here\n")
    desk.project.close()


def opened(directory: Path) -> Folder:
    project = Project.open(
        directory / "replica1.sitebook",
        KEY,
        device=bytes([1]) * 32,
        clock=SetClock(1_800_000_000_000),
        random=random.Random(os.getpid()).randbytes,
    )
    return Folder(project, lambda: Context(ProjectDirectory(project), date(2026, 11, 22), UTC, "GBP"))


def passed(folder: Folder) -> None:
    for _ in folder.steps():
        pass


def picture(folder: Folder) -> tuple[Any, Any, Any]:
    """What is in the project and in the folder, without ids."""
    project, path = folder.project, folder.setting.path
    titles = project.column("note", "title")
    parents = project.column("note", "parent")
    notes = sorted(
        (str(title), str(titles.get(parents.get(record, b""))), project.plain_text(record))
        for record, title in titles.items()
    )
    files = {}
    for each in path.rglob("*.md"):
        front = FrontMatter.split(each.read_text())
        files[str(each.relative_to(path))] = (front.get("title"), front.body)
    return notes, sorted(files.items()), sorted(str(each.relative_to(path)) for each in path.rglob("*.part"))


def dying(after: int, call: Callable[..., Any], counted: list[int]) -> Callable[..., Any]:
    def step(*values: Any, **named: Any) -> Any:
        counted[0] += 1
        if counted[0] > after:
            os._exit(KILLED)
        return call(*values, **named)

    return step


def killed(directory: Path, after: int) -> bool:
    """Whether a child was killed before it had done everything."""
    child = os.fork()
    if child == 0:
        counted = [0]
        for name in ("replace", "rename", "unlink", "mkdir", "rmdir"):
            setattr(os, name, dying(after, getattr(os, name), counted))
        database.transaction = dying(after, database.transaction, counted)
        passed(opened(directory))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def main(place: Path) -> int:
    """Kill after each step in turn; give how many there were."""
    template, work = place / "template", place / "work"
    work.mkdir()
    prepare(work)
    shutil.copytree(work, template)
    folder = opened(work)
    passed(folder)
    wanted = picture(folder)
    passed(folder)
    assert picture(folder) == wanted
    assert wanted[2] == []
    folder.project.close()
    for after in range(_MOST):
        shutil.rmtree(work)
        shutil.copytree(template, work, copy_function=shutil.copy2)
        if not killed(work, after):
            return after
        folder = opened(work)
        passed(folder)
        found = picture(folder)
        assert found[:2] == wanted[:2], f"after {after} steps: {found} instead of {wanted}"
        passed(folder)
        assert not folder.report.changed, f"after {after} steps: {folder.report}"
        folder.project.close()
    raise AssertionError("there is no end to it")


if __name__ == "__main__":
    sys.stdout.write(str(main(Path(sys.argv[1]))))
