"""Projects for tests of the store: several replicas, a clock that can be set, randomness from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from app.store.project import Project
from app.store.touched import Touched
from sync.change import Change, decode_change

KEY = bytes(range(32))
PROJECT = b"p" * 32


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, ms: int = 1_700_000_000_000) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        self.ms += 1
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000


def replica(directory: Path, number: int, *, alone: bool = False) -> Project:
    """A new project file of the device with that number."""
    return Project.make(
        directory / f"replica{number}.sitebook",
        KEY,
        project=PROJECT,
        device=bytes([number]) * 32,
        clock=SetClock(),
        random=random.Random(number).randbytes,
        alone=alone,
    )


def made_by(project: Project) -> list[Change]:
    """The changes that were made on a replica, in its order."""
    rows = project.db.all("SELECT data FROM changes WHERE data IS NOT NULL ORDER BY cid")
    return [decode_change(bytes(data)) for (data,) in rows]


def give(changes: Iterable[Change], project: Project) -> Touched:
    """Apply changes on a replica, in the order given."""
    touched = Touched()
    with project.writing():
        for change in changes:
            project.applier.apply(change, touched, eid=1)
    return touched


def exchange(*projects: Project, order: random.Random | None = None) -> None:
    """Give every replica all changes of the others, in some order."""
    everything = [change for project in projects for change in made_by(project)]
    for project in projects:
        changes = list(everything)
        if order is not None:
            order.shuffle(changes)
        give(changes, project)


def picture(project: Project) -> dict[str, Any]:
    """Everything that must be equal on replicas with the same changes."""

    def rows(sql: str) -> list[tuple[Any, ...]]:
        return sorted(project.db.all(sql))

    names = "r.id, r.kind, f.name, c.id, x.idx, x.value FROM {} x JOIN records r USING (rid)"
    names += " JOIN fields f USING (fid) JOIN changes c USING (cid)"
    return {
        "live": rows("SELECT " + names.format("writes")),
        "history": rows("SELECT " + names.format("history")),
        "records": rows(
            "SELECT r.id, r.kind, r.state, c.id FROM records r LEFT JOIN changes c ON c.cid = r.updated"
        ),
        "contested": rows(
            "SELECT r.id, f.name FROM contested x JOIN records r USING (rid) JOIN fields f USING (fid)"
        ),
        "texts": sorted(
            (record, name, project.texts_store.plain(rid, fid))
            for record, name, rid, fid in project.db.all(
                "SELECT r.id, f.name, t.rid, t.fid FROM texts t JOIN records r USING (rid) JOIN fields f USING (fid)"
            )
        ),
    }


def each_file(directory: Path) -> Iterator[Path]:
    """All files below a directory."""
    yield from (path for path in directory.rglob("*") if path.is_file())
