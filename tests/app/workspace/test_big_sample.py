from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.fields import load_fields
from app.domain.schema import (
    COMMENT,
    ISSUE,
    KINDS,
    LOCATION,
    PERSON,
    STATUS,
    FieldType,
    Meaning,
    custom_field_name,
)
from app.domain.values import valid
from app.keys.entry import Identity
from app.keys.profile import Profile
from app.store.project import Project
from app.workspace.big_sample import Shape, make_sample
from app.workspace.big_sample_fields import OWN_FIELDS
from app.workspace.views import read_views
from app.workspace.workspace import Workspace
from tests.benchmarks.keyring import FileKeyring

Make = Callable[[str], Workspace]


@pytest.fixture
def make_workspace(tmp_path: Path) -> Make:
    def make(name: str) -> Workspace:
        keyring = FileKeyring(tmp_path / f"{name}.json")
        workspace, _ = Workspace.create(
            Profile.at(tmp_path / name), Identity("Priya Kaur", ""), None, keyring=keyring
        )
        return workspace

    return make


def content(project: Project) -> dict[str, object]:
    """All that does not depend on who signed it."""
    found: dict[str, object] = {}
    for kind in KINDS.values():
        if kind.name in ("device", "project"):
            continue
        records = project.records(kind.name)
        found[kind.name] = records
        names = [
            *kind.fields,
            *(name for (name,) in project.db.all("SELECT name FROM fields WHERE name LIKE 'f.%'")),
        ]
        for name in names:
            if name in ("member", "updated"):
                continue
            found[f"{kind.name}.{name}"] = dict(project.column(kind.name, name))
        for text in kind.text_fields:
            found[f"{kind.name}/{text}"] = [project.plain_text(record, text) for record in records]
    found["clocks"] = project.db.all("SELECT clock, count(*) FROM changes GROUP BY clock ORDER BY clock")
    return found


def test_the_same_seed_makes_the_same_content(make_workspace: Make) -> None:
    contents = []
    for name, seed in (("first", 3), ("second", 3), ("third", 4)):
        with make_workspace(name) as workspace:
            entry = make_sample(workspace, "Quayside", Shape(25, 8, seed))
            contents.append(content(workspace.open(entry.project)))
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_what_is_in_it(make_workspace: Make) -> None:
    with make_workspace("profile") as workspace:
        entry = make_sample(workspace, "Quayside", Shape(120, 40))
        project = workspace.open(entry.project)
        assert entry in workspace.projects()
        assert len(project.records(ISSUE)) == 120
        assert len(project.records(PERSON)) == 41
        assert project.records(COMMENT)
        assert sorted(project.column(ISSUE, "number").values()) == list(range(1, 121))
        assert set(project.column(STATUS, "meaning").values()) == {str(each) for each in Meaning}
        assert set(project.column(LOCATION, "type").values()) == {"building", "level", "room"}
        assert len(read_views(project)) == 7
        fields = load_fields(ISSUE, project).fields
        own = [field for field in fields if field.custom]
        assert len(own) == len(OWN_FIELDS) == 40
        for field in fields:
            if field.type in (FieldType.RICH, FieldType.AUTO_NUMBER, FieldType.FORMULA):
                continue
            for value in project.column(ISSUE, field.name).values():
                assert all(valid(field, each) for each in (value if field.many else [value])), (field, value)
        history = project.db.one("SELECT count(*) FROM history")
        assert history is not None
        assert history[0] > 0
        # Everything is sealed and signed, in this device's own chain.
        assert project.db.one("SELECT count(*) FROM changes WHERE eid IS NULL") == (0,)
        assert project.db.one("SELECT count(*) FROM texts WHERE plain IS NULL") == (0,)
        # Life goes on: the next issue has the next number and a later clock.
        record, _ = project.create(ISSUE, {"title": "Next"})
        assert project.field(record, "number", ISSUE).value == 121


def test_stopping_leaves_nothing(make_workspace: Make) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with make_workspace("profile") as workspace:
        with pytest.raises(KeyboardInterrupt):
            make_sample(workspace, "Quayside", Shape(10, 3), progress=stop)
        assert workspace.projects() == []
        directory = workspace.vault.profile.project_path(bytes(32)).parent
        assert not directory.exists() or list(directory.iterdir()) == []


def test_names_of_own_fields_are_stored_names(make_workspace: Make) -> None:
    with make_workspace("profile") as workspace:
        entry = make_sample(workspace, "Quayside", Shape(5, 3))
        project = workspace.open(entry.project)
        reading = next(
            record for record, name in project.column("field", "name").items() if name == "Reading"
        )
        assert len(project.column(ISSUE, custom_field_name(reading))) == 5
