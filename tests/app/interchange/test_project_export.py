from __future__ import annotations

import base64
import errno
import hashlib
import io
import json
import os
import random as pseudo
import struct
import zipfile
from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.directory import Context, ProjectDirectory
from app.interchange.project_export import Exported, export_project, member_name
from app.interchange.project_import import import_project
from app.keys.entry import ProjectEntry
from app.keys.profile import Profile
from app.richtext.delta import Insert
from app.richtext.formats import reference
from app.store.attachments import Attachments
from app.store.origins import ORIGIN
from app.store.project import Project
from app.store.texts import document_text, open_document
from app.store.touched import Touched
from app.workspace.people import author_name
from app.workspace.workspace import Workspace, keys_of
from sync.change import Change, Set, encode_change
from sync.errors import Damaged, NewerFormat, SitebookError
from tests.app.interchange.tables import CASES, imported
from tests.app.interchange.test_backup import rezipped
from tests.app.keys.helpers import create
from tests.app.store.replicas import made_by

PHOTO = pseudo.Random(3).randbytes(2_500_000)


class Ticking:
    """A clock that goes on with every look."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        self.ms += 7
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000


def workspace(directory: Path, seed: int = 1) -> Workspace:
    vault, _ = create(Profile(directory))
    return Workspace(
        vault, clock=Ticking(1_700_000_000_000), random=pseudo.Random(seed).randbytes, machine="laptop"
    )


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Workspace]:
    with workspace(tmp_path / "home") as made:
        yield made


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Workspace]:
    with workspace(tmp_path / "away", 2) as made:
        yield made


def attachments(workspace: Workspace, entry: ProjectEntry) -> Attachments:
    return Attachments(workspace.open(entry.project), workspace.vault.profile.attachments_path(entry.project))


def exported(workspace: Workspace, entry: ProjectEntry, path: Path) -> Exported:
    project = workspace.open(entry.project)
    return export_project(
        project,
        attachments(workspace, entry),
        path,
        keys=keys_of(entry),
        context=Context(ProjectDirectory(project), date(2026, 11, 22), UTC),
        author=lambda device: author_name(project, device),
    )


def enter(changes: list[Change], project: Project) -> None:
    """Take in another's changes as the log would."""
    touched = Touched()
    with project.writing():
        for change in changes:
            project.applier.apply(change, touched, eid=None, keep_data=True)


def eventful(workspace: Workspace, directory: Path) -> ProjectEntry:
    """A project with a bit of everything, by three people."""
    entry = workspace.new_project("Tower", currency="GBP")
    one = workspace.open(entry.project)
    others = []
    for number in (2, 3):
        other = Project.make(
            directory / f"other{number}",
            bytes(32),
            project=entry.project,
            device=bytes([number]) * 32,
            clock=Ticking(1_700_000_001_000 + number),
            random=pseudo.Random(number).randbytes,
            alone=False,
        )
        others.append(other)

    def exchange() -> None:
        everything = [change for each in (one, *others) for change in made_by(each)]
        for each in (one, *others):
            enter(everything, each)

    imported(one, directory, CASES, date_format="%m/%d/%Y", key="case_number")
    two, three = others
    exchange()
    for number, other in ((2, two), (3, three)):
        member = bytes([number]) * 32
        other.create("device", {"name": f"phone {number}", "member": member}, record=other.device[:16])
        other.create("person", {"name": f"Worker {number}", "member": member})
    issues = one.records("issue")
    label, _ = one.create("label", {"name": "fire"})
    exchange()
    for each in (one, two, three):
        each.set(issues[0], "title", f"title by {each.device.hex()[:4]}")
        each.insert_text(issues[0], "text", 0, f"[{each.device.hex()[:4]}] ")
        each.add(issues[1], "labels", label)
    two.create("comment", {"parent": issues[1]}, text="Seen it.")
    one.delete(issues[2])
    one.delete(issues[3])
    two.set(issues[3], "priority", "high")
    exchange()
    three.remove(issues[1], "labels", label)
    two.settle(issues[0], "title", "settled")
    two.undo()
    three.update(issues[4], [])
    two.set(issues[5], "cost", ["12.50", "GBP"])
    two.set(issues[5], "cost", None)
    two.delete_text(issues[0], "text", 0, 3)
    files = attachments(workspace, entry)
    files.add_bytes(issues[1], "Photo: front?.jpg", PHOTO)
    trashed, _ = files.add_bytes(issues[1], "empty.txt", b"")
    files.remove(trashed)
    enter([_strange(two)], one)
    _same_moment(issues[6], two, three)
    exchange()
    _written_elsewhere(issues[5], one, two)
    one.change_text(
        issues[6], "text", [Insert("bold", {"bold": True}), Insert(reference(issues[5])), Insert("\n")]
    )
    exchange()
    for other in others:
        other.close()
    return entry


def _written_elsewhere(issue: bytes, one: Project, two: Project) -> None:
    """Two devices bring in what one other program wrote, before they hear of each other."""
    document = open_document(one.text_state(issue), 77)
    for project in (one, two):
        document_text(document).insert(0, "elsewhere ", {"italic": True})
        project.apply_yjs(issue, "text", document.get_update())


def _strange(other: Project) -> Change:
    """A change with a kind, a field and values of a later version."""
    value = [1.5, {"a": b"x", "b": None}, True]
    operations = [
        Set("drawing/../x", bytes(range(16)), "layers", value),
        Set("issue", other.records("issue")[0], "mood", "ok"),
    ]
    return encode_change(other.device, 1_700_000_009_000, operations, other.random)


def _same_moment(issue: bytes, *projects: Project) -> None:
    for project in projects:
        for name in ("external_id", "phase"):
            state = project.field(issue, name)
            operation = Set(
                "issue", issue, name, project.device.hex()[:6], tuple((w[0], (w[1],)) for w in state.seen)
            )
            enter([encode_change(project.device, 1_700_000_010_000, [operation], project.random)], project)


def picture(project: Project, away: Attachments | None = None) -> dict[str, Any]:
    """Everything that an import must bring along, whoever signed it."""
    found: dict[str, Any] = {}
    for (kind,) in project.db.all("SELECT DISTINCT kind FROM records WHERE kind <> ?", (ORIGIN,)):
        for deleted in (False, True):
            for record in project.records(kind, deleted=deleted):
                whole = project.get(record, kind)
                assert whole is not None
                name = (kind, b"project" if kind == "project" else record)
                found[str(name)] = {
                    "deleted": whole.deleted,
                    "conflicts": whole.conflicts,
                    "created": whole.created,
                    "updated": whole.updated,
                    "fields": {
                        field: (
                            state.conflicted,
                            [repr((w.value, w.author, w.clock)) for w in state.live]
                            if not state.many
                            else sorted(repr((w.value, w.author, w.clock)) for w in state.live),
                        )
                        for field, state in whole.fields.items()
                    },
                    "text": project.plain_text(record),
                    "document": project.text_document(record),
                    "history": sorted(
                        repr((e.at, e.device, e.field, e.value, e.live, e.text))
                        for e in project.history(record)
                    )
                    if kind == project.kind_of(record)
                    else None,
                }
    return found


def conflicts(project: Project) -> list[Any]:
    return [
        (each.record, each.field, [(w.value, w.author, w.clock) for w in each.live])
        for each in project.conflicts()
    ]


def _compared(before: Project, after: Project) -> None:
    old, new = picture(before), picture(after)
    extra = set(new) - set(old)
    assert set(old) <= set(new)
    assert all(name.startswith("('device'") for name in extra)
    for name, value in old.items():
        changed = {key for key in value if value[key] != new[name][key]}
        if name.startswith(("('person'", "('device'")):
            continue  # who the importer is now is told below
        assert not changed, (name, {key: (value[key], new[name][key]) for key in changed})
    assert conflicts(before) == conflicts(after)
    assert len(conflicts(before)) >= 3


def test_an_imported_project_is_equal_in_everything(home: Workspace, away: Workspace, tmp_path: Path) -> None:
    entry = eventful(home, tmp_path)
    path = tmp_path / "tower.zip"
    out = exported(home, entry, path)
    assert out.files == 2
    assert out.missing == ()
    came = import_project(path, away)
    assert (came.entry.name, came.files, came.missing) == ("Tower", 2, 0)
    assert came.changes == out.changes
    before, after = home.open(entry.project), away.open(came.entry.project)
    _compared(before, after)
    assert any("elsewhere elsewhere " in text for text in after.texts("issue").values())
    files = attachments(away, came.entry)
    for record in after.records("attachment"):
        with files.open(record) as file:
            assert file.read() == PHOTO
    assert files.file(record).name == "Photo: front?.jpg"
    again = tmp_path / "again.zip"
    exported(away, came.entry, again)
    assert _tellable(again) == _tellable(path)


def _tellable(path: Path) -> dict[str, Any]:
    """What an export says about everything but devices, people and how the changes are named."""
    found: dict[str, Any] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name.startswith("records/") and name not in ("records/device.jsonl", "records/person.jsonl"):
                rows = [json.loads(line) for line in data.splitlines()]
                for row in rows:
                    if row["kind"] == "project":
                        row["id"] = row["texts"] = None
                found[name] = rows
            elif name.startswith(("texts/", "files/")) and not name.endswith(".yjs"):
                found[name] = data
    return found


def test_whose_work_it_was_still_shows(home: Workspace, away: Workspace, tmp_path: Path) -> None:
    entry = eventful(home, tmp_path)
    exported(home, entry, tmp_path / "tower.zip")
    came = import_project(tmp_path / "tower.zip", away)
    after = away.open(came.entry.project)
    issue = home.open(entry.project).records("issue")[0]
    names = {author_name(after, entry.device) for entry in after.history(issue)}
    assert {"Worker 2", "Worker 3", "Ada Bricklayer"} <= names
    # The importer is the person of his name, and not a second one; his next issue goes on in number.
    assert len(after.records("person")) == len(home.open(entry.project).records("person"))
    me = away.me(came.entry.project)
    assert me is not None
    assert after.field(me, "name").value == "Ada Bricklayer"
    numbers = set(after.column("issue", "number").values())
    new, _ = after.create("issue", {"title": "new"})
    assert after.field(new, "number").value > max(numbers)


def test_sealed_changes_are_read_out_of_their_envelopes(
    home: Workspace, away: Workspace, tmp_path: Path
) -> None:
    entry = home.new_project("Sealed")
    project = home.open(entry.project)
    for number in range(20):
        project.create("issue", {"title": f"issue {number}"}, text="some words")
        if number % 5 == 0:
            home.side(entry, project).prepare_push()
    exported(home, entry, tmp_path / "sealed.zip")
    came = import_project(tmp_path / "sealed.zip", away, name="Renamed")
    after = away.open(came.entry.project)
    assert after.name == came.entry.name == "Renamed"
    assert picture(after).keys() >= {name for name in picture(project) if "issue" in name}
    assert len(after.records("issue")) == 20
    with zipfile.ZipFile(tmp_path / "sealed.zip") as archive:
        envelopes = [json.loads(line) for line in archive.read("history/envelopes.jsonl").splitlines()]
    assert len(envelopes) > 4
    assert all(base64.b64decode(each["raw"]) for each in envelopes)


def test_an_import_can_be_imported_again(home: Workspace, away: Workspace, tmp_path: Path) -> None:
    entry = eventful(home, tmp_path)
    exported(home, entry, tmp_path / "1.zip")
    second = import_project(tmp_path / "1.zip", away)
    exported(away, second.entry, tmp_path / "2.zip")
    third = import_project(tmp_path / "2.zip", home)
    _compared(away.open(second.entry.project), home.open(third.entry.project))


def test_the_export_is_what_its_description_says(home: Workspace, tmp_path: Path) -> None:
    entry = eventful(home, tmp_path)
    path = tmp_path / "tower.zip"
    exported(home, entry, path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        assert "version 1" in archive.read("README.txt").decode()
        contents = json.loads(archive.read("export.json"))
        issues = [json.loads(line) for line in archive.read("records/issue.jsonl").splitlines()]
        first = next(each for each in issues if each["fields"]["external_id"]["conflicted"])
        target = next(
            each for each in issues if each["texts"] and b"elsewhere" in archive.read(each["texts"]["text"])
        )
        text = archive.read(first["texts"]["text"]).decode()
        state = archive.read(first["texts"]["text"].replace(".md", ".yjs"))
    assert contents["format"] == "sitebook-project"
    assert contents["records"]["issue"] == len(issues) == 8
    assert {each["deleted"] for each in issues} == {True, False}
    assert sum(each["disputed"] for each in issues) == 1
    assert [write["by"] for write in first["fields"]["external_id"]["writes"]] == ["Worker 3", "Worker 2"]
    assert first["fields"]["status"]["value"] == "open"
    assert str(document_text(open_document(state))).startswith("bold")
    assert text.startswith(f"**bold**[[{target['fields']['title']['value']}]]\n")
    [photo] = [name for name in names if name.endswith("Photo_ front_.jpg")]
    assert contents["files"][photo.split("/")[1]] == photo
    assert not [name for name in names if ".." in name or name.startswith("/") or "\\" in name]


def test_a_file_that_is_not_here_is_told_and_left_out(
    home: Workspace, away: Workspace, tmp_path: Path
) -> None:
    entry = eventful(home, tmp_path)
    files = attachments(home, entry)
    for path in (files.directory / "chunks").rglob("*"):
        if path.is_file() and path.stat().st_size > 2000:
            path.unlink()
    out = exported(home, entry, tmp_path / "tower.zip")
    assert out.missing == ("Photo: front?.jpg",)
    came = import_project(tmp_path / "tower.zip", away)
    assert (came.files, came.missing) == (1, 1)


def test_a_failing_export_leaves_nothing(
    home: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = home.new_project("Tower")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "out").mkdir()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SitebookError, match="disk is full"):
        exported(home, entry, tmp_path / "out" / "tower.zip")
    assert list((tmp_path / "out").iterdir()) == []
    monkeypatch.undo()
    home.open(entry.project).create("issue", {"title": "the connection still works"})


def nothing_left(workspace: Workspace) -> bool:
    return not workspace.projects() and not list(workspace.vault.profile.projects_directory.iterdir())


def _refused(
    path: Path, workspace: Workspace, error: type[SitebookError] = Damaged, match: str = "damaged"
) -> None:
    with pytest.raises(error, match=match):
        import_project(path, workspace)
    assert nothing_left(workspace)


@pytest.fixture
def whole(home: Workspace, tmp_path: Path) -> Path:
    entry = home.new_project("Tower")
    issue, _ = home.open(entry.project).create("issue", {"title": "Crack"}, text="words")
    attachments(home, entry).add_bytes(issue, "a.txt", b"attached")
    exported(home, entry, tmp_path / "tower.zip")
    return tmp_path / "tower.zip"


def _read(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def test_damaged_exports_leave_nothing(whole: Path, away: Workspace, tmp_path: Path) -> None:
    contents = json.loads(_read(whole, "export.json"))
    changes = _read(whole, "history/changes.jsonl")
    lines = changes.splitlines()
    second = json.loads(lines[1])

    def changed(name: str, **members: Any) -> Path:
        return rezipped(
            whole,
            tmp_path / name,
            {
                key.replace("__", "/") + (".jsonl" if "history" in key else ".json"): value
                for key, value in members.items()
            },
        )

    _refused(changed("1", export=b"{}"), away)
    _refused(changed("2", export=None), away)
    _refused(changed("3", history__changes=None), away)
    _refused(changed("4", history__changes=changes[:-20]), away)
    _refused(changed("5", history__changes=changes + lines[0]), away)
    flipped = json.dumps(second | {"raw": second["raw"][:-8] + "AAAAAAA="}).encode()
    _refused(changed("6", history__changes=changes.replace(lines[1], flipped)), away)
    _refused(
        changed("7", export=json.dumps(contents | {"version": 2}).encode()),
        away,
        NewerFormat,
        "newer Sitebook",
    )
    _refused(changed("8", export=json.dumps(contents | {"project": "zz"}).encode()), away)
    [member] = contents["files"].values()
    other = rezipped(whole, tmp_path / "9", {member: b"attacheD"})
    _refused(other, away, Damaged, "is not the one that was attached")
    longer = rezipped(whole, tmp_path / "10", {member: b"attached and more"})
    _refused(longer, away, Damaged, "is not the one that was attached")
    _refused(rezipped(whole, tmp_path / "11", {member: None}), away)
    for wrong in (
        "../evil",
        "files/x/y",
        f"files/{'0' * 8}-0000-0000-0000-{'0' * 12}/../../evil",
        "/etc/passwd",
    ):
        files = {next(iter(contents["files"])): wrong}
        _refused(changed("12", export=json.dumps(contents | {"files": files}).encode()), away)
    (tmp_path / "13").write_bytes(b"no zip")
    _refused(tmp_path / "13", away)
    with pytest.raises(SitebookError, match="There is no"):
        import_project(tmp_path / "none.zip", away)


def test_a_bomb_is_refused_before_it_unpacks(whole: Path, away: Workspace, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.json", _read(whole, "export.json"))
        with archive.open("history/changes.jsonl", "w") as member:
            for _ in range(40):
                member.write(b" " * (1 << 20))
    (tmp_path / "bomb.zip").write_bytes(out.getvalue())
    assert len(out.getvalue()) < 100_000
    _refused(tmp_path / "bomb.zip", away)


def test_changes_of_a_later_version_ask_for_an_update(whole: Path, away: Workspace, tmp_path: Path) -> None:
    data = msgspec.msgpack.encode([2, "anything", None, 0, None, []])
    identity = hashlib.sha256(b"sitebook/change/1\0" + data).hexdigest()
    line = json.dumps({"id": identity, "raw": base64.b64encode(data).decode()}).encode()
    changes = _read(whole, "history/changes.jsonl") + line + b"\n"
    path = rezipped(whole, tmp_path / "newer.zip", {"history/changes.jsonl": changes})
    with pytest.raises(SitebookError):
        import_project(path, away)
    assert nothing_left(away)


def test_a_full_disk_while_importing_leaves_nothing(
    whole: Path, away: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    _refused(whole, away, SitebookError, "disk is full")


@settings(max_examples=80)
@given(st.data())
def test_one_changed_byte_is_noticed_or_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("flip")
    found = bytearray(_SMALL.read(tmp_path_factory))
    place = data.draw(st.integers(0, len(found) - 1))
    found[place] ^= data.draw(st.integers(1, 255))
    (directory / "changed.zip").write_bytes(found)
    away = _SMALL.away(tmp_path_factory)
    try:
        came = import_project(directory / "changed.zip", away)
    except SitebookError:
        assert nothing_left(away)
    else:
        assert list(away.open(came.entry.project).column("issue", "title").values()) == ["Crack"]
        away.forget(came.entry.project)


class _Small:
    """A small export and a profile to import it into, made once."""

    def __init__(self) -> None:
        self._data = b""
        self._away: Workspace | None = None

    def read(self, factory: pytest.TempPathFactory) -> bytes:
        if not self._data:
            directory = factory.mktemp("small")
            with workspace(directory / "home") as home:
                entry = home.new_project("Tower")
                home.open(entry.project).create("issue", {"title": "Crack"}, text="words")
                exported(home, entry, directory / "small.zip")
            self._data = (directory / "small.zip").read_bytes()
        return self._data

    def away(self, factory: pytest.TempPathFactory) -> Workspace:
        if self._away is None:
            self._away = workspace(factory.mktemp("away") / "profile", 9)
        return self._away


_SMALL = _Small()


@settings(max_examples=40)
@given(st.binary(max_size=300))
def test_wild_files_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("wild") / "wild.zip"
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, 46, max(0, len(data) - 46), 0)
    for tail in (b"", end):
        path.write_bytes(data + tail)
        with pytest.raises(SitebookError):
            import_project(path, _SMALL.away(tmp_path_factory))


@given(st.text(min_size=1).filter(lambda name: "/" not in name and "\\" not in name))
def test_member_names_unpack_everywhere(name: str) -> None:
    safe = member_name(name)
    assert safe not in ("", ".", "..")
    assert not set(safe) & set('<>:"|?*')
    assert safe.split(".")[0].upper() not in {"CON", "NUL", "COM1"}
