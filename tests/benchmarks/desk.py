"""The desk without its window: questions to the columns of a large project, edits seen in them, memory, search."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.domain.directory import Context
from app.domain.fields import load_fields
from app.domain.schema import ISSUE, PERSON, FieldType
from app.query.frames import Answer, Frames
from app.query.parser import parse
from app.store.project import Project
from app.workspace.big_sample import Shape
from tests.benchmarks import desk_data
from tests.benchmarks.desk_questions import (
    EDIT_KEY,
    EDIT_TITLE,
    EDITED_VIEW,
    QUESTIONS,
    WINDOW_COLUMNS,
    Question,
)
from tests.benchmarks.measure import ms, resident, spread, table

GOAL = 0.005
PHONE_GOAL = 0.016
_WARM = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """One question: rows found, seconds of the first run (columns read from the file), and of the runs after it."""

    key: str
    title: str
    rows: int
    first: float
    times: Sequence[float]

    @property
    def median(self) -> float:
        """Seconds of a run."""
        return spread(self.times).median


class Desk:
    """A project's columns, and what is asked of them."""

    def __init__(self, project: Project, me: bytes | None = None) -> None:
        self.project = project
        self.frames = Frames(project, lambda: self.context)
        self.context: Context = desk_data.context_of(self.frames, me)

    def load(self, paths: Sequence[str]) -> None:
        """Read columns of issues."""
        for _ in self.frames.load_steps(ISSUE, list(paths)):
            pass

    def ask(self, question: Question, times: int) -> Measured:
        """Measure a question; the text of the query is read each time."""

        def run(at: int) -> Answer:
            query = parse(question.text(at), strict=True)
            return self.frames.run(ISSUE, query, self.context, question.sums)

        begun = time.perf_counter()
        answer = run(0)
        first = time.perf_counter() - begun
        assert not answer.errors, answer.errors
        rows = len(answer.groups) if answer.groups else len(answer.rows)
        return Measured(question.key, question.title, rows, first, _timed(run, times))

    def edit(self, times: int) -> tuple[Measured, Sequence[float]]:
        """Edit issues of a view, each edit followed by the view anew. Also gives the seconds of the edits' commits."""
        query = parse(EDITED_VIEW, strict=True)
        answer = self.frames.run(ISSUE, query, self.context)
        frame = self.frames.frame(ISSUE)
        chosen = [frame.record(int(row)) for row in answer.rows[: times + _WARM]]
        refreshed, committed = [], []
        for at, record in enumerate(itertools.islice(itertools.cycle(chosen), times + _WARM)):
            begun = time.perf_counter()
            touched = self.project.set(record, "due", f"2026-07-{10 + at % 20}")
            done = time.perf_counter()
            self.frames.apply(touched)
            answer = self.frames.run(ISSUE, query, self.context)
            refreshed.append(time.perf_counter() - done)
            committed.append(done - begun)
        rows = len(answer.rows)
        return Measured(EDIT_KEY, EDIT_TITLE, rows, refreshed[0], refreshed[_WARM:]), committed[_WARM:]

    def phone(self, times: int) -> Measured:
        """Change the phone of whoever has most issues, until every row that shows it can say the new one."""
        path = "assignees.phone"
        frame = self.frames.frame(ISSUE)
        self.load([path])
        counts: dict[bytes, int] = {}
        for people in self.project.column(ISSUE, "assignees").values():
            for person in people:
                counts[person] = counts.get(person, 0) + 1
        busiest = max(counts, key=lambda person: counts[person])
        found: list[float] = []
        rows: np.ndarray | Sequence[int] = ()
        for at in range(times + _WARM):
            number = f"+44 20 7946 {at:04}"
            touched = self.project.set(busiest, "phone", number)
            begun = time.perf_counter()
            moved = self.frames.apply(touched)
            rows = moved.cells[ISSUE, path]
            texts = [frame.text(path, int(row)) for row in rows]
            found.append(time.perf_counter() - begun)
            assert texts
            assert all(number in text for text in texts)
        return Measured(
            "phone", "a changed phone in every row that shows it", len(rows), found[0], found[_WARM:]
        )


def _timed(run: Callable[[int], object], times: int) -> list[float]:
    found = []
    for at in range(times + _WARM):
        begun = time.perf_counter()
        run(at)
        if at >= _WARM:
            found.append(time.perf_counter() - begun)
    return found


@contextmanager
def opened(folder: Path, shape: Shape) -> Iterator[Desk]:
    """The columns of a project of this shape, on a copy that may be written to."""
    with desk_data.own_profile(folder, shape) as profile, desk_data.open_workspace(profile) as workspace:
        project = desk_data.only_project(workspace)
        yield Desk(project, workspace.me(project.id))


def run(shape: Shape, folder: Path, times: int) -> str:
    """Measure, as tables: questions, memory."""
    with opened(folder, shape) as desk:
        fields = len(load_fields(ISSUE, desk.project).fields)
        people = len(desk.project.records(PERSON))
        before = resident()
        begun = time.perf_counter()
        desk.load(WINDOW_COLUMNS)
        window = (time.perf_counter() - begun, resident())
        asked = [desk.ask(question, times) for question in QUESTIONS]
        edited, committed = desk.edit(times)
        asked.append(edited)
        phone = desk.phone(times)
        begun = time.perf_counter()
        desk.load(_stored_paths(desk.project))
        every = (time.perf_counter() - begun, resident())
    questions = table(
        f"{shape.issues:,} issues of {fields} fields, {people} people: ms for each question, columns in memory (goal: "
        f"{GOAL * 1e3:.0f}; first: columns that were not in memory yet are read too)",
        ("question", "rows or groups", "median", "p99", "first", "goal"),
        [_row(each, PHONE_GOAL if each is phone else GOAL) for each in (*asked, phone)],
    )
    commit = spread(committed)
    memory = table(
        f"Columns in memory (an edit's own durable commit: median {ms(commit.median)} ms, p99 {ms(commit.p99)})",
        ("what", "seconds to read", "MB of the process"),
        [
            ("project open", "", _mb(before)),
            (f"the window's {len(WINDOW_COLUMNS)} columns", f"{window[0]:.2f}", _mb(window[1])),
            ("all columns of issues", f"{every[0]:.2f}", _mb(every[1])),
        ],
    )
    return f"{questions}\n\n{memory}"


def _stored_paths(project: Project) -> list[str]:
    fields = load_fields(ISSUE, project).fields
    return [field.typed_name for field in fields if field.type is not FieldType.RICH]


def _row(measured: Measured, goal: float) -> tuple[str, ...]:
    times = spread(measured.times)
    return (
        measured.title,
        f"{measured.rows:,}",
        ms(times.median),
        ms(times.p99),
        ms(measured.first),
        "met" if times.median <= goal else "missed",
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f}"
