from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.schema import ISSUE, NOTE
from app.store.project import Project
from tests.desktop import stage
from tests.desktop.notes.note_stage import NAMES


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project with a small tree of notes."""
    made = stage.new_project(tmp_path / "project.sitebook")
    made.create(ISSUE, {"title": "Door closer missing"})
    bulk = made.bulk()
    records: dict[str, bytes] = {}
    for name, above, order, more in NAMES:
        parent = records.get(above)
        text = f"About {name.lower()}."
        records[name] = bulk.create(
            NOTE, {"title": name, "parent": parent, "order": order, **more}, text=text
        )
    bulk.commit()
    del made._undo[:]
    yield made
    made.close()
