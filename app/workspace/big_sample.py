"""The large sample: a hospital under construction with tens of thousands of issues, for benchmarks and tests.

Everything in it is written as a person's device writes it: real changes with real clocks, in this device's log,
sealed into signed envelopes. From one seed come the same records with the same ids, values, texts and clocks;
only what the device signs (and so the ids of changes) differs, since its keys are always fresh.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from app.domain.schema import COMMENT, ISSUE
from app.store import numbering
from app.store.operations import Edit
from app.store.project import Project
from app.store.touched import Touched
from app.workspace.big_sample_fields import World
from app.workspace.big_sample_places import Places, furnish
from app.workspace.big_sample_words import Draw, Words, large_data
from app.workspace.workspace import Workspace, identity_of
from sync.clock import system_random
from sync.identity import found_project

if TYPE_CHECKING:
    from app.keys.entry import ProjectEntry

TODAY = date(2026, 6, 30)
"""The day around which dates lie where no other is said: a day that stays makes a sample that repeats."""
_AT_ONCE = 200
"""Issues in one transaction and its envelopes."""
_ISSUES_PER_ELEMENT = 20
_ISSUES_PER_NOTE = 400
_CACHE_KIB = 128 << 10
"""Pages that the filling connection keeps in memory: every field's range of the table of writes grows at its end."""
_HISTORY_DAYS = 700
_DAY_MS = 86_400_000
_PRIORITIES = ("medium", "low", "high", "none", "urgent")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the sample is. ``today``: the day around which its dates lie."""

    issues: int = 40_000
    people: int = 500
    seed: int = 1
    today: date = TODAY


class SampleClock:
    """A clock that is set by hand."""

    def __init__(self, now: int) -> None:
        self.now = now

    def now_ms(self) -> int:
        """What it was set to."""
        return self.now

    def monotonic(self) -> float:
        """The same in seconds."""
        return self.now / 1_000


def make_sample(
    workspace: Workspace, name: str, shape: Shape, *, server: str = "", progress: Progress | None = None
) -> ProjectEntry:
    """Found a project and fill it with the large sample; ``progress`` is told how many issues there are.

    Whatever stops it, KeyboardInterrupt too, leaves nothing behind.
    """
    founded = found_project(random=system_random, recovery=workspace.recovery())
    entry = workspace.make_file(name, server, founded.identity, (founded.epoch_key,), alone=True)
    try:
        sealing = workspace.open_file(entry)
        try:
            side = workspace.side(entry, sealing)
            side.add_own(founded.founding)
            workspace.grant_recovery(side, entry)
            filling = _Filling(workspace, entry, shape)
            try:
                # A connection of its own, with real randomness: nothing secret may follow from a seed.
                filling.run(side.prepare_push, progress or (lambda done, total: None))
            finally:
                filling.project.close()
        finally:
            sealing.close()
        workspace.vault.put_project(entry)
    except BaseException:
        workspace.discard_file(entry)
        raise
    return entry


class _Filling:
    """Fills one new project."""

    def __init__(self, workspace: Workspace, entry: ProjectEntry, shape: Shape) -> None:
        self._workspace = workspace
        self._entry = entry
        self._shape = shape
        self._draw = Draw(shape.seed)
        midnight = datetime(shape.today.year, shape.today.month, shape.today.day, tzinfo=UTC)
        self._end = int(midnight.timestamp() * 1_000)
        self._begin = self._end - _HISTORY_DAYS * _DAY_MS
        self._clock = SampleClock(self._begin - 2 * _DAY_MS)
        self.project = Project.open(
            workspace.vault.profile.project_path(entry.project),
            entry.file_key,
            device=identity_of(entry).device,
            clock=self._clock,
            random=self._draw.random,
        )

    def run(self, seal: Callable[[], None], progress: Progress) -> None:
        """Write everything; ``seal`` is called whenever there is enough for some envelopes."""
        project, data = self.project, large_data()
        project.furnish(self._entry.name, data["currency"])
        self._workspace.introduce(project, self._entry)
        words = Words(self._draw, data, self._shape.today)
        world = World(self._draw, words, data, self._shape.today, data["currency"])
        places = furnish(
            project,
            world,
            people=self._shape.people,
            elements=self._shape.issues // _ISSUES_PER_ELEMENT + 1,
            notes=self._shape.issues // _ISSUES_PER_NOTE + 1,
        )
        with project.writing():
            numbering.reserve(project, self._shape.issues + numbering.BLOCK)
        issues = _Issues(project, self._clock, world, places, self._begin, self._end)
        total = self._shape.issues
        project.db.run(f"PRAGMA cache_size = -{_CACHE_KIB}")
        with project.lightly():
            for start in range(0, total, _AT_ONCE):
                with project.writing():
                    for at in range(start, min(start + _AT_ONCE, total)):
                        issues.make(at / total)
                seal()
                self._make_plain()
                project.tend_log()
                progress(min(start + _AT_ONCE, total), total)
        self._clock.now = self._end

    def _make_plain(self) -> None:
        """Make the plain texts at once, which otherwise come little by little in quiet moments."""
        with self.project.writing():
            self.project.texts_store.refresh_plain(10 * _AT_ONCE)


class _Issues:
    """Makes issues one after another, with what happened to each since."""

    def __init__(
        self, project: Project, clock: SampleClock, world: World, places: Places, begin: int, end: int
    ) -> None:
        self._project = project
        self._clock = clock
        self._world = world
        self._places = places
        self._begin = begin
        self._end = end
        self._made: list[bytes] = []
        self._touched = Touched()

    def make(self, share: float) -> None:
        """One more issue; ``share``: how much of the project's time has gone by."""
        draw, project = self._world.draw, self._project
        self._clock.now = created = (
            self._begin + int(share * (self._end - self._begin)) + draw.whole(0, 900_000)
        )
        record = project.new_id()
        fields = self._fields(share)
        language = self._world.words.language()
        trade = draw.often_first(self._world.data["trades"])
        fields |= {
            "title": self._world.words.title(language, trade[2]),
            "category": trade[0],
            "assignees": self._able(trade[1]),
        }
        text = self._world.words.text(language)
        project.append(project.creation(ISSUE, record, fields, text), self._touched)
        self._made.append(record)
        self._later(record, created)
        self._touched = Touched()

    def _able(self, specialties: Sequence[str]) -> list[bytes]:
        draw = self._world.draw
        if draw.unit() < 0.08:
            return []
        able = self._places.by_specialty.get(draw.pick(specialties)) or self._world.people
        return [draw.often_first(able)] + ([draw.pick(self._world.people)] if draw.unit() < 0.1 else [])

    def _fields(self, share: float) -> dict[str, Any]:
        world, places = self._world, self._places
        draw = world.draw
        # What is old is done more often; void, sent back and waiting are among both.
        statuses = places.closed if draw.unit() < 0.25 + 0.55 * (1 - share) else places.open
        age = int((1 - share) * _HISTORY_DAYS)
        fields: dict[str, Any] = {
            "status": draw.weighted(statuses),
            "priority": draw.often_first(_PRIORITIES),
            "type": draw.often_first(world.data["types"]),
            "phase": draw.pick(world.data["phases"]),
            "location": draw.pick(world.rooms),
            "watchers": draw.several(world.people, 2),
            "labels": draw.several(places.labels, 3) if draw.unit() < 0.6 else [],
            "due": world.day(3 - age, 60 - age) if draw.unit() < 0.75 else None,
            "cost": world.amount(24_000) if draw.unit() < 0.7 else None,
            "starred": True if draw.unit() < 0.02 else None,
            "archived": True if draw.unit() < 0.01 else None,
            "references": self._references(),
            "at": [draw.pick(world.elements)] if world.elements and draw.unit() < 0.3 else [],
            "external_id": f"SNAG-{draw.whole(100_000, 999_999)}" if draw.unit() < 0.3 else None,
        }
        if statuses is places.closed:
            fields["completed"] = world.moment(-age, min(0, 30 - age))
        for name, own in places.own:
            if own.make is not None and draw.unit() < own.share:
                fields[name] = own.make(world)
        return fields

    def _references(self) -> list[bytes]:
        draw = self._world.draw
        if not self._made or draw.unit() > 0.25:
            return []
        near = self._made[-2_000:]
        return list({draw.pick(near): None for _ in range(draw.whole(1, 3))})

    def _later(self, record: bytes, created: int) -> None:
        """What was said about an issue and what was changed in it since it was made."""
        draw, project = self._world.draw, self._project
        comments = draw.whole(1, 3) if draw.unit() < 0.25 else 0
        edits = draw.whole(1, 3) if draw.unit() < 0.3 else 0
        for _ in range(comments + edits):
            self._clock.now += draw.whole(60_000, max(120_000, (self._end - created) // 6))
            if comments:
                comments -= 1
                text = self._world.words.comment()
                operations = project.creation(COMMENT, project.new_id(), {"parent": record}, text)
            else:
                operations = project.edits(record, [self._edit()])
            project.append(operations, self._touched)

    def _edit(self) -> Edit:
        world = self._world
        at = world.draw.unit()
        if at < 0.4:
            return Edit("status", world.draw.weighted([*self._places.open, *self._places.closed]))
        if at < 0.6:
            return Edit("due", world.day(-60, 60))
        if at < 0.75:
            return Edit("priority", world.draw.often_first(_PRIORITIES))
        if at < 0.9:
            return Edit("assignees", [world.draw.often_first(world.people)])
        return Edit("cost", world.amount(24_000))
