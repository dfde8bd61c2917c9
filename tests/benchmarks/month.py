"""A month's return: so much waits in both directions, as changes and as photos, when a device is online again.

Both devices are real profiles, over a real server process; the one that returns runs the threads of the window.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from app.domain.schema import ISSUE
from app.keys.entry import Identity
from app.keys.profile import Profile
from app.store.project import Project
from app.workspace.files import move_files
from app.workspace.workspace import Workspace
from sync.membership_actions import Role
from tests.benchmarks.keyring import FileKeyring
from tests.benchmarks.measure import file_system, table
from tests.benchmarks.process import answer_of
from tests.benchmarks.sync_scene import attach_photos
from tests.benchmarks.work import Worker
from tests.server.process import ServerProcess


class Month(NamedTuple):
    """How much waits, in each direction."""

    changes: int = 5_000
    photos: int = 200
    photo_bytes: int = 1_500_000
    issues: int = 1_000
    """Which both had before."""


def run(month: Month, folder: Path) -> str:
    """Measure, as a table."""
    with tempfile.TemporaryDirectory(dir=folder) as place, ServerProcess(Path(place) / "data") as server:
        scratch = Path(place)
        _prepare(scratch, server.url, month)
        said: dict[str, Any] = answer_of(
            "tests.benchmarks.month_return", str(scratch / "away"), seconds=1_800
        )
        where = file_system(scratch)
    assert said["changes"] == month.changes * 2, said
    assert said["files"] == month.photos * 2, said
    sent, got = said["sent_before"], said["got_before"]
    assert sent == got == 0, f"{sent} chunks were sent and {got} fetched before the changes were done"
    moved = 2 * month.photos * month.photo_bytes / 1e6
    rows = [
        (
            "changes done",
            f"{said['changes_done']:.2f}",
            f"{2 * month.changes / said['changes_done']:,.0f} changes/s",
        ),
        ("first photo here", f"{said['first_photo']:.2f}", ""),
        (
            "all done",
            f"{said['all_done']:.2f}",
            f"{moved / (said['all_done'] - said['changes_done']):,.0f} MB/s of photos",
        ),
    ]
    title = (
        f"A month's return: {month.changes:,} changes and {month.photos} photos of {month.photo_bytes / 1e6:.1f} MB "
        f"wait in each direction ({where}; server on this machine)"
    )
    note = "Changes came first: no chunk of a photo was on its way before the last change was."
    return f"{table(title, ('until', 'seconds', 'speed'), rows)}\n{note}"


def _prepare(scratch: Path, url: str, month: Month) -> None:
    """A project on two devices; both then work alone, one of them syncs, and the other is about to return."""
    home, away = _profile(scratch / "home", "A. Home"), _profile(scratch / "away", "B. Away")
    with home, away:
        project = home.new_project("Harbour Tower", url).project
        worker = Worker(home.open(project))
        worker.furnish()
        worker.make_issues(month.issues)
        code = home.invite(project, Role.EDITOR).text()
        home.sync(project)
        away.join(code)
        home.sync(project)
        _work(home, project, month, 1)
        home.sync(project)
        move_files(home, project)
        _work(away, project, month, 2)


def _profile(place: Path, name: str) -> Workspace:
    keyring = FileKeyring(place / "keyring.json")
    place.mkdir()
    return Workspace.create(Profile.at(place), Identity(name, ""), None, keyring=keyring)[0]


def _work(workspace: Workspace, project: bytes, month: Month, seed: int) -> None:
    opened = workspace.open(project)
    before = changes_in(opened)
    attach_photos(
        opened,
        workspace.vault.profile.attachments_path(project),
        opened.records(ISSUE),
        month.photos,
        month.photo_bytes,
    )
    worker = Worker(opened, seed)
    worker.find()
    # Attaching a photo is a change as well.
    worker.edit_much(month.changes - (changes_in(opened) - before))
    assert changes_in(opened) == before + month.changes


def changes_in(project: Project) -> int:
    """How many changes a file has."""
    return int(project.db.all("SELECT count(*) FROM changes")[0][0])
