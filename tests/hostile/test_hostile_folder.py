"""A folder that somebody prepared: nothing outside of it is read or written, and nothing in it stops the rest."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from app.interchange.folder import reading
from app.interchange.folder import root as root_module
from app.interchange.folder.root import Root
from app.richtext.delta import Insert
from app.richtext.formats import attached_image
from app.store.operations import Edit
from sync.clock import SystemClock
from sync.errors import Refused, SitebookError
from tests.app.interchange.folder.desk import Desk

posix = pytest.mark.skipif(sys.platform == "win32", reason="made with what POSIX has")
SECRET = "the neighbour's secret\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = Desk.at(tmp_path, on=False)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.md").write_text(SECRET)
    (tmp_path / "outside" / "secret.png").write_bytes(SECRET.encode())
    found.path.mkdir()
    return found


def opened(desk: Desk) -> Desk:
    desk.folder.switch_on(desk.path, vault=True)
    desk.sync()
    return desk


def outside_is_untouched(desk: Desk) -> bool:
    outside = desk.path.parent / "outside"
    everything = [desk.text(record) for record in desk.project.records("note")]
    return (
        sorted(each.name for each in outside.iterdir()) == ["secret.md", "secret.png"]
        and (outside / "secret.md").read_text() == SECRET
        and not any("neighbour" in text for text in everything)
        and not desk.project.records("attachment")
    )


@posix
def test_links_pipes_and_devices_are_left_alone(desk: Desk) -> None:
    outside = desk.path.parent / "outside"
    (desk.path / "link.md").symlink_to(outside / "secret.md")
    (desk.path / "folder").symlink_to(outside)
    (desk.path / "self").symlink_to(desk.path)
    (desk.path / "zero.md").symlink_to("/dev/zero")
    os.mkfifo(desk.path / "pipe.md")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(desk.path / "sock.md"))
    desk.write("Real.md", "![](link.png) ![[secret.png]] ![](../outside/secret.png) ![](folder/secret.png)\n")
    (desk.path / "link.png").symlink_to(outside / "secret.png")
    report = opened(desk).folder.report
    assert desk.titles().keys() == {"Real"}
    assert {"link.md", "folder", "self", "zero.md", "pipe.md", "sock.md"} <= report.problems.keys()
    assert outside_is_untouched(desk)
    record = desk.titles()["Real"]
    for title in (
        "link",
        "folder",
        "pipe",
        "../outside/x",
        "/etc/passwd",
        "..\\x",
        "C:\\x",
        "nul",
        "a\0b",
        ".",
    ):
        desk.note(title, "text\n", parent=record)
        desk.note(title, "text\n")
    desk.sync()
    assert outside_is_untouched(desk)
    assert (desk.path / "link.md").is_symlink()
    assert not desk.sync().written


@posix
def test_a_file_that_becomes_a_link_between_look_and_use_is_not_followed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = desk.path.parent / "outside"
    desk.write("deep/Note.md", "mine\n")
    opened(desk)
    record = desk.titles()["Note"]
    true_open = os.open

    def swapped(path: object, *values: object, **named: object) -> int:
        note = desk.path / "deep" / "Note.md"
        if path == "Note.md" and not note.is_symlink():
            note.unlink()
            note.symlink_to(outside / "secret.md")
        return true_open(path, *values, **named)  # type: ignore[arg-type]

    desk.write("deep/Note.md", "mine, longer\n")
    monkeypatch.setattr(os, "open", swapped)
    with pytest.raises(SitebookError):
        Root(desk.path, desk.project.clock).read("deep/Note.md", 1000)
    monkeypatch.undo()
    (desk.path / "deep" / "Note.md").unlink()
    (desk.path / "deep").rmdir()
    (desk.path / "deep").symlink_to(outside)
    desk.project.change_text(record, "text", [Insert("more ")])
    with pytest.raises(SitebookError):
        Root(desk.path, desk.project.clock).write("deep/Note.md", b"x", os.urandom, over=None)
    desk.sync()
    assert outside_is_untouched(desk)


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "a\\b", "C:x", "con", "a/nul.md", "x:y"])
def test_no_path_leads_out(tmp_path: Path, path: str) -> None:
    root = Root(tmp_path, SystemClock())
    for call in (
        lambda: root.write(path, b"x", os.urandom, over=None),
        lambda: root.read(path, 10),
        lambda: root.move(path, "y"),
        lambda: root.move("y", path),
        lambda: root.remove(path, root_module.Stamp(0, 0)),
    ):
        with pytest.raises(Refused):
            call()
    assert list(tmp_path.iterdir()) == []


@posix
def test_large_broken_and_oddly_named_files_are_listed_and_the_rest_goes_on(desk: Desk) -> None:
    with (desk.path / "huge.md").open("wb") as file:
        file.truncate(1 << 30)
    with (desk.path / "huge.png").open("wb") as file:
        file.truncate(1 << 30)
    desk.write("latin.md", b"caf\xe9\n")
    desk.write("binary.md", b"a\0b")
    (Path(os.fsdecode(os.fsencode(desk.path) + b"/bad\xff.md"))).write_text("x")
    desk.write("con.md", "device\n")
    desk.write("trailing .md", "fine\n")
    desk.write("x\u202egnp.md", "turned round\n")
    desk.write("Good.md", "![](huge.png)\n")
    before = {path: path.stat() for path in desk.path.iterdir()}
    report = opened(desk).folder.report
    assert {"Good", "trailing ", "x\u202egnp"} == desk.titles().keys()
    assert "larger than 4 MB" in report.problems["huge.md"]
    assert "larger than 100 MB" in report.problems["huge.png"]
    assert "no UTF-8" in report.problems["latin.md"]
    assert "con.md" in report.problems
    assert any("bad" in path for path in report.problems)
    assert (desk.path / "latin.md").read_bytes() == b"caf\xe9\n"
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in before} == {
        path: (status.st_mtime_ns, status.st_size) for path, status in before.items()
    }
    good = desk.titles()["Good"]
    desk.write("Good.md", b"now \xff broken")
    desk.project.change_text(good, "text", [Insert("here ")])
    desk.sync()
    assert (desk.path / "Good.md").read_bytes() == b"now \xff broken"
    assert desk.titles().keys() >= {"Good"}


def test_a_bomb_in_front_matter_is_only_text(desk: Desk) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"k{n}: &k{n} [{', '.join([f'*k{n - 1}' if n else '*a'] * 9)}]\n" for n in range(9)
    )
    text = f"---\n{bomb}tags: *k8\ntitle: !!python/object/apply:os.system ['true']\nlong: {'x' * 5000}\n---\nbody\n"
    desk.write("Bomb.md", text)
    desk.write("Endless.md", "---\n" + "x: 1\n" * 40_000)
    desk.write("Deep.md", "---\ntags: " + "[" * 30_000 + "\n---\nbody\n")
    # Patterns that go back over what they read would take minutes for these.
    desk.write("Blank.md", f"---\na{' ' * 60_000}\n---\nbody\n")
    desk.write("Blanks.md", f"---\ntags: a{' ' * 60_000}b\n---\nbody\n")
    opened(desk)
    desk.project.add(desk.titles()["Blanks"], "tags", "more")
    record = desk.titles()["Bomb"]
    assert desk.text(record) == "body"
    assert desk.value(record, "tags") is None
    desk.project.set(record, "pinned", True)
    desk.sync()
    assert text.removesuffix("---\nbody\n") in desk.file("Bomb.md")
    assert desk.titles().keys() == {"Bomb", "Endless", "Deep", "Blank", "Blanks"}


def test_ids_of_others_and_of_other_kinds_in_front_matter_take_nothing_over(desk: Desk) -> None:
    from sync.ids import id_text

    person, _ = desk.project.create("person", {"name": "Ada"})
    note = desk.note("Mine", "mine\n")
    opened(desk)
    for number, claim in enumerate((person, note, desk.project.record, os.urandom(16))):
        desk.write(
            f"Thief {number}.md",
            f"---\nsitebook-id: {id_text(claim)}\nsitebook-base: {'0' * 32}\n---\nstolen\n",
        )
    desk.write("Odd.md", "---\nsitebook-id: [1, 2]\nsitebook-base: ../../x\n---\nodd\n")
    desk.sync()
    assert desk.text(note) == "mine"
    assert desk.project.field(person, "name").value == "Ada"
    assert {f"Thief {number}" for number in range(4)} <= desk.titles().keys()
    assert "Odd" in desk.titles()


def test_names_of_attachments_and_references_do_not_climb_out(desk: Desk) -> None:
    opened(desk)
    note = desk.note("Note", "text\n")
    for name in (
        "../../x.png",
        "/etc/x.png",
        "nul",
        "con.png",
        "evil.md",
        "a\u202egnp.exe",
        "..",
        "x" * 400 + ".png",
    ):
        record, _ = desk.attachments.add_bytes(note, name, name.encode())
        desk.project.update(record, [Edit("name", name)])
        desk.project.change_text(note, "text", [Insert(attached_image(record))])
    desk.sync()
    names = {path for path in desk.files() if path != "Note.md"}
    assert len(names) == 8
    assert all(path.startswith("Note.files/") and path.count("/") == 1 for path in names)
    assert not any(path.endswith(".md") for path in names)
    assert desk.titles().keys() == {"Note"}
    assert outside_is_untouched_but_for_files(desk)
    assert not desk.sync().changed


def outside_is_untouched_but_for_files(desk: Desk) -> bool:
    return sorted(each.name for each in (desk.path.parent / "outside").iterdir()) == [
        "secret.md",
        "secret.png",
    ]


def test_rings_of_notes_and_titles_from_others_end(desk: Desk) -> None:
    opened(desk)
    left, right = desk.note("Left"), desk.note("Right")
    desk.project.update(left, [Edit("parent", right)])
    desk.project.update(right, [Edit("parent", left)])
    for value in (5, ["x"], b"raw", "x" * 5000, "\ud800"[:0] + "a/b/c"):
        desk.note(value)  # type: ignore[arg-type]
    desk.sync()
    desk.sync()
    assert sum(path.endswith(".md") for path in desk.files()) == 7
    assert not desk.sync().changed


def test_a_file_at_the_limit_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_TEXT", 100)
    desk.write("Fits.md", "x" * 100)
    desk.write("Over.md", "x" * 101)
    opened(desk)
    assert desk.titles().keys() == {"Fits"}
