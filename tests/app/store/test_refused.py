"""What the server refused is tried again, or dropped here and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.schema import ISSUE
from sync.errors import NotFound
from sync.transport.base import Outcome, PushAck
from tests.benchmarks import crew


def test_refused_changes_are_tried_again_or_dropped(tmp_path: Path) -> None:
    author = crew.found(tmp_path)
    other = crew.join(author, tmp_path, "other")
    project, side = author.project, author.side
    issue, _ = project.create(ISSUE, {"title": "Kept"}, text="words")
    side.prepare_push()
    side.pushed([PushAck(hashed, Outcome.ACCEPTED, 1, "") for hashed, _ in side.unpushed(100, 1 << 20)])
    made, _ = project.create(ISSUE, {"title": "Refused"}, text="gone")
    project.set(issue, "title", "Refused title")
    project.insert_text(issue, "text", 0, "refused ")
    side.prepare_push()
    [(hashed, wire)] = side.unpushed(100, 1 << 20)
    side.pushed([PushAck(hashed, Outcome.REFUSED, None, "too large")])
    assert [item.hash for item in project.attention()] == [hashed]
    assert project.retry_refused() == 1
    assert [each for each, _ in side.unpushed(100, 1 << 20)] == [hashed]
    side.pushed([PushAck(hashed, Outcome.REFUSED, None, "too large")])
    with pytest.raises(NotFound):
        side.drop_refused(bytes(32))
    touched = side.drop_refused(hashed)
    assert {issue, made} <= set(touched.records)
    found = project.get(issue)
    assert found is not None
    assert (found.value("title"), project.plain_text(issue), found.sync) == ("Kept", "words", "synced")
    assert project.get(made) is None
    assert project.attention() == []
    assert project.status().attention == 0
    assert side.unpushed(100, 1 << 20) == []
    # It came to others by another road, and so back.
    other.receive(crew.log(author)[:-1])
    other.receive([wire])
    author.receive([wire])
    for each in (author.project, other.project):
        found = each.get(issue)
        assert found is not None
        assert (found.value("title"), each.plain_text(issue)) == ("Refused title", "refused words")
        assert each.get(made) is not None
    author.project.close()
    other.project.close()
