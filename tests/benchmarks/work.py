"""What people do in the benchmarks: issues as the sample project has them, and a day's edits of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from app.domain.schema import COMMENT, ISSUE, LABEL, LOCATION, PERSON, STATUS
from app.store.operations import Edit
from app.store.project import Project
from app.store.touched import Touched
from app.workspace.sample import sample_data
from sync.change import Operation


class Worker:
    """Makes issues and edits, the same from one seed."""

    def __init__(self, project: Project, seed: int = 1) -> None:
        self._project = project
        self._chance = random.Random(seed)
        self._data = sample_data()
        self.issues: list[bytes] = []

    def furnish(self) -> None:
        """Bring in the people, labels and places that issues point to."""
        bulk = self._project.bulk()
        for person in self._data["people"]:
            bulk.create(PERSON, person)
        for label in self._data["labels"]:
            bulk.create(LABEL, label)
        for level in self._data["locations"]:
            above = bulk.create(LOCATION, {"name": level["name"]})
            for room in level["rooms"]:
                bulk.create(LOCATION, {"name": room, "parent": above})
        bulk.commit()
        self._look_around()

    def find(self) -> None:
        """Work with what is there already."""
        self._look_around()
        self.issues = self._project.records(ISSUE)

    def _look_around(self) -> None:
        self._people = self._project.records(PERSON)
        self._labels = self._project.records(LABEL)
        self._places = self._project.records(LOCATION)
        self._statuses = self._project.records(STATUS)

    def draw_issue(self) -> tuple[dict[str, Any], str]:
        """Fields and text of a new issue."""
        chance = self._chance
        defect = chance.choice(self._data["defects"])
        fields: dict[str, Any] = {
            "title": defect["title"],
            "status": chance.choice(self._statuses),
            "priority": chance.choice(("urgent", "high", "medium", "low")),
            "category": defect["trade"],
            "location": chance.choice(self._places),
            "assignees": [chance.choice(self._people)],
            "labels": chance.sample(self._labels, chance.choice((0, 1, 2))),
            "due": f"2027-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            "cost": [f"{defect['cost']:.2f}", "GBP"],
        }
        return fields, defect["text"]

    def make_issues(self, count: int) -> None:
        """Make issues in one large action."""
        bulk = self._project.bulk()
        for _ in range(count):
            fields, text = self.draw_issue()
            self.issues.append(bulk.create(ISSUE, fields, text=text))
        bulk.commit()

    def edit_much(self, count: int) -> None:
        """Make that many changes, each as one action would, without waiting for the disk at each."""
        touched = Touched()
        with self._project.writing():
            made = 0
            while made < count:
                made += self._project.append(self._edit(), touched) is not None

    def _edit(self) -> Sequence[Operation]:
        chance, project = self._chance, self._project
        record = chance.choice(self.issues)
        edits: list[tuple[int, Callable[[], Sequence[Operation]]]] = [
            (20, lambda: project.edits(record, [Edit("status", chance.choice(self._statuses))])),
            (15, lambda: project.edits(record, [Edit("title", f"Crack {chance.random()}")])),
            (10, lambda: project.edits(record, [Edit("priority", chance.choice(("high", "medium", "low")))])),
            (10, lambda: project.edits(record, [Edit("due", f"2027-03-{chance.randint(1, 28):02}")])),
            (10, lambda: project.edits(record, [Edit("assignees", chance.choice(self._people), "add")])),
            (5, lambda: project.edits(record, [Edit("labels", [chance.choice(self._labels)])])),
            (20, lambda: self._type(record)),
            (10, lambda: project.creation(COMMENT, project.new_id(), {"parent": record}, "Seen on site.")),
        ]
        maker = chance.choices([make for _, make in edits], [weight for weight, _ in edits])[0]
        return maker()

    def _type(self, record: bytes) -> Sequence[Operation]:
        return self._project.replacement(
            record, "text", self._project.plain_text(record) + f" Seen again {self._chance.random():.4f}."
        )
