"""The project file: encrypted, migrated, refused where it is newer, and sound after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.store.project import Project
from sync.errors import Damaged, NewerFormat, SitebookError
from tests.app.store.replicas import KEY, SetClock, each_file, replica


def _open(path: Path, key: bytes = KEY) -> Project:
    return Project.open(path, key, device=b"\1" * 32, clock=SetClock(), random=bytes)


def test_nothing_readable_lies_in_the_file(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    project.furnish("Harbour Tower")
    project.create("issue", {"title": "Sprinkler head painted over"}, text="Behind the ceiling tile")
    files = [path.read_bytes() for path in each_file(tmp_path)]
    project.close()
    files += [path.read_bytes() for path in each_file(tmp_path)]
    for data in files:
        for secret in (b"Harbour", b"Sprinkler", b"ceiling", b"SQLite format", b"CREATE TABLE"):
            assert secret not in data


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    issue, _ = project.create("issue", {"title": "Crack"}, text="Text 🌍")
    path = project.path
    project.close()
    again = _open(path)
    assert again.get(issue).value("title") == "Crack"  # type: ignore[union-attr]
    assert again.plain_text(issue) == "Text 🌍"


def test_a_newer_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    project.db.run("INSERT INTO migrations VALUES (99, 'from the future', 0)")
    path = project.path
    project.close()
    with pytest.raises(NewerFormat, match="newer Sitebook; update"):
        _open(path)


def test_a_wrong_key_or_a_flipped_byte_is_told_in_a_sentence(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    for number in range(50):
        project.create("issue", {"title": f"Issue {number}"}, text="text " * 50)
    path = project.path
    project.close()
    with pytest.raises(Damaged):
        _open(path, b"k" * 32)
    whole = path.read_bytes()
    for at in range(20, len(whole), len(whole) // 60):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
        with pytest.raises(SitebookError, match=r"\.$"):
            _open_and_check(path)
        for extra in path.parent.glob(path.name + "-*"):
            extra.unlink()


def _open_and_check(path: Path) -> None:
    project = _open(path)
    try:
        project.check()
    finally:
        project.close()


def test_typing_becomes_a_change_after_a_crash(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    issue, _ = project.create("issue", {"title": "Crack"})
    project.draft_value(issue, "title", "Crack in sl", project.field(issue, "title").seen)
    project.draft_value(issue, "title", "Crack in slab", ())
    path = project.path
    project.close()
    again = _open(path)
    assert again.get(issue).value("title") == "Crack in slab"  # type: ignore[union-attr]
    assert again.conflicts() == []
    assert again.status().waiting == 2


def test_typing_on_after_a_pause_stays_one_persons_text(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    issue, _ = project.create("issue", {"title": "Crack"})
    seen = project.field(issue, "title").seen
    project.draft_value(issue, "title", "Cr", seen)
    project.finish_drafts(leave=False)
    project.draft_value(issue, "title", "Cra", seen)
    project.finish_drafts(leave=False)
    project.draft_value(issue, "title", "Crac", seen)
    project.finish_drafts()
    assert project.get(issue).value("title") == "Crac"  # type: ignore[union-attr]
    assert project.conflicts() == []


def test_a_lone_device_numbers_its_issues_at_once(tmp_path: Path) -> None:
    project = replica(tmp_path, 1, alone=True)
    numbers = []
    for _ in range(120):
        issue, _ = project.create("issue", {"title": "x"})
        numbers.append(project.get(issue).value("number"))  # type: ignore[union-attr]
    assert numbers == list(range(1, 121))


def test_an_issue_without_a_reserved_number_gets_one_later(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    issue, touched = project.create("issue", {"title": "x"})
    assert project.get(issue).value("number") is None  # type: ignore[union-attr]
    assert touched.created == {issue}
    assert project.db.all("SELECT count(*) FROM local_unnumbered") == [(1,)]
