from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.interchange.folder import root as root_module
from app.interchange.folder.folder import MARKER
from app.richtext.delta import Delete, Insert, Retain, plain_text
from app.richtext.formats import reference
from sync.errors import Refused, SitebookError
from sync.ids import id_text
from sync.membership_actions import Role
from tests.app.interchange.folder.desk import Desk
from tests.app.store.replicas import exchange

ISSUE = "Issues/1 Crack in the wall.md"


def idle(desk: Desk) -> bool:
    """Whether a pass finds nothing to do, and touches no file."""
    before = {path: (desk.path / path).stat().st_mtime_ns for path in desk.files()}
    assert not desk.sync().changed
    return before == {path: (desk.path / path).stat().st_mtime_ns for path in desk.files()}


def append(desk: Desk, record: bytes, text: str) -> None:
    """Write behind the last line of a text."""
    length = sum(each.length for each in desk.document(record))
    desk.project.change_text(record, "text", [Retain(length - 1), Insert(text)])


def test_notes_and_issues_become_files_that_people_can_read(desk: Desk) -> None:
    site = desk.note(
        "Site: north", "Hello **bold**\n\n- [ ] a\n- [x] b\n", tags=("wet", "two words"), pinned=True
    )
    desk.note("Core B", "Below it\n", parent=site)
    ada, _ = desk.project.create("person", {"name": "Ada"})
    label, _ = desk.project.create("label", {"name": "paint"})
    desk.project.create(
        "issue",
        {"title": "Crack in the wall", "due": "2027-01-31", "assignees": (ada,), "labels": (label,)},
        text="See it",
    )
    assert desk.sync().written == 3
    assert desk.files() == {"Site- north.md", "Site- north/Core B.md", ISSUE}
    lines = desk.file("Site- north.md").splitlines()
    assert lines[:7] == [
        "---",
        'title: "Site: north"',
        "tags:",
        "  - wet",
        "  - two words",
        "pinned: true",
        lines[6],
    ]
    assert lines[6].startswith("sitebook-id: ")
    assert lines[7].startswith("sitebook-base: ")
    assert lines[8:] == ["---", "Hello **bold**", "", "- [ ] a", "- [x] b"]
    issue = desk.file(ISSUE)
    for line in (
        "number: 1",
        "title: Crack in the wall",
        "status: open",
        "assignees:",
        "  - Ada",
        "due: 2027-01-31",
    ):
        assert f"\n{line}\n" in issue
    assert idle(desk)


def test_an_edit_outside_comes_in_beside_one_that_was_made_here(desk: Desk) -> None:
    note = desk.note("Note", "First line\n\nSecond line\n\nThird **line**\n")
    desk.sync()
    append(desk, note, " and more")
    desk.edit("Note.md", "First", "The *first*")
    report = desk.sync()
    assert (report.taken_in, report.written) == (1, 1)
    assert desk.text(note) == "The first line\n\nSecond line\n\nThird line and more"
    assert Insert("first", {"italic": True}) in desk.document(note)
    assert desk.file("Note.md").endswith("The *first* line\n\nSecond line\n\nThird **line** and more\n")
    assert idle(desk)


def test_nothing_is_lost_where_both_changed_the_same_line(desk: Desk) -> None:
    note = desk.note("Note", "The wall is wet\n")
    desk.sync()
    desk.project.change_text(note, "text", [Retain(12), Insert("very "), Retain(3), Insert(" today")])
    desk.edit("Note.md", "is wet", "was dry")
    desk.sync()
    text = desk.text(note)
    for word in ("very", "today", "dry"):
        assert word in text
    assert idle(desk)
    assert text == desk.file("Note.md").split("---\n")[2].replace("==", "").strip()


def test_an_edit_outside_leaves_the_rest_of_the_file_alone(desk: Desk) -> None:
    note = desk.note("Note", "One\n")
    desk.sync()
    desk.edit("Note.md", "One\n", "One\n\n* star\n* list\n\nSetext\n======\n")
    before = desk.file("Note.md")
    assert desk.sync().taken_in == 1
    assert desk.file("Note.md") == before
    desk.project.change_text(note, "text", [Insert("Number ")])
    desk.sync()
    assert desk.file("Note.md").split("---\n")[2] == "Number One\n\n* star\n* list\n\nSetext\n======\n"


def test_fields_come_in_as_edits_of_what_the_file_had_seen(desk: Desk) -> None:
    wet, _ = desk.project.create("label", {"name": "wet"})
    dry, _ = desk.project.create("label", {"name": "dry"})
    old, _ = desk.project.create("label", {"name": "old"})
    issue, _ = desk.project.create(
        "issue", {"title": "Crack in the wall", "due": "2027-01-31", "labels": (wet, old), "priority": "low"}
    )
    desk.sync()
    desk.project.set(issue, "due", "2027-03-03")
    desk.project.add(issue, "labels", dry)
    desk.edit(ISSUE, "due: 2027-01-31", "due: 2027-02-02")
    desk.edit(ISSUE, "  - old\n", "")
    desk.edit(ISSUE, "priority: low\n", "")
    desk.sync()
    state = desk.project.field(issue, "due")
    assert state.conflicted
    assert {write.value for write in state.live} == {"2027-02-02", "2027-03-03"}
    assert set(desk.project.field(issue, "labels").values) == {wet, dry}
    assert desk.value(issue, "priority") is None
    text = desk.file(ISSUE)
    assert "  - dry\n" in text
    assert "old" not in text
    assert idle(desk)


def test_a_value_that_makes_no_sense_is_listed_and_left(desk: Desk) -> None:
    issue, _ = desk.project.create("issue", {"title": "Crack in the wall", "priority": "low"})
    desk.sync()
    desk.edit(ISSUE, "priority: low", "priority: soon  # or so")
    desk.edit(ISSUE, "title: Crack in the wall", "title: Crack")
    path = "Issues/1 Crack.md"
    assert "There is no priority “soon”" in desk.sync().problems[path]
    assert (desk.value(issue, "title"), desk.value(issue, "priority")) == ("Crack", "low")
    assert "priority: soon  # or so\n" in desk.file(path)
    assert path in desk.folder.problems()
    desk.project.set(issue, "title", "Crack again")
    desk.sync()
    path = "Issues/1 Crack again.md"
    assert "priority: soon  # or so\n" in desk.file(path)
    desk.edit(path, "priority: soon  # or so", "priority: high")
    assert desk.sync().problems == {}
    assert desk.value(issue, "priority") == "high"
    assert idle(desk)


def test_names_and_places_follow_both_ways(desk: Desk) -> None:
    site = desk.note("Site")
    core = desk.note("Core", "See it\n", parent=site)
    desk.note("Door", parent=core)
    other = desk.note("Other")
    desk.sync()
    assert desk.files() == {"Site.md", "Site/Core.md", "Site/Core/Door.md", "Other.md"}
    desk.project.set(site, "title", "Yard")
    desk.project.set(core, "title", "Core C")
    desk.sync()
    assert desk.files() == {"Yard.md", "Yard/Core C.md", "Yard/Core C/Door.md", "Other.md"}
    assert idle(desk)
    desk.project.set(core, "parent", other)
    desk.sync()
    assert desk.files() == {"Yard.md", "Other.md", "Other/Core C.md", "Other/Core C/Door.md"}
    (desk.path / "Other" / "Core C.md").rename(desk.path / "Hall.md")
    (desk.path / "Other" / "Core C").rename(desk.path / "Hall")
    desk.sync()
    assert desk.value(core, "title") == "Hall"
    assert desk.value(core, "parent") is None
    assert desk.titles()["Door"]
    assert "title: Hall\n" in desk.file("Hall.md")
    assert desk.files() == {"Yard.md", "Other.md", "Hall.md", "Hall/Door.md"}
    assert idle(desk)


def test_a_link_follows_the_name_of_what_it_leads_to(desk: Desk) -> None:
    target = desk.note("Target")
    note, _ = desk.project.create(
        "note", {"title": "Note"}, text=[Insert("See "), Insert(reference(target)), Insert(" there\n")]
    )
    desk.sync()
    assert desk.file("Note.md").endswith("---\nSee [[Target]] there\n")
    desk.edit("Note.md", "there", "here: [[Note]], [[nowhere]]")
    desk.sync()
    assert plain_text(desk.document(note), "@") == "See @ here: @, [[nowhere]]\n"
    desk.project.set(target, "title", "Aim")
    while desk.project.maintain():
        pass
    desk.sync()
    assert desk.file("Note.md").endswith("---\nSee [[Aim]] here: [[Note]], [[nowhere]]\n")
    assert idle(desk)


def test_new_files_become_notes_and_are_left_as_they_are(desk: Desk) -> None:
    desk.note("Site")
    desk.sync()
    desk.write("Site/New.md", "---\ntags: [a, '#b']\nown: kept\n---\n# Hello\n")
    desk.write("Deep/er/Plain.md", "plain\r\ntext")
    desk.write("Issues/Leak.md", "---\npriority: high\n---\nDrips\n")
    before = {path: desk.file(path) for path in ("Site/New.md", "Deep/er/Plain.md", "Issues/Leak.md")}
    assert desk.sync().made == 3
    titles = desk.titles()
    assert desk.value(titles["New"], "parent") == titles["Site"]
    assert set(desk.project.field(titles["New"], "tags").values) == {"a", "b"}
    assert desk.value(titles["Plain"], "parent") == titles["er"]
    assert desk.value(titles["er"], "parent") == titles["Deep"]
    leak = desk.titles("issue")["Leak"]
    assert (desk.value(leak, "priority"), desk.value(leak, "number"), desk.text(leak)) == ("high", 1, "Drips")
    assert {path: desk.file(path) for path in before} == before
    assert idle(desk)
    desk.project.set(titles["Plain"], "title", "Renamed")
    desk.project.change_text(titles["New"], "text", [Insert("Oh: ")])
    desk.sync()
    assert desk.file("Deep/er/Renamed.md") == before["Deep/er/Plain.md"]
    lines = desk.file("Site/New.md").splitlines()
    assert lines[:4] == ["---", "tags: [a, '#b']", "own: kept", lines[3]]
    assert lines[5:] == ["---", "# Oh: Hello"]
    assert idle(desk)


def test_a_copied_file_becomes_a_note_of_its_own(desk: Desk) -> None:
    note = desk.note("Note", "text\n")
    desk.sync()
    desk.write("Copy.md", desk.file("Note.md").replace("title: Note\n", ""))
    assert desk.sync().made == 1
    copy = desk.titles()["Copy"]
    assert copy != note
    assert desk.file("Copy.md").count("sitebook-id") == 1
    assert desk.file("Copy.md") != desk.file("Note.md")
    assert idle(desk)
    desk.edit("Copy.md", "text", "other")
    desk.sync()
    assert (desk.text(note), desk.text(copy)) == ("text", "other")


def test_a_deleted_file_moves_what_nobody_changed_to_the_trash(desk: Desk) -> None:
    gone, kept = desk.note("Gone"), desk.note("Kept")
    parent = desk.note("Parent")
    desk.note("Child", parent=parent)
    desk.sync()
    desk.project.change_text(kept, "text", [Insert("new")])
    for name in ("Gone.md", "Kept.md", "Parent.md"):
        (desk.path / name).unlink()
    report = desk.sync()
    assert report.trashed == 1
    assert desk.files() == {"Kept.md", "Parent.md", "Parent/Child.md"}
    assert desk.titles().keys() == {"Kept", "Parent", "Child"}
    assert idle(desk)
    desk.project.remember(desk.folder.made)
    desk.project.restore(gone)
    desk.sync()
    assert "Gone.md" in desk.files()
    assert idle(desk)


def test_a_deletion_is_undone_as_one(desk: Desk) -> None:
    for name in ("A", "B", "C"):
        desk.note(name)
    desk.sync()
    for name in ("A.md", "B.md"):
        (desk.path / name).unlink()
    desk.sync()
    desk.project.remember(desk.folder.made)
    desk.project.undo()
    assert desk.titles().keys() == {"A", "B", "C"}
    desk.sync()
    assert desk.files() == {"A.md", "B.md", "C.md"}


def test_a_record_in_the_trash_takes_its_file_along(desk: Desk) -> None:
    note, other = desk.note("Note", "text\n"), desk.note("Other", "text\n")
    desk.sync()
    before = desk.file("Note.md")
    desk.project.delete(note)
    desk.project.delete(other)
    desk.edit("Other.md", "text", "changed")
    report = desk.sync()
    assert report.removed == 1
    assert desk.files() == {"Other.md"}
    assert "deleted in the project" in report.problems["Other.md"]
    assert idle(desk)
    desk.project.restore(note)
    desk.sync()
    assert desk.file("Note.md") == before
    for _ in desk.folder.settle("Other.md", take_file=True):
        pass
    assert "changed" in desk.text(other)
    assert desk.folder.problems() == {}
    assert idle(desk)


def test_a_file_that_comes_back_brings_its_note_back(desk: Desk) -> None:
    note = desk.note("Note", "text\n")
    desk.note("Stays")
    desk.sync()
    before = desk.file("Note.md")
    (desk.path / "Note.md").unlink()
    desk.sync()
    assert "Note" not in desk.titles()
    desk.write("Note.md", before.replace("text", "text again"))
    desk.sync()
    assert desk.text(note) == "text again"
    assert idle(desk)


def test_many_missing_files_are_a_mishap(desk: Desk) -> None:
    for number in range(12):
        desk.note(f"Note {number}")
    desk.sync()
    for number in range(8):
        (desk.path / f"Note {number}.md").unlink()
    report = desk.sync()
    assert report.vanished == 8
    assert not report.changed
    assert len(desk.titles()) == 12
    assert desk.sync(missing=False).written == 8
    assert len(desk.files()) == 12
    for number in range(8):
        (desk.path / f"Note {number}.md").unlink()
    assert desk.sync(missing=True).trashed == 8
    assert len(desk.titles()) == 4


def test_a_folder_that_is_not_there_or_another_one_stops_everything(desk: Desk) -> None:
    desk.note("Note")
    desk.sync()
    away = desk.path.with_name("away")
    desk.path.rename(away)
    with pytest.raises(Refused, match="is not there"):
        desk.sync()
    desk.path.mkdir()
    with pytest.raises(Refused, match="is another one"):
        desk.sync()
    (desk.path / MARKER).write_text("00" * 32)
    with pytest.raises(Refused, match="another project"):
        desk.sync()
    assert desk.titles().keys() == {"Note"}


def test_only_an_empty_folder_is_switched_on(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path, on=False)
    desk.write("Mine.md", "mine")
    with pytest.raises(Refused, match="not empty"):
        desk.folder.switch_on(desk.path)
    with pytest.raises(Refused, match="No folder is switched on"):
        desk.sync()
    other = Desk.at(tmp_path, number=2)
    desk.path = other.path
    other.project.db.run("UPDATE meta SET value = ? WHERE name = 'project'", (b"q" * 32,))
    with pytest.raises(Refused, match="another project"):
        other.folder.switch_on(other.path)


def test_a_folder_that_is_switched_on_again_goes_on(desk: Desk) -> None:
    note = desk.note("Note", "one\n")
    desk.sync()
    desk.folder.switch_off()
    desk.edit("Note.md", "one", "one two")
    desk.project.change_text(note, "text", [Insert("zero ")])
    desk.folder.switch_on(desk.path)
    desk.sync()
    assert desk.text(note) == "zero one two"
    assert desk.titles().keys() == {"Note"}
    assert idle(desk)


def test_an_unknown_base_is_a_conflict_and_never_a_guess(desk: Desk) -> None:
    note, same = desk.note("Note", "here\n"), desk.note("Same", "same\n")
    desk.sync()
    desk.project.db.run("DELETE FROM local_folder_bases")
    desk.project.db.run("DELETE FROM local_folder_files")
    desk.edit("Note.md", "here", "there")
    before = desk.file("Note.md")
    report = desk.sync()
    assert "not known here" in report.problems["Note.md"]
    assert report.problems.keys() == {"Note.md"}
    assert (desk.file("Note.md"), desk.text(note), desk.text(same)) == (before, "here", "same")
    desk.project.change_text(note, "text", [Insert("still ")])
    assert idle(desk)
    for _ in desk.folder.settle("Note.md", take_file=True):
        pass
    assert {"still", "here", "there"} <= set(desk.text(note).replace("there", " there ").split()) | {
        word for word in ("here", "there") if word in desk.text(note)
    }
    assert desk.folder.problems() == {}
    assert idle(desk)


def test_a_conflict_is_written_over_when_that_is_asked_for(desk: Desk) -> None:
    note = desk.note("Note", "here\n", tags=("a",))
    desk.sync()
    desk.edit("Note.md", "sitebook-base: ", "sitebook-base: 00")
    desk.edit("Note.md", "here\n", "there\nown line\n")
    desk.edit("Note.md", "title: Note", "title: Note\npinned: true\nown: kept")
    assert desk.sync().problems.keys() == {"Note.md"}
    for _ in desk.folder.settle("Note.md", take_file=False):
        pass
    assert desk.text(note) == "here"
    assert desk.file("Note.md").endswith("---\nhere\n")
    assert "pinned" not in desk.file("Note.md")
    assert "own: kept\n" in desk.file("Note.md")
    assert idle(desk)
    with pytest.raises(SitebookError, match="nothing to settle"):
        for _ in desk.folder.settle("Note.md", take_file=False):
            pass


def test_an_older_export_is_merged_from_where_it_was(desk: Desk) -> None:
    note = desk.note("Note", "one\n\ntwo\n")
    desk.sync()
    first = desk.file("Note.md")
    desk.project.change_text(note, "text", [Retain(5), Insert("and ")])
    desk.sync()
    desk.write("Note.md", first.replace("one", "ONE"))
    desk.sync()
    assert desk.text(note) == "ONE\n\nand two"
    assert desk.file("Note.md").endswith("ONE\n\nand two\n")
    assert idle(desk)


def test_an_editor_that_undoes_is_followed(desk: Desk) -> None:
    note = desk.note("Note", "one\n")
    desk.sync()
    first = desk.file("Note.md")
    desk.edit("Note.md", "one", "one two")
    desk.sync()
    assert desk.text(note) == "one two"
    desk.write("Note.md", first)
    desk.sync()
    assert desk.text(note) == "one"


def test_files_of_a_record_lie_beside_it(desk: Desk) -> None:
    note = desk.note("Note", "text\n")
    photo, _ = desk.attachments.add_bytes(note, "a photo.png", b"\x89PNG not really")
    desk.project.change_text(note, "text", [Insert({"image": f"attachment:{id_text(photo)}"})])
    desk.sync()
    assert (desk.path / "Note.files" / "a photo.png").read_bytes() == b"\x89PNG not really"
    assert "![](Note.files/a%20photo.png)text" in desk.file("Note.md")
    assert idle(desk)
    desk.project.set(note, "title", "Other")
    desk.sync()
    assert desk.files() == {"Other.md", "Other.files/a photo.png"}
    assert "![](Other.files/a%20photo.png)text" in desk.file("Other.md")
    assert idle(desk)
    desk.write("Other.files/a photo.png", b"\x89PNG another")
    desk.write("Other.files/plan.pdf", b"%PDF")
    desk.edit("Other.md", ")text", ")text ![plan](plan.jpg)")
    desk.write("plan.jpg", b"\xff\xd8 jpeg")
    desk.sync()
    files = {each.name: each for each in desk.attachments.of(note)}
    assert files.keys() == {"a photo.png", "plan.pdf", "plan.jpg"}
    assert files["a photo.png"].open().read() == b"\x89PNG another"
    assert [each.content for each in desk.document(note) if not isinstance(each.content, str)] == [
        {"image": f"attachment:{id_text(photo)}"},
        {"image": f"attachment:{id_text(files['plan.jpg'].record)}"},
    ]
    assert idle(desk)
    (desk.path / "Other.files" / "plan.pdf").unlink()
    desk.sync()
    assert {each.name for each in desk.attachments.of(note)} == {"a photo.png", "plan.jpg"}


def test_two_devices_share_a_folder_without_guessing(tmp_path: Path) -> None:
    ann, bob = Desk.at(tmp_path, number=1), Desk.at(tmp_path, number=2, on=False)
    note = ann.note("Note", "one\n")
    ann.sync()
    exchange(ann.project, bob.project)
    bob.path = ann.path
    bob.folder.switch_on(ann.path)
    assert bob.sync().problems == {}
    assert not bob.folder.report.made
    ann.edit("Note.md", "one", "one two")
    ann.sync()
    bob.sync()
    exchange(ann.project, bob.project)
    assert "two" in ann.text(note)
    assert ann.text(note) == bob.text(note)


def test_a_full_disk_is_one_sentence_and_nothing_is_half(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.note("One", "text\n")
    desk.sync()
    before = desk.file("One.md")
    note = desk.titles()["One"]
    append(desk, note, " more")
    desk.note("Two")

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(SitebookError, match=r"The disk is full, so .* was not written; free some space"):
        desk.sync()
    monkeypatch.undo()
    assert desk.files() == {"One.md"}
    assert not list(desk.path.glob(".*.part"))
    assert desk.file("One.md") == before
    desk.sync()
    assert desk.files() == {"One.md", "Two.md"}
    assert idle(desk)


def test_what_is_written_meanwhile_is_not_written_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    note = desk.note("Note", "text\n")
    desk.sync()
    append(desk, note, " here")
    flush = root_module.Part.flush

    def interrupted(part: root_module.Part) -> None:
        flush(part)
        desk.edit("Note.md", "text", "their text")

    monkeypatch.setattr(root_module.Part, "flush", interrupted)
    desk.sync()
    monkeypatch.undo()
    assert desk.file("Note.md").endswith("their text\n")
    desk.sync()
    assert desk.text(note) == "their text here"
    assert idle(desk)


def test_a_deletion_of_the_last_words_reads_back(desk: Desk) -> None:
    note = desk.note("Note", "text\n")
    desk.sync()
    desk.project.change_text(note, "text", [Delete(4)])
    desk.sync()
    assert desk.file("Note.md").endswith("---\n\n")
    assert idle(desk)


def test_what_lies_below_a_note_goes_where_its_file_goes(desk: Desk) -> None:
    site = desk.note("Site")
    desk.note("Core", parent=site)
    desk.sync()
    (desk.path / "Site.md").rename(desk.path / "Yard.md")
    desk.sync()
    assert desk.files() == {"Yard.md", "Yard/Core.md"}
    assert desk.value(desk.titles()["Core"], "parent") == site
    assert idle(desk)


def test_who_may_only_read_keeps_what_he_wrote_in_the_folder(desk: Desk) -> None:
    note = desk.note("Note", "text\n")
    desk.sync()
    with desk.project.writing():
        desk.project.put_meta("role", str(Role.VIEWER))
    desk.edit("Note.md", "text", "my text")
    desk.write("New.md", "mine\n")
    report = desk.sync()
    assert report.problems.keys() == {"Note.md", "New.md"}
    assert "You may read this project" in report.problems["Note.md"]
    assert desk.text(note) == "text"
    with desk.project.writing():
        desk.project.put_meta("role", str(Role.EDITOR))
    desk.project.change_text(note, "text", [Insert("another ")])
    desk.sync()
    assert desk.file("Note.md").endswith("my text\n")
    for _ in desk.folder.settle("Note.md", take_file=True):
        pass
    assert desk.text(note) == "another my text" or {"another", "my"} <= set(desk.text(note).split())
    assert "New" in desk.titles()


def test_a_title_that_makes_no_sense_outlives_a_new_name_of_its_file(desk: Desk) -> None:
    note = desk.note("Door", "text\n")
    desk.sync()
    desk.edit("Door.md", "title: Door\n", "title: [precious, {words: x}\n")
    (desk.path / "Door.md").rename(desk.path / "Gate.md")
    assert "makes no sense" in desk.sync().problems["Gate.md"]
    assert "title: [precious, {words: x}\n" in desk.file("Gate.md")
    assert idle(desk)
    append(desk, note, " here")
    desk.sync()
    assert "title: [precious, {words: x}\n" in desk.file("Gate.md")
    desk.edit("Gate.md", "text", "their text")
    assert "makes no sense" in desk.sync().problems["Gate.md"]
    desk.edit("Gate.md", "title: [precious, {words: x}\n", "title: precious words\n")
    assert desk.sync().problems == {}
    assert (desk.value(note, "title"), desk.text(note)) == ("precious words", "their text here")
    assert idle(desk)


def test_a_line_that_makes_no_sense_gives_way_to_what_the_project_says_since(desk: Desk) -> None:
    note = desk.note("Door", "text\n")
    desk.sync()
    desk.edit("Door.md", "title: Door\n", "title: [Door, {of: x}\n")
    desk.sync()
    assert desk.folder.problems().keys() == {"Door.md"}
    desk.project.set(note, "title", "Gate")
    assert desk.sync().problems == {}
    assert "title: Gate\n" in desk.file("Gate.md")
    assert desk.folder.problems() == {}
    assert idle(desk)


def test_a_note_that_comes_back_from_the_trash_finds_what_its_file_says_since(desk: Desk) -> None:
    note = desk.note("Note", "text\n")
    desk.sync()
    desk.project.delete(note)
    desk.edit("Note.md", "text", "their text")
    assert "was deleted in the project and changed here" in desk.sync().problems["Note.md"]
    desk.project.restore(note)
    assert desk.sync().problems == {}
    assert desk.text(note) == "their text"
    assert desk.file("Note.md").endswith("their text\n")
    assert idle(desk)


def test_files_change_places_and_one_takes_the_place_of_one_that_is_gone(desk: Desk) -> None:
    one, two = desk.note("One", "1\n"), desk.note("Two", "2, and more\n")
    desk.sync()
    (desk.path / "One.md").rename(desk.path / "between")
    (desk.path / "Two.md").rename(desk.path / "One.md")
    (desk.path / "between").rename(desk.path / "Two.md")
    desk.sync()
    assert desk.titles() == {"One": two, "Two": one}
    assert (desk.text(one), desk.text(two)) == ("1", "2, and more")
    assert desk.files() == {"One.md", "Two.md"}
    assert idle(desk)
    (desk.path / "Two.md").rename(desk.path / "One.md")
    desk.sync()
    assert (desk.titles(), desk.files()) == ({"One": one}, {"One.md"})
    assert desk.text(one) == "1"
    assert idle(desk)
