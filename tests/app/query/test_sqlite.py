from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.domain.directory import Context, ProjectDirectory
from app.domain.schema import KINDS
from app.query import sqlite
from app.query.evaluate import compile_query, run
from app.query.frames import Frames
from app.query.parser import parse
from app.query.source import ProjectSource
from app.store.project import Project
from app.store.touched import Touched
from sync.errors import SitebookError
from tests.app.query.random_world import random_query, random_world
from tests.app.query.world import TODAY, record_id
from tests.app.store.replicas import exchange, replica


def _context(project: Project) -> Context:
    return Context(ProjectDirectory(project, record_id("person", 1)), TODAY, UTC, "GBP")


def _many(kind: str, name: str) -> bool:
    field = KINDS[kind].fields.get(name)
    return field is not None and field.many


def _fill(project: Project, random: Random) -> None:
    world = random_world(random)
    bulk = project.bulk()
    for kind, records in sorted(world.every.items(), key=lambda each: each[0] != "field"):
        for record, view in records.items():
            values = {
                name: value
                for name, value in view.stored.items()
                if isinstance(value, tuple) or not _many(kind, name)
            }
            bulk.create(kind, values, record=record, text=world.plain.get(record) or None)
        if kind == "field":
            bulk.commit()
            bulk = project.bulk()
    bulk.commit()


def _edit(project: Project, random: Random) -> Touched:
    record = random.choice(project.records("issue"))
    name, value = random.choice(
        (
            ("title", random.choice(("crack", "slab", "Room 2"))),
            ("cost", [str(random.randrange(900)), "GBP"]),
            ("status", record_id("status", random.randrange(5))),
            ("location", record_id("location", random.randrange(6))),
            ("due", random.choice(("2026-11-20", "2026-12-01", None))),
        )
    )
    return project.set(record, name, value)


@contextmanager
def _projects(seed: int) -> Iterator[tuple[Project, Random]]:
    random = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        first, second = (replica(Path(folder), number, alone=number == 1) for number in (1, 2))
        try:
            _fill(first, random)
            if seed % 2:
                exchange(first, second)
                for _ in range(6):
                    _edit(first, random)
                    _edit(second, random)
                exchange(first, second)
            if seed % 3:
                while first.maintain(100):
                    pass
                first.insert_text(first.records("issue")[0], "text", 0, "A late crack. ")
            yield first, random
        finally:
            first.close()
            second.close()


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 1 << 32))
def test_sql_columns_and_plain_python_agree_on_a_project_file(seed: int) -> None:
    with _projects(seed) as (project, random):
        context = _context(project)
        frames = Frames(project, lambda: context)
        for _ in range(12):
            query = parse(random_query(random))
            source = ProjectSource(project, context=context)
            fields = source.catalog.fields("issue")
            plain = run(compile_query(query, fields, context, paths=source.catalog), source)
            assert sqlite.answer(query, project, "issue", context) == plain, query.to_text()
            for _ in frames.text_steps("issue", query):
                pass
            rows = frames.run("issue", query, context).rows.tolist()
            assert [frames.frame("issue").record(row) for row in rows] == plain, query.to_text()
            frames.apply(_edit(project, random))
            context = _context(project)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = replica(tmp_path, 1, alone=True)
    _fill(project, Random(7))
    yield project
    project.close()


def test_search_sorts_and_limits(project: Project) -> None:
    found = sqlite.search("sort:title", project, "issue", _context(project))
    assert len(found) == len(project.records("issue"))
    assert sqlite.search("sort:title", project, "issue", _context(project), limit=2) == found[:2]
    assert sqlite.search("", project, "issue", _context(project), sort=["title"]) == found


def test_search_says_what_is_wrong(project: Project) -> None:
    with pytest.raises(SitebookError, match="nothing"):
        sqlite.search("nothing:1", project, "issue", _context(project))
    with pytest.raises(SitebookError, match="assignees"):
        sqlite.search("assignees.nothing:1", project, "issue", _context(project))
