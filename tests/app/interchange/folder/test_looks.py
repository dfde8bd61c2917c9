"""Files that look as they did and hold something else, and the other way round."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from app.interchange.folder import root as root_module
from app.interchange.folder.root import Root
from app.richtext.delta import Insert
from app.store.core import pack, unpack
from tests.app.interchange.folder.desk import Desk
from tests.app.interchange.folder.test_folder import append, idle
from tests.app.store.replicas import SetClock

HAS_NUMBERS = pytest.mark.skipif(os.name != "posix", reason="the system gives files no numbers")


@pytest.fixture
def without_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that tells size and time only."""
    monkeypatch.setattr(root_module, "_HAS_NUMBERS", False)


def edit_unseen(desk: Desk, path: str, old: str, new: str) -> None:
    """Edit a file so that its size and time are what they were."""
    assert len(old) == len(new)
    status = (desk.path / path).stat()
    desk.edit(path, old, new)
    os.utime(desk.path / path, ns=(status.st_atime_ns, status.st_mtime_ns))


def set_clock(desk: Desk, milliseconds: int) -> None:
    clock = desk.project.clock
    assert isinstance(clock, SetClock)
    clock.ms = milliseconds


@HAS_NUMBERS
def test_files_of_one_size_and_time_that_change_places_are_noticed(desk: Desk) -> None:
    one, two = desk.note("Aa", "one\n"), desk.note("Bb", "two\n")
    desk.sync()
    for path in ("Aa.md", "Bb.md"):
        os.utime(desk.path / path, ns=(10**18, 10**18))
    assert idle(desk)
    (desk.path / "Aa.md").rename(desk.path / "between")
    (desk.path / "Bb.md").rename(desk.path / "Aa.md")
    (desk.path / "between").rename(desk.path / "Bb.md")
    desk.sync()
    assert desk.titles() == {"Aa": two, "Bb": one}
    append(desk, one, " here")
    desk.sync()
    assert desk.file("Aa.md").endswith("two\n")
    assert desk.file("Bb.md").endswith("one here\n")
    assert idle(desk)


@HAS_NUMBERS
def test_an_edit_that_keeps_size_and_time_is_noticed(desk: Desk) -> None:
    note = desk.note("Note", "text\n")
    desk.sync()
    edit_unseen(desk, "Note.md", "text", "word")
    desk.sync()
    assert desk.text(note) == "word"
    assert idle(desk)


@pytest.mark.usefixtures("without_numbers")
def test_a_file_that_was_just_written_is_looked_into_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = desk.note("Note", "text\n")
    set_clock(desk, time.time_ns() // 1_000_000)
    desk.sync()
    edit_unseen(desk, "Note.md", "text", "word")
    desk.sync()
    assert desk.text(note) == "word"
    set_clock(desk, time.time_ns() // 1_000_000 + 60_000)
    looked: list[str] = []
    look = Root.digested

    def counted(root: Root, path: str) -> root_module.Stamp:
        looked.append(path)
        return look(root, path)

    monkeypatch.setattr(Root, "digested", counted)
    assert idle(desk)
    assert looked == ["Note.md"]
    assert idle(desk)
    assert looked == ["Note.md"]


@pytest.mark.usefixtures("without_numbers")
@pytest.mark.parametrize(
    ("act", "comes"),
    [
        (lambda desk, note: desk.project.change_text(note, "text", [Insert("here ")]), "here some word"),
        (lambda desk, note: desk.project.delete(note), None),
    ],
)
def test_nothing_is_written_over_or_removed_that_holds_something_else(
    desk: Desk, act: Callable[[Desk, bytes], None], comes: str | None
) -> None:
    note = desk.note("Note", "some text\n")
    set_clock(desk, time.time_ns() // 1_000_000 + 60_000)
    desk.sync()
    edit_unseen(desk, "Note.md", "text", "word")
    act(desk, note)
    desk.sync()
    assert desk.file("Note.md").endswith("word\n")
    report = desk.sync()
    if comes is None:
        assert "was deleted in the project and changed here" in report.problems["Note.md"]
        assert desk.file("Note.md").endswith("word\n")
    else:
        assert desk.text(note) == comes
        assert desk.file("Note.md").endswith(f"{comes}\n")
    assert idle(desk)


def test_what_an_earlier_version_remembered_is_looked_into_once(desk: Desk) -> None:
    note = desk.note("Note", "text\n")
    desk.note("Other", "other\n")
    desk.sync()
    with desk.project.writing():
        for path, seen in desk.project.db.all("SELECT path, seen FROM local_folder_files"):
            desk.project.db.run(
                "UPDATE local_folder_files SET seen = ? WHERE path = ?", (pack(unpack(bytes(seen))[:5]), path)
            )
    edit_unseen(desk, "Note.md", "text", "word")
    desk.sync()
    assert desk.text(note) == "word"
    assert all(row.stamp.digest for row in desk.folder.state.files().values())
    assert idle(desk)


def test_a_file_that_only_looks_changed_is_no_change(desk: Desk) -> None:
    desk.note("Note", "text\n")
    desk.sync()
    data = (desk.path / "Note.md").read_bytes()
    (desk.path / "Note.md").unlink()
    (desk.path / "Note.md").write_bytes(data)
    assert idle(desk)
    assert desk.folder.state.files()["Note.md"].stamp == Root(desk.path, desk.project.clock).stamp("Note.md")
